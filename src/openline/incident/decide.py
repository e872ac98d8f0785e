"""Deciding a command against the state: what happened because of it, or a refusal by name."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten

from openline.incident import (
    arrangements,
    asking,
    call_tree,
    closing,
    damage,
    decisions,
    messages,
    opening,
    option,
    paging,
    record,
    reminders,
    restoration,
    roll_call,
    sitrep,
    task_list,
    tasks,
    telephone,
    telling,
    timers,
)
from openline.incident.authority import duty_roles
from openline.incident.command import (
    DECIDERS,
    SYSTEM,
    TOO_EARLY,
    Actor,
    Command,
    Context,
    NotInThisPhase,
    Phase,
    Refused,
    StandIn,
)
from openline.incident.entry import FIRST, Entry, linked
from openline.incident.event import Event
from openline.incident.state import State
from openline.plan.document import Plan

NOUNS = (
    opening, paging, telephone, call_tree, roll_call, task_list, tasks, option, record, decisions, arrangements, sitrep,
    messages, telling, damage, restoration, closing, timers,
)  # fmt: skip
"""The modules whose commands and events make up an incident; importing them fills the tables."""

FARTHEST_Y = 10
"""Years from now within which every time that people give lies (assumed)."""

CALL_MOST = 600
"""Signs of what was reported that a call repeats: about four text messages (assumed); the room has all of it."""

COMMANDS: dict[str, type[Command]] = {c.__name__: c for c in DECIDERS}
"""Every command by its name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one event came to: who is named for it, and when it happened."""

    event: Event
    by: str
    happened_at: datetime


def decide(state: State, command: Command, c: Context) -> list[Event]:
    """Return the events of a command; raises Refused when it is not carried out."""
    decider, phases = DECIDERS[type(command)]
    if state.phase not in phases:
        raise NotInThisPhase(refusal(type(command), state.phase))
    _on_the_calendar(command, c)
    if c.happened_at > c.now:
        raise Refused("the time given lies in the future: leave it out, or give the time at which it happened")
    return list(decider(state, command, c))


def _on_the_calendar(command: Command, c: Context) -> None:
    """Raise Refused for a time that is a slip of the pen; at the ends of the calendar no page could show it."""
    stated = [getattr(command, name) for name in type(command).model_fields]
    for moment in [c.happened_at, *(x for x in stated if isinstance(x, datetime))]:
        if abs(moment.year - c.now.year) > FARTHEST_Y:
            raise Refused(f"the year {moment.year} can not be meant: look at the date again")


def refusal(command: type[Command], phase: Phase) -> str:
    """Return, in words, why a command is refused in a phase."""
    if phase == "new":
        return TOO_EARLY["new"]
    if command is opening.Report:
        return "this incident was reported already: report another one for something new"
    return TOO_EARLY[phase]


def carried_out(
    state: State,
    command: Command,
    plan: Plan,
    now: datetime,
    actor: Actor,
    happened_at: datetime | None = None,
    stand_ins: tuple[StandIn, ...] = (),
) -> Iterator[Entry]:
    """Carry a command out on `state`: yield its entries, each folded in already, and what follows of itself.

    Raises Refused before anything is folded.
    """
    at = happened_at or now
    c = Context(plan, now, actor, at, stand_ins)
    for event in decide(state, command, c):
        yield _added(state, event, at, now, actor.name)
    for _ in range(1000):
        follow = next(consequences(state, Context(plan, now, SYSTEM, now, stand_ins)), None)
        if follow is None:
            return
        yield _added(state, follow, now, now, SYSTEM.name)


def _added(state: State, event: Event, happened_at: datetime, now: datetime, by: str) -> Entry:
    entry = linked(state.last_seq + 1, state.last_hash or FIRST, happened_at, now, by, event)
    state.apply(entry)
    return entry


def consequences(state: State, c: Context) -> Iterator[Event]:
    """Yield what follows of itself: people called, automated tasks whose turn has come, a yes that was given."""
    yield from reminders.settled(state, c)
    if state.phase not in ("reported", "active", "restoring"):
        return
    yield from _called(state, c)
    yield from call_tree.onward(state, c)
    yield from tasks.automatic(state, c)
    yield from telling.by_hand(state, c)
    yield from asking.asked(state, c)
    yield from arrangements.agreed(state, c.plan)
    yield from _stood_down(state, c)


def _called(state: State, c: Context) -> Iterator[Event]:
    """Yield a page for each role that the level calls and that was not called yet."""
    called = {p.role for p in state.pages.values() if p.role and p.ask == "acknowledge"}
    level = next((x for x in c.plan.levels.values() if x.number == state.level), None)
    wanted = list(level.roles_called) if level is not None and state.level else []
    for role in c.plan.roles.values():
        if role.level_called is not None and role.level_called <= max(state.level, 1 if state.level else 0):
            wanted.append(role.id)
    if state.phase == "reported":
        wanted = duty_roles(c.plan)
    new = [r for r in dict.fromkeys(wanted) if r not in called and r not in state.roles]
    for name in new:
        yield from paging.for_roles(state, c, [name], "acknowledge", _subject(state), _text(state, c.plan, name))


def _subject(state: State) -> str:
    word = f"level {state.level}" if state.level else "first sign"
    return f"{state.title} ({word})"[:200]


def _text(state: State, plan: Plan, role: str) -> str:
    said = f" {shorten(state.what, CALL_MOST, placeholder=' ...')}" if state.what else ""
    stage = f"level {state.level} is declared" if state.level else "a first sign was reported"
    declare = "" if state.level else telephone.how_to_declare(plan, role)
    return f"{state.title}: {stage}.{said} Acknowledge by the link, or reply 1.{declare}"


def _stood_down(state: State, c: Context) -> Iterator[Event]:
    """Yield the stand-down once the second person has agreed to it."""
    asked = [a for a in state.approvals.values() if a.act == "stand_down"]
    if asked and asked[-1].state == "given" and state.level:
        yield opening.IncidentStoodDown(reason=f"agreed by {asked[-1].by}")
