"""Tasks: worked by people and by automated steps, in their order, nothing skipped without a reason."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field

from openline.incident.approval import APPROVAL_WAIT_S, approved, ask
from openline.incident.command import (
    DECLARED,
    OPEN,
    Command,
    Context,
    NotNow,
    NotThere,
    decides,
    folds,
)
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.pace import before
from openline.incident.state import FINISHED, State, Task, TaskState
from openline.plan.document import Plan
from openline.plan.record import Name, Slug, Text

Reason = Annotated[Text, Field(min_length=1)]


class _OfTask(Command):
    task: Slug


class StartTask(_OfTask):
    """Begin; `override` says why it begins before what should come first."""

    override: Text = ""


@stored("task.started")
class TaskStarted(Event):
    """Somebody, or an automated step, has begun."""

    task: Slug
    override: Text = ""


class CompleteTask(_OfTask):
    """Say that it is done, and with which result."""

    result: Text = ""
    override: Text = ""


@stored("task.completed")
class TaskCompleted(Event):
    """It is done."""

    task: Slug
    result: Text = ""
    override: Text = ""


class FailTask(_OfTask):
    """Say that it did not work."""

    reason: Reason


@stored("task.failed")
class TaskFailed(Event):
    """It did not work."""

    task: Slug
    reason: Text


class SkipTask(_OfTask):
    """Leave it out, for a reason."""

    reason: Reason


@stored("task.skipped")
class TaskSkipped(Event):
    """It is left out."""

    task: Slug
    reason: Text


class RetryTask(_OfTask):
    """Take it up again."""

    reason: Text = ""


@stored("task.retried")
class TaskRetried(Event):
    """It is open again."""

    task: Slug
    reason: Text = ""


class PauseTask(_OfTask):
    """Hold it."""

    reason: Reason


@stored("task.paused")
class TaskPaused(Event):
    """It is held."""

    task: Slug
    reason: Text


class ResumeTask(_OfTask):
    """Go on with it, for a reason."""

    reason: Reason


@stored("task.resumed")
class TaskResumed(Event):
    """It goes on."""

    task: Slug
    reason: Text


class RollBackTask(_OfTask):
    """Undo it."""

    reason: Reason


@stored("task.rolled_back")
class TaskRolledBack(Event):
    """It was undone."""

    task: Slug
    reason: Text


class AssignTask(_OfTask):
    """Give it to somebody."""

    to: Name


@stored("task.assigned")
class TaskAssigned(Event):
    """It is somebody's."""

    task: Slug
    to: Name


ALLOWED: dict[TaskState, tuple[type[_OfTask], ...]] = {
    "open": (StartTask, CompleteTask, FailTask, SkipTask, AssignTask),
    "awaiting_approval": (SkipTask, AssignTask),
    "running": (CompleteTask, FailTask, SkipTask, PauseTask, AssignTask),
    "paused": (ResumeTask, FailTask, SkipTask, AssignTask),
    "done": (RollBackTask, RetryTask),
    "failed": (RetryTask, SkipTask, RollBackTask, AssignTask),
    "skipped": (RetryTask,),
    "rolled_back": (RetryTask,),
}
"""What can be done with a task in each state; everything else is refused by name."""

INSTEAD: dict[TaskState, str] = {
    "open": "it has not begun",
    "awaiting_approval": "it waits for a second person's yes",
    "running": "it is under way",
    "paused": "it is held: resume it first",
    "done": "it is done",
    "failed": "it failed: retry, skip or undo it",
    "skipped": "it was left out: take it up again first",
    "rolled_back": "it was undone: take it up again first",
}


def _task(state: State, command: _OfTask) -> Task:
    found = state.tasks.get(command.task)
    if found is None:
        raise NotThere(f"there is no task {command.task!r}")
    if type(command) not in ALLOWED[found.state]:
        raise NotNow(f"{_verb(command)} {found.text!r}: {INSTEAD[found.state]}")
    return found


def _verb(command: Command) -> str:
    return "can not " + type(command).__name__.removesuffix("Task").lower().replace("rollback", "undo")


def ready(state: State, task: Task) -> bool:
    """Tell whether everything that comes first is finished."""
    return not blockers(state, task)


def blockers(state: State, task: Task) -> list[Task]:
    """Return what must be finished first: its predecessors, and every safety task when it is none itself."""
    names = dict.fromkeys(before(state)[task.id])
    return [state.tasks[n] for n in names if n in state.tasks and state.tasks[n].state not in FINISHED]


def _in_turn(state: State, task: Task, override: str) -> None:
    first = blockers(state, task)
    if first and not override:
        texts = "; ".join(repr(t.text) for t in first[:3])
        raise NotNow(f"{texts} come{'s' * (len(first) == 1)} first. Finish or skip them, or say why this can not wait.")


@decides(StartTask, OPEN)
def start_task(state: State, command: StartTask, c: Context) -> Sequence[Event]:
    """Begin a task; one that can not be undone takes a second person's yes first."""
    task = _task(state, command)
    _in_turn(state, task, command.override)
    asked = asks(state, task, c)
    return [asked] if asked is not None else [TaskStarted(task=task.id, override=command.override)]


def asks(state: State, task: Task, c: Context) -> Event | None:
    """Return the question to a second person when the task needs one and has no yes yet."""
    if not (task.irreversible or task.approver) or task.approved_by or approved(state, f"task:{task.id}"):
        return None
    wait_s = task.approval_timeout_s or APPROVAL_WAIT_S
    return ask(state, c, f"task:{task.id}", task.text, succession(c.plan, task), wait_s)


def succession(plan: Plan, task: Task) -> tuple[str, ...]:
    """Return the roles that may approve a task: the one it names, then command, in order."""
    command = [r.id for r in plan.roles.values() if r.ics_function == "command"]
    return tuple(dict.fromkeys([*([task.approver] if task.approver else []), *command]))


@decides(CompleteTask, OPEN)
def complete_task(state: State, command: CompleteTask, c: Context) -> Sequence[Event]:
    """Finish a task; one that was never begun is begun and finished at once."""
    task = _task(state, command)
    if task.state == "open":
        _in_turn(state, task, command.override)
        asked = asks(state, task, c)
        if asked is not None:
            return [asked]
    return [TaskCompleted(task=task.id, result=command.result, override=command.override)]


@decides(FailTask, OPEN)
def fail_task(state: State, command: FailTask, c: Context) -> Sequence[Event]:
    """Say that it did not work."""
    return [TaskFailed(task=_task(state, command).id, reason=command.reason)]


@decides(SkipTask, OPEN)
def skip_task(state: State, command: SkipTask, c: Context) -> Sequence[Event]:
    """Leave it out."""
    return [TaskSkipped(task=_task(state, command).id, reason=command.reason)]


@decides(RetryTask, OPEN)
def retry_task(state: State, command: RetryTask, c: Context) -> Sequence[Event]:
    """Open it again."""
    return [TaskRetried(task=_task(state, command).id, reason=command.reason)]


@decides(PauseTask, OPEN)
def pause_task(state: State, command: PauseTask, c: Context) -> Sequence[Event]:
    """Hold it."""
    return [TaskPaused(task=_task(state, command).id, reason=command.reason)]


@decides(ResumeTask, OPEN)
def resume_task(state: State, command: ResumeTask, c: Context) -> Sequence[Event]:
    """Go on."""
    return [TaskResumed(task=_task(state, command).id, reason=command.reason)]


@decides(RollBackTask, DECLARED)
def roll_back_task(state: State, command: RollBackTask, c: Context) -> Sequence[Event]:
    """Undo it, when it can be undone."""
    task = _task(state, command)
    if task.irreversible and task.state == "done":
        raise NotNow(f"{task.text!r} can not be undone")
    return [TaskRolledBack(task=task.id, reason=command.reason)]


@decides(AssignTask, OPEN)
def assign_task(state: State, command: AssignTask, c: Context) -> Sequence[Event]:
    """Give it to somebody."""
    return [TaskAssigned(task=_task(state, command).id, to=command.to)]


@folds(TaskStarted)
def _started(state: State, e: TaskStarted, entry: Entry) -> None:
    task = state.tasks[e.task]
    task.state, task.by, task.started_at = "running", entry.by, entry.happened_at
    task.attempts += 1
    task.note = e.override or task.note


@folds(TaskCompleted)
def _completed(state: State, e: TaskCompleted, entry: Entry) -> None:
    task = state.tasks[e.task]
    task.started_at = task.started_at or entry.happened_at
    task.state, task.by, task.ended_at, task.note = "done", entry.by, entry.happened_at, e.result or e.override


@folds(TaskFailed)
def _failed(state: State, e: TaskFailed, entry: Entry) -> None:
    task = state.tasks[e.task]
    task.state, task.by, task.ended_at, task.note = "failed", entry.by, entry.happened_at, e.reason


@folds(TaskSkipped)
def _skipped(state: State, e: TaskSkipped, entry: Entry) -> None:
    task = state.tasks[e.task]
    for a in state.approvals.values():
        if a.act == f"task:{task.id}" and a.state == "asked":
            a.state = "lapsed"
    task.state, task.by, task.ended_at, task.note = "skipped", entry.by, entry.happened_at, e.reason


@folds(TaskRetried)
def _retried(state: State, e: TaskRetried, entry: Entry) -> None:
    task = state.tasks[e.task]
    task.state, task.approved_by, task.started_at, task.ended_at, task.note = "open", None, None, None, e.reason


@folds(TaskPaused)
def _paused(state: State, e: TaskPaused, entry: Entry) -> None:
    state.tasks[e.task].state, state.tasks[e.task].note = "paused", e.reason


@folds(TaskResumed)
def _resumed(state: State, e: TaskResumed, entry: Entry) -> None:
    state.tasks[e.task].state, state.tasks[e.task].note = "running", e.reason


@folds(TaskRolledBack)
def _rolled_back(state: State, e: TaskRolledBack, entry: Entry) -> None:
    task = state.tasks[e.task]
    task.state, task.by, task.ended_at, task.note = "rolled_back", entry.by, entry.happened_at, e.reason


@folds(TaskAssigned)
def _assigned(state: State, e: TaskAssigned, entry: Entry) -> None:
    state.tasks[e.task].assignee = e.to


def automatic(state: State, c: Context) -> Iterator[Event]:
    """Yield what automated tasks do by themselves once everything before them is finished."""
    waiting = [t for t in state.tasks.values() if t.automation and t.state == "open" and not t.attempts]
    for task in waiting:
        if not ready(state, task):
            continue
        if any(
            a.act == f"task:{task.id}" and a.state in ("asked", "refused", "lapsed") for a in state.approvals.values()
        ):
            continue
        yield asks(state, task, c) or TaskStarted(task=task.id)
