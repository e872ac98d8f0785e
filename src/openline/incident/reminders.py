"""Calling whoever owes something that is overdue: a decision, a look at the level, a situation report (ACT-02, ACT-08).

Each thing is told of once: a warning to the first who owes it, where it gets one, and a call when it is overdue, which
climbs as the policy of the role says and then goes to the next roles in the order of succession.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Literal

from openline.incident.asking import waiting
from openline.incident.authority import leaders
from openline.incident.command import OPEN, Context
from openline.incident.event import Event
from openline.incident.opening import SOON, review_at
from openline.incident.paging import PageCancelled, PageOrdered, for_roles, ladder, on_shift
from openline.incident.people import Page
from openline.incident.record import AlarmRaised
from openline.incident.sitrep import clock, due_at
from openline.incident.state import State
from openline.incident.telephone import how_to_declare
from openline.plan.document import Plan

Kind = Literal["decision", "level", "sitrep"]
NEAR = timedelta(minutes=5)
"""What one person owes within this time is told in one call; nobody is called for what is newer (assumed)."""
MOST_ROLES = 3
"""Roles that are called about one thing, one after the other (assumed); then the log has an alarm."""
MOST_NAMED = 3
"""Things that one call names; the room has all (assumed: a text message or two)."""
WORDS_MOST = 120

Rungs = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Owed:
    """Something that is owed by a moment; `roles` are who owes it, in order of succession."""

    id: str
    kind: Kind
    what: str
    at: datetime
    roles: tuple[str, ...]

    @property
    def is_warned_of(self) -> bool:
        """Whether it gets a warning: not a report, which comes on a rhythm."""
        return self.kind != "sitrep"


def owed(state: State, plan: Plan) -> Iterator[Owed]:
    """Yield every decision, look at the level and situation report that has a moment, overdue or not."""
    lead = tuple(leaders(state, plan))
    for d in state.decisions.values():
        if d.choice is None and d.by_at is not None:
            roles = (d.owner_role, *lead) if d.owner_role else lead
            yield Owed(d.id, "decision", d.question, d.by_at, roles)
    at = review_at(state, plan)
    if at is not None:
        yield Owed(level_id(state), "level", f"Decide again whether level {state.level} is right", at, lead)
    at = due_at(state, plan)
    if at is not None:
        what = f"Situation report {len(state.sitreps) + 1}"
        yield Owed(sitrep_id(state), "sitrep", what, at, (*_reporters(state, plan), *lead))


def level_id(state: State) -> str:
    """Return the id of the next look at the level; a level that is declared anew is another thing."""
    return f"level-{len(state.levels)}"


def sitrep_id(state: State) -> str:
    """Return the id of the next situation report."""
    return f"sitrep-{len(state.sitreps) + 1}"


def _reporters(state: State, plan: Plan) -> list[str]:
    """Return who issued the last report; before the first, who plans (ICS) and takes part."""
    if state.sitreps and state.sitreps[-1].role:
        return [state.sitreps[-1].role]
    here = {*state.roles, *(p.role for p in state.pages.values() if p.ask == "acknowledge")}
    return [r.id for r in plan.roles.values() if r.ics_function == "planning" and r.id in here]


def warned(state: State, c: Context, name: str) -> Iterator[Event]:
    """Yield the warning of something that falls due; what else the same people owe within twice the time goes with it.

    Nothing when it is done meanwhile, or was told of.
    """
    near = [o for o in owed(state, c.plan) if o.is_warned_of and c.now < o.at <= c.now + 2 * SOON]
    new = [o for o in near if not _calls(state, o)]
    yield from (_order(state, c, role, rungs[:1], of, "inform") for role, rungs, of in _of(state, c, new, name))


def called(state: State, c: Context, name: str) -> Iterator[Event]:
    """Yield the call for something that is overdue; what else the same people owe within minutes goes with it.

    Nothing when it is done meanwhile, or somebody was called for it; an alarm when there is nobody to call.
    """
    near = [o for o in owed(state, c.plan) if o.at <= c.now + NEAR]
    new = [o for o in near if not _calls(state, o, "remind")]
    found = list(_of(state, c, new, name))
    yield from (_order(state, c, role, rungs, of, "remind") for role, rungs, of in found)
    if not found:
        alone = [o for o in new if o.id == name]
        yield from (AlarmRaised(text=f"Overdue, and the plan names nobody to call: {_named([o], c)}.") for o in alone)


def passed_on(state: State, c: Context, page: Page) -> Iterator[Event]:
    """Yield the calls to the next in the order of succession for what a call was about that nobody answered."""
    for n, (role, rungs, of) in enumerate(_groups(state, c, _left(state, c, page))):
        yield _order(state, c, role, rungs, of, "remind", n)


def narrowed(state: State, c: Context, page: Page) -> list[Event]:
    """Return what takes the place of a call that would climb though part of it is done; nothing when all is owed."""
    if page.ask != "remind" or len(_left(state, c, page)) == len(page.about):
        return []
    onward = list(passed_on(state, c, page))
    return [PageCancelled(page=page.id, reason="part of it is done"), *onward] if onward else []


def _left(state: State, c: Context, page: Page) -> list[Owed]:
    return [o for o in _unclaimed(state, c) if page.ask == "remind" and o.id in page.about]


def settled(state: State, c: Context) -> Iterator[Event]:
    """Yield an end for each call about what is owed no more: decided, declared anew, sent, or the response is over.

    Who answers one of several calls about a thing ends the others too.
    """
    calls = [p for p in state.pages.values() if p.ask == "remind" and p.state == "open"]
    if not calls:
        return
    is_over = state.phase not in OPEN
    left = set() if is_over else {o.id for o in _unclaimed(state, c)} | waiting(state)
    for p in calls:
        if left.isdisjoint(p.about):
            yield PageCancelled(page=p.id, reason="the response is over" if is_over else "it is done or taken")


def _unclaimed(state: State, c: Context) -> Iterator[Owed]:
    """Yield what is owed and what nobody who was called has said they have."""
    yield from (o for o in owed(state, c.plan) if all(p.state != "acknowledged" for p in _calls(state, o, "remind")))


Group = tuple[str, Rungs, list[Owed]]


def _of(state: State, c: Context, things: Sequence[Owed], name: str) -> Iterator[Group]:
    """Yield the group that a thing is in; none when it is not among the things."""
    yield from (g for g in _groups(state, c, things) if any(o.id == name for o in g[2]))


def _groups(state: State, c: Context, things: Sequence[Owed]) -> list[Group]:
    """Return things by whom they are told to first, so that nobody is called twice at once."""
    found: dict[str, Group] = {}
    for o in sorted(things, key=lambda o: o.at):
        whom = _next(state, c, o)
        if whom is not None:
            found.setdefault(whom[1][0][0], (*whom, []))[2].append(o)
    return list(found.values())


def _next(state: State, c: Context, o: Owed) -> tuple[str, Rungs] | None:
    """Return the next role to call and its people, without those who were called for this before."""
    before = _calls(state, o, "remind")
    told = {p for page in before for rung in page.rungs[: page.turn + 1] for p in rung}
    roles = {page.role for page in before}
    for role in o.roles:
        rungs = tuple(r for r in _rungs(state, c, role) if told.isdisjoint(r))
        if rungs and (role in roles or len(roles) < MOST_ROLES):
            return role, rungs
    return None


def _rungs(state: State, c: Context, role: str) -> Rungs:
    """Return the ladder of a role; of those on shift, who has taken the role in this incident comes first."""
    rungs, by = ladder(c.plan, role, c.now, c.stand_ins), state.roles.get(role)
    if not rungs or by is None:
        return rungs
    there = on_shift(c.plan, role, c.now, c.stand_ins) or c.plan.roles[role].holders
    has_it = [r for r in rungs if r[0] in there and by in (r[0], c.plan.persons[r[0]].title)]
    return (*has_it, *(r for r in rungs if r not in has_it))


def _calls(state: State, o: Owed, ask: str | None = None) -> list[Page]:
    return [p for p in state.pages.values() if o.id in p.about and ask in (p.ask, None)]


def _order(
    state: State,
    c: Context,
    role: str,
    rungs: Rungs,
    things: Sequence[Owed],
    ask: Literal["inform", "remind"],
    n: int = 0,
) -> PageOrdered:
    word = "Overdue" if ask == "remind" else "Due soon"
    text = f"{state.title}. {word}: {_named(things, c)}. Enter it in the room, or have it entered."
    if ask == "remind":
        text += " Acknowledge by the link, or reply 1."
        text += how_to_declare(c.plan, role) if any(o.kind == "level" for o in things) else ""
    subject = shorten(f"{word}: {things[0].what}", WORDS_MOST, placeholder=" ...")
    order = next(for_roles(state, c, [role], ask, subject, text, n))
    return order.model_copy(update={"rungs": rungs, "about": tuple(o.id for o in things)})


def _named(things: Sequence[Owed], c: Context) -> str:
    """Return things in words for a text message: the first few, each with its moment on the centre's clock."""
    found = []
    for o in things[:MOST_NAMED]:
        what = f"Decide: {o.what}" if o.kind == "decision" else o.what
        moment = f"{'since' if o.at <= c.now else 'by'} {clock(o.at, c.plan)}"
        found.append(f"{shorten(what, WORDS_MOST, placeholder=' ...')} ({moment})")
    more = [f"{len(things) - MOST_NAMED} more"] if len(things) > MOST_NAMED else []
    return "; ".join([*found, *more])
