"""What an incident gives back to the plan: measured durations, corrective actions, the incident itself (TST-07)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from openline.incident.findings import noted
from openline.incident.report import AfterAction, measured
from openline.incident.state import Action, State
from openline.plan.document import Plan
from openline.plan.exercises import CorrectiveAction
from openline.plan.incidents import Incident, Stamps
from openline.plan.procedures import MeasuredDuration, Procedure, Step
from openline.plan.record import OBJECT_COLLECTIONS, Money


@dataclass(frozen=True, slots=True)
class Lesson:
    """A step of the plan as it is now, beside what it took; seconds. `in_plan` when it was taken in before."""

    source: str
    text: str
    planned_s: float | None
    before_s: float | None
    """Mean of what was measured before."""
    took_s: float
    in_plan: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """The incident that teaches: what the plan calls it, what people call it, whether it was an exercise."""

    id: str
    ref: str
    is_exercise: bool


def lessons(plan: Plan, report: AfterAction, origin: Origin, on: date) -> list[Lesson]:
    """Return the measured steps that the plan still has, in the order of its procedures."""
    took = measured(report)
    steps = [(f"{p.id}/{s.id}", s) for p in plan.procedures.values() for s in p.steps]
    return [_lesson(name, s, _measure(origin, on, took[name])) for name, s in steps if name in took]


def _lesson(name: str, step: Step, new: MeasuredDuration) -> Lesson:
    others = [m.took_s for m in step.measured if m != new]
    before = sum(others) / len(others) if others else None
    return Lesson(name, step.text, step.mean_s, before, new.took_s, new in step.measured)


def day_of(state: State, plan: Plan) -> date:
    """Return the day of an incident on the centre's clock."""
    return _day(state.stamps["onset"], plan)


def _day(at: datetime, plan: Plan) -> date:
    return at.astimezone(ZoneInfo(plan.organization.tz)).date()


def _measure(origin: Origin, on: date, took_s: float) -> MeasuredDuration:
    incident = None if origin.is_exercise else origin.id
    return MeasuredDuration(on=on, took_s=took_s, incident=incident, in_exercise=origin.is_exercise)


def learned(
    plan: Plan,
    state: State,
    report: AfterAction,
    origin: Origin,
    *,
    steps: Collection[str],
    actions: Collection[str],
) -> Plan:
    """Return the plan with what was chosen: steps by `procedure/step`, actions by id.

    A real incident is recorded too, so that what points at it has something to point at; an exercise is not.
    Taking the same in again changes nothing.
    """
    took, on = measured(report), day_of(state, plan)
    chosen = {s: _measure(origin, on, took[s]) for s in steps if s in took}
    procedures = {k: _with(p, chosen) for k, p in plan.procedures.items()}
    corrective = dict(plan.corrective_actions)
    for a in actions:
        if a in state.actions:
            made = as_corrective(plan, state, state.actions[a], origin)
            corrective.setdefault(made.id, made)
    incidents = dict(plan.incidents)
    if not origin.is_exercise:
        incidents[origin.id] = as_incident(plan, state, report, origin)
    return replace(plan, procedures=procedures, corrective_actions=corrective, incidents=incidents)


def _with(procedure: Procedure, chosen: dict[str, MeasuredDuration]) -> Procedure:
    steps = tuple(_measured(s, chosen.get(f"{procedure.id}/{s.id}")) for s in procedure.steps)
    return procedure if steps == procedure.steps else procedure.model_copy(update={"steps": steps})


def _measured(step: Step, new: MeasuredDuration | None) -> Step:
    if new is None or new in step.measured:
        return step
    return step.model_copy(update={"measured": (*step.measured, new)})


def as_corrective(plan: Plan, state: State, action: Action, origin: Origin) -> CorrectiveAction:
    """Return an action as the plan keeps it; what the plan has no place for stands in its notes.

    That is the retest in words, and an exercise that the plan lost since.
    """
    kind, text = noted(state).get(action.finding, ("area", action.finding))
    there = action.exercise in plan.exercises
    words = action.retest if there or action.exercise is None else f"{action.retest} {action.exercise}".strip()
    retest = f" Try again: {words}." if words else ""
    return CorrectiveAction(
        id=f"{origin.id}-{action.id}",
        name=action.text[:200],
        notes=f"{text}{retest}"[:4000],
        source=f"{origin.ref}: {text}"[:4000] if kind == "area" else origin.ref,
        incident=None if origin.is_exercise else origin.id,
        due=date.fromisoformat(action.due_on) if action.due_on else None,
        retest=action.exercise if there else None,
        owner_role=action.owner_role if action.owner_role in plan.roles else None,
    )


def as_incident(plan: Plan, state: State, report: AfterAction, origin: Origin) -> Incident:
    """Return an incident as the plan remembers it; objects and scenarios that the plan lost since are left out."""
    there = [i for i in state.ever_hit if any(i in plan.collection(c) for c in OBJECT_COLLECTIONS)]
    return Incident(
        id=origin.id,
        name=f"{state.title} ({origin.ref})"[:200],
        stamps=Stamps.model_validate(dict(state.stamps)),
        level_max=max((x.level for x in state.levels), default=0),
        scenario=state.scenario if state.scenario in plan.scenarios else None,
        objects=tuple(there),
        costs=tuple(Money.model_validate(amount) for _, amount, _ in state.costs),
        report_on=_day(state.closed_at, plan) if state.closed_at else None,
        rta_s=report.rta_s,
    )
