"""Calling the second person whose yes is waited for: each role in its turn, once."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from openline.incident.authority import leaders
from openline.incident.command import Context
from openline.incident.paging import PageOrdered, for_roles
from openline.incident.sitrep import clock
from openline.incident.state import Approval, State
from openline.plan.document import Plan

WORDS_MOST = 160


def turn_id(a: Approval) -> str:
    """Return the name of a role's turn to say yes, by which its call is known."""
    return f"{a.id}-turn-{a.turn + 1}"


def waiting(state: State) -> set[str]:
    """Return the turns in which a yes is waited for."""
    return {turn_id(a) for a in state.approvals.values() if a.state == "asked"}


def asked(state: State, c: Context) -> Iterator[PageOrdered]:
    """Yield a call to each role whose turn it is to say yes; what is asked of one role at once is one call."""
    called = {name for p in state.pages.values() for name in p.about}
    new = [a for a in state.approvals.values() if a.state == "asked" and turn_id(a) not in called]
    by_role: dict[str, list[Approval]] = {}
    for a in new:
        by_role.setdefault(_whose(state, c.plan, a), []).append(a)
    for role, of in by_role.items():
        yield from _order(state, c, role, of)


def _whose(state: State, plan: Plan, a: Approval) -> str:
    """Return the role whose turn it is; whoever leads when any second person may say yes."""
    roles = a.roles or tuple(leaders(state, plan))
    return roles[min(a.turn, len(roles) - 1)] if roles else ""


def _order(state: State, c: Context, role: str, of: Sequence[Approval]) -> Iterator[PageOrdered]:
    """Yield the call without those who asked: nobody is their own second person."""
    subject = shorten(f"Yes or no: {of[0].what}", WORDS_MOST, placeholder=" ...")
    askers = {a.asker for a in of}
    for order in for_roles(state, c, [role], "remind", subject, _text(state, c, of)):
        rungs = tuple(r for r in order.rungs if askers.isdisjoint(r))
        if rungs:
            yield order.model_copy(update={"rungs": rungs, "about": tuple(turn_id(a) for a in of)})


def _text(state: State, c: Context, of: Sequence[Approval]) -> str:
    what = "; ".join(shorten(a.what, WORDS_MOST, placeholder=" ...") for a in of[:3])
    more = f"; {len(of) - 3} more" if len(of) > 3 else ""
    ends = [a.expires_at for a in of if a.expires_at is not None]
    until = f" by {clock(min(ends), c.plan)}" if ends else ""
    return (
        f"{state.title}. A second person is asked: {what}{more}. Say yes or no in the room{until}."
        " Acknowledge by the link, or reply 1, when you are on it."
    )
