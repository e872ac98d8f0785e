"""What somebody who was called can do from a telephone besides answering: declare a level (domain 6.2)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.authority import declarers
from openline.incident.command import OPEN, Command, Context, NotAllowed, NotThere, decides
from openline.incident.event import Event
from openline.incident.opening import DeclareLevel, declare
from openline.incident.paging import AcknowledgePage, acknowledge_page, ladder, page_of
from openline.incident.people import Page
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.record import Slug, Text

LEVELS = (1, 2, 3, 4)


class DeclareFromCall(Command):
    """Answer a call with a level: take the call, and declare the level in a role that may."""

    page: Slug
    person: Slug
    level: Annotated[int, Field(ge=1, le=4)]
    reason: Text = ""
    how: Literal["code", "key"] = "code"


@decides(DeclareFromCall, OPEN)
def declare_from_call(state: State, command: DeclareFromCall, c: Context) -> Sequence[Event]:
    """Declare as `DeclareLevel` does, in the first role that may of those in which the person is called."""
    page = page_of(state, command.page)
    if not any(command.person in rung for rung in page.rungs):
        raise NotThere("this person was not called")
    role = _role(page, command, c)
    level = DeclareLevel(level=command.level, reason=command.reason)
    declared = declare(state, level, replace(c, actor=replace(c.actor, role=role)))
    if page.ask != "acknowledge":
        return declared
    answer = AcknowledgePage(page=page.id, person=command.person, how=command.how)
    return [*acknowledge_page(state, answer, c), *declared]


def _role(page: Page, command: DeclareFromCall, c: Context) -> str | None:
    """Return the role in which the person declares; None when none of theirs may.

    Where the plan names nobody for the level, whoever was called to take the incident may, and no one else: a roll
    call gives a code to everybody.
    """
    own, named = roles_of(page, command.person, c), declarers(c.plan, command.level)
    if not named and page.ask != "acknowledge":
        raise NotAllowed("only who was called to take the incident can declare by phone: ask one of them")
    return next((r for r in named or own if r in own), None)


def roles_of(page: Page, person: str, c: Context) -> tuple[str, ...]:
    """Return the roles in which somebody who was called acts: that of the call, then all for which they are called."""
    called = [r for r in c.plan.roles if (person,) in ladder(c.plan, r, c.now, c.stand_ins)]
    return tuple(dict.fromkeys([*([page.role] if page.role else ()), *called]))


def how_to_declare(plan: Plan, role: str) -> str:
    """Return what the message to a role says of declaring by phone; nothing when the role may declare no level."""
    own = [f"L{n}" for n in LEVELS if role in (declarers(plan, n) or (role,))]
    if not own:
        return ""
    return (
        f" To declare {', '.join(own)}: reply the code and the level (CODE {own[0]}); in a call press 9 and the level."
    )
