"""The arrays that the kernel runs on, and those that it returns.

Sizes: K queues, G agent groups, H trunk groups, B output intervals, R rate segments, C controls, N replications,
Q points of a table of quantiles. Times are seconds from the start of the simulated window.
"""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
I8 = NDArray[np.int8]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]


def numbers(count: int) -> Any:
    """Return 0, 1, ... as NumPy integers: for plain ones Numba compiles a function once per value."""
    return map(np.int64, range(count))


EXPONENTIAL, LOGNORMAL, CONSTANT, TABLE = range(4)
ABANDON, BLOCK, DROPPING = numbers(3)
"""Columns of redial_frac: what happened to the call before."""

GROUP_CAPACITY, TRUNK_CAPACITY, QUEUE_TRUNK, SERVICE_FACTOR, PATIENCE_FACTOR, QUEUE_HOLD = range(6)
"""Kinds of control. QUEUE_HOLD with 1 lets contacts wait and none be taken until it is 0 again."""
FINISH, DROP, REQUEUE = range(3)

METRICS = 12
(
    OFFERED,
    ANSWERED,
    ANSWERED_IN_TARGET,
    ABANDONED,
    ABANDONED_IN_TARGET,
    SHORT,
    BLOCKED,
    DROPPED_WAITING,
    DROPPED_TALKING,
    REDIALS,
    WAITING,
    CUSTOMERS,
) = range(METRICS)
"""Counts by interval of the attempt's arrival. OFFERED holds every attempt, so that
OFFERED = ANSWERED + ABANDONED + BLOCKED + DROPPED_WAITING + WAITING in each interval and queue."""

MOST_QUEUES = 62


class ModelError(ValueError):
    """Arrays that do not make a model; the message lists all that is wrong."""


@dataclass(frozen=True, slots=True)
class Laws:
    """The law of a random time for each queue.

    kind  : int8[K]        EXPONENTIAL (a = mean s), LOGNORMAL (a, b = mean and deviation of the log),
                           CONSTANT (a = s, inf means never), TABLE
    a, b  : float64[K]
    table : float64[K, Q]  quantiles at 0, 1/(Q-1), ..., 1; straight between
    """

    kind: I8
    a: F
    b: F
    table: F


@dataclass(frozen=True, slots=True)
class Model:
    """One simulated window.

    edges_s          : float64[B+1]   output intervals, ascending from 0; the run ends at the last edge
    rate_from_s      : float64[R]     starts of the rate segments, ascending from 0
    rate_per_s       : float64[K, R]  first attempts per second
    redial_delay     : Laws[3K]       row 3 k + why: time until those of queue k call again
    redial_frac      : float64[K, 3]  share who call again after ABANDON, BLOCK, DROPPING
    redial_max       : int64[K]       most attempts of one customer, 0 = no limit
    level            : int8[G, K]     priority level at which a group serves a queue (0 first), -1 = can not
    route            : int16[K, G]    groups in the order an arriving contact tries them, padded with -1
    wait_before_s    : float64[G, K]  a group takes a contact only after it has waited so long
    group_factor     : float64[G]     handling time multiplier
    group_capacity   : int64[G]       agents at time 0
    trunk_capacity   : int64[H]       channels at time 0
    queue_trunk      : int64[K]       trunk group at time 0, -1 = closed
    target_s         : float64[K]     threshold of the service level
    short_s          : float64[K]     giving up within it is short
    control_*        : [C]            changes in order of time: kind, row, new value, fate of contacts in progress
    divert_*         : [K, D]         shares of new customers who are sent to another row (-1 for none) from a time on,
                                      with the luck that they would have had; without columns nobody is
    """

    edges_s: F
    rate_from_s: F
    rate_per_s: F
    service: Laws
    patience: Laws
    redial_delay: Laws
    redial_frac: F
    redial_max: I64
    level: I8
    route: I16
    wait_before_s: F
    group_factor: F
    group_capacity: I64
    trunk_capacity: I64
    queue_trunk: I64
    target_s: F
    short_s: F
    control_at_s: F
    control_kind: I8
    control_index: I64
    control_value: F
    control_fate: I8
    divert_to: I64 = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    divert_frac: F = field(default_factory=lambda: np.zeros((0, 0)))
    divert_at_s: F = field(default_factory=lambda: np.zeros((0, 0)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened, by replication.

    counts     : int64[N, K, B, METRICS]
    carried    : int64[N, K, METRICS]  of the contacts that were there at second 0, until they end or call again
    wait_s     : float64[N, K, B, 2]  summed waits of the answered and of the abandoned, by interval of arrival
    busy_s     : float64[N, G, B]     agent seconds spent on contacts, by the clock
    capacity_s : float64[N, G, B]     agent seconds present, by the clock
    queue_s    : float64[N, K, B]     contact seconds waited, by the clock
    """

    counts: I64
    carried: I64
    wait_s: F
    busy_s: F
    capacity_s: F
    queue_s: F


def ensure_sound(model: Model) -> None:
    """Raise ModelError listing everything that the kernel could not run on."""
    faults = [text for text, wrong in _shape_faults(model) + _value_faults(model) if wrong]
    if faults:
        raise ModelError("; ".join(faults))


def _shape_faults(m: Model) -> list[tuple[str, bool]]:
    k, g, r = len(m.target_s), len(m.group_factor), len(m.rate_from_s)
    wanted: dict[str, tuple[int, ...]] = {
        "rate_per_s": (k, r), "redial_frac": (k, 3), "redial_max": (k,), "level": (g, k), "route": (k, g),
        "wait_before_s": (g, k), "group_capacity": (g,), "queue_trunk": (k,), "short_s": (k,),
    }  # fmt: skip
    controls: dict[str, tuple[int, ...]] = {
        f.name: (len(m.control_at_s),) for f in fields(m) if f.name.startswith("control_")
    }
    if m.divert_to.size:
        controls |= {f.name: (k, m.divert_to.shape[1]) for f in fields(m) if f.name.startswith("divert_")}
    faults = [
        (f"{name} has shape {getattr(m, name).shape}, not {shape}", getattr(m, name).shape != shape)
        for name, shape in {**wanted, **controls}.items()
    ]
    for name, count in (("service", k), ("patience", k), ("redial_delay", 3 * k)):
        laws: Laws = getattr(m, name)
        short = not (len(laws.kind) == len(laws.a) == len(laws.b) == len(laws.table) == count)
        faults.append((f"{name} does not have {count} rows", short))
    return [
        *faults,
        (f"more than {MOST_QUEUES} queues, so put some activities together", k > MOST_QUEUES),
        ("no queues", k == 0),
    ]


def _value_faults(m: Model) -> list[tuple[str, bool]]:
    trunks = len(m.trunk_capacity)
    at = m.control_at_s
    return [
        (
            "edges_s must ascend from 0",
            len(m.edges_s) < 2 or m.edges_s[0] != 0 or bool((np.diff(m.edges_s) <= 0).any()),
        ),
        ("rate_from_s must ascend from 0", m.rate_from_s[0] != 0 or bool((np.diff(m.rate_from_s) <= 0).any())),
        ("rates must be finite and not negative", not bool((np.isfinite(m.rate_per_s) & (m.rate_per_s >= 0)).all())),
        ("redial shares must be 0 to 1", not bool(((m.redial_frac >= 0) & (m.redial_frac <= 1)).all())),
        ("capacities must not be negative", bool((m.group_capacity < 0).any() or (m.trunk_capacity < 0).any())),
        ("queue_trunk names no trunk group", bool(((m.queue_trunk < -1) | (m.queue_trunk >= trunks)).any())),
        ("controls must be in order of time", bool((np.diff(at) < 0).any() or (at < 0).any())),
        ("divert_to names no queue", bool(((m.divert_to < -1) | (m.divert_to >= len(m.target_s))).any())),
        ("diverted shares must be 0 to 1", not bool(((m.divert_frac >= 0) & (m.divert_frac <= 1)).all())),
        ("a handling factor must be above 0", not bool((m.group_factor > 0).all())),
    ]
