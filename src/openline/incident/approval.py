"""The two-person rule: a yes that somebody else must give, with a time-out and an order of succession."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from openline.incident.command import OPEN, Command, Context, NotAllowed, NotNow, NotThere, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import Approval, State
from openline.plan.record import Name, Slug, Text

APPROVAL_WAIT_S = 900.0
"""How long a role has to say yes before the next in the order of succession is asked (assumed)."""


@stored("approval.asked")
class ApprovalAsked(Event):
    """A second person is asked. `act` is what it is for: stand_down, task:ID or message:ID."""

    approval: Slug
    act: Name
    what: Text
    roles: tuple[Slug, ...] = ()
    asked_by: Name
    person: Slug | None = None
    expires_at: AwareDatetime | None = None


class GiveApproval(Command):
    """Say yes to what somebody else asked."""

    approval: Slug


@stored("approval.given")
class ApprovalGiven(Event):
    """A second person said yes."""

    approval: Slug
    role: Slug | None = None
    account: Name


class RefuseApproval(Command):
    """Say no, and why."""

    approval: Slug
    reason: Annotated[Text, Field(min_length=1)]


@stored("approval.refused")
class ApprovalRefused(Event):
    """A second person said no."""

    approval: Slug
    reason: Text


@stored("approval.passed_on")
class ApprovalPassedOn(Event):
    """Nobody answered in time: the next role in the order of succession is asked."""

    approval: Slug
    turn: int
    expires_at: AwareDatetime | None = None


@stored("approval.lapsed")
class ApprovalLapsed(Event):
    """Nobody in the order of succession answered."""

    approval: Slug


def ask(
    state: State, c: Context, act: str, what: str, roles: Sequence[str], wait_s: float | None = APPROVAL_WAIT_S
) -> ApprovalAsked:
    """Return the question of who acts now to a second person; the first role has `wait_s` to answer."""
    return ApprovalAsked(
        approval=f"approval-{len(state.approvals) + 1}",
        act=act,
        what=what,
        roles=tuple(roles),
        asked_by=c.actor.account,
        person=c.actor.person,
        expires_at=None if wait_s is None else c.now + timedelta(seconds=wait_s),
    )


def asked_for(state: State, act: str) -> list[Approval]:
    """Return every time that a yes to this act was asked for; raises NotNow while it is."""
    found = [a for a in state.approvals.values() if a.act == act]
    if any(a.state == "asked" for a in found):
        raise NotNow("a second person has been asked already: wait for their yes, or ask them")
    return found


def approved(state: State, act: str) -> bool:
    """Tell whether a second person said yes to this act; raises NotNow while it is asked."""
    asked = asked_for(state, act)
    return any(a.state == "given" and a.asked_at == max(x.asked_at for x in asked) for a in asked)


def _asked(state: State, name: str) -> Approval:
    found = state.approvals.get(name)
    if found is None:
        raise NotThere(f"there is no approval {name!r}")
    if found.state != "asked":
        raise NotNow(f"this was {found.state} already")
    return found


@decides(GiveApproval, OPEN)
def give(state: State, command: GiveApproval, c: Context) -> Sequence[Event]:
    """Say yes, as a second person in a role that is asked."""
    found = _asked(state, command.approval)
    _second(found, c)
    return [ApprovalGiven(approval=found.id, role=c.actor.role, account=c.actor.account)]


def _second(found: Approval, c: Context) -> None:
    if c.actor.account == found.asked_by:
        raise NotAllowed("this takes two persons: somebody else must say yes")
    if found.roles and c.actor.role not in found.roles:
        raise NotAllowed(f"this is for {', '.join(found.roles)} to say: act in one of these roles, or ask them")


@decides(RefuseApproval, OPEN)
def refuse(state: State, command: RefuseApproval, c: Context) -> Sequence[Event]:
    """Say no; who asked may take it back."""
    found = _asked(state, command.approval)
    if c.actor.account != found.asked_by:
        _second(found, c)
    return [ApprovalRefused(approval=found.id, reason=command.reason)]


@folds(ApprovalAsked)
def _on_asked(state: State, e: ApprovalAsked, entry: Entry) -> None:
    state.approvals[e.approval] = Approval(
        e.approval, e.act, e.what, e.roles, 0, e.asked_by, entry.entered_at, e.expires_at, asker=e.person
    )
    task = state.tasks.get(e.act.removeprefix("task:"))
    if task is not None:
        task.state = "awaiting_approval"


@folds(ApprovalGiven)
def _on_given(state: State, e: ApprovalGiven, entry: Entry) -> None:
    found = state.approvals[e.approval]
    found.state, found.by = "given", entry.by
    task = state.tasks.get(found.act.removeprefix("task:"))
    if task is not None:
        task.state, task.approved_by = "open", entry.by


@folds(ApprovalRefused)
def _on_refused(state: State, e: ApprovalRefused, entry: Entry) -> None:
    _ended(state, e.approval, "refused")
    state.approvals[e.approval].by, state.approvals[e.approval].reason = entry.by, e.reason


def _ended(state: State, name: str, how: str) -> None:
    found = state.approvals[name]
    found.state = "refused" if how == "refused" else "lapsed"
    task = state.tasks.get(found.act.removeprefix("task:"))
    if task is not None and task.state == "awaiting_approval":
        task.state = "open"


@folds(ApprovalPassedOn)
def _on_passed(state: State, e: ApprovalPassedOn, entry: Entry) -> None:
    found = state.approvals[e.approval]
    found.turn, found.expires_at = e.turn, e.expires_at


@folds(ApprovalLapsed)
def _on_lapsed(state: State, e: ApprovalLapsed, entry: Entry) -> None:
    _ended(state, e.approval, "lapsed")
