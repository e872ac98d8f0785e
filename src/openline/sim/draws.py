"""Random numbers as a function of who draws and for what, so that no stream is ever shared or shifted.

A draw depends on (seed, replication, queue, contact ordinal, attempt, purpose) and nothing else: contact j of
queue k has the same luck in every variant of a plan, in any order and on any number of threads.

The generator is a counter hashed by the splitmix64 finalizer, applied to a key per contact that is itself two
finalizers deep. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014, with
the constants of Stafford's variant 13.
"""

import math
from typing import Any

import numpy as np
from numba import njit

from openline.sim.model import CONSTANT, EXPONENTIAL, LOGNORMAL, numbers

OPTS: Any = {"nogil": True, "cache": True, "_nrt": False, "error_model": "numpy"}
"""Options of every kernel: no reference counting inside, so nothing may be allocated there.

Numba keeps machine code by the file of the outermost kernel: after a change here or in slots.py, touch kernel.py.
"""

GAP, SERVICE, PATIENCE, REDIAL_COIN, REDIAL_DELAY, DROP_ORDER, SECOND_SERVICE, SECOND_PATIENCE = numbers(8)
"""Purposes of draws."""

FIRST, SECOND, THIRD = numbers(3)
"""Turns of a draw that takes several numbers; the third of REDIAL_COIN is the lot by which customers are diverted."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_ODD = np.uint64(0xD1342543DE82EF95)
_M1 = np.uint64(0xBF58476D1CE4E5B9)
_M2 = np.uint64(0x94D049BB133111EB)
_TO_UNIT = 2.0**-53


@njit(**OPTS)
def mixed(x):  # type: ignore[no-untyped-def]
    """Return the splitmix64 finalizer of a uint64."""
    x = (x ^ (x >> np.uint64(30))) * _M1
    x = (x ^ (x >> np.uint64(27))) * _M2
    return x ^ (x >> np.uint64(31))


@njit(**OPTS)
def replication_key(seed, replication):  # type: ignore[no-untyped-def]
    """Return the uint64 key of one replication."""
    return mixed(mixed(np.uint64(seed) + _GOLDEN) ^ (np.uint64(replication) * _ODD + _GOLDEN))


@njit(**OPTS)
def contact_key(key, queue, ordinal):  # type: ignore[no-untyped-def]
    """Return the uint64 key of contact `ordinal` of a queue."""
    return mixed(mixed(np.uint64(key) + np.uint64(queue + 1) * _GOLDEN) + np.uint64(ordinal + 1) * _ODD)


@njit(**OPTS)
def uniform(key, attempt, purpose, turn):  # type: ignore[no-untyped-def]
    """Return a float64 in (0, 1): draw `turn` (0 to 3) of an attempt for a purpose."""
    counter = np.uint64((attempt * 8 + purpose) * 4 + turn + 1)
    return (np.float64(mixed(np.uint64(key) + counter * _GOLDEN) >> np.uint64(11)) + 0.5) * _TO_UNIT


@njit(**OPTS)
def exponential(key, attempt, purpose):  # type: ignore[no-untyped-def]
    """Return a float64 exponential with mean 1."""
    return -math.log(uniform(key, attempt, purpose, FIRST))


@njit(**OPTS)
def random_time(key, attempt, purpose, kind, a, b, table):  # type: ignore[no-untyped-def]
    """Return seconds by a law of openline.sim.model; `table` is the law's row of quantiles."""
    if kind == EXPONENTIAL:
        return a * exponential(key, attempt, purpose)
    if kind == CONSTANT:
        return a
    if kind == LOGNORMAL:
        radius = math.sqrt(-2.0 * math.log(uniform(key, attempt, purpose, FIRST)))
        return math.exp(a + b * radius * math.cos(2.0 * math.pi * uniform(key, attempt, purpose, SECOND)))
    place = uniform(key, attempt, purpose, FIRST) * (table.shape[0] - 1)
    left = int(place)
    return table[left] + (place - left) * (table[left + 1] - table[left])
