"""What comes next: moments by which something is due, and the one thing to do now for who looks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from openline.incident.messages import owed_first, updates_owed
from openline.incident.opening import SOON
from openline.incident.pace import before
from openline.incident.people import Report
from openline.incident.reminders import Kind, owed
from openline.incident.state import FINISHED, State, Task
from openline.plan.document import Plan

View = Literal["commander", "scribe", "lead", "executive"]
VIEWS: tuple[View, ...] = ("commander", "scribe", "lead", "executive")
QUIET = timedelta(minutes=15)
"""How long a log may stay without a note before the scribe is asked what is going on (assumed)."""


@dataclass(frozen=True, slots=True)
class Due:
    """A moment by which something must be done; `anchor` is where on the page it is done."""

    at: datetime
    what: str
    anchor: str
    is_decision: bool = False


@dataclass(frozen=True, slots=True)
class Todo:
    """Something to do, why now, and where; `task` when it is one of the list."""

    what: str
    why: str
    anchor: str
    is_urgent: bool = False
    task: str | None = None


ANCHORS: dict[Kind, str] = {"decision": "decisions", "level": "level", "sitrep": "sitrep"}


def dues(state: State, plan: Plan) -> list[Due]:
    """Return every moment by which something is due, the first first."""
    return sorted(_dues(state, plan), key=lambda d: d.at)


def _dues(state: State, plan: Plan) -> Iterator[Due]:
    for o in owed(state, plan):
        yield Due(o.at, o.what, ANCHORS[o.kind], is_decision=o.kind != "sitrep")
    for a in state.approvals.values():
        if a.state == "asked" and a.expires_at is not None:
            yield Due(a.expires_at, f"Yes or no: {a.what}", "approvals", is_decision=True)
    for audience, at in owed_first(state, plan).items():
        yield Due(at, f"Tell {audience.replace('_', ' ')} for the first time", "messages")
    for audience, at in updates_owed(state).items():
        yield Due(at, f"Promised update to {audience.replace('_', ' ')}", "messages")


def in_need(state: State) -> list[Report]:
    """Return who has said that they need help, the latest first."""
    found = [r for r in state.reports.values() if r.safe == "needs_help"]
    return sorted(found, key=lambda r: r.at.timestamp() if r.at else 0.0, reverse=True)


def todos(state: State, plan: Plan, view: View, now: datetime, role: str | None = None) -> list[Todo]:
    """Return what is to be done, the first thing first; people who need help always lead."""
    if state.phase not in ("reported", "active", "restoring"):
        return list(_afterwards(state))
    own = {"commander": _commander, "scribe": _scribe, "lead": _lead, "executive": _executive}[view]
    return [*_people(state), *own(state, plan, now, role)]


def _people(state: State) -> Iterator[Todo]:
    hurt = len(in_need(state))
    if hurt:
        who = "1 person needs help" if hurt == 1 else f"{hurt} people need help"
        yield Todo(who, "Reach them, or send those who can. Write down when it is done.", "people", is_urgent=True)


def _afterwards(state: State) -> Iterator[Todo]:
    if state.phase == "stood_down":
        yield Todo("Write the after-action report", "The response is over; what was learned is fresh now.", "log")


def _commander(state: State, plan: Plan, now: datetime, role: str | None) -> Iterator[Todo]:
    if not state.level:
        yield Todo("Decide on a level", _aid(state), "level", is_urgent=True)
    yield from _approvals(state)
    yield from _unanswered(state)
    yield from _basics(state)
    yield from _overdue(state, plan, now, decisions=True)
    yield from _ready(state, role)
    yield from _overdue(state, plan, now, decisions=False)
    yield from _unled(state, plan, role)
    yield from _uncounted(state, plan)
    yield from _elsewhere(state, plan, role)
    yield from _empty_list(state)


def _aid(state: State) -> str:
    if state.aid is None:
        return "No level is in force, so nobody but the duty roles is called."
    return f"The decision aid proposes level {state.aid[0]}: {'; '.join(state.aid[1])}."


def _approvals(state: State) -> Iterator[Todo]:
    for a in state.approvals.values():
        if a.state == "asked":
            yield Todo(f"Say yes or no: {a.what}", "A second person is asked, and work waits.", "approvals", True)


def _unanswered(state: State) -> Iterator[Todo]:
    for p in state.pages.values():
        if p.state == "exhausted" and p.ask == "acknowledge" and (p.role is None or p.role not in state.roles):
            yield Todo(f"Nobody answered: {p.role or p.subject}", "Call them by other means.", "people", is_urgent=True)


def _basics(state: State) -> Iterator[Todo]:
    if not state.hit and not state.ever_hit:
        yield Todo("Say what is down", "Without it there is no task list, and no clock runs.", "down")
    if state.hit and not state.tasks:
        yield Todo("Make the task list for what is hit", "The plan has procedures for it.", "tasks", is_urgent=True)


def _overdue(state: State, plan: Plan, now: datetime, *, decisions: bool) -> Iterator[Todo]:
    for d in dues(state, plan):
        if d.is_decision == decisions and d.at <= now + SOON and d.anchor != "approvals":
            yield Todo(
                d.what, "It is overdue." if d.at <= now else "It is due within 15 minutes.", d.anchor, d.at <= now
            )


def _ready(state: State, role: str | None) -> Iterator[Todo]:
    for task in ready_tasks(state):
        if role is None or task.role in (role, None):
            why = f"For {task.role or 'anybody'}; under way." if task.state == "running" else f"{_for(task)} can begin."
            yield Todo(task.text, why, "tasks", task.safety, task.id)


def _unled(state: State, plan: Plan, role: str | None) -> Iterator[Todo]:
    """Ask who acts for a role that nobody holds to take it."""
    if role is not None and role in plan.roles and role not in state.roles:
        yield Todo(f"Take the role {plan.roles[role].title}", "Nobody holds it, so nobody knows whom to ask.", "people")


def _uncounted(state: State, plan: Plan) -> Iterator[Todo]:
    """Ask for a roll call when a place where people are is hit and none was opened."""
    lost = [plan.sites[name].name for name in state.hit if name in plan.sites]
    if lost and len(plan.persons) > 1 and not state.roll_calls:
        yield Todo("Ask everybody whether they are safe", f"{lost[0]} is hit, and no roll call was opened.", "people")


def _elsewhere(state: State, plan: Plan, role: str | None) -> Iterator[Todo]:
    """Name the first task that others can begin: whoever leads sees that somebody does."""
    waiting = [t for t in ready_tasks(state) if role is not None and t.role not in (role, None) and t.state == "open"]
    for task in waiting[:1]:
        who = plan.roles[task.role].title if task.role in plan.roles else task.role
        nobody = "" if task.role in state.roles else " Nobody holds that role yet."
        yield Todo(f"See that this begins: {task.text}", f"It is for {who}.{nobody}", f"task-{task.id}", task.safety)


def _for(task: Task) -> str:
    return f"It is for {task.role.replace('-', ' ')} and" if task.role else "It is for whoever is free and"


def ready_tasks(state: State) -> list[Task]:
    """Return the tasks that can be worked on now, those that failed or wait first, in the order of the list."""
    first = before(state)
    done = {t.id for t in state.tasks.values() if t.state in FINISHED}
    found = [
        t
        for t in state.tasks.values()
        if t.state in ("failed", "running", "paused")
        or (t.state == "open" and all(p in done or p not in state.tasks for p in first[t.id]))
    ]
    rank = {"failed": 0, "open": 1, "paused": 2, "running": 3}
    return sorted(found, key=lambda t: (not t.safety, rank[t.state], t.order))


def _empty_list(state: State) -> Iterator[Todo]:
    if state.tasks and all(t.state in FINISHED for t in state.tasks.values()):
        what = "Begin the way back" if state.phase == "active" else "Look at the criteria to stand down"
        yield Todo(what, "Every task of the list is finished.", "level")


def _scribe(state: State, plan: Plan, now: datetime, role: str | None) -> Iterator[Todo]:
    last = max((n.at for n in state.notes if not n.is_alarm), default=None)
    if last is None:
        yield Todo("Write the first line", "Who is in the room, and what is known.", "write")
    elif now - last > QUIET:
        minutes = (now - last).total_seconds() / 60
        yield Todo("Ask what is going on, and write it down", f"The last note is {minutes:.0f} minutes old.", "write")
    for d in state.decisions.values():
        if d.choice is None:
            yield Todo(f"Write down the decision: {d.question}", "It is open.", "decisions")
    yield from _overdue(state, plan, now, decisions=False)
    yield Todo("Write down what is said", "With the time at which it happened.", "write")


def _lead(state: State, plan: Plan, now: datetime, role: str | None) -> Iterator[Todo]:
    if any(r.is_open for r in state.roll_calls.values()):
        yield Todo("Account for your people", "The roll call is open.", "people")
    yield from _unanswered(state)
    yield from _ready(state, role)
    yield from _basics(state)
    yield Todo("Stay reachable", "No task is ready; the next one shows here by itself.", "tasks")


def _executive(state: State, plan: Plan, now: datetime, role: str | None) -> Iterator[Todo]:
    found = [d for d in dues(state, plan) if d.is_decision]
    for d in found[:3]:
        yield Todo(
            d.what, "It is overdue." if d.at <= now else "It is the next thing to decide.", d.anchor, d.at <= now
        )
    if not found:
        yield Todo("Nothing waits for you", "Options and money per hour are below.", "executive")
