"""What is written down on the way: notes, late entries, corrections, what is hit, stamps, decisions, costs, reports."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from openline.incident.command import (
    BEGUN,
    DECLARED,
    OPEN,
    Command,
    Context,
    NotNow,
    NotThere,
    Refused,
    decides,
    folds,
)
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.opening import known_object
from openline.incident.pace import last_responsible_moment
from openline.incident.state import (
    Action,
    ArrangementUse,
    Decision,
    Note,
    Sitrep,
    State,
)
from openline.plan.record import Amount, Count, Money, Name, Record, Slug, Text

Said = Annotated[Text, Field(min_length=1)]
SetByHand = Literal["mitigated", "assessed", "resumed", "full", "restored"]


class WriteNote(Command):
    """Write a line into the log; a late one says when it happened."""

    text: Said


@stored("note.written")
class NoteWritten(Event):
    """A line of the scribe."""

    text: Text


class CorrectEntry(Command):
    """Correct an entry by a new one; the old one stays."""

    seq: Annotated[int, Field(ge=1)]
    text: Said


@stored("entry.corrected")
class EntryCorrected(Event):
    """An earlier entry was not right."""

    seq: int
    text: Text


@stored("alarm.raised")
class AlarmRaised(Event):
    """Something needs a person's eyes."""

    text: Text


class RaiseAlarm(Command):
    """Call for a person's eyes; given by workers."""

    text: Said


class HitObjects(Command):
    """Say what is down or can not be used."""

    objects: Annotated[tuple[Slug, ...], Field(min_length=1)]
    why: Text = ""


@stored("objects.hit")
class ObjectsHit(Event):
    """Objects do not work."""

    objects: tuple[Slug, ...]
    why: Text = ""


class ClearObjects(Command):
    """Say what works again."""

    objects: Annotated[tuple[Slug, ...], Field(min_length=1)]


@stored("objects.cleared")
class ObjectsCleared(Event):
    """Objects work again."""

    objects: tuple[Slug, ...]


class SetStamp(Command):
    """Set one of the clock's stamps: the first mitigation, the assessment, resumed, full, restored."""

    stamp: SetByHand
    note: Text = ""


@stored("stamp.set")
class StampSet(Event):
    """A stamp of the clock, at the time it happened."""

    stamp: SetByHand
    note: Text = ""


class OpenDecision(Command):
    """Put a question; without `by_at` the last responsible moment is computed."""

    question: Said
    options: tuple[Name, ...] = ()
    facts: Text = ""
    by_at: AwareDatetime | None = None


@stored("decision.opened")
class DecisionOpened(Event):
    """Something is to be decided. `by_at` is the last responsible moment: recovery time less the work left."""

    decision: Slug
    question: Text
    options: tuple[Name, ...] = ()
    facts: Text = ""
    by_at: AwareDatetime | None = None


class MakeDecision(Command):
    """Decide, and say why."""

    decision: Slug
    choice: Name
    why: Text = ""


@stored("decision.made")
class DecisionMade(Event):
    """It is decided."""

    decision: Slug
    choice: Name
    why: Text = ""
    role: Slug | None = None


@stored("decision.fell_due")
class DecisionFellDue(Event):
    """The last responsible moment of a decision has come."""

    decision: Slug


class InvokeArrangement(Command):
    """Start an arrangement of the plan."""

    arrangement: Slug
    reason: Text = ""


@stored("arrangement.invoked")
class ArrangementInvoked(Event):
    """An arrangement is started; it may cost a fee."""

    arrangement: Slug
    reason: Text = ""
    role: Slug | None = None


class ReportArrangement(Command):
    """Say what an arrangement gives now, or that it has ended."""

    arrangement: Slug
    capacity: Amount | None = None
    ended: bool = False


@stored("arrangement.reported")
class ArrangementReported(Event):
    """An arrangement works with this capacity, or has ended."""

    arrangement: Slug
    capacity: Amount | None = None
    ended: bool = False


class QueueNow(Record):
    """A queue at one moment, as the telephone system shows it; what is not known is left out."""

    waiting: Count | None = None
    longest_wait_s: Amount | None = None
    agents_available: Count | None = None
    agents_busy: Count | None = None
    offered_15min: Count | None = None
    answered_15min: Count | None = None
    abandoned_15min: Count | None = None


class FeedSnapshot(Command):
    """Say how the queues stand now."""

    queues: Annotated[dict[Slug, QueueNow], Field(min_length=1)]


@stored("snapshot.fed")
class SnapshotFed(Event):
    """How the queues stood."""

    queues: dict[Slug, QueueNow]


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


@stored("sitrep.fell_due")
class SitrepFellDue(Event):
    """The next situation report is due."""

    number: int


class BookCost(Command):
    """Write down money spent."""

    what: Said
    amount: Money


@stored("cost.booked")
class CostBooked(Event):
    """Money was spent."""

    what: Text
    amount: Money


class NoteFinding(Command):
    """Note what went well or is to be better."""

    kind: Literal["strength", "area"] = "area"
    text: Said


@stored("finding.noted")
class FindingNoted(Event):
    """Something was learned."""

    finding: Slug
    kind: Literal["strength", "area"]
    text: Text


class AssignAction(Command):
    """Give a finding an action with an owner, a date and a retest."""

    finding: Slug
    text: Said
    owner_role: Slug | None = None
    due_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    retest: Text = ""


@stored("action.assigned")
class ActionAssigned(Event):
    """Somebody will mend it."""

    action: Slug
    finding: Slug
    text: Text
    owner_role: Slug | None = None
    due_on: str | None = None
    retest: Text = ""


class CloseIncident(Command):
    """Accept the after-action report and close."""

    reason: Text = ""


@stored("incident.closed")
class IncidentClosed(Event):
    """The after-action report was accepted."""

    reason: Text = ""


@decides(WriteNote, BEGUN)
def write_note(state: State, command: WriteNote, c: Context) -> Sequence[Event]:
    """Write a line; the log takes lines after the end too."""
    return [NoteWritten(text=command.text)]


@folds(NoteWritten)
def _note(state: State, e: NoteWritten, entry: Entry) -> None:
    state.notes.append(Note(entry.happened_at, entry.entered_at, entry.by, e.text))


@decides(CorrectEntry, BEGUN)
def correct_entry(state: State, command: CorrectEntry, c: Context) -> Sequence[Event]:
    """Correct by a new entry."""
    if command.seq > state.last_seq:
        raise NotThere(f"the log has {state.last_seq} entries")
    return [EntryCorrected(seq=command.seq, text=command.text)]


@folds(EntryCorrected)
def _corrected(state: State, e: EntryCorrected, entry: Entry) -> None:
    state.notes.append(Note(entry.happened_at, entry.entered_at, entry.by, e.text, corrects=e.seq))


@decides(RaiseAlarm, BEGUN)
def raise_alarm(state: State, command: RaiseAlarm, c: Context) -> Sequence[Event]:
    """Write an alarm."""
    return [AlarmRaised(text=command.text)]


@folds(AlarmRaised)
def _alarm(state: State, e: AlarmRaised, entry: Entry) -> None:
    state.notes.append(Note(entry.happened_at, entry.entered_at, entry.by, e.text, is_alarm=True))


@decides(HitObjects, OPEN)
def hit_objects(state: State, command: HitObjects, c: Context) -> Sequence[Event]:
    """Mark what is down."""
    for i in command.objects:
        known_object(c, i)
    new = tuple(i for i in dict.fromkeys(command.objects) if i not in state.hit)
    if not new:
        raise NotNow("this is marked as hit already")
    return [ObjectsHit(objects=new, why=command.why)]


@folds(ObjectsHit)
def _hit(state: State, e: ObjectsHit, entry: Entry) -> None:
    for i in e.objects:
        state.strike(i, entry.happened_at, e.why or "reported")


@decides(ClearObjects, OPEN)
def clear_objects(state: State, command: ClearObjects, c: Context) -> Sequence[Event]:
    """Mark what works again."""
    there = tuple(i for i in command.objects if i in state.hit)
    if not there:
        raise NotThere("none of this is marked as hit")
    return [ObjectsCleared(objects=there)]


@folds(ObjectsCleared)
def _cleared(state: State, e: ObjectsCleared, entry: Entry) -> None:
    for i in e.objects:
        state.clear(i)


@decides(SetStamp, DECLARED)
def set_stamp(state: State, command: SetStamp, c: Context) -> Sequence[Event]:
    """Set a stamp, in the order of the clock (invariant 4)."""
    at, have = c.happened_at, state.stamps
    if at < have["onset"]:
        raise Refused("this lies before the onset")
    later = {"resumed": ("full", "restored"), "full": ("restored",)}.get(command.stamp, ())
    before = {"full": ("resumed",), "restored": ("resumed", "full")}.get(command.stamp, ())
    wrong = [s for s in later if s in have and have[s] < at] + [s for s in before if s in have and have[s] > at]
    if wrong:
        raise Refused(f"{command.stamp} can not lie on that side of {wrong[0]}: look at the time again")
    return [StampSet(stamp=command.stamp, note=command.note)]


@folds(StampSet)
def _stamped(state: State, e: StampSet, entry: Entry) -> None:
    state.stamps[e.stamp] = entry.happened_at


@decides(OpenDecision, OPEN)
def open_decision(state: State, command: OpenDecision, c: Context) -> Sequence[Event]:
    """Put a question with its last responsible moment."""
    by_at = command.by_at or last_responsible_moment(state, c.plan)
    return [
        DecisionOpened(
            decision=f"decision-{len(state.decisions) + 1}",
            question=command.question,
            options=command.options,
            facts=command.facts,
            by_at=by_at,
        )
    ]


@folds(DecisionOpened)
def _question(state: State, e: DecisionOpened, entry: Entry) -> None:
    state.decisions[e.decision] = Decision(e.decision, e.question, e.options, e.facts, entry.happened_at, e.by_at)


@decides(MakeDecision, OPEN)
def make_decision(state: State, command: MakeDecision, c: Context) -> Sequence[Event]:
    """Decide once; a change of mind is a new decision."""
    found = state.decisions.get(command.decision)
    if found is None:
        raise NotThere(f"there is no decision {command.decision!r}")
    if found.choice is not None:
        raise NotNow(f"this was decided already: {found.choice}. Open a new decision to change it.")
    return [DecisionMade(decision=found.id, choice=command.choice, why=command.why, role=c.actor.role)]


@folds(DecisionMade)
def _decided(state: State, e: DecisionMade, entry: Entry) -> None:
    found = state.decisions[e.decision]
    found.choice, found.why, found.by, found.made_at = e.choice, e.why, entry.by, entry.happened_at


@folds(DecisionFellDue)
def _due(state: State, e: DecisionFellDue, entry: Entry) -> None:
    pass


@decides(InvokeArrangement, OPEN)
def invoke(state: State, command: InvokeArrangement, c: Context) -> Sequence[Event]:
    """Start an arrangement once."""
    if command.arrangement not in c.plan.arrangements:
        raise Refused(f"the plan has no arrangement {command.arrangement!r}")
    use = state.arrangements.get(command.arrangement)
    if use is not None and use.ended_at is None:
        raise NotNow("this arrangement is invoked already")
    return [ArrangementInvoked(arrangement=command.arrangement, reason=command.reason, role=c.actor.role)]


@folds(ArrangementInvoked)
def _invoked(state: State, e: ArrangementInvoked, entry: Entry) -> None:
    state.arrangements[e.arrangement] = ArrangementUse(e.arrangement, entry.happened_at, entry.by)


@decides(ReportArrangement, OPEN)
def report_arrangement(state: State, command: ReportArrangement, c: Context) -> Sequence[Event]:
    """Say what it gives."""
    use = state.arrangements.get(command.arrangement)
    if use is None or use.ended_at is not None:
        raise NotThere("this arrangement is not invoked")
    return [ArrangementReported(**command.model_dump())]


@folds(ArrangementReported)
def _arrangement(state: State, e: ArrangementReported, entry: Entry) -> None:
    use = state.arrangements[e.arrangement]
    use.capacity = e.capacity if e.capacity is not None else use.capacity
    use.working_at = use.working_at or (entry.happened_at if e.capacity else None)
    use.ended_at = entry.happened_at if e.ended else None


@decides(FeedSnapshot, OPEN)
def feed(state: State, command: FeedSnapshot, c: Context) -> Sequence[Event]:
    """Take a picture of the queues."""
    for q in command.queues:
        if q not in c.plan.activities:
            raise Refused(f"the plan has no queue {q!r}")
    return [SnapshotFed(queues=command.queues)]


@folds(SnapshotFed)
def _fed(state: State, e: SnapshotFed, entry: Entry) -> None:
    state.snapshot = {q: now.model_dump(exclude_none=True) for q, now in e.queues.items()}
    state.snapshot_at = entry.happened_at


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
        )
    ]


@folds(SitrepIssued)
def _sitrep(state: State, e: SitrepIssued, entry: Entry) -> None:
    state.sitreps.append(
        Sitrep(e.number, entry.happened_at, entry.by, e.facts, e.changes, e.actions, e.needs, e.next_at)
    )


@folds(SitrepFellDue)
def _sitrep_due(state: State, e: SitrepFellDue, entry: Entry) -> None:
    pass


@decides(BookCost, BEGUN)
def book(state: State, command: BookCost, c: Context) -> Sequence[Event]:
    """Write money down."""
    return [CostBooked(what=command.what, amount=command.amount)]


@folds(CostBooked)
def _booked(state: State, e: CostBooked, entry: Entry) -> None:
    state.costs.append((e.what, str(e.amount), entry.happened_at))


@decides(NoteFinding, BEGUN)
def note_finding(state: State, command: NoteFinding, c: Context) -> Sequence[Event]:
    """Note what was learned, any time."""
    return [FindingNoted(finding=f"finding-{len(state.findings) + 1}", kind=command.kind, text=command.text)]


@folds(FindingNoted)
def _finding(state: State, e: FindingNoted, entry: Entry) -> None:
    state.findings[e.finding] = f"{e.kind}: {e.text}"


@decides(AssignAction, BEGUN)
def assign(state: State, command: AssignAction, c: Context) -> Sequence[Event]:
    """Give a finding an action."""
    if command.finding not in state.findings:
        raise NotThere(f"there is no finding {command.finding!r}")
    if command.owner_role is not None and command.owner_role not in c.plan.roles:
        raise Refused(f"the plan has no role {command.owner_role!r}")
    return [ActionAssigned(action=f"action-{len(state.actions) + 1}", **command.model_dump())]


@folds(ActionAssigned)
def _action(state: State, e: ActionAssigned, entry: Entry) -> None:
    state.actions[e.action] = Action(e.action, e.finding, e.text, e.owner_role, e.due_on, e.retest)


@decides(CloseIncident, ("stood_down",))
def close(state: State, command: CloseIncident, c: Context) -> Sequence[Event]:
    """Accept the report; every area for improvement has an action."""
    acted = {a.finding for a in state.actions.values()}
    bare = [t for f, t in state.findings.items() if t.startswith("area") and f not in acted]
    if bare and not command.reason:
        raise NotNow(f"{len(bare)} areas to improve have no action yet: assign one to each, or say why not")
    return [IncidentClosed(reason=command.reason)]


@folds(IncidentClosed)
def _closed(state: State, e: IncidentClosed, entry: Entry) -> None:
    state.phase, state.closed_at = "closed", entry.happened_at
