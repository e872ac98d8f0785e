"""A simulated disruption beside the day that really happened."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime, time
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openline.plan.problem import Problem
from openline.sim.results import Estimate, estimate
from openline.sim.simulation import Simulation

COLUMNS = ("start", "attempts", "abandoned")
SURGE = 2.6
"""Entries of this many times the usual are a surge, as in the event list of the example's data."""


@dataclass(frozen=True, slots=True)
class Observed:
    """What was counted on one day: attempts and abandoned per interval of the local clock."""

    start: time
    interval_s: int
    attempts: NDArray[np.float64]
    abandoned: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """One interval: what really happened, the simulated range of days, and a normal day's mean."""

    start: datetime
    real_attempts: float
    attempts: Estimate
    real_abandoned: float
    abandoned: Estimate
    normal_attempts: float


@dataclass(frozen=True, slots=True)
class Replay:
    """The comparison over the observed stretch; times to normal in seconds from the onset, None when not inside it."""

    rows: tuple[ReplayRow, ...]
    real_attempts: float
    attempts: Estimate
    real_abandoned: float
    abandoned: Estimate
    real_back_to_normal_s: float | None
    back_to_normal_s: Estimate | None
    inside: int
    """Intervals in which the real attempts lie inside the simulated 95 % range."""


def read_observed(file: str, text: str) -> tuple[Observed | None, list[Problem]]:
    """Return an observed day from CSV with the columns start,attempts,abandoned, and what is wrong with it."""
    rows = [r for r in csv.reader(io.StringIO(text)) if r and not r[0].startswith("#")]
    if not rows or tuple(rows[0]) != COLUMNS:
        return None, [Problem(file, 1, "", f"the first line must be {','.join(COLUMNS)}")]
    try:
        minutes = [int(r[0][:2]) * 60 + int(r[0][3:]) for r in rows[1:]]
        counts = np.array([[float(r[1]), float(r[2])] for r in rows[1:]])
        step = minutes[1] - minutes[0]
        if step <= 0 or any(b - a != step for a, b in pairwise(minutes)):
            raise ValueError("the intervals must follow each other in equal steps")
    except (ValueError, IndexError) as error:
        return None, [Problem(file, 0, "", f"not readable: {error}", "rows are 12:06,19,3")]
    return Observed(time(minutes[0] // 60, minutes[0] % 60), step * 60, counts[:, 0], counts[:, 1]), []


def replay(found: Simulation, observed: Observed, *, tz_start: datetime) -> Replay:
    """Return simulated beside real counts; the simulation must have the observed day's interval.

    `tz_start` is the observed day's first interval. Entries count as normal again from the first interval after the
    highest one from which on they stay for an hour below a surge, 2.6 times a normal day's mean; one interval of that
    hour may be higher. The same rule is used for the real day and for each simulated one.
    """
    first = round((tz_start - found.window.start).total_seconds() / found.window.interval_s)
    part = slice(first, first + len(observed.attempts))
    simulated, normal = found.disrupted.days, found.baseline.days
    high = SURGE * normal.attempts[:, part].mean(axis=0)
    steady = max(1, 3600 // observed.interval_s)
    rows = tuple(
        ReplayRow(
            start,
            float(observed.attempts[n]),
            estimate(simulated.attempts[:, first + n]),
            float(observed.abandoned[n]),
            estimate(simulated.abandoned[:, first + n]),
            float(normal.attempts[:, first + n].mean()),
        )
        for n, start in enumerate(found.window.starts[part])
    )
    offset = first * found.window.interval_s - found.window.onset_s
    times = [_back_to_normal(day, high, steady) for day in simulated.attempts[:, part]]
    known = np.array([t for t in times if t is not None], dtype=np.float64)
    real = _back_to_normal(observed.attempts, high, steady)
    return Replay(
        rows=rows,
        real_attempts=float(observed.attempts.sum()),
        attempts=estimate(simulated.attempts[:, part].sum(axis=1)),
        real_abandoned=float(observed.abandoned.sum()),
        abandoned=estimate(simulated.abandoned[:, part].sum(axis=1)),
        real_back_to_normal_s=None if real is None else real * observed.interval_s + offset,
        back_to_normal_s=estimate(known * observed.interval_s + offset) if len(known) > len(times) / 2 else None,
        inside=sum(1 for r in rows if r.attempts.low <= r.real_attempts <= r.attempts.high),
    )


def _back_to_normal(entries: NDArray[np.float64], high: NDArray[np.float64], steady: int) -> int | None:
    """Return the interval, after the highest, from which on an hour stays at or below `high`, but for one interval."""
    above = entries > high
    for n in range(int(entries.argmax()) + 1, len(entries) - steady + 1):
        if not above[n] and above[n : n + steady].sum() <= 1:
            return n
    return None
