"""What the centre does for customers: queues, campaigns, back office (the model's Function)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from openline.plan.hours import Hours
from openline.plan.organization import ImpactType
from openline.plan.record import (
    Amount,
    Dependency,
    Entity,
    Formula,
    Fraction,
    Money,
    Name,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    TableFile,
    TablePath,
    Text,
    VendorRef,
)
from openline.plan.sites import SiteRef

SkillRef = Annotated[Slug, Ref(("skills",))]
ContactTypeRef = Annotated[Slug, Ref(("contact_types",))]

Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class Law(Record):
    """The law of a random time around the mean that its owner states.

    `lognormal` needs `cv` (standard deviation over mean); `table` needs `quantiles`, a CSV of the plan
    with the columns share (0..1) and seconds, and then states the mean itself.
    """

    kind: Literal["exponential", "lognormal", "constant", "table"] = "exponential"
    cv: Positive | None = None
    quantiles: Annotated[TablePath, TableFile("quantiles")] | None = None

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> "Law":
        if self.kind == "lognormal" and self.cv is None:
            raise ValueError("a lognormal law needs cv")
        if (self.kind == "table") != (self.quantiles is not None):
            raise ValueError("quantiles go with kind: table, and only with it")
        return self


class Redial(Record):
    """Who calls again, and how soon, after a call that came to nothing."""

    after_abandoned: Fraction = Field(0.0, description="Share of those who gave up waiting.")
    after_blocked: Fraction = Field(0.0, description="Share of those who could not get in.")
    after_dropped: Fraction = Field(0.0, description="Share of those who were cut off.")
    delay_s: Annotated[Seconds, Field(gt=0)] = Field(600.0, description="Mean time until they call again.")
    delay_law: Law = Law()
    unreached_delay_s: Annotated[Seconds, Field(gt=0)] | None = Field(
        None, description="The same for those who were blocked or cut off; as delay_s when not given."
    )
    unreached_delay_law: Law = Law()
    max_attempts: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Most calls of one customer, the first included; no limit when not given."
    )


class ServiceTarget(Record):
    """The promise: share `x` within `t_s`, counted by one of the six formulas of the glossary."""

    formula_id: Formula
    x: Fraction
    t_s: Seconds


class MinimumCapacity(Record):
    """The least output that can be borne in a disruption (MBCO): a share of contacts at a level of service."""

    share: Fraction = Field(description="Share of offered contacts that must be served.")
    x: Fraction | None = Field(None, description="Of those, share answered within t_s; as the target when not given.")
    t_s: Seconds | None = None
    formula_id: Formula = Field("SL3", description="How x is counted.")
    contact_types: tuple[ContactTypeRef, ...] = ()
    channels: tuple[Name, ...] = ()
    hours: Hours | None = None


class ImpactAnalysis(Record):
    """Who analysed the impact, when, and what it was based on."""

    done_on: date | None = None
    interviewee: RoleRef | None = None
    approved_by: RoleRef | None = None
    approved_on: date | None = None
    weekly_contacts: Amount | None = Field(None, description="Volume a week that the analysis was based on.")


class PeakPeriod(Record):
    """A season in which more depends on the activity."""

    name: Name
    months: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()
    factor: Positive | None = Field(None, description="Volume over the yearly mean.")
    mtpd_s: Annotated[Seconds, Field(gt=0)] | None = None
    rto_s: Seconds | None = None


class Value(Record):
    """What a contact is worth, and what a lost one costs."""

    revenue_per_contact: Money | None = None
    conversion: Fraction | None = None
    margin: Fraction | None = None
    churn_per_failed_contact: Fraction | None = None
    lifetime_margin: Money | None = None
    penalty_terms: Text = ""


class Targets(Record):
    """Targets besides the service level."""

    asa_s: Seconds | None = None
    abandonment: Fraction | None = None
    age_s: Seconds | None = Field(None, description="Oldest piece of deferrable work.")


class Activity(Entity):
    """Work that customers wait for."""

    kind: Literal["inbound_queue", "outbound_campaign", "chat", "email", "back_office", "dispatch", "support"]
    channel: Literal["voice", "chat", "email", "social", "sms", "video", "post", "other"] = "voice"
    deferrable: bool = Field(False, description="Work that is kept until someone has time.")
    hours: Hours | None = Field(None, description="When customers are served.")
    numbers: tuple[Annotated[Slug, Ref(("numbers",))], ...] = ()
    skills: tuple[SkillRef, ...] = Field((), description="All of these are needed to serve a contact.")
    priority: Annotated[int, Field(ge=0, le=99)] = Field(10, description="0 is served first.")
    volumes: Annotated[TablePath, TableFile("volumes")] | None = Field(
        None, description="CSV: contacts by day and interval; without it the activity is not simulated."
    )
    volume_cv: Annotated[float, Field(ge=0, le=3)] = Field(
        0.0, description="Day-to-day spread of the whole day's volume: standard deviation over mean."
    )
    aht_s: Annotated[Seconds, Field(gt=0)] | None = Field(None, description="Mean handling time, wrap-up included.")
    acw_s: Seconds | None = Field(None, description="Wrap-up within it.")
    aht_law: Law = Law()
    concurrency: Annotated[int, Field(ge=1, le=20)] = Field(1, description="Contacts an agent has at once.")
    patience_s: Annotated[Seconds, Field(gt=0)] | None = Field(
        None, description="Mean time a customer would wait; nobody gives up when not given."
    )
    patience_law: Law = Law()
    redial: Redial = Redial()
    sl: ServiceTarget | None = None
    short_s: Seconds = Field(5.0, description="Giving up within this time is not counted as waiting.")
    transfer_fraction: Fraction | None = Field(None, description="Share of contacts that are transferred.")
    transfer_s: Seconds | None = Field(None, description="Mean time from the transfer to the next agent.")
    targets: Targets = Targets()
    criticality: Annotated[int, Field(ge=1, le=9)] | None = Field(
        None, description="Tier; 1 is the most critical. From the MTPD when not given."
    )
    criticality_reason: Text = Field("", description="Why the tier is not the one that the MTPD gives.")
    mtpd_s: Annotated[Seconds, Field(gt=0)] | None = Field(None, description="Longest disruption that can be borne.")
    rto_s: Seconds | None = Field(None, description="When it is to work again at its minimum.")
    rto_clock: Literal["onset", "declaration"] = "onset"
    rpo_s: Seconds | None = None
    wrt_s: Seconds | None = Field(None, description="Work after the systems are up: key in, reconcile, catch up.")
    minimum_capacity: MinimumCapacity | None = None
    impact: dict[ImpactType, tuple[Annotated[int, Field(ge=0, le=10)] | None, ...]] = Field(
        default_factory=dict, description="By type: a rating for each time step of the organization's scale."
    )
    bia: ImpactAnalysis = ImpactAnalysis()
    peak_periods: tuple[PeakPeriod, ...] = ()
    regulated: bool | None = Field(None, description="Law says how contacts or their data are handled.")
    data_terms: tuple[Literal["dpa", "pci", "baa"], ...] = Field((), description="Terms that who handles it must sign.")
    emergency_protocol: Text = Field("", description="How customers are served in an emergency.")
    value: Value = Value()
    csat_sensitivity: Fraction | None = None
    sites: tuple[SiteRef, ...] = Field((), description="Where it is done, when that matters.")
    vendors: tuple[VendorRef, ...] = Field((), description="Vendors it depends on besides those of its systems.")
    needs: tuple[Dependency, ...] = ()

    @property
    def countable(self) -> bool:
        """Whether enough is known to simulate it: volumes, handling time, target, skills."""
        return None not in (self.volumes, self.aht_s, self.sl) and bool(self.skills)


class ContactType(Entity):
    """What customers want of an activity, and what is done about it in an emergency."""

    activity: Annotated[Slug, Ref(("activities",))]
    share: Fraction | None = Field(None, description="Of the activity's contacts; together they make 1.")
    emergency_action: Literal["serve", "short_serve", "defer", "deflect", "decline"] | None = None
    script: Text = ""
    authority_limit: Text = Field("", description="What an agent may grant without asking.")
    authority_role: RoleRef | None = None
    data_needed: tuple[Annotated[Slug, Ref(("data_sets", "systems"))], ...] = ()
