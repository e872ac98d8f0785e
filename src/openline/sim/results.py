"""From the kernel's counts to figures with names, units and intervals.

Words are the glossary's: attempts = blocked + offered; offered = answered + abandoned + cut off while waiting +
still waiting at the end. Counts belong to the interval in which the attempt arrived. Percentages are made from
summed counts, never averaged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openline.plan.activities import ServiceTarget
from openline.plan.document import Plan
from openline.queueing import SERVICE_LEVEL_PARTS, SERVICE_LEVELS, ServiceCounts, service_level
from openline.sim.inputs import Inputs
from openline.sim.model import (
    ABANDONED,
    ABANDONED_IN_TARGET,
    ANSWERED,
    ANSWERED_IN_TARGET,
    BLOCKED,
    CUSTOMERS,
    DROPPED_TALKING,
    DROPPED_WAITING,
    OFFERED,
    REDIALS,
    SHORT,
    WAITING,
    Outcome,
)
from openline.sim.window import Window

Array = NDArray[np.float64]

COUNTS: dict[str, Callable[[Array], Array]] = {
    "attempts": lambda c: c[..., OFFERED],
    "customers": lambda c: c[..., CUSTOMERS],
    "offered": lambda c: c[..., OFFERED] - c[..., BLOCKED],
    "answered": lambda c: c[..., ANSWERED],
    "answered_in_target": lambda c: c[..., ANSWERED_IN_TARGET],
    "abandoned": lambda c: c[..., ABANDONED],
    "blocked": lambda c: c[..., BLOCKED],
    "cut_off": lambda c: c[..., DROPPED_WAITING] + c[..., DROPPED_TALKING],
    "redials": lambda c: c[..., REDIALS],
    "waiting": lambda c: c[..., WAITING],
    "not_served": lambda c: c[..., CUSTOMERS] - c[..., ANSWERED] + c[..., DROPPED_TALKING],
}
"""Counted figures by name, from an array whose last axis is the kernel's metrics.

`not_served` are customers, however often they called, whom nobody has served by the end: it makes sense only over
the whole window, since a customer may be served in a later interval than that of the first call.
"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over the simulated days.

    `mean` over the days, `se` its standard error; 95 of 100 days lie between `low` and `high`.
    """

    mean: float
    low: float
    high: float
    se: float


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """One queue in one interval: counts are means over the simulated days, None where undefined."""

    start: datetime
    queue: str
    counts: dict[str, float]
    service_level: float | None
    asa_s: float | None


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One interval: agents able to work and the share of their time spent on contacts, None when nobody is."""

    start: datetime
    agents: float
    occupancy: float | None


@dataclass(frozen=True, slots=True)
class QueueTotals:
    """One queue over the whole window; `below_target_s` is the time in intervals under its target."""

    queue: str
    target: ServiceTarget
    service_level: float | None
    service_levels: dict[str, float | None]
    """By all six formulas, from the same counts (MET-01)."""
    totals: dict[str, Estimate]
    asa_s: float | None
    below_target_s: Estimate

    @property
    def abandonment(self) -> float | None:
        """Abandoned over offered, from the summed counts; None when nothing was offered."""
        return _share(self.totals["abandoned"].mean, self.totals["offered"].mean)

    @property
    def blockage(self) -> float | None:
        """Blocked over attempts, from the summed counts; None when nobody tried."""
        return _share(self.totals["blocked"].mean, self.totals["attempts"].mean)


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


@dataclass(frozen=True, slots=True)
class Run:
    """One variant: the normal day or the disrupted one; intervals are listed queue by queue."""

    totals: dict[str, Estimate]
    queues: tuple[QueueTotals, ...]
    intervals: tuple[IntervalRow, ...]
    staff: tuple[StaffRow, ...]
    days: "Days"


@dataclass(frozen=True, slots=True)
class Days:
    """Figures of each simulated day, summed over the queues, float64[replications, intervals] where not said."""

    attempts: Array
    abandoned: Array
    lost: Array
    """Abandoned, blocked or cut off."""
    not_served: Array
    """Customers whom nobody has served by the end, float64[replications]."""


def run_of(plan: Plan, window: Window, inputs: Inputs, outcome: Outcome) -> Run:
    """Return the figures of one variant from the kernel's counts."""
    counts = outcome.counts.astype(np.float64)
    all_queues = counts.sum(axis=1)
    return Run(
        totals={name: estimate(of(all_queues).sum(axis=1)) for name, of in COUNTS.items()},
        queues=tuple(_queue(plan, window, q, counts[:, k], outcome.wait_s[:, k]) for k, q in enumerate(inputs.queues)),
        intervals=tuple(
            row
            for k, q in enumerate(inputs.queues)
            for row in _rows(plan, window, q, counts[:, k].mean(axis=0), outcome.wait_s[:, k].mean(axis=0))
        ),
        staff=tuple(_staff(window, outcome)),
        days=Days(
            COUNTS["attempts"](all_queues),
            COUNTS["abandoned"](all_queues),
            lost(all_queues),
            COUNTS["not_served"](all_queues).sum(axis=1),
        ),
    )


def lost(counts: Array) -> Array:
    """Return contacts that came to nothing in their interval: abandoned, blocked or cut off."""
    return COUNTS["abandoned"](counts) + COUNTS["blocked"](counts) + COUNTS["cut_off"](counts)


def level_of(target: ServiceTarget, counts: Array) -> float | None:
    """Return the service level by the target's own formula from counts (the last axis is the metrics)."""
    return service_level(target.formula_id, service_counts(counts.reshape(-1, counts.shape[-1]).sum(axis=0)))


def levels_of(counts: Array) -> dict[str, float | None]:
    """Return the service level by each of the six formulas."""
    summed = service_counts(counts.reshape(-1, counts.shape[-1]).sum(axis=0))
    return {formula_id: service_level(formula_id, summed) for formula_id in SERVICE_LEVELS}


def service_counts(c: Array) -> ServiceCounts[Any]:
    return ServiceCounts(
        answered=c[..., ANSWERED],
        abandoned=c[..., ABANDONED],
        answered_in_target=c[..., ANSWERED_IN_TARGET],
        abandoned_in_target=c[..., ABANDONED_IN_TARGET],
        short=c[..., SHORT],
    )


def _queue(plan: Plan, window: Window, queue: str, counts: Array, wait_s: Array) -> QueueTotals:
    target = _target(plan, queue)
    answered = float(counts[..., ANSWERED].sum())
    return QueueTotals(
        queue=queue,
        target=target,
        service_level=level_of(target, counts),
        service_levels=levels_of(counts),
        totals={name: estimate(of(counts).sum(axis=1)) for name, of in COUNTS.items()},
        asa_s=float(wait_s[..., 0].sum()) / answered if answered else None,
        below_target_s=estimate(_below_s(target, counts, window.interval_s)),
    )


def _target(plan: Plan, queue: str) -> ServiceTarget:
    target = plan.activities[queue].sl
    if target is None:
        raise LookupError(f"the activity {queue!r} has no target, so it is not simulated")
    return target


def _below_s(target: ServiceTarget, counts: Array, interval_s: int) -> Array:
    """Return per simulated day the seconds in intervals under target; those without contacts are not counted."""
    over, under = SERVICE_LEVEL_PARTS[target.formula_id](service_counts(counts))
    below = (under > 0) & (over < target.x * under)
    seconds: Array = below.sum(axis=1) * float(interval_s)
    return seconds


def _rows(plan: Plan, window: Window, queue: str, counts: Array, wait_s: Array) -> list[IntervalRow]:
    target = _target(plan, queue)
    rows = []
    for b, start in enumerate(window.starts):
        answered = counts[b, ANSWERED]
        figures = {name: float(of(counts[b])) for name, of in COUNTS.items() if name != "not_served"}
        asa = float(wait_s[b, 0] / answered) if answered else None
        rows.append(IntervalRow(start, queue, figures, level_of(target, counts[b]), asa))
    return rows


def _staff(window: Window, outcome: Outcome) -> list[StaffRow]:
    able = outcome.capacity_s.sum(axis=1).mean(axis=0)
    busy = outcome.busy_s.sum(axis=1).mean(axis=0)
    return [
        StaffRow(start, float(able[b] / window.interval_s), float(busy[b] / able[b]) if able[b] else None)
        for b, start in enumerate(window.starts)
    ]


def estimate(days: Array) -> Estimate:
    """Return mean, 95 % range of days and standard error of a figure given once per simulated day."""
    low, high = np.quantile(days, (0.025, 0.975))
    spread = float(days.std(ddof=1)) if len(days) > 1 else 0.0
    return Estimate(float(days.mean()), float(low), float(high), spread / len(days) ** 0.5)
