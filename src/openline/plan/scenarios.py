"""Disruptions written in the plan: what they hit, how, from when and for how long."""

import math
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from openline.plan.record import Amount, Entity, Factor, Money, Name, ObjectRef, Record, Ref, Seconds, Slug, Text

FateKey = Literal[
    "building", "campus", "hazard_zone", "grid_region", "substation", "feeder", "entrance", "conduit",
    "central_office", "upstream", "carrier", "isp", "vendor", "region", "admin_domain", "software_family",
    "agent_software", "certificate", "dns", "identity",
]  # fmt: skip

CallFate = Literal["drop", "requeue", "finish"]


class Selector(Record):
    """What an effect hits: objects by id, all of a kind, or all that share a fate key's value."""

    ids: tuple[ObjectRef, ...] = ()
    kind: Name | None = Field(None, description="A collection such as sites, or a system kind such as acd.")
    fate: FateKey | None = None
    value: Name | None = Field(None, description="The fate key's value.")

    @model_validator(mode="after")
    def _selects(self) -> "Selector":
        if not (self.ids or self.kind or self.fate):
            raise ValueError("a selector names ids, a kind or a fate key")
        if (self.fate is None) != (self.value is None):
            raise ValueError("fate and value go together")
        return self


BARE = ("down", "access_denied", "untrusted", "data_corrupt", "data_loss", "reroute_failed", "cost")
"""Types of effect that take no factor."""


class Effect(Record):
    """One thing that the disruption does; `factor` belongs to the types that scale something."""

    selector: Selector
    type: Literal[
        "down", "degraded", "access_denied", "staff", "demand", "aht", "bandwidth", "response", "untrusted",
        "data_corrupt", "data_loss", "reroute_failed", "cost",
    ]  # fmt: skip
    factor: Factor | None = None
    start_s: Seconds = Field(0.0, description="After the onset.")
    duration_s: Seconds | None = Field(None, description="The disruption's own when not given.")
    ramp_s: Seconds = Field(0.0, description="How long it takes to reach its full strength; taken as at once.")
    loss_s: Seconds | None = Field(None, description="Age of the data that are lost, for data_loss.")
    cost: Money | None = Field(None, description="What it costs by itself, for cost.")
    calls: CallFate | None = Field(None, description="What happens to contacts in progress.")

    @model_validator(mode="after")
    def _has_its_factor(self) -> "Effect":
        wants = self.type not in BARE
        if wants != (self.factor is not None):
            raise ValueError(f"type {self.type} {'needs a' if wants else 'takes no'} factor")
        if self.cost is not None and self.type != "cost":
            raise ValueError("cost goes with type: cost, and only with it")
        if self.loss_s is not None and self.type != "data_loss":
            raise ValueError("loss_s goes with type: data_loss, and only with it")
        if self.type in ("degraded", "staff", "bandwidth") and (self.factor or 0) > 1:
            raise ValueError(f"the factor of {self.type} is a share left, 0 to 1")
        return self


class DurationRange(Record):
    """How long the cause lasts, in the library's three figures."""

    min_s: Seconds
    typical_s: Seconds
    max_s: Seconds
    distribution: Literal["triangular", "uniform"] = Field("triangular", description="Law between min_s and max_s.")

    @model_validator(mode="after")
    def _ascends(self) -> "DurationRange":
        if not self.min_s <= self.typical_s <= self.max_s:
            raise ValueError("min_s, typical_s and max_s must not fall")
        return self

    @property
    def p90_s(self) -> float:
        """Duration that is not exceeded nine times in ten."""
        return self.quantile_s(0.9)

    def quantile_s(self, share: float) -> float:
        """Return the duration that a share of cases does not exceed, by the law of the three figures."""
        a, m, b = self.min_s, self.typical_s, self.max_s
        if self.distribution == "uniform":
            return a + share * (b - a)
        if b <= a:
            return b
        if (m - a) / (b - a) >= share:
            return a + math.sqrt(share * (b - a) * (m - a))
        return b - math.sqrt((1 - share) * (b - a) * (b - m))


Category = Literal["localised", "infrastructure", "organisational", "large_scale", "cyber"]
CATEGORIES: tuple[Category, ...] = get_args(Category)


class Scenario(Entity):
    """A disruption bound to this centre; SC-nn names the record of the library it was bound from."""

    library: Annotated[str, Field(pattern=r"^SC-[0-9]{2}$")] | None = None
    category: Category | None = None
    seed_phrase: Text = ""
    seasonality: Text = ""
    assessed: bool = Field(True, description="Its effects on this centre were thought through.")
    danger_to_life: bool | None = None
    distanced: bool = Field(False, description="People must keep distance, so fewer seats can be used.")
    playbook: tuple[Annotated[Slug, Ref(("procedures",))], ...] = Field((), description="What is done about it.")
    warning_s: Seconds | None = None
    onset: Literal["sudden", "gradual"] | None = Field(None, description="All at once, or growing.")
    duration: DurationRange
    annual_frequency: Amount | None = None
    source: Text | None = None
    effects: tuple[Effect, ...] = Field(min_length=1)
