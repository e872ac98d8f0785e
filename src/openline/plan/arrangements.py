"""Arrangements: what is in place for the day something fails, and what proves it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Amount, Entity, Money, ObjectRef, Record, Ref, RoleRef, Seconds, Slug, Text


class Proof(Record):
    """How far an arrangement can be believed: claimed, tested, or proven by a measurement."""

    level: Literal["claimed", "tested", "proven"]
    on: date | None = None
    measured_s: Seconds | None = Field(None, description="Time to effect that was measured.")
    passed: bool | None = Field(None, description="Whether the last test succeeded.")
    note: Text = ""


class Arrangement(Entity):
    """A way to keep going when what it is for fails.

    `remote_work` sends agent groups home, `partner_overflow` calls an agreement out; both start after the
    organization's detection and decision time plus `time_to_effect_s`. Other options state what exists;
    the effect of a redundant system comes from the dependencies.
    """

    for_: tuple[ObjectRef, ...] = Field(alias="for", min_length=1, description="What it helps.")
    option: Literal[
        "redundancy", "failover", "remote_work", "alternate_site", "relocation", "partner_overflow", "manual",
        "deflection", "callback", "queue_priority", "hours_change", "spare", "refuel", "data_restore",
    ]  # fmt: skip
    standby: ObjectRef | None = Field(None, description="What takes over, never the same as what it is for.")
    agreement: Annotated[Slug, Ref(("agreements",))] | None = Field(
        None, description="Which agreement is called out, for partner_overflow."
    )
    capacity: Amount | None = Field(None, description="Agents, calls or share that it gives; see notes.")
    time_to_effect_s: Seconds = Field(0.0, description="From the decision until it starts to help.")
    max_sustain_s: Seconds | None = Field(None, description="How long it can last.")
    responsible_role: RoleRef | None = None
    cost: Money | None = None
    rationale: Text = Field("", description="Why this was chosen and other ways were not.")
    proof: Proof = Proof(level="claimed")
