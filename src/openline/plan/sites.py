"""Places and their power chain: mains, battery, generator, fuel."""

from typing import Annotated, Literal

from pydantic import Field

from openline.plan.organization import Zone
from openline.plan.record import (
    Amount,
    Count,
    Dependency,
    Entity,
    Fraction,
    NodeRef,
    Record,
    Ref,
    Seconds,
    Slug,
)  # fmt: skip

SiteRef = Annotated[Slug, Ref(("sites",))]

SiteRole = Literal[
    "primary", "secondary", "hot", "warm", "cold", "mobile", "remote_hub", "home_virtual", "partner",
    "data_centre", "cloud_region", "command_centre",
]  # fmt: skip


class Site(Entity):
    """A place where people work or systems stand."""

    role: SiteRole
    building_id: Slug | None = None
    campus: Slug | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    tz: Zone | None = Field(None, description="Zone of its clock; the organization's when unknown.")
    seats_total: Count | None = Field(None, description="Seats that can be used.")
    hazard_zones: tuple[Slug, ...] = ()
    grid_region: Slug | None = None
    needs: tuple[Dependency, ...] = ()


class UtilityFeed(Entity):
    """A supply that enters a site, such as the mains."""

    kind: Literal["electric", "water", "sewer", "gas", "chilled_water", "district_heat"]
    site: SiteRef
    provider: str | None = None
    substation: Slug | None = None
    feeder: Slug | None = None
    dual_feed: bool | None = None


class Ups(Entity):
    """A battery that bridges the time until the generator carries the load."""

    site: SiteRef
    topology: Literal["online", "line_interactive", "standby", "flywheel"] | None = None
    rated_kw: Amount | None = None
    load_kw: Amount | None = None
    runtime_at_load_s: Seconds = Field(description="From full charge at the present load.")
    recharge_s: Seconds = Field(14400.0, description="From empty to full; assumed 4 h when not given.")
    redundancy: Literal["N", "N+1", "2N"] = "N"
    covers: tuple[NodeRef, ...] = Field((), description="What it feeds; empty means the whole site.")


class Refuel(Record):
    """Who brings fuel, and how soon they must."""

    vendor: str | None = None
    contracted: bool = False
    guaranteed_delivery_h: Amount | None = Field(None, description="Hours from order to delivery.")
    order_at_fraction: Fraction = Field(0.5, description="Fuel is ordered when this share of the tank is left.")


class Generator(Entity):
    """A set that carries the site while its fuel lasts."""

    site: SiteRef
    rated_kw: Amount | None = None
    load_kw: Amount | None = None
    fuel: Literal["diesel", "gas_pipeline", "propane", "dual"] = "diesel"
    tank_l: Amount = Field(description="Litres when full; the plan counts on a full tank.")
    usable_fraction: Fraction = Field(0.9, description="Share of the tank that the pump can reach.")
    burn_l_per_h: Annotated[float, Field(gt=0, le=1e6)] = Field(description="Litres per hour at load.")
    start_s: Seconds = Field(description="From loss of mains until the set is stable.")
    transfer_s: Seconds = Field(0.0, description="From stable until it carries the load.")
    start_attempts: Annotated[int, Field(ge=1, le=10)] = 1
    location_exposure: Literal["roof", "grade", "basement"] | None = None
    covers: tuple[NodeRef, ...] = Field((), description="What it feeds; empty means the whole site.")
    refuel: Refuel = Refuel()
