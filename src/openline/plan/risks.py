"""Risks, controls and insurance: what was thought of each threat, and what is done about it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import (
    Amount,
    Entity,
    Factor,
    Fraction,
    Money,
    Name,
    ObjectRef,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    Text,
)  # fmt: skip
from openline.plan.scenarios import Category

ScenarioRef = Annotated[Slug, Ref(("scenarios",))]


class RiskFigures(Record):
    """How often, and how bad."""

    annual_frequency: Amount | None = Field(None, description="Events a year.")
    likelihood: Annotated[int, Field(ge=1, le=5)] | None = None
    severity: Annotated[int, Field(ge=1, le=5)] | None = None
    loss_per_event: Money | None = None
    p_mtpd_breach: Fraction | None = Field(None, description="Probability in a year that an MTPD is broken.")


class Acceptance(Record):
    """Who lives with what is left, and until when."""

    by: RoleRef | None = None
    until: date | None = None
    reason: Text = ""


class Risk(Entity):
    """A scenario's meaning for some activities, before and after what is done about it."""

    scenario: ScenarioRef
    activities: tuple[Annotated[Slug, Ref(("activities",))], ...] = ()
    inherent: RiskFigures = RiskFigures()
    residual: RiskFigures = RiskFigures()
    treatment: Literal["avoid", "reduce", "transfer", "accept"] | None = None
    controls: tuple[Annotated[Slug, Ref(("controls",))], ...] = ()
    action: Annotated[Slug, Ref(("corrective_actions",))] | None = None
    acceptance: Acceptance | None = None


class ControlEffect(Record):
    """What a control changes."""

    frequency_factor: Factor | None = None
    duration_factor: Factor | None = None
    capacity_gain: Amount | None = None


class Control(Entity):
    """Something that makes a threat rarer, shorter or milder."""

    kind: Literal["preventive", "detective", "responsive", "recovery"]
    objects: tuple[ObjectRef, ...] = ()
    scenarios: tuple[ScenarioRef, ...] = ()
    effect: ControlEffect = ControlEffect()
    cost: Money | None = None
    status: Literal["idea", "approved", "implemented", "proven"] = "idea"


class Insurance(Entity):
    """A policy, and how long and for what it pays."""

    kind: Literal["property", "business_interruption", "extra_expense", "cyber", "liability", "other"]
    insurer: Name | None = None
    policy_pointer: Text = ""
    categories: tuple[Category, ...] = Field((), description="Of scenarios that it pays for; empty means all.")
    indemnity_period_s: Seconds | None = None
    waiting_period_s: Seconds | None = None
    expires: date | None = None
