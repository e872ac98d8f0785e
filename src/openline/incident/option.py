"""An option of the forecast that is chosen: its procedure joins the task list, and its step begins when it can."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated

from pydantic import Field

from openline.incident.activation import Made, assemble
from openline.incident.command import OPEN, Command, Context, NotNow, decides
from openline.incident.event import Event
from openline.incident.record import NoteWritten
from openline.incident.state import FINISHED, State, Task
from openline.incident.task_list import TasksAssembled, TaskText, as_text, not_listed, procedure_of
from openline.incident.tasks import INSTEAD, TaskStarted, asks, ready
from openline.plan.procedures import Procedure
from openline.plan.record import Slug, Text


class StartOption(Command):
    """Choose an option: start the step of its procedure, or put its words on the list when the plan has none."""

    title: Annotated[Text, Field(min_length=1, max_length=1000)]
    procedure: Slug | None = None
    step: Slug | None = None


@decides(StartOption, OPEN)
def start_option(state: State, command: StartOption, c: Context) -> Sequence[Event]:
    """Note the choice, add what the list lacks, and begin the step unless something comes first.

    A step that another option has begun or finished already, such as routing other numbers, is asked for anew.
    """
    chosen = f"Chosen of what can be done now: {command.title}."
    if command.procedure is None:
        return [NoteWritten(text=chosen), _by_hand(state, command.title)]
    procedure = procedure_of(c.plan, command.procedure)
    wanted = _source(procedure, command.step)
    listed = next((t for t in state.tasks.values() if wanted in t.source), None)
    if listed is not None and listed.state != "open":
        if any(n.text.startswith(chosen) for n in state.notes):
            raise NotNow(f"{listed.text!r} is in the list already: {INSTEAD[listed.state]}")
        return [NoteWritten(text=chosen), _by_hand(state, command.title, listed)]
    new = not_listed(state, assemble(c.plan, [procedure]))
    added = [TasksAssembled(tasks=tuple(as_text(m) for m in new))] if new else []
    begun = _begun(state, listed, c) if listed is not None else _begun_new(state, new, wanted)
    later = "" if begun else " Its step begins when what comes before it is finished."
    return [NoteWritten(text=chosen + later), *added, *begun]


def _by_hand(state: State, title: str, like: Task | None = None) -> TasksAssembled:
    if any(t.text == title and t.state not in FINISHED for t in state.tasks.values()):
        raise NotNow(f"{title!r} is in the list already")
    role, lane = (like.role, like.lane) if like is not None else (None, "mitigate")
    name = f"added-{len(state.tasks) + 1}"
    return TasksAssembled(tasks=(TaskText(id=name, text=title, role=role, lane=lane, kind="act", phase="added"),))


def _source(procedure: Procedure, step: str | None) -> str:
    return f"{procedure.id}/{step or procedure.in_order()[0].id}"


def _begun(state: State, task: Task, c: Context) -> list[Event]:
    if task.state != "open" or not ready(state, task):
        return []
    return [asks(state, task, c) or TaskStarted(task=task.id)]


def _begun_new(state: State, new: Iterable[Made], wanted: str) -> list[Event]:
    """Begin a step that joins the list only now; one that needs a yes, or begins by itself, is left to its turn."""
    first = [*_unfinished_safety(state), *(m.id for m in new if m.safety)]
    for m in new:
        step = m.step
        by_people = not (step.automation or step.irreversible or step.approver)
        if wanted in m.source and by_people and not m.predecessors and (m.safety or not first):
            return [TaskStarted(task=m.id)]
    return []


def _unfinished_safety(state: State) -> Iterator[str]:
    yield from (t.id for t in state.tasks.values() if t.safety and t.state not in FINISHED)
