"""The one clock of an incident, read off its log: T0 to Ts, and what is left against RTO and MTPD (glossary 2.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from openline.incident.activation import reached
from openline.incident.damage import restored_by
from openline.incident.pace import critical_path
from openline.incident.state import FINISHED, STAMPS, State
from openline.plan.document import Plan

NAMES = ("T0", "Td", "Ta", "Tm", "Tv", "Tc", "Tr", "Tf", "Tx", "Ts")
"""Short names of the stamps, in the order of the glossary."""


@dataclass(frozen=True, slots=True)
class ActivityClock:
    """One activity against its limits. Seconds; negative when the time is over, None when the limit is not known."""

    activity: str
    hit_after_s: float
    rto_left_s: float | None
    mtpd_left_s: float | None
    back_in_s: float | None
    """When it is expected back: after the work left, else after the repair; None when nothing says."""

    @property
    def is_late(self) -> bool:
        """Whether it is expected back after its recovery time."""
        return self.rto_left_s is not None and (self.rto_left_s < 0 or (self.back_in_s or 0) > self.rto_left_s)


def stamps(state: State) -> list[tuple[str, str, datetime | None]]:
    """Return (short name, name, moment or None) for every stamp."""
    return [(short, name, state.stamps.get(name)) for short, name in zip(NAMES, STAMPS, strict=True)]


def activity_clocks(state: State, plan: Plan, now: datetime) -> list[ActivityClock]:
    """Return the clock of every activity that is or will be hit, the most urgent first."""
    onset = state.stamps.get("onset")
    if onset is None:
        return []
    repair = _repair_s(state, now)
    is_work_left = any(t.state not in FINISHED for t in state.tasks.values())
    path = critical_path(state, now)[0] if is_work_left else None
    back = repair if path is None else path
    found = []
    for i, after_s in reached(plan, state.hit, None if state.hit else state.scenario).items():
        activity = plan.activities.get(i)
        if activity is not None:
            start = _start(state, activity.rto_clock, onset, after_s)
            found.append(
                ActivityClock(
                    i,
                    after_s,
                    _left(start, activity.rto_s, now),
                    _left(onset + timedelta(seconds=after_s), activity.mtpd_s, now),
                    back,
                )
            )
    return sorted(found, key=lambda x: (x.rto_left_s is None, x.rto_left_s or 0.0))


def _start(state: State, clock: str, onset: datetime, after_s: float) -> datetime:
    declared = state.stamps.get("declared")
    return declared if clock == "declaration" and declared else onset + timedelta(seconds=after_s)


def _left(start: datetime, limit_s: float | None, now: datetime) -> float | None:
    return None if limit_s is None else limit_s - (now - start).total_seconds()


def _repair_s(state: State, now: datetime) -> float | None:
    """Return the seconds until the last object works again by its assessment; None when one is not known."""
    ends = [restored_by(state, i) for i in state.hit]
    if not ends or any(e is None or e[0] <= now for e in ends):
        return None
    return max((e[0] - now).total_seconds() for e in ends if e is not None)


def took_s(state: State, first: str, last: str) -> float | None:
    """Return the seconds between two stamps, None when one is not set; RTA is onset to resumed."""
    a, b = state.stamps.get(first), state.stamps.get(last)
    return None if a is None or b is None else (b - a).total_seconds()
