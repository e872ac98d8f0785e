"""How a site is reached: where cables enter and the paths through them."""

from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Amount, Dependency, Entity, Ref, Seconds, Slug
from openline.plan.sites import SiteRef


class Entrance(Entity):
    """A place where cables enter a building."""

    site: SiteRef
    side: str | None = None
    conduit_ids: tuple[Slug, ...] = ()
    shared_with_power: bool | None = None


class NetworkPath(Entity):
    """One way from a site to the outside."""

    site: SiteRef
    isp: str | None = None
    product: Literal["internet", "mpls", "sdwan", "leased", "p2p"] | None = None
    medium: Literal["fibre", "copper", "coax", "fixed_wireless", "microwave", "cellular", "satellite"] | None = None
    entrance: Annotated[Slug, Ref(("entrances",))] | None = None
    conduit: Slug | None = None
    central_office: Slug | None = None
    upstream: tuple[Slug, ...] = ()
    down_mbps: Amount | None = None
    up_mbps: Amount | None = None
    role: Literal["primary", "backup", "load_share"] | None = None
    auto_failover: bool | None = None
    failover_s: Seconds | None = Field(None, description="Measured, not promised.")
    needs: tuple[Dependency, ...] = ()
