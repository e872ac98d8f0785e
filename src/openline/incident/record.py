"""What is written down on the way: notes, late entries, corrections, what is hit, stamps, how queues stand, costs."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.activation import struck_by
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
from openline.incident.state import Note, State
from openline.plan.incidents import Said
from openline.plan.record import Amount, Count, Money, Record, Slug, Text

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
    """Say what is down or can not be used, one by one or as a scenario of the plan puts it out of use."""

    objects: tuple[Slug, ...] = ()
    scenario: Slug | None = None
    why: Text = ""


@stored("objects.hit")
class ObjectsHit(Event):
    """Objects do not work; `scenario` when they were taken from one, whose procedures count from now on."""

    objects: tuple[Slug, ...]
    why: Text = ""
    scenario: Slug | None = None


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


class BookCost(Command):
    """Write down money spent."""

    what: Said
    amount: Money


@stored("cost.booked")
class CostBooked(Event):
    """Money was spent."""

    what: Text
    amount: Money


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
    wanted = [*command.objects, *_struck(c, command.scenario)]
    if not wanted:
        raise Refused("say what is down, or choose a scenario that puts something out of use in this plan")
    new = tuple(i for i in dict.fromkeys(wanted) if i not in state.hit)
    if not new and command.scenario in (None, state.scenario):
        raise NotNow("this is marked as hit already")
    return [ObjectsHit(objects=new, why=command.why, scenario=command.scenario)]


def _struck(c: Context, scenario: str | None) -> tuple[str, ...]:
    if scenario is not None and scenario not in c.plan.scenarios:
        raise Refused(f"the plan has no scenario {scenario!r}")
    return struck_by(c.plan, scenario) if scenario is not None else ()


@folds(ObjectsHit)
def _hit(state: State, e: ObjectsHit, entry: Entry) -> None:
    for i in e.objects:
        state.strike(i, entry.happened_at, e.why or "reported")
    state.scenario = e.scenario or state.scenario


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


@decides(BookCost, BEGUN)
def book(state: State, command: BookCost, c: Context) -> Sequence[Event]:
    """Write money down."""
    return [CostBooked(what=command.what, amount=command.amount)]


@folds(CostBooked)
def _booked(state: State, e: CostBooked, entry: Entry) -> None:
    state.costs.append((e.what, str(e.amount), entry.happened_at))
