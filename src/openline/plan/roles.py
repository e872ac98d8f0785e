"""Roles of the response, who holds them, and the tree by which people are called."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.hours import Hours
from openline.plan.record import Entity, Fraction, Money, PersonRef, Record, Ref, Seconds, Slug, Text
from openline.plan.sites import SiteRef

Way = Literal["mobile", "landline", "sms", "email", "app", "radio", "pager", "satellite"]
CourseRef = Annotated[Slug, Ref(("courses",))]


class Authority(Record):
    """What a role may decide by itself, in writing."""

    declare_level_max: Annotated[int, Field(ge=0, le=4)] | None = None
    spend_limit: Money | None = None
    media: bool | None = Field(None, description="May speak to the press.")
    shutdown: bool | None = Field(None, description="May switch systems or plant off.")


class Duty(Record):
    """Hours of the week in which a person is on call."""

    person: PersonRef
    hours: Hours


class Escalation(Record):
    """How the holders of a role are called: how long each has to answer, how often all are called again, which ways."""

    wait_s: Seconds | None = Field(None, description="How long each person has to answer.")
    waits_s: tuple[Seconds, ...] = Field((), description="The same for the first, the second and so on.")
    repeats: Annotated[int, Field(ge=0, le=20)] | None = Field(
        None, description="How often the list is gone through again when nobody answered."
    )
    channels: tuple[Way, ...] = Field((), description="Ways that are tried first, in this order.")


class ContinuityRole(Entity):
    """A part in the response, its holder and those who step in, in order."""

    ics_function: (
        Literal["command", "safety", "public_information", "liaison", "operations", "planning", "logistics", "finance"]
        | None
    ) = None
    key: bool = Field(True, description="The plan can not do without it.")
    level_called: Annotated[int, Field(ge=0, le=4)] | None = Field(None, description="From this level on.")
    primary: PersonRef | None = None
    alternates: tuple[PersonRef, ...] = Field((), description="In the order in which they step in.")
    authority: Authority | None = Field(None, description="What it may decide; in writing.")
    location: SiteRef | None = Field(None, description="Where its holder must be.")
    on_call: tuple[Duty, ...] = Field((), description="Who is on call when; empty when nobody is.")
    on_call_hours: Hours | None = Field(None, description="Hours that the rota must cover.")
    escalation: Escalation = Field(Escalation(), description="How its holders are called.")
    card: Text = Field("", description="Text of the role's card.")
    required_training: tuple[CourseRef, ...] = ()

    @property
    def holders(self) -> tuple[str, ...]:
        """Primary and alternates, in order of succession."""
        return ((self.primary,) if self.primary else ()) + self.alternates


class CallNode(Record):
    """One caller of a call tree and whom they call."""

    person: PersonRef
    children: tuple[PersonRef, ...] = ()
    fallback: PersonRef | None = Field(None, description="Who calls the children when this person can not be reached.")
    script: Text = ""
    channels: tuple[Way, ...] = ()
    retries: Annotated[int, Field(ge=0, le=20)] = 0
    timeout_s: Seconds | None = None


class ReachTarget(Record):
    """How many are to be reached, and how soon."""

    share: Fraction
    within_s: Seconds


class TreeDrill(Record):
    """What the last drill of the tree measured."""

    on: date | None = None
    reached_frac: Fraction | None = None
    within_s: Seconds | None = None
    accuracy_frac: Fraction | None = Field(None, description="Share that relayed the message rightly.")


class CallTree(Entity):
    """Who calls whom, so that everybody hears."""

    root: PersonRef
    nodes: tuple[CallNode, ...] = Field(min_length=1)
    target: ReachTarget | None = None
    drill: TreeDrill = TreeDrill()
