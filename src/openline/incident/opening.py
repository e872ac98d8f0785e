"""From the first sign to a level in force: reporting, taking it, judging it, declaring, standing down."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from openline.incident.aid import AidAnswers, propose
from openline.incident.approval import approved, ask
from openline.incident.authority import declarers, may_declare, named
from openline.incident.command import (
    DECLARED,
    OPEN,
    Command,
    Context,
    NotAllowed,
    NotNow,
    Refused,
    decides,
    folds,
)
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import LevelChange, State
from openline.plan.document import Plan
from openline.plan.record import Name, Slug, Text

How = Literal["page", "phone", "command", "api", "trigger", "demo"]
LevelNumber = Annotated[int, Field(ge=0, le=4)]
SOON = timedelta(minutes=15)
"""How long before its moment something is due soon: it is warned of, and a level can be kept (assumed)."""
TWO_PERSONS_FROM = 3
"""From this level on a stand-down takes two persons, since arrangements are given up with it."""


class Report(Command):
    """Report a first sign; no level is in force yet."""

    title: Name
    what: Text = ""
    how: How = "page"
    exercise: bool = False
    demo: bool = False
    plan_slug: Slug
    plan_hash: str
    onset_at: AwareDatetime | None = None
    objects: tuple[Slug, ...] = ()
    scenario: Slug | None = None


@stored("incident.reported")
class IncidentReported(Event):
    """A first sign was reported."""

    title: Name
    what: Text = ""
    how: How = "page"
    exercise: bool = False
    demo: bool = False
    plan_slug: Slug
    plan_hash: str
    onset_at: AwareDatetime
    objects: tuple[Slug, ...] = ()
    scenario: Slug | None = None


class Acknowledge(Command):
    """Take the incident: somebody is on it."""


@stored("incident.acknowledged")
class IncidentAcknowledged(Event):
    """Somebody has taken it."""

    role: Slug | None = None


class AnswerAid(Command):
    """Answer the questions of the decision aid."""

    answers: AidAnswers


@stored("aid.answered")
class AidAnswered(Event):
    """The aid proposed a level."""

    answers: AidAnswers
    level: LevelNumber
    reasons: tuple[Text, ...]


class DeclareLevel(Command):
    """Declare a level, in a role that may; declaring the level in force keeps it when its time limit is near."""

    level: Annotated[int, Field(ge=1, le=4)]
    reason: Text = ""


@stored("level.declared")
class LevelDeclared(Event):
    """A level is in force. `unlisted` when who declared is not known as a holder of the role."""

    level: LevelNumber
    role: Slug | None = None
    reason: Text = ""
    unlisted: bool = False
    automatic: bool = False


@stored("level.review_fell_due")
class LevelReviewFellDue(Event):
    """The time limit of the level has passed: decide again."""

    level: LevelNumber


class Dismiss(Command):
    """Judge that it is no incident."""

    reason: Annotated[Text, Field(min_length=1)]


@stored("incident.dismissed")
class IncidentDismissed(Event):
    """It was judged to be no incident."""

    reason: Text


class StandDown(Command):
    """End the response: every criterion of the level is met, or it is said why it ends without."""

    criteria: tuple[Text, ...] = ()
    reason: Text = ""


@stored("incident.stood_down")
class IncidentStoodDown(Event):
    """The response has ended."""

    criteria: tuple[Text, ...] = ()
    reason: Text = ""
    role: Slug | None = None


class Reopen(Command):
    """Take the response up again: it came back, or was not over."""

    reason: Annotated[Text, Field(min_length=1)]


@stored("incident.reopened")
class IncidentReopened(Event):
    """The response goes on."""

    reason: Text


@decides(Report, ("new",))
def report(state: State, command: Report, c: Context) -> Sequence[Event]:
    """Open the log."""
    said = command.model_dump()
    onset = command.onset_at or c.happened_at
    if onset > c.now:
        raise Refused("the onset lies in the future: give the time at which it began, or leave it out")
    for i in command.objects:
        known_object(c, i)
    if command.scenario is not None and command.scenario not in c.plan.scenarios:
        raise Refused(f"the plan has no scenario {command.scenario!r}: take one of its own, or leave it out")
    return [IncidentReported(**{**said, "onset_at": onset})]


def known_object(c: Context, i: str) -> None:
    """Raise Refused when the plan has no such object."""
    from openline.plan.record import OBJECT_COLLECTIONS

    if not any(i in c.plan.collection(name) for name in OBJECT_COLLECTIONS):
        raise Refused(f"the plan has no object {i!r}: take one of its sites, systems, paths, vendors or queues")


@folds(IncidentReported)
def _reported(state: State, e: IncidentReported, entry: Entry) -> None:
    state.phase, state.title, state.what, state.how = "reported", e.title, e.what, e.how
    state.is_exercise, state.is_demo = e.exercise, e.demo
    state.plan_slug, state.plan_hash, state.scenario = e.plan_slug, e.plan_hash, e.scenario
    state.stamps = {"onset": e.onset_at, "detected": entry.happened_at}
    for i in e.objects:
        state.strike(i, e.onset_at, "reported")


@decides(Acknowledge, OPEN)
def acknowledge(state: State, command: Acknowledge, c: Context) -> Sequence[Event]:
    """Take it; taking it again changes nothing but the log."""
    return [IncidentAcknowledged(role=c.actor.role)]


@folds(IncidentAcknowledged)
def _acknowledged(state: State, e: IncidentAcknowledged, entry: Entry) -> None:
    state.stamps.setdefault("acknowledged", entry.happened_at)
    if e.role:
        state.roles[e.role] = entry.by


@decides(AnswerAid, OPEN)
def answer_aid(state: State, command: AnswerAid, c: Context) -> Sequence[Event]:
    """Propose a level and say why."""
    level, reasons = propose(command.answers)
    return [AidAnswered(answers=command.answers, level=level, reasons=reasons)]


@folds(AidAnswered)
def _aid(state: State, e: AidAnswered, entry: Entry) -> None:
    state.aid = (e.level, e.reasons)


@decides(DeclareLevel, OPEN)
def declare(state: State, command: DeclareLevel, c: Context) -> Sequence[Event]:
    """Put a level in force, or keep it for another time limit; who acts needs a role that may declare it."""
    if command.level == state.level and (c.actor.is_system or not may_keep(state, c.plan, c.now)):
        raise NotNow(f"level {command.level} is in force already")
    allowed, unlisted = may_declare(c, command.level)
    if not allowed:
        who = named(c.plan, command.level)
        raise NotAllowed(f"level {command.level} may be declared by: {who}. Ask one of them, in order.")
    return [
        LevelDeclared(
            level=command.level,
            role=c.actor.role,
            reason=command.reason,
            unlisted=unlisted,
            automatic=c.actor.is_system,
        )
    ]


def review_at(state: State, plan: Plan) -> datetime | None:
    """Return when the time limit of the level in force passes; None when it has none."""
    limit_s = next((x.time_limit_s for x in plan.levels.values() if x.number == state.level), None)
    if not state.level or not limit_s or state.level_declared_at is None:
        return None
    return state.level_declared_at + timedelta(seconds=limit_s)


def may_keep(state: State, plan: Plan, now: datetime) -> bool:
    """Tell whether the time limit of the level in force is near or past, so that it can be declared anew."""
    at = review_at(state, plan)
    if at is None or state.level_declared_at is None:
        return False
    return now >= at - min(SOON, (at - state.level_declared_at) / 2)


@folds(LevelDeclared)
def _declared(state: State, e: LevelDeclared, entry: Entry) -> None:
    state.level, state.level_declared_at = e.level, entry.happened_at
    state.levels.append(LevelChange(e.level, entry.happened_at, entry.by, e.role, e.reason))
    state.phase = "active" if state.phase == "reported" else state.phase
    state.stamps.setdefault("acknowledged", entry.happened_at)
    state.stamps.setdefault("declared", entry.happened_at)


@folds(LevelReviewFellDue)
def _review(state: State, e: LevelReviewFellDue, entry: Entry) -> None:
    pass


@decides(Dismiss, ("reported",))
def dismiss(state: State, command: Dismiss, c: Context) -> Sequence[Event]:
    """Close what was no incident."""
    return [IncidentDismissed(reason=command.reason)]


@folds(IncidentDismissed)
def _dismissed(state: State, e: IncidentDismissed, entry: Entry) -> None:
    state.phase = "dismissed"


@decides(StandDown, DECLARED)
def stand_down(state: State, command: StandDown, c: Context) -> Sequence[Event]:
    """End the response; from level 3 on a second person agrees first."""
    missing = [t for t in criteria_of(state, c) if t not in command.criteria and t not in state.criteria]
    missing += left_open(state)
    if missing and not command.reason:
        raise NotNow(
            f"not every criterion is met: {'; '.join(missing)}. Confirm them, or say why it ends all the same."
        )
    if not may_declare(c, state.level)[0]:
        raise NotAllowed(f"only who may declare level {state.level} may end it: {named(c.plan, state.level)}")
    if state.level >= TWO_PERSONS_FROM and not approved(state, "stand_down"):
        roles = declarers(c.plan, state.level)
        what = f"Stand down from level {state.level}"
        return [ask(state, c, "stand_down", what, roles, wait_s=None)]
    return [IncidentStoodDown(criteria=command.criteria, reason=command.reason, role=c.actor.role)]


def left_open(state: State) -> Iterator[str]:
    """Yield, in words, what the way back has begun and not finished (RST-03, RST-04)."""
    if state.backlog and state.backlog[-1].contacts:
        yield f"the backlog is worked off ({state.backlog[-1].contacts} still wait)"
    back = state.tranches[-1] if state.tranches else None
    if back is not None and (back.held or back.share < 1):
        yield f"all calls are back ({back.share:.0%} are{', on hold' if back.held else ''})"
    elif back is None and state.fallen_back:
        yield "all calls are back (they were sent away again)"
    latest = {r.what: r.differences for r in state.reconciled}
    yield from (f"records agree ({what}: {n} differences)" for what, n in latest.items() if n)


def criteria_of(state: State, c: Context) -> tuple[str, ...]:
    """Return what must be true to stand down from the level in force."""
    level = next((x for x in c.plan.levels.values() if x.number == state.level), None)
    return level.exit_criteria if level else ()


@folds(IncidentStoodDown)
def _stood_down(state: State, e: IncidentStoodDown, entry: Entry) -> None:
    state.phase, state.level = "stood_down", 0
    state.levels.append(LevelChange(0, entry.happened_at, entry.by, e.role, e.reason))
    state.stamps["stood_down"] = entry.happened_at


@decides(Reopen, ("stood_down", "dismissed"))
def reopen(state: State, command: Reopen, c: Context) -> Sequence[Event]:
    """Take it up again at the level it had last, or as reported when none was declared."""
    return [IncidentReopened(reason=command.reason)]


@folds(IncidentReopened)
def _reopened(state: State, e: IncidentReopened, entry: Entry) -> None:
    before = [x.level for x in state.levels if x.level > 0]
    state.phase, state.level = ("active", before[-1]) if before else ("reported", 0)
    # Its time limit runs anew: nobody could look at the level while it was not in force.
    state.level_declared_at = entry.happened_at if before else None
    state.criteria.clear()
    state.stamps.pop("stood_down", None)
