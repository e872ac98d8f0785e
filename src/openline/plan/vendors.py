"""Vendors: what they promise, how they are reached, and whether they are ready themselves."""

from datetime import date
from typing import Literal

from pydantic import Field

from openline.plan.hours import Hours
from openline.plan.record import Days, Entity, Fraction, Name, Record, Seconds, Slug, Text
from openline.plan.sites import ZoneRef

Item = Literal[
    "recovery_strategy", "backup_power", "on_site_tech", "vendor_support", "failsafe_internet", "telephony",
    "remote_access", "hot_standby", "off_site", "spares",
]  # fmt: skip

QUESTIONS: dict[Item, str] = {
    "recovery_strategy": "A formal disaster recovery strategy exists and is approved.",
    "backup_power": "Battery and generator carry the centre, and the fuel is assured.",
    "on_site_tech": "Technical people are on site in every service hour.",
    "vendor_support": "Suppliers are contracted to help in an emergency.",
    "failsafe_internet": "Two internet providers, each able to carry the load.",
    "telephony": "The carrier can reroute, and treats the centre as a key customer.",
    "remote_access": "Agents can work from elsewhere.",
    "hot_standby": "Critical systems have a hot standby.",
    "off_site": "Backups and an alternate place are off site.",
    "spares": "Spares are stocked and counted.",
}
"""The ten items of readiness; requirement PLN-03, PAR-03."""


class Support(Record):
    """The support agreement."""

    agreement: Text = Field("", description="Reference of the contract.")
    hours: Hours | None = Field(None, description="24x7, 12x7, 8x5, none, or the hours themselves.")
    response_s: Seconds | None = None
    resolve_s: Seconds | None = None
    clock: Literal["ticket", "onset"] = Field("ticket", description="What the promised times count from.")


class EscalationStep(Record):
    """Somebody to turn to."""

    name: Name
    phone: Text = ""
    email: Text = ""
    after_s: Seconds | None = Field(None, description="When the one before has not helped by then.")


class Contingency(Record):
    """The vendor's own plan."""

    has_plan: bool | None = None
    evidence_text: Text = Field("", description="What was seen.")
    tested_on: date | None = None
    rto_committed_s: Seconds | None = None
    regions: tuple[Slug, ...] = ()


class Answer(Record):
    """One dated answer of a questionnaire."""

    value: Literal["yes", "partly", "no", "not_applicable"]
    remark: Text = ""
    evidence_text: Text = ""
    valid_until: date | None = None


class Questionnaire(Record):
    """The ten items as the vendor answered them; `score` is stated, or computed from the answers."""

    on: date | None = None
    score: Fraction | None = None
    answers: dict[Item, Answer] = Field(default_factory=dict, description="By item.")

    def scored(self) -> float | None:
        """Return the score: yes 1, partly a half, no 0, over the items that apply; None without answers."""
        if not self.answers:
            return self.score
        worth = {"yes": 1.0, "partly": 0.5, "no": 0.0}
        counted = [worth[a.value] for a in self.answers.values() if a.value != "not_applicable"]
        return sum(counted) / len(counted) if counted else None


class Vendor(Entity):
    """Somebody outside whose work ours depends on: carrier, provider, maker, maintainer, supplier of fuel."""

    services: tuple[Name, ...] = ()
    criticality: Literal["critical", "high", "medium", "low"] | None = None
    regions: tuple[Slug, ...] = ()
    hazard_zones: tuple[ZoneRef, ...] = ()
    parent: Slug | None = Field(None, description="Company that owns it.")
    upstream: tuple[Slug, ...] = Field((), description="Whose network or platform it stands on.")
    support: Support = Support()
    account: Text = Field("", description="Our customer number.")
    circuit_ids: tuple[Name, ...] = ()
    authorised_callers: tuple[Name, ...] = Field((), description="Roles or people of ours it listens to.")
    escalation: tuple[EscalationStep, ...] = ()
    sla_availability: Fraction | None = None
    contingency: Contingency = Contingency()
    subcontractors: tuple[Slug, ...] = ()
    clients_in_region: Literal["few", "many", "unknown"] = "unknown"
    contract_end: date | None = None
    notice_d: Days | None = None
    exit_plan: Text = ""
    questionnaire: Questionnaire = Questionnaire()
    last_call_test: date | None = None
    test_answer_s: Seconds | None = Field(None, description="How long the last test call took to be answered.")
