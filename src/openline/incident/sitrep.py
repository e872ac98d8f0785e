"""Situation reports: drafted from the state, issued on the rhythm of the level (domain 6.3, ACT-02)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field

from openline.incident.clocks import activity_clocks
from openline.incident.command import OPEN, Command, Context, decides, folds
from openline.incident.damage import restored_by
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.roll_call import tally
from openline.incident.state import Sitrep, State
from openline.plan.document import Plan
from openline.plan.incidents import Said
from openline.plan.record import Slug, Text
from openline.plan.sections import COLLECTIONS
from openline.units import format_duration

MOST = 12
"""Lines of one kind; the pages have the rest (assumed: a report is read in two minutes)."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The four parts, one line for each thing; a person edits them before they are issued."""

    facts: str
    changes: str
    actions: str
    needs: str


def draft(state: State, plan: Plan, now: datetime) -> Draft:
    """Return the next report as the log has it; what nobody entered is not in it."""
    return Draft(*(_lines(part(state, plan, now)) for part in (_facts, _changes, _actions, _needs)))


def _lines(found: Iterator[str]) -> str:
    return "\n".join(found)[:4000]


def _first(lines: list[str]) -> Iterator[str]:
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield f"and {len(lines) - MOST} more"


def name_of(plan: Plan, object_id: str) -> str:
    """Return what people call an object."""
    return next(
        (plan.collection(c)[object_id].title for c in COLLECTIONS if object_id in plan.collection(c)), object_id
    )


def clock(at: datetime, plan: Plan) -> str:
    """Return a moment as the centre's clock shows it."""
    return f"{at.astimezone(ZoneInfo(plan.organization.tz)):%H:%M}"


def _facts(state: State, plan: Plan, now: datetime) -> Iterator[str]:
    since = state.stamps["onset"]
    level = f"Level {state.level} is in force" if state.level else "No level is declared"
    yield f"{state.title}. {level}. Began {clock(since, plan)}, {format_duration((now - since).total_seconds())} ago."
    yield from _first([_down(state, plan, i, at) for i, at in state.hit.items()] or ["Nothing is marked as down."])
    yield from _first([_left(plan, c.activity, c.rto_left_s) for c in activity_clocks(state, plan, now)])
    roll = next(reversed(state.roll_calls.values()), None)
    if roll is not None:
        t = tally(state, roll)
        yield f"People: {t['safe']} safe, {t['needs_help']} need help, {t['unknown']} not heard of."


def _down(state: State, plan: Plan, name: str, at: datetime) -> str:
    back = restored_by(state, name)
    until = f"; likely back {clock(back[0], plan)}, at worst {clock(back[1], plan)}" if back else ""
    return f"Down: {name_of(plan, name)} since {clock(at, plan)} ({state.why_hit.get(name, 'reported')}){until}."


def _left(plan: Plan, activity: str, left_s: float | None) -> str:
    title = plan.activities[activity].title
    if left_s is None:
        return f"{title}: no recovery time is stated."
    if left_s < 0:
        return f"{title}: past its recovery time by {format_duration(-left_s)}."
    return f"{title}: {format_duration(left_s)} left of its recovery time."


def _changes(state: State, plan: Plan, now: datetime) -> Iterator[str]:
    since = state.sitreps[-1].at if state.sitreps else state.stamps["onset"]
    found = [(x.at, f"level {x.level} declared" if x.level else "stood down") for x in state.levels]
    found += [(at, f"{name_of(plan, i)} marked as down") for i, at in state.ever_hit.items()]
    found += [(d.at, f"{name_of(plan, d.object)} assessed: {d.state}") for d in state.damage.values()]
    found += [(d.made_at, f"decided: {d.question} {d.choice}") for d in state.decisions.values() if d.made_at]
    found += [
        (a.invoked_at, f"arrangement {name_of(plan, a.arrangement)} invoked") for a in state.arrangements.values()
    ]
    found += [(t.at, f"{t.share:.0%} of calls routed back") for t in state.tranches]
    found += [(m.released_at, f"message to {m.audience} released") for m in state.messages.values() if m.released_at]
    lines = [f"{clock(at, plan)} {text}." for at, text in sorted(found) if at > since]
    yield from _first(lines or ["Nothing was entered since the last report."])


def _actions(state: State, plan: Plan, now: datetime) -> Iterator[str]:
    since = state.sitreps[-1].at if state.sitreps else state.stamps["onset"]
    tasks = sorted(state.tasks.values(), key=lambda t: t.order)
    done = [
        f"Done {clock(t.ended_at, plan)}: {t.text}"
        for t in tasks
        if t.state == "done" and t.ended_at and t.ended_at > since
    ]
    running = [
        f"Under way: {t.text} ({t.assignee or t.by or t.role or 'nobody named'})" for t in tasks if t.state == "running"
    ]
    stuck = [
        f"{t.state.replace('_', ' ').capitalize()}: {t.text}"
        for t in tasks
        if t.state in ("failed", "paused", "awaiting_approval")
    ]
    following = [f"Next: {t.text}" for t in tasks if t.state == "open"][:5]
    yield from _first(done)
    yield from _first([*stuck, *running])
    yield from following


def _needs(state: State, plan: Plan, now: datetime) -> Iterator[str]:
    help_for = [p for p, r in state.reports.items() if r.safe == "needs_help"]
    if help_for:
        yield f"{len(help_for)} {'person needs' if len(help_for) == 1 else 'people need'} help."
    waiting = [d for d in state.decisions.values() if d.choice is None]
    yield from _first([f"Decide{f' by {clock(d.by_at, plan)}' if d.by_at else ''}: {d.question}" for d in waiting])
    asked = [a for a in state.approvals.values() if a.state == "asked"]
    yield from _first([f"A second person's yes: {a.what}" for a in asked])
    yield from _first([f"Nobody fills: {name_of(plan, r)}" for r in unfilled(state)])


def unfilled(state: State) -> list[str]:
    """Return the roles that were called and that nobody has taken."""
    called = dict.fromkeys(p.role for p in state.pages.values() if p.role and p.ask == "acknowledge")
    return [r for r in called if r and r not in state.roles]


class IssueSitrep(Command):
    """Issue a situation report: facts, changes, actions, needs, and when the next one comes."""

    facts: Said
    changes: Text = ""
    actions: Text = ""
    needs: Text = ""
    next_in_s: Annotated[float, Field(gt=0, le=7 * 86400)] | None = None


@stored("sitrep.issued")
class SitrepIssued(Event):
    """A situation report."""

    number: int
    facts: Text
    changes: Text = ""
    actions: Text = ""
    needs: Text = ""
    next_at: AwareDatetime | None = None
    role: Slug | None = None


@stored("sitrep.fell_due")
class SitrepFellDue(Event):
    """The next situation report is due."""

    number: int


@decides(IssueSitrep, OPEN)
def issue_sitrep(state: State, command: IssueSitrep, c: Context) -> Sequence[Event]:
    """Issue the next report; without a time the level's rhythm holds."""
    level = next((x for x in c.plan.levels.values() if x.number == state.level), None)
    rhythm = command.next_in_s or (level.meeting_every_s if level else None)
    return [
        SitrepIssued(
            number=len(state.sitreps) + 1,
            facts=command.facts,
            changes=command.changes,
            actions=command.actions,
            needs=command.needs,
            next_at=c.now + timedelta(seconds=rhythm) if rhythm else None,
            role=c.actor.role,
        )
    ]


def due_at(state: State, plan: Plan) -> datetime | None:
    """Return when the next report is due: as the last one promised, else the level's rhythm from its declaration."""
    if state.sitreps:
        return state.sitreps[-1].next_at
    level = next((x for x in plan.levels.values() if x.number == state.level), None)
    if level is None or not level.meeting_every_s or state.level_declared_at is None:
        return None
    return state.level_declared_at + timedelta(seconds=level.meeting_every_s)


@folds(SitrepIssued)
def _sitrep(state: State, e: SitrepIssued, entry: Entry) -> None:
    state.sitreps.append(
        Sitrep(e.number, entry.happened_at, entry.by, e.facts, e.changes, e.actions, e.needs, e.next_at, e.role)
    )


@folds(SitrepFellDue)
def _sitrep_due(state: State, e: SitrepFellDue, entry: Entry) -> None:
    pass
