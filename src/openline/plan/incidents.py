"""Incidents that were, as the plan remembers them, and damage that was assessed."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from openline.plan.record import Entity, Money, ObjectRef, Record, Ref, RoleRef, Seconds, Slug, Text


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


class Incident(Entity):
    """Something that happened."""

    stamps: Stamps = Stamps()
    level_max: Annotated[int, Field(ge=0, le=4)] | None = None
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
