"""Calling people: a ladder of persons for each role, climbed until somebody answers."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.command import BEGUN, OPEN, Command, Context, NotThere, Refused, StandIn, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.people import Handed, Page
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.hours import on_duty
from openline.plan.record import Name, Record, Seconds, Slug, Text
from openline.plan.roles import Escalation

Ordered = Literal["acknowledge", "roll_call", "inform", "recall"]
Ask = Literal[Ordered, "remind"]
"""What a call asks for; `remind` is of what is overdue, is answered, fills no role, and is ordered by nobody."""

WAIT_S = 180.0
"""How long a person has to answer before the next is called, when the plan does not say (domain 7.3: assumed)."""
BATCH = 100
"""People that one job hands over: few enough that a repeat after a crash is short."""
REPEATS = 1
"""How often a ladder is climbed again when nobody on it answered (assumed)."""


class OrderPage(Command):
    """Call people: by role (each its own ladder), or by name."""

    ask: Ordered = "acknowledge"
    roles: tuple[Slug, ...] = ()
    persons: tuple[Slug, ...] = ()
    teams: tuple[Slug, ...] = ()
    subject: Name
    text: Annotated[Text, Field(min_length=1)]


@stored("page.ordered")
class PageOrdered(Event):
    """People are to be called. `rungs` are climbed in order; waits in seconds; `about` is what they owe."""

    page: Slug
    ask: Ask
    role: Slug | None = None
    rungs: tuple[tuple[Slug, ...], ...]
    wait_s: Seconds = WAIT_S
    waits_s: tuple[Seconds, ...] = ()
    repeats: int = 0
    channels: tuple[Name, ...] = ()
    about: tuple[Slug, ...] = ()
    subject: Name
    text: Text


class DeliveryText(Record):
    """What became of trying to reach one person."""

    person: Slug
    channel: Name = ""
    provider: Name = ""
    ok: bool
    attempts: int = 1
    maybe_twice: bool = False
    reason: Text = ""


class RecordHanded(Command):
    """Say what the providers took; given by the worker that handed it over."""

    page: Slug
    turn: int
    deliveries: tuple[DeliveryText, ...]


@stored("page.handed")
class PageHanded(Event):
    """Providers took messages, or did not. A provider's yes is no proof that somebody read it."""

    page: Slug
    turn: int
    deliveries: tuple[DeliveryText, ...]


@stored("page.climbed")
class PageClimbed(Event):
    """Nobody answered in time, so the next are called."""

    page: Slug
    turn: int


@stored("page.exhausted")
class PageExhausted(Event):
    """Nobody on the ladder answered."""

    page: Slug


class AcknowledgePage(Command):
    """Answer a call."""

    page: Slug
    person: Slug
    how: Literal["link", "code", "key", "page", "told"] = "link"


@stored("page.acknowledged")
class PageAcknowledged(Event):
    """Somebody answered."""

    page: Slug
    person: Slug
    how: Name


class CancelPage(Command):
    """Call nobody further."""

    page: Slug
    reason: Annotated[Text, Field(min_length=1)]


@stored("page.cancelled")
class PageCancelled(Event):
    """Nobody is called further."""

    page: Slug
    reason: Text


class AssumeRole(Command):
    """Take a role of the response, as its holder or in the order of succession."""

    role: Slug
    name: Name


@stored("role.assumed")
class RoleAssumed(Event):
    """Somebody fills a role."""

    role: Slug
    name: Name


def ladder(plan: Plan, role: str, at: datetime, stand_ins: Iterable[StandIn] = ()) -> tuple[tuple[str, ...], ...]:
    """Return who is called for a role, one after the other: who stands in, who is on call, its holders in order.

    A person who left or is on leave is passed over.
    """
    found = plan.roles.get(role)
    if found is None:
        return ()
    there = on_shift(plan, role, at, stand_ins)
    active = [p for p in dict.fromkeys([*there, *found.holders]) if is_active(plan, p)]
    return tuple((p,) for p in active)


def on_shift(plan: Plan, role: str, at: datetime, stand_ins: Iterable[StandIn] = ()) -> list[str]:
    """Return who stands in for a role of the plan, then who is on call for it."""
    duty = [d.person for d in plan.roles[role].on_call if on_duty(d.hours, at, plan.organization.tz)]
    return [*(s.person for s in stand_ins if s.holds(role, at)), *duty]


def is_active(plan: Plan, person: str) -> bool:
    """Tell whether somebody is there to be called."""
    return person in plan.persons and plan.persons[person].status == "active"


def page_id(state: State, n: int = 0) -> str:
    """Return the id of the next page, or the nth after it."""
    return f"page-{len(state.pages) + 1 + n}"


def for_roles(
    state: State, c: Context, roles: Iterable[str], ask: Ask, subject: str, text: str, first: int = 0
) -> Iterator[PageOrdered]:
    """Yield a page for each role that has somebody to call."""
    n = first
    for role in roles:
        rungs = ladder(c.plan, role, c.now, c.stand_ins)
        policy = c.plan.roles[role].escalation if rungs else Escalation()
        if rungs:
            yield PageOrdered(
                page=page_id(state, n),
                ask=ask,
                role=role,
                rungs=rungs,
                wait_s=wait_of(c.plan, role),
                waits_s=policy.waits_s,
                repeats=REPEATS if policy.repeats is None else policy.repeats,
                channels=policy.channels,
                subject=subject,
                text=text,
            )
            n += 1


def wait_of(plan: Plan, role: str) -> float:
    """Return how long each person of a role has to answer: as its policy or call tree says, else the default."""
    stated_s = plan.roles[role].escalation.wait_s if role in plan.roles else None
    if stated_s is not None:
        return stated_s
    holders = set(plan.roles[role].holders) if role in plan.roles else set()
    stated = [n.timeout_s for t in plan.call_trees.values() for n in t.nodes if n.timeout_s and n.person in holders]
    return min(stated, default=WAIT_S)


@decides(OrderPage, OPEN)
def order_page(state: State, command: OrderPage, c: Context) -> Sequence[Event]:
    """Call the roles and people that are named."""
    for r in command.roles:
        if r not in c.plan.roles:
            raise Refused(f"the plan has no role {r!r}")
    found: list[Event] = list(for_roles(state, c, command.roles, command.ask, command.subject, command.text))
    named = [*command.persons, *(m for t in command.teams for m in _members(c.plan, t))]
    people = tuple(p for p in dict.fromkeys(named) if is_active(c.plan, p))
    if people:
        found.append(
            PageOrdered(
                page=page_id(state, len(found)),
                ask=command.ask,
                rungs=(people,),
                repeats=REPEATS if command.ask != "inform" else 0,
                subject=command.subject,
                text=command.text,
            )
        )
    if not found:
        raise Refused("there is nobody to call: name a role with an active holder, a team with members, or people")
    return found


def _members(plan: Plan, team: str) -> tuple[str, ...]:
    if team not in plan.teams:
        raise Refused(f"the plan has no team {team!r}")
    return plan.teams[team].members


@folds(PageOrdered)
def _ordered(state: State, e: PageOrdered, entry: Entry) -> None:
    state.pages[e.page] = Page(e.page, e.ask, e.role, e.subject, e.text, e.rungs, e.wait_s, e.repeats, entry.entered_at)
    state.pages[e.page].waits_s, state.pages[e.page].channels = e.waits_s, e.channels
    state.pages[e.page].about = e.about


def page_of(state: State, name: str) -> Page:
    """Return a page; raises NotThere."""
    if name not in state.pages:
        raise NotThere(f"there is no call {name!r} in this incident")
    return state.pages[name]


@decides(RecordHanded, BEGUN)
def record_handed(state: State, command: RecordHanded, c: Context) -> Sequence[Event]:
    """Write down what the providers said."""
    page_of(state, command.page)
    return [PageHanded(page=command.page, turn=command.turn, deliveries=command.deliveries)]


@folds(PageHanded)
def _handed(state: State, e: PageHanded, entry: Entry) -> None:
    page = state.pages[e.page]
    for d in e.deliveries:
        page.handed[d.person] = Handed(
            entry.entered_at, d.channel, d.provider, d.ok, d.attempts, d.maybe_twice, d.reason
        )


def wait_at(page: Page, turn: int) -> float:
    """Return how long the people of a turn have to answer, in seconds."""
    place = turn % len(page.rungs)
    return page.waits_s[place] if place < len(page.waits_s) else page.wait_s


def turns(page: Page) -> int:
    """Return how many times a page is sent at the most: once for each rung, then the ladder again."""
    return len(page.rungs) * (1 + page.repeats)


def rung(page: Page, turn: int) -> tuple[str, ...]:
    """Return the people of the ladder whom a turn is for."""
    return page.rungs[turn % len(page.rungs)]


def batch(state: State, page: Page, turn: int, first: int) -> tuple[str, ...]:
    """Return whom one job of a turn calls: BATCH people of the rung from `first` on, without those who answered."""
    return _unanswered(state, page, rung(page, turn)[first : first + BATCH])


def recipients(state: State, page: Page, turn: int) -> tuple[str, ...]:
    """Return whom a turn calls: the rung's people, without those who answered already."""
    return _unanswered(state, page, rung(page, turn))


def _unanswered(state: State, page: Page, people: tuple[str, ...]) -> tuple[str, ...]:
    if page.ask == "remind":
        return people if page.state == "open" else ()
    if page.ask not in ("roll_call", "recall"):
        return people
    return tuple(p for p in people if not _answered(state, p, page.ordered_at))


def _answered(state: State, person: str, since: datetime) -> bool:
    report = state.reports.get(person)
    return report is not None and report.at is not None and report.at >= since


def wait_over(state: State, page: Page, turn: int) -> Event | None:
    """Return what happens when the wait of a turn is over: the next turn, or that nobody answered."""
    if page.state != "open" or page.turn != turn:
        return None
    if turn + 1 < turns(page) and recipients(state, page, turn + 1):
        return PageClimbed(page=page.id, turn=turn + 1)
    return PageExhausted(page=page.id)


@folds(PageClimbed)
def _climbed(state: State, e: PageClimbed, entry: Entry) -> None:
    state.pages[e.page].turn = e.turn


@folds(PageExhausted)
def _exhausted(state: State, e: PageExhausted, entry: Entry) -> None:
    state.pages[e.page].state = "exhausted"


@decides(AcknowledgePage, BEGUN)
def acknowledge_page(state: State, command: AcknowledgePage, c: Context) -> Sequence[Event]:
    """Write an answer down; a second one, or a late one, is kept too."""
    page = page_of(state, command.page)
    if not any(command.person in rung for rung in page.rungs):
        raise NotThere("this person was not called")
    return [PageAcknowledged(page=page.id, person=command.person, how=command.how)]


@folds(PageAcknowledged)
def _acknowledged(state: State, e: PageAcknowledged, entry: Entry) -> None:
    page = state.pages[e.page]
    page.answers.setdefault(e.person, entry.happened_at)
    if page.ask not in ("acknowledge", "remind") or page.state not in ("open", "exhausted"):
        return
    page.state, page.by, page.answered_at = "acknowledged", e.person, entry.happened_at
    if page.ask == "acknowledge":
        if page.role:
            state.roles[page.role] = e.person
        state.stamps.setdefault("acknowledged", entry.happened_at)


@decides(CancelPage, OPEN)
def cancel_page(state: State, command: CancelPage, c: Context) -> Sequence[Event]:
    """Stop calling."""
    page = page_of(state, command.page)
    if page.state != "open":
        raise Refused(f"this call is {page.state} already")
    return [PageCancelled(page=page.id, reason=command.reason)]


@folds(PageCancelled)
def _cancelled(state: State, e: PageCancelled, entry: Entry) -> None:
    state.pages[e.page].state = "cancelled"


@decides(AssumeRole, OPEN)
def assume_role(state: State, command: AssumeRole, c: Context) -> Sequence[Event]:
    """Fill a role."""
    if command.role not in c.plan.roles:
        raise Refused(f"the plan has no role {command.role!r}")
    return [RoleAssumed(role=command.role, name=command.name)]


@folds(RoleAssumed)
def _assumed(state: State, e: RoleAssumed, entry: Entry) -> None:
    state.roles[e.role] = e.name
