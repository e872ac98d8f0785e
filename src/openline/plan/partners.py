"""Partners who take contacts, and the agreements that say how many and how soon."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.hours import Hours
from openline.plan.people import RampAgents
from openline.plan.record import (
    Count,
    Dependency,
    Entity,
    Factor,
    Formula,
    Fraction,
    Money,
    NodeRef,
    Record,
    Ref,
    Seconds,
    Slug,
    Text,
    VendorRef,
)
from openline.plan.sites import SiteRef, ZoneRef


class Partner(Entity):
    """An outsourcer or a sister centre."""

    vendor: VendorRef | None = Field(None, description="The company, as a vendor of the plan.")
    sites: tuple[SiteRef, ...] = Field((), description="Where its people sit, when the plan has the places.")
    hazard_zones: tuple[ZoneRef, ...] = ()
    grid_region: Slug | None = None
    region: Slug | None = None
    carriers: tuple[VendorRef, ...] = Field((), description="Carriers over which its calls come.")
    platforms: tuple[Slug, ...] = Field((), description="Contact-centre platforms its people work on, by vendor.")
    capability: Text = ""
    last_joint_exercise: date | None = None
    needs: tuple[Dependency, ...] = ()


class DataTerms(Record):
    """Which terms are signed for handling our customers' data."""

    dpa: bool | None = None
    pci: bool | None = None
    baa: bool | None = None


class OverflowAgreement(Entity):
    """What a partner has promised to take."""

    partner: Annotated[Slug, Ref(("partners",))]
    agents_contracted: Count
    skills: tuple[Annotated[Slug, Ref(("skills",))], ...] = Field(min_length=1)
    notice_s: Seconds = Field(description="From the call-out until the first agent works.")
    ramp: tuple[RampAgents, ...] = Field(min_length=1)
    languages: tuple[Annotated[Slug, Ref(("languages",))], ...] = ()
    hours: Hours | None = None
    activation_fee: Money | None = None
    rate: Money | None = Field(None, description="Per agent hour.")
    min_duration_s: Seconds | None = None
    max_duration_s: Seconds | None = None
    shared_with_clients: Count | None = Field(None, description="Other clients who may call on the same people.")
    systems_access: Literal["own", "ours_remote", "manual"] | None = None
    training_valid_until: date | None = None
    sl_committed: Fraction | None = Field(None, description="Service level that the partner promises.")
    sl_formula_id: Formula = Field("SL3", description="How it is counted.")
    data_terms: DataTerms = DataTerms()
    covers: tuple[NodeRef, ...] = Field((), description="Activities it is meant for; by skill when not given.")
    priority: Literal["dedicated", "reserved", "best_effort"] = "best_effort"
    overflow_after_s: Seconds = Field(0.0, description="A contact goes to the partner after this wait.")
    aht_factor: Annotated[Factor, Field(gt=0)] = 1.0
    expires: date | None = None
    last_test: date | None = None
    needs: tuple[Dependency, ...] = ()
