"""The task list: assembled from the plan for what is hit, and added to by hand."""

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from openline.incident.activation import LANES, RESPONSE, RESTORATION, Made, assemble, chosen, said
from openline.incident.command import (
    OPEN,
    Command,
    Context,
    NotNow,
    NotThere,
    Refused,
    decides,
    folds,
)
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import Lane, State, Task
from openline.plan.document import Plan
from openline.plan.incidents import Said
from openline.plan.procedures import Procedure
from openline.plan.record import Name, Record, Seconds, Slug, Text


class TaskText(Record):
    """A task as it stands in the log, whole, so that the log can be read without the plan."""

    id: Slug
    text: Text
    role: Slug | None = None
    lane: Lane
    kind: Name
    phase: Name
    source: tuple[Name, ...] = ()
    predecessors: tuple[Slug, ...] = ()
    mean_s: float | None = None
    variance_s2: float = 0.0
    resources: tuple[Name, ...] = ()
    safety: bool = False
    irreversible: bool = False
    approver: Slug | None = None
    approval_timeout_s: Seconds | None = None
    automation: Name | None = None
    options: dict[str, Text] = Field(default_factory=dict)
    expected_result: Text = ""
    if_fails: Text = ""
    rollback: Text = ""


class AssembleTasks(Command):
    """Make the task list for what is hit; tasks that are there already stay as they are."""

    objects: tuple[Slug, ...] = ()
    procedures: tuple[Slug, ...] = ()
    stage: Literal["response", "restoration"] = "response"


@stored("tasks.assembled")
class TasksAssembled(Event):
    """Tasks were added to the list."""

    objects: tuple[Slug, ...] = ()
    tasks: tuple[TaskText, ...]


class AddTask(Command):
    """Add a task that the plan does not have."""

    text: Said
    role: Slug | None = None
    lane: Lane = "mitigate"
    predecessors: tuple[Slug, ...] = ()
    likely_s: Seconds | None = None


@decides(AssembleTasks, OPEN)
def assemble_tasks(state: State, command: AssembleTasks, c: Context) -> Sequence[Event]:
    """Merge the procedures for what is hit into the list."""
    phases = RESPONSE if command.stage == "response" else RESTORATION
    hit = [*state.hit, *command.objects]
    named = [procedure_of(c.plan, p) for p in command.procedures]
    found = named or chosen(c.plan, hit, state.scenario, state.level, phases)
    made = assemble(c.plan, [p for p in found if named or p.phase in phases])
    new = tuple(as_text(m) for m in not_listed(state, made))
    if not new:
        raise NotNow("the plan has no procedure for this that is not in the list already: add a task by hand")
    return [TasksAssembled(objects=command.objects, tasks=new)]


def procedure_of(plan: Plan, name: str) -> Procedure:
    """Return a procedure of the plan; raises Refused when it has none of that name."""
    if name not in plan.procedures:
        raise Refused(f"the plan has no procedure {name!r}")
    return plan.procedures[name]


def not_listed(state: State, made: Iterable[Made]) -> list[Made]:
    """Return what the list lacks; what waits for a step that stands in it already waits for the task of that step.

    A step stands in the list when its task was made of it, alone or merged, or says the same to the same role.
    """
    by_source = {source: t.id for t in state.tasks.values() for source in t.source}
    by_words = {said(t.text, t.role): t.id for t in state.tasks.values() if t.source}
    there: dict[str, str] = {}
    new: list[Made] = []
    for m in made:
        known = next((by_source[s] for s in m.source if s in by_source), by_words.get(said(m.step.text, m.step.role)))
        if known is not None:
            there[m.id] = known
        else:
            new.append(m)
    for m in new:
        m.predecessors = list(dict.fromkeys(there.get(p, p) for p in m.predecessors))
    return new


def as_text(m: Made) -> TaskText:
    """Return a made task as it is written into the log."""
    step = m.step
    return TaskText(
        id=m.id,
        text=step.text,
        role=step.role,
        lane="safety" if m.safety else LANES[m.phase],
        kind=step.kind,
        phase=m.phase,
        source=tuple(m.source),
        predecessors=tuple(m.predecessors),
        mean_s=step.mean_s,
        variance_s2=step.variance_s2,
        resources=step.resources,
        safety=m.safety,
        irreversible=step.irreversible,
        approver=step.approver,
        approval_timeout_s=step.approval_timeout_s,
        automation=step.automation.kind if step.automation else None,
        options=dict(step.automation.options) if step.automation else {},
        expected_result=step.expected_result,
        if_fails=step.if_fails,
        rollback=step.rollback,
    )


@decides(AddTask, OPEN)
def add_task(state: State, command: AddTask, c: Context) -> Sequence[Event]:
    """Add one task at the end."""
    for p in command.predecessors:
        if p not in state.tasks:
            raise NotThere(f"there is no task {p!r}")
    task = TaskText(
        id=f"added-{len(state.tasks) + 1}",
        text=command.text,
        role=command.role,
        lane=command.lane,
        kind="act",
        phase="added",
        predecessors=command.predecessors,
        mean_s=command.likely_s,
        safety=command.lane == "safety",
    )
    return [TasksAssembled(tasks=(task,))]


@folds(TasksAssembled)
def _assembled(state: State, e: TasksAssembled, entry: Entry) -> None:
    for t in e.tasks:
        state.tasks[t.id] = Task(**t.model_dump(), order=len(state.tasks))
    for i in e.objects:
        state.strike(i, entry.happened_at, "ticked")
