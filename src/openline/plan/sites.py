"""Places, the hazards they lie in, and their plant: mains, battery, generator, fuel, cooling, fire, doors."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.hours import Hours
from openline.plan.organization import Zone
from openline.plan.record import (
    Amount,
    Count,
    Days,
    Dependency,
    Entity,
    Fraction,
    Name,
    NodeRef,
    PersonRef,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    Text,
    VendorRef,
)

SiteRef = Annotated[Slug, Ref(("sites",))]
ZoneRef = Annotated[Slug, Ref(("hazard_zones",))]
InsuranceRef = Annotated[Slug, Ref(("insurance",))]

SiteRole = Literal[
    "primary", "secondary", "hot", "warm", "cold", "mobile", "remote_hub", "home_virtual", "partner",
    "data_centre", "cloud_region", "command_centre",
]  # fmt: skip


class HazardZone(Entity):
    """An area that one event of nature or people can strike as a whole."""

    kind: Literal[
        "flood", "storm_surge", "hurricane", "tornado", "seismic", "wildfire", "tsunami", "snow_ice", "heat", "hazmat",
        "civil", "volcanic", "airport_rail", "other",
    ]  # fmt: skip
    annual_probability: Fraction | None = Field(None, description="Of being struck in a year.")
    source: Text = ""
    as_of: date | None = None


class Evacuation(Record):
    """How people leave a site and are counted."""

    routes: tuple[Name, ...] = ()
    assembly_points: tuple[Name, ...] = Field((), description="At least two, in different directions.")
    shelter_area: Text = ""
    wardens_per_shift: Count | None = Field(None, description="On the thinnest shift.")
    people_per_shift: Count | None = Field(None, description="On the fullest shift; from the rosters when not given.")
    roll_call_source: Text = Field("", description="Where the list of those inside comes from.")
    call_flow: Text = Field("", description="What happens to calls while the building empties.")


class PersonalPlans(Record):
    """Personal evacuation plans: how many people need one, and where the plans are kept; never why."""

    needed: Count | None = None
    pointer: Text = Field("", description="Where the plans are kept; nothing medical is written here.")


class BackupPower(Record):
    """What besides computers is on the site's battery or generator."""

    lighting: bool | None = None
    workstations: bool | None = None
    access_control: bool | None = None


class Site(Entity):
    """A place where people work or systems stand."""

    role: SiteRole
    building_id: Slug | None = None
    campus: Slug | None = None
    lat: Annotated[float, Field(ge=-90, le=90)] | None = None
    lon: Annotated[float, Field(ge=-180, le=180)] | None = None
    tz: Zone | None = Field(None, description="Zone of its clock; the organization's when unknown.")
    ownership: Literal["owned", "leased", "shared", "serviced"] | None = None
    seats_total: Count | None = Field(None, description="Seats that can be used.")
    seats_distanced: Count | None = Field(None, description="Seats left when people keep their distance.")
    opening_hours: Hours | None = None
    activation_time_s: Seconds | None = Field(None, description="From the decision until people can work there.")
    max_sustain_s: Seconds | None = Field(None, description="How long work can go on there.")
    hazard_zones: tuple[ZoneRef, ...] = ()
    grid_region: Slug | None = None
    drive_min: dict[Slug, Amount] = Field(default_factory=dict, description="Minutes by road to other sites, by id.")
    access_control: Text = ""
    on_backup_power: BackupPower = BackupPower()
    welfare: tuple[Name, ...] = Field((), description="Toilets, water, heating, food, rest, transport home.")
    evacuation: Evacuation | None = None
    personal_evacuation: PersonalPlans = PersonalPlans()
    landlord_contact: Text = ""
    keys_holders: tuple[PersonRef, ...] = ()
    insurance: InsuranceRef | None = None
    desktop_mbps: Amount | None = Field(None, description="Mbit/s of one agent's desktop there.")
    single_isp_reason: Text = Field("", description="Why there is one provider only, when no other can be had.")
    changed_on: date | None = Field(None, description="Last change that an impact analysis must know of.")
    needs: tuple[Dependency, ...] = ()


class UtilityFeed(Entity):
    """A supply that enters a site, such as the mains."""

    kind: Literal["electric", "water", "sewer", "gas", "chilled_water", "district_heat"]
    site: SiteRef
    provider: Name | None = None
    substation: Slug | None = None
    feeder: Slug | None = None
    dual_feed: bool | None = None
    priority_customer: Text = Field("", description="Reference of an agreement to be restored early.")


class Ups(Entity):
    """A battery that bridges the time until the generator carries the load."""

    site: SiteRef
    topology: Literal["online", "line_interactive", "standby", "flywheel"] | None = None
    rated_kw: Amount | None = None
    load_kw: Amount | None = None
    runtime_at_load_s: Seconds = Field(description="From full charge at the present load.")
    recharge_s: Seconds = Field(14400.0, description="From empty to full; assumed 4 h when not given.")
    redundancy: Literal["N", "N+1", "2N"] = "N"
    battery_install: date | None = None
    battery_life_mo: Annotated[float, Field(gt=0, le=600)] | None = Field(None, description="Months.")
    last_test: date | None = None
    bypass: bool | None = Field(None, description="Can be taken out of the line without a cut.")
    covers: tuple[NodeRef, ...] = Field((), description="What it feeds; empty means the whole site.")


class Refuel(Record):
    """Who brings fuel, and how soon they must."""

    vendor: VendorRef | None = None
    contracted: bool = False
    contract_end: date | None = None
    guaranteed_delivery_h: Amount | None = Field(None, description="Hours from order to delivery.")
    priority_client: bool | None = None
    access_risk: Text = ""
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
    maintenance: Literal["well", "average", "poor"] | None = None
    last_run: date | None = Field(None, description="Last monthly run.")
    last_load_test: date | None = None
    load_test_fraction: Fraction | None = Field(None, description="Load over rating in that test.")
    last_fuel_test: date | None = None
    location_exposure: Literal["roof", "grade", "basement"] | None = None
    covers: tuple[NodeRef, ...] = Field((), description="What it feeds; empty means the whole site.")
    refuel: Refuel = Refuel()

    @property
    def autonomy_h(self) -> float:
        """Hours on a full tank: tank x usable share / burn (glossary 2.2)."""
        return self.tank_l * self.usable_fraction / self.burn_l_per_h


class Cooling(Entity):
    """What keeps a room of computers cool."""

    site: SiteRef
    units: Count | None = None
    redundancy: Literal["N", "N+1", "2N"] | None = None
    load_kw: Amount | None = None
    on_backup_power: bool | None = None
    time_to_limit_s: Seconds | None = Field(None, description="From loss at full load until machines shut down.")


class FireSafety(Entity):
    """How a site notices and fights fire."""

    site: SiteRef
    detection: Text = ""
    suppression: Text = ""
    last_inspection: date | None = None
    inspection_interval_d: Days | None = None


class Security(Entity):
    """Who may enter, and what the doors do when their system fails."""

    site: SiteRef
    badge_fail_mode: Literal["open", "closed", "manual"] | None = None
    system: Annotated[Slug, Ref(("systems",))] | None = None
    guard_role: RoleRef | None = None
    last_inspection: date | None = None
