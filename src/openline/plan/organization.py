"""The organization that the plan is for."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field

from openline.plan.record import Entity, Record, Seconds, Text


def _zone(name: str) -> str:
    """Return the name when it is a zone of the tz database; raises ValueError otherwise."""
    if name not in available_timezones():
        raise ValueError(f"{name!r} is not a time zone: write one such as Europe/London")
    return name


Zone = Annotated[str, AfterValidator(_zone)]

Sector = Literal[
    "retail", "finance", "insurance", "health", "utility", "telecom", "travel", "government",
    "public_safety", "technology", "bpo", "nonprofit", "other",
]  # fmt: skip


class ResponseTimes(Record):
    """How long people need before an arrangement can start; glossary 2.1, domain 7.3 (assumed defaults)."""

    detect_s: Seconds = Field(180.0, description="From onset until someone notices.")
    decide_s: Seconds = Field(720.0, description="From then until someone with authority decides.")


class Organization(Entity):
    """Who runs the contact centre, where its clock is and what it serves."""

    sector: Sector = "other"
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    tz: Zone = Field("UTC", description="Default zone of times in the plan.")
    jurisdictions: tuple[str, ...] = ()
    service_statement: Text = ""
    plan_owner_role: str | None = None
    response: ResponseTimes = ResponseTimes()
