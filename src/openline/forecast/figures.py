"""From the kernel's counts to the figures of one course of the next hours, with intervals."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from openline.forecast.change import AWAY, ROW
from openline.plan.activities import ServiceTarget
from openline.plan.document import Plan
from openline.queueing import SERVICE_LEVEL_PARTS
from openline.sim.inputs import Inputs
from openline.sim.model import BLOCKED, OFFERED, WAITING, Outcome
from openline.sim.results import COUNTS, lost, service_counts
from openline.sim.window import Window

Array = NDArray[np.float64]
LOW, HIGH = 0.025, 0.975
FEW = 20
"""Of fewer courses a range holds all, as their outer ones say too little of the rarest of 100."""
ROW_FIGURES = ("offered", "answered", "abandoned", "blocked", "cut_off")
TOTAL_FIGURES = (*ROW_FIGURES, "redials")


@dataclass(frozen=True, slots=True)
class Band:
    """A figure: its mean, and the range that holds 95 of 100 simulated courses, or all of fewer than FEW."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more than when nothing is done, course by course with the same luck.

    `low` and `high` hold the mean with 95 % confidence (Student); `clear` when they are on one side of 0.
    """

    mean: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class QuarterHour:
    """One queue in one interval, by the interval in which contacts call; `waiting` is the mean number who wait in it.

    `service_level` is None when nobody is answered or gives up.
    """

    start: datetime
    offered: Band
    answered: Band
    abandoned: Band
    blocked: Band
    cut_off: Band
    waiting: Band
    service_level: Band | None


@dataclass(frozen=True, slots=True)
class QueueCourse:
    """One queue over the next hours.

    `totals` are of contacts that call from now on; `there_already` of those who wait now: `waiting`, then `answered`
    and `abandoned` (or cut off). `still_waiting` wait at the end. `put_off` are those whom an option sends away.
    """

    queue: str
    title: str
    formula_id: str
    within_s: float
    target: float
    service_level: Band | None
    totals: dict[str, Band]
    there_already: dict[str, Band]
    still_waiting: Band
    put_off: Band
    rows: tuple[QuarterHour, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """One simulated set of courses: by queue, and course by course the contacts lost, weighted and not, and put off."""

    queues: tuple[QueueCourse, ...]
    lost: Array
    weighted_lost: Array
    put_off: Array


@dataclass(frozen=True, slots=True)
class _Counted:
    """Counts by queue of the plan, diverted rows added to theirs.

    counts [N, K, B, METRICS], carried [N, K, METRICS], queue_s [N, K, B] and away [N, K], those sent away.
    """

    counts: Array
    carried: Array
    queue_s: Array
    away: Array


def weight(priority: int) -> float:
    """Return what a lost contact of a queue counts when options are ranked: one over its priority (assumed)."""
    return 1.0 / max(priority, 1)


def course_of(
    plan: Plan, window: Window, inputs: Inputs, outcome: Outcome, known: dict[str, QueueCourse] | None = None
) -> Course:
    """Return the figures of one simulated course of the next hours; those `known` are taken as they are."""
    counted, known = _counted(plan, inputs, outcome), known or {}
    gone = lost(counted.counts).sum(axis=2) + lost(counted.carried)
    weights = np.array([weight(a.priority) for a in plan.activities.values()])
    return Course(
        queues=tuple(
            known[q] if q in known else _queue(plan, window, q, k, counted) for k, q in enumerate(plan.activities)
        ),
        lost=gone.sum(axis=1),
        weighted_lost=gone @ weights,
        put_off=counted.away.sum(axis=1),
    )


def _counted(plan: Plan, inputs: Inputs, outcome: Outcome) -> _Counted:
    names = list(plan.activities)
    counts = outcome.counts[:, : len(names)].astype(np.float64)
    carried = outcome.carried[:, : len(names)].astype(np.float64)
    queue_s, away = outcome.queue_s[:, : len(names)].copy(), np.zeros(counts.shape[:2])
    for row in range(len(names), len(inputs.queues)):
        queue, _, to = inputs.queues[row].partition(ROW)
        k = names.index(queue)
        if to == AWAY:
            away[:, k] += outcome.counts[:, row, :, OFFERED].sum(axis=1)
        else:
            counts[:, k] += outcome.counts[:, row]
            carried[:, k] += outcome.carried[:, row]
            queue_s[:, k] += outcome.queue_s[:, row]
    return _Counted(counts, carried, queue_s, away)


def _queue(plan: Plan, window: Window, queue: str, k: int, counted: _Counted) -> QueueCourse:
    activity, counts, carried = plan.activities[queue], counted.counts[:, k], counted.carried[:, k]
    target = activity.sl
    if target is None:
        raise LookupError(f"the activity {queue!r} has no target, so it is not simulated")
    summed = counts.sum(axis=1)
    named = {
        **{name: COUNTS[name](summed) for name in TOTAL_FIGURES},
        "there": carried[:, OFFERED],
        "there answered": COUNTS["answered"](carried),
        "there abandoned": lost(carried) - carried[:, BLOCKED],
        "still": summed[:, WAITING] + carried[:, WAITING],
        "put off": counted.away[:, k],
    }
    found = dict(zip(named, bands(np.stack(list(named.values()), axis=1)), strict=True))
    return QueueCourse(
        queue=queue,
        title=activity.title,
        formula_id=target.formula_id,
        within_s=target.t_s,
        target=target.x,
        service_level=_levels(target, summed[:, None])[0],
        totals={name: found[name] for name in TOTAL_FIGURES},
        there_already={
            "waiting": found["there"],
            "answered": found["there answered"],
            "abandoned": found["there abandoned"],
        },
        still_waiting=found["still"],
        put_off=found["put off"],
        rows=_rows(window, target, counts, counted.queue_s[:, k] / window.interval_s),
    )


def _rows(window: Window, target: ServiceTarget, counts: Array, waiting: Array) -> tuple[QuarterHour, ...]:
    figures = np.stack([*(COUNTS[name](counts) for name in ROW_FIGURES), waiting], axis=1)
    courses, names, intervals = figures.shape
    flat = bands(figures.reshape(courses, names * intervals))
    of = {name: flat[n * intervals : (n + 1) * intervals] for n, name in enumerate((*ROW_FIGURES, "waiting"))}
    levels = _levels(target, counts)
    return tuple(
        QuarterHour(start=start, service_level=levels[b], **{name: found[b] for name, found in of.items()})
        for b, start in enumerate(window.starts)
    )


def _levels(target: ServiceTarget, counts: Array) -> list[Band | None]:
    """Return the service level by interval: from summed counts, and the range over courses in which it is defined."""
    over, under = SERVICE_LEVEL_PARTS[target.formula_id](service_counts(counts))
    with np.errstate(divide="ignore", invalid="ignore"):
        each, mean = np.where(under > 0, over / under, np.nan), over.sum(axis=0) / under.sum(axis=0)
    always = np.asarray(~np.isnan(each).any(axis=0))
    low, high = ends(each)
    found: list[Band | None] = []
    for b in range(counts.shape[1]):
        known = each[~np.isnan(each[:, b]), b]
        if not len(known):
            found.append(None)
            continue
        least, most = (low[b], high[b]) if always[b] else ends(known)
        found.append(Band(float(mean[b]), float(least), float(most)))
    return found


def ends(figures: Array) -> tuple[Array, Array]:
    """Return the low and high ends of the range of figures over their courses, float64[N, ...]."""
    if len(figures) < FEW:
        return figures.min(axis=0), figures.max(axis=0)
    low, high = np.quantile(figures, (LOW, HIGH), axis=0)
    return low, high


def bands(figures: Array) -> list[Band]:
    """Return a figure by interval from its courses float64[N, B]."""
    low, high = ends(figures)
    return [Band(*map(float, f)) for f in zip(figures.mean(axis=0), low, high, strict=True)]


def band(figure: Array) -> Band:
    """Return a figure from its courses float64[N]."""
    low, high = ends(figure)
    return Band(float(figure.mean()), float(low), float(high))


def difference(option: Array, nothing: Array) -> Difference:
    """Return how much more an option has than doing nothing, from courses with the same luck."""
    each = option - nothing
    mean, count = float(each.mean()), len(each)
    if count < 2:
        return Difference(mean, -float("inf"), float("inf"))
    half = float(stdtrit(count - 1, HIGH) * each.std(ddof=1) / count**0.5)
    return Difference(mean, mean - half, mean + half)
