"""The activation plan: the procedures for what is hit, merged into one ordered list of tasks (ACT-03, ACT-04)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from openline.impact.timeline import timeline
from openline.incident.state import Lane
from openline.plan.document import Plan
from openline.plan.procedures import Procedure, Step
from openline.scenarios.binding import UnboundScenario, bind, strike

RESPONSE = ("safety", "detect", "assess", "notify", "activate", "operate", "recover")
RESTORATION = ("validate", "restore", "stand_down")
"""Phases of procedures, in the order in which their tasks are listed."""

LANES: dict[str, Lane] = {
    "safety": "safety", "detect": "mitigate", "assess": "mitigate", "notify": "mitigate", "activate": "mitigate",
    "operate": "mitigate", "recover": "resume", "validate": "restore", "restore": "restore", "stand_down": "restore",
}  # fmt: skip
FAR = 1e12
REACH_S = 24 * 3600.0
"""How far ahead the timeline is asked what else will fail (assumed: a day)."""


@dataclass(slots=True)
class Made:
    """A task before it stands in the log; `source` lists procedure/step of everything that was merged into it."""

    id: str
    step: Step
    phase: str
    source: list[str]
    predecessors: list[str] = field(default_factory=list)
    due_s: float = FAR

    @property
    def safety(self) -> bool:
        return self.step.safety or (self.phase == "safety" and self.step.kind == "roll_call")


def reached(plan: Plan, hit: Iterable[str], scenario: str | None = None) -> dict[str, float]:
    """Return what is hit or will fail within a day, by id, with the seconds from the onset until it does."""
    return dict(_reached(_Same(plan), tuple(dict.fromkeys(hit)), scenario))


class _Same:
    """A plan as a key: it is frozen, so the same object gives the same answer."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return id(self.plan)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.plan is self.plan


@lru_cache(maxsize=256)
def _reached(same: _Same, ids: tuple[str, ...], scenario: str | None) -> dict[str, float]:
    """Return it once for each plan and what is hit: a room asks again with every look."""
    plan = same.plan
    found = dict.fromkeys(ids, 0.0)
    nodes = [i for i in ids if plan.node(i) is not None]
    for disruption in _disruptions(plan, nodes, scenario):
        for name, course in timeline(plan, disruption, horizon_s=REACH_S).objects.items():
            at = next((p.at_s for p in course if p.capacity < 1), None)
            if at is not None and plan.node(name) is not None:
                found[name] = min(found.get(name, at), at)
    for i in ids:
        component = plan.components.get(i)
        if component is not None and component.system:
            found.setdefault(component.system, 0.0)
    return found


def _disruptions(plan: Plan, nodes: list[str], scenario: str | None) -> Iterator:  # type: ignore[type-arg]
    if nodes:
        yield strike(plan, nodes, duration_s=REACH_S)
    if scenario is not None:
        try:
            yield bind(plan, scenario, duration_s=REACH_S)
        except UnboundScenario:
            return


def struck_by(plan: Plan, scenario: str) -> tuple[str, ...]:
    """Return the objects that a scenario puts out of use at its onset; none when it finds nothing in this plan."""
    try:
        effects = bind(plan, scenario, duration_s=REACH_S).effects
    except UnboundScenario:
        return ()
    lost = (e.target for e in effects if e.type in ("down", "access_denied") and e.start_s == 0)
    return tuple(i for i in dict.fromkeys(lost) if plan.node(i) is not None)


def chosen(
    plan: Plan, hit: Iterable[str], scenario: str | None, level: int, phases: tuple[str, ...] = RESPONSE
) -> list[Procedure]:
    """Return the procedures for what is hit: those that cover it, the scenario's own, those of the level."""
    where = set(reached(plan, hit, scenario))
    named = set(plan.scenarios[scenario].playbook) if scenario in plan.scenarios else set()
    of_level = {p for x in plan.levels.values() if x.number == level for p in x.procedures}
    found = []
    for p in plan.procedures.values():
        wanted = p.id in named or p.id in of_level or scenario in p.scenarios or where.intersection(p.covers)
        if p.phase in phases and wanted:
            found.append(p)
    return found


def assemble(plan: Plan, procedures: Iterable[Procedure]) -> list[Made]:
    """Return the tasks of these procedures: merged, safety first, each after its predecessors.

    Two steps are one task when they say the same to the same role. A merge that would make a ring is not made.
    """
    tasks: dict[str, Made] = {}
    same: dict[tuple[str, str | None], str] = {}
    where: dict[tuple[str, str], str] = {}
    for p in sorted(procedures, key=lambda p: (RESPONSE + RESTORATION).index(p.phase)):
        due = min((_rto(plan, c) for c in p.covers), default=FAR)
        for step in p.in_order():
            before = [where[p.id, b] for b in step.predecessors]
            key = said(step.text, step.role)
            known = same.get(key)
            if known is not None and not _leads(tasks, known, before):
                task = tasks[known]
                task.source.append(f"{p.id}/{step.id}")
                task.predecessors = list(dict.fromkeys([*task.predecessors, *before]))
            else:
                task = Made(_id(tasks, p.id, step.id), step, p.phase, [f"{p.id}/{step.id}"], before, due)
                tasks[task.id] = task
                same.setdefault(key, task.id)
            task.due_s = min(task.due_s, due)
            where[p.id, step.id] = task.id
    return _ordered(tasks)


def _rto(plan: Plan, name: str) -> float:
    found = plan.activities.get(name) or plan.systems.get(name)
    rto = getattr(found, "rto_s", None)
    return FAR if rto is None else float(rto)


def said(text: str, role: str | None) -> tuple[str, str | None]:
    """Return what makes two steps one task: the plain words, and to whom they are said."""
    return re.sub(r"[\W_]+", " ", text).strip().lower(), role


def _id(tasks: dict[str, Made], procedure: str, step: str) -> str:
    stem = f"{procedure}-{step}"[:60]
    return next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, 1000))) if n not in tasks)


def _leads(tasks: dict[str, Made], goal: str, starts: list[str]) -> bool:
    """Tell whether `goal` comes before one of `starts` (or is one): merging would make a ring."""
    left, seen = list(starts), set[str]()
    while left:
        name = left.pop()
        if name == goal:
            return True
        if name not in seen:
            seen.add(name)
            left += tasks[name].predecessors
    return False


def _ordered(tasks: dict[str, Made]) -> list[Made]:
    """Return the tasks safety first, then by phase and recovery time, never before a predecessor."""
    phases = RESPONSE + RESTORATION
    urgent = _safety_chain(tasks)

    def rank(t: Made) -> tuple[bool, int, float]:
        return (t.id not in urgent, phases.index(t.phase), t.due_s)

    left, done, found = sorted(tasks.values(), key=rank), set[str](), list[Made]()
    while left:
        at = next(n for n, t in enumerate(left) if done.issuperset(t.predecessors))
        task = left.pop(at)
        done.add(task.id)
        found.append(task)
    return found


def _safety_chain(tasks: dict[str, Made]) -> set[str]:
    """Return the safety tasks and everything that must come before one."""
    found: set[str] = set()
    left = [t.id for t in tasks.values() if t.safety]
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            left += tasks[name].predecessors
    return found
