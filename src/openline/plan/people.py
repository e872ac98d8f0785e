"""Skills, the groups of agents who have them, teams, and the people who hold roles."""

import itertools
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.hours import Hours
from openline.plan.record import (
    Amount,
    Count,
    Dependency,
    Entity,
    Factor,
    Fraction,
    Name,
    PersonRef,
    Record,
    Ref,
    Seconds,
    Slug,
    TableFile,
    TablePath,
)
from openline.plan.sites import SiteRef


class Skill(Entity):
    """Something an agent can be trained to do."""

    training_h: Amount | None = None
    certification: Name | None = None
    technical: bool = Field(False, description="A skill of those who mend systems.")


class Language(Entity):
    """A language in which customers are served."""

    training_h: Amount | None = None
    certification: Name | None = None


class Team(Entity):
    """People who act together, in the daily work or in a response."""

    kind: Literal[
        "operations", "failover", "system_recovery", "support_recovery", "communications", "welfare", "restoration",
        "command",
    ] = "operations"  # fmt: skip
    charter: Name | None = Field(None, description="What it is for, in a sentence.")
    sites: tuple[SiteRef, ...] = ()
    lead: PersonRef | None = None
    members: tuple[PersonRef, ...] = ()
    size: Count | None = None
    activities: tuple[Annotated[Slug, Ref(("activities",))], ...] = ()
    department: Name | None = None
    lead_card_issued: date | None = Field(None, description="When its lead was given the card.")


class RampShare(Record):
    """A point of a rising curve: `share` of the people work `t_s` after the start."""

    t_s: Seconds
    share: Fraction


class Remote(Record):
    """How a group works from home when its place can not be used."""

    able_frac: Fraction = Field(description="Share with a verified home set-up.")
    verified_on: date | None = Field(None, description="When they last logged in from home.")
    ramp: tuple[RampShare, ...] = Field(min_length=1, description="Share of the able at work, by time.")
    aht_factor: Annotated[Factor, Field(gt=0)] = Field(1.0, description="Handling time at home over normal.")
    needs: tuple[Dependency, ...] = Field((), description="What they need at home, such as the VPN.")


class AgentGroup(Entity):
    """Agents of one place with the same skills; at home when `site` is not given."""

    site: SiteRef | None = Field(None, description="Where they sit; none means they work at home.")
    skills: tuple[Annotated[Slug, Ref(("skills",))], ...] = ()
    roster: Annotated[TablePath, TableFile("roster")] | None = Field(
        None, description="CSV: agents by day and interval; without it the group is not simulated."
    )
    shrinkage: Fraction = Field(0.0, description="Paid time not available, when the roster counts paid people.")
    aht_factor: Annotated[Factor, Field(gt=0)] = Field(1.0, description="Handling time over the activity's mean.")
    remote: Remote | None = None
    home_area: Slug | None = Field(None, description="Coarse area, such as a grid region or zone, where they live.")
    languages: tuple[Annotated[Slug, Ref(("languages",))], ...] = ()
    team: Annotated[Slug, Ref(("teams",))] | None = None
    headcount: Count | None = Field(None, description="People in it; the fullest interval of the roster when unknown.")
    needs: tuple[Dependency, ...] = ()


class PersonSkill(Record):
    """A skill that a person has."""

    skill: Annotated[Slug, Ref(("skills",))]
    proficiency: Fraction = 1.0
    aht_factor: Annotated[Factor, Field(gt=0)] = 1.0


class HomeSetUp(Record):
    """How a person works from home; where that is, only coarsely."""

    equipment: tuple[Name, ...] = ()
    verified_on: date | None = None
    isp: Name | None = None
    mbps: Amount | None = None
    backup_power: bool | None = None
    ramp_s: Seconds | None = None


class Address(Record):
    """A way to reach a person in an emergency."""

    channel: Literal["mobile", "landline", "sms", "email", "app", "radio", "pager", "satellite"]
    value: Name | None = Field(None, description="Number or address; may be kept elsewhere, then nothing stands here.")
    order: Annotated[int, Field(ge=1, le=20)] | None = None
    verified_on: date | None = None
    corporate_dependent: bool | None = Field(None, description="Fails when our own systems fail.")


class Person(Entity):
    """Somebody who holds a role or is called. Minimum needed: no home address, nothing medical, no secrets."""

    employer: Name | None = None
    employment: Literal["employee", "contractor", "partner"] | None = None
    team: Annotated[Slug, Ref(("teams",))] | None = None
    job: Name | None = None
    site: SiteRef | None = None
    home_area: Slug | None = Field(None, description="Coarse area only.")
    shifts: Hours | None = Field(None, description="When the person works.")
    on_site_within_min: Amount | None = Field(None, description="Minutes to the site when called outside the shift.")
    status: Literal["active", "leave", "left"] = "active"
    skills: tuple[PersonSkill, ...] = ()
    remote: HomeSetUp | None = None
    contacts: tuple[Address, ...] = ()
    has_gets_wps: bool | None = Field(None, description="Has priority calling; the PIN is never written down.")
    travel_dependence: Literal["public", "car", "walk"] | None = None


class RampAgents(Record):
    """A point of a partner's ramp: `agents` work `t_s` after the call-out."""

    t_s: Seconds
    agents: Count


def rising(points: tuple[tuple[float, float], ...]) -> bool:
    """Tell whether a curve's times ascend and its values never fall (invariant 9)."""
    return all(b[0] > a[0] and b[1] >= a[1] for a, b in itertools.pairwise(points))
