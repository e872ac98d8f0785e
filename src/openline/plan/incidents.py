"""Incidents that were, as the plan remembers them, and damage that was assessed."""

import hashlib
import json
from datetime import UTC, date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from openline.plan.communication import Audience
from openline.plan.record import Count, Entity, Money, Name, ObjectRef, Record, Ref, RoleRef, Seconds, Slug, Text
from openline.plan.sites import SiteRef


class Stamps(Record):
    """The one clock of an incident (glossary 2.1); every time carries its zone."""

    onset: AwareDatetime | None = Field(None, description="T0")
    detected: AwareDatetime | None = Field(None, description="Td")
    acknowledged: AwareDatetime | None = Field(None, description="Ta")
    mitigated: AwareDatetime | None = Field(None, description="Tm")
    assessed: AwareDatetime | None = Field(None, description="Tv")
    declared: AwareDatetime | None = Field(None, description="Tc")
    resumed: AwareDatetime | None = Field(None, description="Tr")
    full: AwareDatetime | None = Field(None, description="Tf")
    restored: AwareDatetime | None = Field(None, description="Tx")
    stood_down: AwareDatetime | None = Field(None, description="Ts")


IncidentLevel = Annotated[int, Field(ge=0, le=4)]
Said = Annotated[Text, Field(min_length=1)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class LevelChange(Record):
    """A level that came into force."""

    at: AwareDatetime
    level: IncidentLevel
    by: RoleRef | None = None


class Decision(Record):
    """What was decided, by whom and why."""

    at: AwareDatetime
    text: Said
    by: RoleRef | None = None
    reason: Text = ""


class RollCall(Record):
    """How many were counted; who they are stands elsewhere."""

    at: AwareDatetime
    site: SiteRef | None = None
    safe: Count
    missing: Count
    able_to_work: Count | None = None


class Task(Record):
    """Something that was to be done."""

    text: Said
    role: RoleRef | None = None
    procedure: Annotated[Slug, Ref(("procedures",))] | None = None
    started_at: AwareDatetime | None = None
    done_at: AwareDatetime | None = None


class Sent(Record):
    """A message that went out."""

    at: AwareDatetime
    audience: Audience
    template: Annotated[Slug, Ref(("templates",))] | None = None
    text: Text = ""


class ArrangementState(Record):
    """What an arrangement did."""

    at: AwareDatetime
    arrangement: Annotated[Slug, Ref(("arrangements",))]
    state: Literal["called", "working", "failed", "ended"]


class LogEntry(Record):
    """A line of the log. It holds the hash of the line before it, so that nothing can be changed or taken away."""

    at: AwareDatetime
    by: Name
    text: Said
    corrects: Hash | None = Field(None, description="Hash of an earlier line that this one puts right.")
    before: Hash | None = Field(None, description="Hash of the line before; none for the first.")
    hash: Hash = Field(description="SHA-256 of the rest of this line, as `entry_hash` makes it.")


def entry_hash(entry: LogEntry) -> str:
    """Return the SHA-256 of at (UTC), by, text, corrects and before, as a JSON list."""
    stated = [entry.at.astimezone(UTC).isoformat(), entry.by, entry.text, entry.corrects, entry.before]
    return hashlib.sha256(json.dumps(stated, ensure_ascii=False).encode()).hexdigest()


class Incident(Entity):
    """Something that happened."""

    stamps: Stamps = Stamps()
    level_max: IncidentLevel | None = None
    levels: tuple[LevelChange, ...] = Field((), description="Levels in the order in which they came into force.")
    log: tuple[LogEntry, ...] = Field((), description="What was written down meanwhile, line after line.")
    decisions: tuple[Decision, ...] = ()
    roll_calls: tuple[RollCall, ...] = ()
    tasks: tuple[Task, ...] = ()
    messages: tuple[Sent, ...] = ()
    arrangements: tuple[ArrangementState, ...] = ()
    scenario: Annotated[Slug, Ref(("scenarios",))] | None = None
    objects: tuple[ObjectRef, ...] = ()
    costs: tuple[Money, ...] = ()
    report_on: date | None = Field(None, description="When the after-action report was done.")
    rta_s: Seconds | None = None
    rpa_s: Seconds | None = None


class Estimate(Record):
    """Three guesses at a time."""

    optimistic_s: Seconds
    likely_s: Seconds
    pessimistic_s: Seconds

    @model_validator(mode="after")
    def _ascends(self) -> "Estimate":
        if not self.optimistic_s <= self.likely_s <= self.pessimistic_s:
            raise ValueError("optimistic_s, likely_s and pessimistic_s must not fall")
        return self


class DamageAssessment(Entity):
    """What was found of one object."""

    incident: Annotated[Slug, Ref(("incidents",))]
    object: ObjectRef
    stage: Literal["initial", "detailed"]
    state: Literal["ok", "degraded", "unusable", "destroyed", "unknown"] = "unknown"
    safety: Text = ""
    cause: Text = ""
    spreading: bool | None = None
    action: Literal["repair", "replace", "salvage", "abandon"] | None = None
    etr: Estimate | None = Field(None, description="Time to restore.")
    assessor: RoleRef | None = None
    next_look: AwareDatetime | None = None
