"""How much is left of a random time: of one of which some has passed, and of one met at any moment.

`laws` and `row` name a law of openline.sim.model; `share` are uniform numbers in (0, 1), of any shape.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from openline.sim.model import CONSTANT, EXPONENTIAL, LOGNORMAL, F, Laws

GRID = 2048
LEAST_SHARE = 1e-7
"""What lasts longer than all but this share is cut where areas are summed."""

AnyF = NDArray[np.float64] | float


def survival(laws: Laws, row: int, seconds: AnyF) -> F:
    """Return the share that lasts longer than so many seconds."""
    kind, a, b, x = laws.kind[row], laws.a[row], laws.b[row], np.asarray(seconds, dtype=np.float64)
    if kind == EXPONENTIAL:
        return np.asarray(np.exp(-x / a))
    if kind == CONSTANT:
        return np.asarray(x < a, dtype=np.float64)
    if kind == LOGNORMAL:
        with np.errstate(divide="ignore"):
            return np.asarray(ndtr((a - np.log(x)) / b))
    return np.asarray(1.0 - np.interp(x, laws.table[row], np.linspace(0.0, 1.0, laws.table.shape[1])))


def lasting(laws: Laws, row: int, share: AnyF) -> F:
    """Return the seconds than which this share lasts longer: the inverse of `survival`."""
    kind, a, b, s = laws.kind[row], laws.a[row], laws.b[row], np.asarray(share, dtype=np.float64)
    if kind == EXPONENTIAL:
        return np.asarray(-a * np.log(s))
    if kind == CONSTANT:
        return np.full(s.shape, a)
    if kind == LOGNORMAL:
        return np.asarray(np.exp(a - b * ndtri(s)))
    return np.asarray(np.interp(1.0 - s, np.linspace(0.0, 1.0, laws.table.shape[1]), laws.table[row]))


def remaining(laws: Laws, row: int, share: AnyF, elapsed_s: AnyF) -> F:
    """Return what is left of times that have lasted `elapsed_s`; 0 when they can not have lasted so long.

    X - e given X > e, by inversion: with S the survival function, S(X) is uniform below S(e).
    """
    left = np.asarray(share) * survival(laws, row, elapsed_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(left > 0.0, lasting(laws, row, np.where(left > 0.0, left, 1.0)) - elapsed_s, 0.0)
    return np.maximum(found, 0.0)


def residual(laws: Laws, row: int, share: AnyF) -> F:
    """Return what is left of a time in progress of which nobody knows when it began.

    Its density is S(x) / E[X]. Source: renewal theory, Cox, "Renewal Theory" (1962), 5.2 (from memory).
    """
    return spread(laws, row, np.asarray(share) * mean(laws, row))


def mean(laws: Laws, row: int) -> float:
    """Return the mean of a law in seconds, inf when it never ends."""
    kind, a, b = laws.kind[row], float(laws.a[row]), float(laws.b[row])
    if kind in (EXPONENTIAL, CONSTANT):
        return a
    return math.exp(a + b * b / 2) if kind == LOGNORMAL else float(_area(laws, row)[1][-1])


def area(laws: Laws, row: int, seconds: float) -> float:
    """Return the integral of the survival function from 0."""
    if laws.kind[row] == EXPONENTIAL:
        return float(-laws.a[row] * math.expm1(-seconds / laws.a[row]))
    if laws.kind[row] == CONSTANT:
        return min(seconds, float(laws.a[row]))
    return float(np.interp(seconds, *_area(laws, row)))


def spread(laws: Laws, row: int, areas: AnyF) -> F:
    """Return the seconds at which the integral of the survival function reaches `areas`: the inverse of `area`."""
    found = np.asarray(areas, dtype=np.float64)
    if laws.kind[row] == CONSTANT:
        return np.asarray(np.minimum(found, laws.a[row]))
    if laws.kind[row] == EXPONENTIAL:
        return np.asarray(-laws.a[row] * np.log1p(-np.minimum(found / laws.a[row], 1.0 - LEAST_SHARE)))
    seconds, summed = _area(laws, row)
    return np.asarray(np.interp(found, summed, seconds))


def _area(laws: Laws, row: int) -> tuple[F, F]:
    """Return seconds and the integral of the survival function up to them, by the trapezoid rule."""
    shares = np.concatenate([np.linspace(1.0 - LEAST_SHARE, 0.01, GRID), np.geomspace(0.01, LEAST_SHARE, GRID)])
    seconds = lasting(laws, row, shares)
    seconds = np.concatenate([[0.0], np.maximum.accumulate(seconds)])
    height = survival(laws, row, seconds)
    steps = np.diff(seconds) * (height[1:] + height[:-1]) / 2
    return seconds, np.concatenate([[0.0], np.cumsum(steps)])
