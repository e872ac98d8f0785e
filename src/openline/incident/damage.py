"""Damage assessment by object, first and in detail; estimated restore times feed the timeline (ACT-06, MON-06)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime

from openline.incident.command import OPEN, Command, Context, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.opening import known_object
from openline.incident.state import Damage, State
from openline.plan.incidents import Estimate
from openline.plan.record import Slug, Text

Stage = Literal["initial", "detailed"]
Condition = Literal["ok", "degraded", "unusable", "destroyed", "unknown"]
BROKEN = ("unusable", "destroyed")


class AssessDamage(Command):
    """Say what was found of an object: safety first, then its state, the cause, and how long it will take."""

    object: Slug
    stage: Stage = "initial"
    state: Condition = "unknown"
    safety: Text = ""
    cause: Text = ""
    spreading: bool | None = None
    action: Literal["repair", "replace", "salvage", "abandon"] | None = None
    etr: Estimate | None = None
    next_look_at: AwareDatetime | None = None


@stored("damage.assessed")
class DamageAssessed(Event):
    """An object was looked at."""

    object: Slug
    stage: Stage
    state: Condition
    safety: Text = ""
    cause: Text = ""
    spreading: bool | None = None
    action: Literal["repair", "replace", "salvage", "abandon"] | None = None
    etr: Estimate | None = None
    next_look_at: AwareDatetime | None = None


@decides(AssessDamage, OPEN)
def assess(state: State, command: AssessDamage, c: Context) -> Sequence[Event]:
    """Write down what was found."""
    known_object(c, command.object)
    e = command.etr
    if e is not None and not e.optimistic_s <= e.likely_s <= e.pessimistic_s:
        raise Refused("the three times to restore must not fall: best case, likely, worst case")
    return [DamageAssessed(**command.model_dump())]


@folds(DamageAssessed)
def _assessed(state: State, e: DamageAssessed, entry: Entry) -> None:
    etr = (e.etr.optimistic_s, e.etr.likely_s, e.etr.pessimistic_s) if e.etr else None
    state.damage[e.object, e.stage] = Damage(
        e.object, e.stage, e.state, e.safety, e.cause, e.spreading, e.action, etr, entry.by, entry.happened_at,
        e.next_look_at,
    )  # fmt: skip
    if e.stage == "initial":
        state.stamps.setdefault("assessed", entry.happened_at)
    if e.state in BROKEN:
        state.strike(e.object, entry.happened_at, e.cause or f"assessed {e.state}")
    elif e.state == "ok":
        state.clear(e.object)


def latest(state: State, object_id: str) -> Damage | None:
    """Return the later of an object's assessments."""
    found = [d for (i, _), d in state.damage.items() if i == object_id]
    return max(found, key=lambda d: d.at, default=None)


def restored_by(state: State, object_id: str) -> tuple[datetime, datetime] | None:
    """Return (likely, worst) moment at which an object works again by its latest assessment with times."""
    found = [d for (i, _), d in state.damage.items() if i == object_id and d.etr_s is not None]
    if not found:
        return None
    last = max(found, key=lambda d: d.at)
    etr = last.etr_s or (0.0, 0.0, 0.0)
    return last.at + timedelta(seconds=etr[1]), last.at + timedelta(seconds=etr[2])


def looks_due(state: State, now: datetime) -> Iterator[Damage]:
    """Yield the assessments whose next look is overdue."""
    for d in state.damage.values():
        if d.next_look_at is not None and d.next_look_at <= now and latest(state, d.object) is d:
            yield d
