"""How a site is reached: where cables enter and the paths through them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Amount, Dependency, Entity, Fraction, Name, Ref, Seconds, Slug, Text, VendorRef
from openline.plan.sites import SiteRef

TspCode = Annotated[str, Field(pattern=r"^TSP[0-9A-Z]{6}-[E0-5][0-5]$", description="Priority code (glossary 2.5).")]


class Entrance(Entity):
    """A place where cables enter a building."""

    site: SiteRef
    side: Name | None = None
    conduit_ids: tuple[Slug, ...] = ()
    shared_with_power: bool | None = None
    surveyed_on: date | None = None


class NetworkPath(Entity):
    """One way from a site to the outside."""

    site: SiteRef
    isp: VendorRef | None = None
    product: Literal["internet", "mpls", "sdwan", "leased", "p2p"] | None = None
    medium: Literal["fibre", "copper", "coax", "fixed_wireless", "microwave", "cellular", "satellite"] | None = None
    entrance: Annotated[Slug, Ref(("entrances",))] | None = None
    conduit: Slug | None = None
    central_office: Slug | None = None
    upstream: tuple[Slug, ...] = ()
    down_mbps: Amount | None = None
    up_mbps: Amount | None = None
    sla_availability: Fraction | None = None
    sla_mttr_h: Amount | None = Field(None, description="Hours to repair that the contract promises.")
    role: Literal["primary", "backup", "load_share"] | None = None
    auto_failover: bool | None = None
    failover_s: Seconds | None = Field(None, description="Measured, not promised.")
    powered_by: tuple[Annotated[Slug, Ref(("ups", "generators"))], ...] = ()
    tsp: TspCode | None = None
    tsp_validated_on: date | None = None
    priority_contract: Text = ""
    diversity_surveyed_on: date | None = Field(None, description="When the route was last proven by the carrier.")
    needs: tuple[Dependency, ...] = ()
