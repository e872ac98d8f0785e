"""Partners who take contacts, and the agreements that say how many and how soon."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.people import RampAgents
from openline.plan.record import Count, Dependency, Entity, Factor, Ref, Seconds, Slug


class Partner(Entity):
    """An outsourcer or a sister centre."""

    sites: tuple[str, ...] = ()
    needs: tuple[Dependency, ...] = ()


class OverflowAgreement(Entity):
    """What a partner has promised to take."""

    partner: Annotated[Slug, Ref(("partners",))]
    agents_contracted: Count
    skills: tuple[Annotated[Slug, Ref(("skills",))], ...] = Field(min_length=1)
    notice_s: Seconds = Field(description="From the call-out until the first agent works.")
    ramp: tuple[RampAgents, ...] = Field(min_length=1)
    max_duration_s: Seconds | None = None
    priority: Literal["dedicated", "reserved", "best_effort"] = "best_effort"
    overflow_after_s: Seconds = Field(0.0, description="A contact goes to the partner after this wait.")
    aht_factor: Annotated[Factor, Field(gt=0)] = 1.0
    expires: date | None = None
    last_test: date | None = None
    needs: tuple[Dependency, ...] = ()
