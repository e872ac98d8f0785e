"""The after-action report, read off the log: what happened when, against what was promised (TST-07, MET-05)."""

from dataclasses import dataclass
from datetime import datetime

from openline.incident.activation import reached
from openline.incident.clocks import stamps, took_s
from openline.incident.roll_call import curve
from openline.incident.state import State, Task
from openline.plan.document import Plan


@dataclass(frozen=True, slots=True)
class Reached:
    """A call for people: when it was ordered, first handed to a provider, answered; seconds from the order."""

    page: str
    who: str
    ordered_at: datetime
    handed_s: float | None
    answered_s: float | None
    by: str
    outcome: str
    maybe_twice: bool


@dataclass(frozen=True, slots=True)
class StepTook:
    """A task that was done: planned mean and what it took, in seconds."""

    task: str
    text: str
    source: tuple[str, ...]
    planned_s: float | None
    took_s: float
    by: str


@dataclass(frozen=True, slots=True)
class Against:
    """An activity: recovery time actual against its objective, in seconds; None where one is not known."""

    activity: str
    rto_s: float | None
    rta_s: float | None

    @property
    def kept(self) -> bool | None:
        """Whether the objective was kept; None when it can not be told."""
        return None if self.rto_s is None or self.rta_s is None else self.rta_s <= self.rto_s


@dataclass(frozen=True, slots=True)
class MessageTook:
    """A message against its deadline."""

    message: str
    audience: str
    due_at: datetime | None
    released_at: datetime | None

    @property
    def kept(self) -> bool | None:
        """Whether it was out in time; None when there was no deadline."""
        return None if self.due_at is None else self.released_at is not None and self.released_at <= self.due_at


@dataclass(frozen=True, slots=True)
class AfterAction:
    """Everything that the report shows; texts and pictures are made of it elsewhere."""

    stamps: tuple[tuple[str, str, datetime | None], ...]
    detect_s: float | None
    acknowledge_s: float | None
    declare_s: float | None
    mitigate_s: float | None
    rta_s: float | None
    against: tuple[Against, ...]
    reached: tuple[Reached, ...]
    steps: tuple[StepTook, ...]
    left_out: tuple[Task, ...]
    messages: tuple[MessageTook, ...]
    decided_late: tuple[str, ...]
    level_max: int
    roll_calls: tuple[tuple[str, tuple[tuple[float, float], ...]], ...]
    """Title and curve of each roll call: seconds since it was opened, share accounted for."""


def after_action(state: State, plan: Plan, hit: dict[str, float] | None = None) -> AfterAction:
    """Return the report of an incident as its log stands; `hit` is what was reached, computed when not given."""
    where = reached(plan, _ever_hit(state), state.scenario) if hit is None else hit
    return AfterAction(
        stamps=tuple(stamps(state)),
        detect_s=took_s(state, "onset", "detected"),
        acknowledge_s=took_s(state, "detected", "acknowledged"),
        declare_s=took_s(state, "onset", "declared"),
        mitigate_s=took_s(state, "onset", "mitigated"),
        rta_s=took_s(state, "onset", "resumed"),
        against=tuple(_against(state, plan, i) for i in where if i in plan.activities),
        reached=tuple(_reached(state, p) for p in state.pages),
        steps=tuple(_took(t) for t in state.tasks.values() if t.state == "done" and t.started_at and t.ended_at),
        left_out=tuple(t for t in state.tasks.values() if t.state != "done"),
        messages=tuple(MessageTook(m.id, m.audience, m.due_at, m.released_at) for m in state.messages.values()),
        decided_late=tuple(
            d.id for d in state.decisions.values() if d.by_at and (d.made_at is None or d.made_at > d.by_at)
        ),
        level_max=max((x.level for x in state.levels), default=0),
        roll_calls=tuple((r.title, tuple(curve(state, r))) for r in state.roll_calls.values()),
    )


def _ever_hit(state: State) -> list[str]:
    """Return what is hit now and what was ever assessed as not sound."""
    assessed = [i for (i, _), d in state.damage.items() if d.state != "ok"]
    return list(dict.fromkeys([*state.ever_hit, *state.hit, *assessed]))


def _against(state: State, plan: Plan, name: str) -> Against:
    activity = plan.activities[name]
    start = "declared" if activity.rto_clock == "declaration" else "onset"
    return Against(name, activity.rto_s, took_s(state, start, "resumed"))


def _reached(state: State, name: str) -> Reached:
    page = state.pages[name]
    handed = [h.at for h in page.handed.values() if h.ok]
    first = min(handed, default=None)
    return Reached(
        page.id,
        page.role or f"{sum(map(len, page.rungs))} people",
        page.ordered_at,
        None if first is None else (first - page.ordered_at).total_seconds(),
        None if page.answered_at is None else (page.answered_at - page.ordered_at).total_seconds(),
        page.by or "",
        page.state,
        any(h.maybe_twice for h in page.handed.values()),
    )


def _took(task: Task) -> StepTook:
    assert task.started_at is not None  # noqa: S101 - chosen so
    assert task.ended_at is not None  # noqa: S101
    took = (task.ended_at - task.started_at).total_seconds()
    return StepTook(task.id, task.text, task.source, task.mean_s, took, task.by or "")


def measured(report: AfterAction) -> dict[str, float]:
    """Return the seconds that each step of a procedure took, by `procedure/step`; steps done in no time are left out.

    A task that was never begun, only ticked as done, has no duration: it says nothing about how long the step takes.
    """
    return {source: s.took_s for s in report.steps if s.took_s > 0 for source in s.source}
