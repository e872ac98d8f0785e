"""The organization that the plan is for."""

from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from openline.plan.record import Entity, Fraction, Money, Name, Record, RoleRef, Seconds, Text
from openline.plan.thresholds import Thresholds


@cache
def _zones() -> frozenset[str]:
    """Return all zones; finding them walks a directory tree, so it is done once."""
    return frozenset(available_timezones())


def _zone(name: str) -> str:
    """Return the name when it is a zone of the tz database; raises ValueError otherwise."""
    if name not in _zones():
        raise ValueError(f"{name!r} is not a time zone: write one such as Europe/London")
    return name


Zone = Annotated[str, AfterValidator(_zone)]

Sector = Literal[
    "retail", "finance", "insurance", "health", "utility", "telecom", "travel", "government",
    "public_safety", "technology", "bpo", "nonprofit", "other",
]  # fmt: skip

Framework = Literal[
    "iso22301", "nist80034", "nfpa1660", "ffiec", "dora", "hipaa", "pci", "bsi2004", "fcd", "nena", "iso18295", "copc",
]  # fmt: skip

ImpactType = Literal["customer", "financial", "reputation", "legal", "safety", "staff"]
IMPACT_TYPES: tuple[ImpactType, ...] = ("customer", "financial", "reputation", "legal", "safety", "staff")


class ResponseTimes(Record):
    """How long people need before an arrangement can start; glossary 2.1, domain 7.3 (assumed defaults)."""

    detect_s: Seconds = Field(180.0, description="From onset until someone notices.")
    acknowledge_s: Seconds = Field(0.0, description="From then until the duty officer has taken it.")
    assess_s: Seconds = Field(0.0, description="From then until the first assessment of the damage is made.")
    decide_s: Seconds = Field(720.0, description="From then until someone with authority decides.")


class ImpactScale(Record):
    """How impact is rated: from 0, none, to `highest`; `intolerable` and above ends what can be tolerated."""

    steps_s: tuple[Seconds, ...] = Field(
        (900.0, 3600.0, 14400.0, 28800.0, 86400.0, 259200.0, 604800.0, 2592000.0),
        min_length=1,
        description="Times after the onset at which every activity is rated; domain 7.1.",
    )
    highest: Annotated[int, Field(ge=1, le=10)] = 5
    intolerable: Annotated[int, Field(ge=1, le=10)] = Field(4, description="MTPD is the first step rated so.")


class RiskAppetite(Record):
    """The board's limits on what is left after treatment."""

    eal_max: Money | None = Field(None, description="Most expected loss in a year.")
    p_mtpd_breach_max: Fraction | None = Field(None, description="Most probability that any MTPD is broken in a year.")


class Organization(Entity):
    """Who runs the contact centre, where its clock is and what it serves."""

    sector: Sector = "other"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    tz: Zone = Field("UTC", description="Default zone of times in the plan.")
    jurisdictions: tuple[Name, ...] = ()
    regulators: tuple[Name, ...] = ()
    frameworks: tuple[Framework, ...] = Field((), description="What auditors will hold the plan against.")
    risk_appetite: RiskAppetite = RiskAppetite()
    service_statement: Text = ""
    plan_owner_role: RoleRef | None = Field(None, description="The one role that answers for the plan.")
    approval_authority: RoleRef | None = Field(None, description="Who approves the plan.")
    employees: Annotated[int, Field(ge=0)] | None = Field(None, description="People on the payroll.")
    loaded_hourly_cost: Money | None = Field(None, description="What a paid hour of an agent costs in all.")
    csat_weight: Fraction | None = Field(None, description="Weight of satisfaction when activities are ranked.")
    emergency_location_process: Text = Field(
        "", description="How the place of phones at home is kept right for emergency calls."
    )
    data_retention: Text = Field("", description="How long personal data of the plan is kept.")
    not_applicable: dict[str, Text] = Field(
        default_factory=dict, description="Classes, audiences or parts the centre does not need, each with the reason."
    )
    impact_scale: ImpactScale = ImpactScale()
    response: ResponseTimes = ResponseTimes()
    thresholds: Thresholds = Thresholds()
    visible_wait_s: Seconds | None = Field(None, description="A wait that customers notice as a disruption.")
