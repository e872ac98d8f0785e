"""Clocks that run by themselves: what happens when a wait is over."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Literal

from openline.incident import reminders
from openline.incident.approval import APPROVAL_WAIT_S, ApprovalLapsed, ApprovalPassedOn
from openline.incident.command import BEGUN, OPEN, Command, Context, Phase, decides
from openline.incident.decisions import DecisionFellDue
from openline.incident.event import Event
from openline.incident.messages import TELLING, MessageUpdateFellDue, owed_first, updates_owed
from openline.incident.opening import LevelReviewFellDue
from openline.incident.paging import PageClimbed, PageExhausted, wait_over
from openline.incident.record import AlarmRaised
from openline.incident.sitrep import SitrepFellDue
from openline.incident.state import State
from openline.plan.record import Name

TimerKind = Literal["page", "approval", "level", "decision", "sitrep", "warning", "call", "update", "deadline"]


class EndTimer(Command):
    """Say that a wait is over; `turn` tells a stale timer from the one that counts."""

    timer: TimerKind
    of: Name
    turn: int = 0


@decides(EndTimer, BEGUN)
def end_timer(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    """Return what comes of it; nothing when it is stale, or the response is over."""
    counts: tuple[Phase, ...] = {"page": BEGUN, "update": TELLING}.get(command.timer, OPEN)
    if state.phase not in counts:
        return []
    return list(ENDS[command.timer](state, command, c))


def _page(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    page = state.pages.get(command.of)
    found = wait_over(state, page, command.turn) if page is not None else None
    if found is None:
        return []
    if isinstance(found, PageExhausted) and page is not None and page.ask in ("acknowledge", "remind"):
        who = page.role or f"{len(page.rungs[0])} people"
        return [
            found,
            AlarmRaised(text=f"Nobody answered the call for {who}: {page.subject}. Call them by other means."),
            *reminders.passed_on(state, c, page),
        ]
    if isinstance(found, PageClimbed) and page is not None:
        return reminders.narrowed(state, c, page) or [found]
    return [found]


def _approval(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    found = state.approvals.get(command.of)
    if found is None or found.state != "asked" or found.turn != command.turn:
        return []
    if found.turn + 1 < len(found.roles):
        expires = c.now + timedelta(seconds=APPROVAL_WAIT_S)
        return [ApprovalPassedOn(approval=found.id, turn=found.turn + 1, expires_at=expires)]
    text = f"Nobody approved in time: {found.what}. Ask again, or go another way."
    return [ApprovalLapsed(approval=found.id), AlarmRaised(text=text)]


def _level(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    if str(len(state.levels)) != command.of or not state.level:
        return []
    return [LevelReviewFellDue(level=state.level)]


def _decision(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    found = state.decisions.get(command.of)
    if found is None or found.choice is not None:
        return []
    return [DecisionFellDue(decision=found.id)]


def _sitrep(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    return [SitrepFellDue(number=int(command.of) + 1)] if str(len(state.sitreps)) == command.of else []


def _warning(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    return list(reminders.warned(state, c, command.of))


def _call(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    return list(reminders.called(state, c, command.of))


def _update(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    found = state.messages.get(command.of)
    owed = updates_owed(state)
    if found is None or found.audience not in owed or owed[found.audience] != found.next_update_at:
        return []
    if command.turn == 0:
        return [MessageUpdateFellDue(message=found.id)]
    who = found.audience.replace("_", " ")
    return [AlarmRaised(text=f"The update that {who} were promised is overdue: release it now, or the last word.")]


def _deadline(state: State, command: EndTimer, c: Context) -> Sequence[Event]:
    late = [a.replace("_", " ") for a, at in owed_first(state, c.plan).items() if at <= c.now]
    if not late:
        return []
    return [AlarmRaised(text=f"Nothing was released in time to: {', '.join(late)}. Tell them now.")]


ENDS: dict[TimerKind, Callable[[State, EndTimer, Context], Sequence[Event]]] = {
    "page": _page,
    "approval": _approval,
    "level": _level,
    "decision": _decision,
    "sitrep": _sitrep,
    "warning": _warning,
    "call": _call,
    "update": _update,
    "deadline": _deadline,
}
