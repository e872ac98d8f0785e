"""What the centre does for customers: queues, campaigns, back office (the model's Function)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from openline.plan.record import (
    Amount,
    Dependency,
    Entity,
    Fraction,
    Record,
    Ref,
    Seconds,
    Slug,
    TableFile,
)  # fmt: skip

Positive = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]


class Law(Record):
    """The law of a random time around the mean that its owner states.

    `lognormal` needs `cv` (standard deviation over mean); `table` needs `quantiles`, a CSV of the plan
    with the columns share (0..1) and seconds, and then states the mean itself.
    """

    kind: Literal["exponential", "lognormal", "constant", "table"] = "exponential"
    cv: Positive | None = None
    quantiles: Annotated[str, TableFile("quantiles")] | None = None

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

    formula_id: Literal["SL1", "SL2", "SL3", "SL4", "SL5", "SL6"]
    x: Fraction
    t_s: Seconds


class Activity(Entity):
    """Work that customers wait for."""

    kind: Literal["inbound_queue", "outbound_campaign", "chat", "email", "back_office", "dispatch", "support"]
    channel: Literal["voice", "chat", "email", "social", "sms", "video", "post", "other"] = "voice"
    deferrable: bool = Field(False, description="Work that is kept until someone has time.")
    numbers: tuple[Annotated[Slug, Ref(("numbers",))], ...] = ()
    skills: tuple[Annotated[Slug, Ref(("skills",))], ...] = Field(min_length=1)
    priority: Annotated[int, Field(ge=0, le=99)] = Field(10, description="0 is served first.")
    volumes: Annotated[str, TableFile("volumes")] = Field(description="CSV: contacts by day and interval.")
    volume_cv: Annotated[float, Field(ge=0, le=3)] = Field(
        0.0, description="Day-to-day spread of the whole day's volume: standard deviation over mean."
    )
    aht_s: Annotated[Seconds, Field(gt=0)] = Field(description="Mean handling time, wrap-up included.")
    acw_s: Seconds | None = Field(None, description="Wrap-up within it.")
    aht_law: Law = Law()
    concurrency: Annotated[int, Field(ge=1, le=20)] = Field(1, description="Contacts an agent has at once.")
    patience_s: Annotated[Seconds, Field(gt=0)] | None = Field(
        None, description="Mean time a customer would wait; nobody gives up when not given."
    )
    patience_law: Law = Law()
    redial: Redial = Redial()
    sl: ServiceTarget
    short_s: Seconds = Field(5.0, description="Giving up within this time is not counted as waiting.")
    mtpd_s: Annotated[Seconds, Field(gt=0)] | None = None
    rto_s: Seconds | None = None
    revenue_per_contact: Amount | None = None
    needs: tuple[Dependency, ...] = ()
