"""What is to be done in the world because of an event: a pure function from state and event to jobs.

A job is stored in the same transaction as its event and done at least once; its key is its idempotency key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from openline.incident.approval import APPROVAL_WAIT_S, ApprovalAsked, ApprovalPassedOn
from openline.incident.decisions import DecisionOpened
from openline.incident.entry import Entry
from openline.incident.event import Event
from openline.incident.messages import BEFORE_S, MessageReleased, owed_first
from openline.incident.opening import SOON, IncidentReopened, LevelDeclared, review_at
from openline.incident.paging import BATCH, PageClimbed, PageOrdered, batch, rung, wait_at
from openline.incident.reminders import NEAR, level_id, owed, sitrep_id
from openline.incident.sitrep import SitrepIssued, due_at
from openline.incident.state import State
from openline.incident.tasks import TaskStarted
from openline.incident.timers import TimerKind
from openline.plan.document import Plan

JobKind = Literal["page", "timer", "automate", "message"]


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do, `delay_s` from now; `payload` holds only words and numbers."""

    kind: JobKind
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0


def react(state: State, entry: Entry, plan: Plan) -> tuple[Job, ...]:
    """Return the jobs that an entry calls for; `state` has it folded in already."""
    reaction = REACTIONS.get(type(entry.event))
    return tuple(reaction(state, entry.event, entry, plan)) if reaction else ()


def _page(state: State, name: str, turn: int) -> Iterator[Job]:
    page = state.pages[name]
    people = len(rung(page, turn))
    for first in range(0, people, BATCH):
        if batch(state, page, turn, first):
            what = {"page": name, "turn": turn, "first": first, "bulk": people > BATCH}
            yield Job("page", f"page/{name}/{turn}/{first}", what)
    if page.ask != "inform":
        yield _timer("page", name, turn, wait_at(page, turn))


def _timer(kind: TimerKind, of: str, turn: int, delay_s: float) -> Job:
    payload = {"timer": kind, "of": of, "turn": turn}
    return Job("timer", f"timer/{kind}/{of}/{turn}", payload, max(0.0, delay_s))


def _until(moment: datetime | None, now: datetime) -> float | None:
    return None if moment is None else (moment - now).total_seconds()


def _ordered(state: State, e: PageOrdered, entry: Entry, plan: Plan) -> Iterator[Job]:
    yield from _page(state, e.page, 0)


def _climbed(state: State, e: PageClimbed, entry: Entry, plan: Plan) -> Iterator[Job]:
    yield from _page(state, e.page, e.turn)


def _asked(state: State, e: ApprovalAsked, entry: Entry, plan: Plan) -> Iterator[Job]:
    wait = _until(e.expires_at, entry.entered_at)
    yield _timer("approval", e.approval, 0, APPROVAL_WAIT_S if wait is None else wait)


def _passed_on(state: State, e: ApprovalPassedOn, entry: Entry, plan: Plan) -> Iterator[Job]:
    wait = _until(e.expires_at, entry.entered_at)
    yield _timer("approval", e.approval, e.turn, APPROVAL_WAIT_S if wait is None else wait)


def _declared(state: State, e: LevelDeclared, entry: Entry, plan: Plan) -> Iterator[Job]:
    yield from _review(state, entry, plan)
    if len(state.levels) == 1:
        # Deadlines count from the first declaration; audiences with the same one share a timer.
        for at in sorted(set(owed_first(state, plan).values())):
            wait = (at - entry.entered_at).total_seconds()
            yield _timer("deadline", f"{wait:.0f}", 0, wait)
    rest = _until(due_at(state, plan), entry.entered_at)
    if rest is not None and not state.sitreps:
        yield _timer("sitrep", "0", len(state.levels), rest)
        yield from _chased(state, sitrep_id(state), entry, plan)


def _review(state: State, entry: Entry, plan: Plan) -> Iterator[Job]:
    wait = _until(review_at(state, plan), entry.entered_at)
    if wait is not None:
        yield _timer("level", str(len(state.levels)), 0, wait)
        yield from _chased(state, level_id(state), entry, plan)


def _chased(state: State, name: str, entry: Entry, plan: Plan) -> Iterator[Job]:
    """Yield the waits for the warning of something that is owed, and for the call once it is overdue.

    Who has just entered it is in the room: nobody is told in the first minutes.
    """
    for o in owed(state, plan):
        if o.id == name:
            left = o.at - entry.entered_at
            warn = max(left - SOON, NEAR)
            if o.is_warned_of and warn < left:
                yield _timer("warning", name, len(state.levels), warn.total_seconds())
            yield _timer("call", name, len(state.levels), max(left, NEAR).total_seconds())


def _reopened(state: State, e: IncidentReopened, entry: Entry, plan: Plan) -> Iterator[Job]:
    """Yield the waits anew, since those that ended meanwhile called nobody."""
    yield from _review(state, entry, plan)
    for o in owed(state, plan):
        if o.kind != "level":
            yield from _chased(state, o.id, entry, plan)


def _started(state: State, e: TaskStarted, entry: Entry, plan: Plan) -> Iterator[Job]:
    task = state.tasks[e.task]
    if task.automation is not None:
        # Its options stay in the task: they may be longer than a job's payload can be.
        payload = {"task": task.id, "automation": task.automation}
        yield Job("automate", f"automate/{task.id}/{task.attempts}", payload)


def _decision(state: State, e: DecisionOpened, entry: Entry, plan: Plan) -> Iterator[Job]:
    wait = _until(e.by_at, entry.entered_at)
    if wait is not None:
        yield _timer("decision", e.decision, 0, wait)
        yield from _chased(state, e.decision, entry, plan)


def _sitrep(state: State, e: SitrepIssued, entry: Entry, plan: Plan) -> Iterator[Job]:
    wait = _until(e.next_at, entry.entered_at)
    if wait is not None:
        yield _timer("sitrep", str(e.number), 0, wait)
        yield from _chased(state, sitrep_id(state), entry, plan)


def _released(state: State, e: MessageReleased, entry: Entry, plan: Plan) -> Iterator[Job]:
    message = state.messages[e.message]
    yield Job("message", f"message/{e.message}", {"message": e.message, "channel": message.channel})
    if e.next_update_at is not None:
        remind = e.next_update_at - timedelta(seconds=BEFORE_S)
        yield _timer("update", e.message, 0, _until(remind, entry.entered_at) or 0.0)
        yield _timer("update", e.message, 1, _until(e.next_update_at, entry.entered_at) or 0.0)


REACTIONS: dict[type[Event], Callable[[State, Any, Entry, Plan], Iterator[Job]]] = {
    PageOrdered: _ordered,
    PageClimbed: _climbed,
    ApprovalAsked: _asked,
    ApprovalPassedOn: _passed_on,
    LevelDeclared: _declared,
    TaskStarted: _started,
    DecisionOpened: _decision,
    SitrepIssued: _sitrep,
    IncidentReopened: _reopened,
    MessageReleased: _released,
}
