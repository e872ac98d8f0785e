"""Systems, the parts they are made of, and what they need."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import (
    Amount,
    Count,
    Dependency,
    Entity,
    Fraction,
    Record,
    Ref,
    Seconds,
    Slug,
    Text,
    VendorRef,
)
from openline.plan.sites import SiteRef

SystemRef = Annotated[Slug, Ref(("systems",))]
SkillRef = Annotated[Slug, Ref(("skills",))]

SystemKind = Literal[
    "acd", "ivr", "pbx", "sbc", "ccaas", "crm", "ticketing", "email", "webchat", "social", "sms", "bot",
    "dialler", "wfm", "recording_qm", "knowledge", "payment", "identity", "mfa", "vpn", "vdi", "dns", "lan",
    "wan", "storage", "database", "hr", "payroll", "it_support", "hr_support", "mass_notification",
    "monitoring", "reporting", "badge", "other",
]  # fmt: skip


class Fate(Record):
    """What else fails with the system because it is the same underneath."""

    admin_domain: Slug | None = None
    software_family: Slug | None = None
    agent_software: tuple[Slug, ...] = ()
    certificate: Slug | None = None
    dns: Slug | None = None
    identity: Slug | None = None


class Workaround(Record):
    """How people work without the system."""

    text: Text
    capacity_fraction: Fraction
    max_duration_s: Seconds | None = None
    forms: Text = Field("", description="Which forms, and where they lie.")
    data_capture: Text = Field("", description="How what was written down gets into the system afterwards.")
    trained: bool | None = Field(None, description="People have practised it.")


class Failover(Record):
    """How the standby takes over, and how long that takes."""

    mode: Literal["automatic", "manual"] | None = None
    claimed_s: Seconds | None = None
    measured_s: Seconds | None = None
    measured_on: date | None = None
    passed: bool | None = Field(None, description="Whether the last measurement succeeded.")


class Capacity(Record):
    """How much a system carries."""

    agents: Count | None = None
    concurrent_calls: Count | None = None
    sessions: Count | None = None


class System(Entity):
    """Something technical that work depends on."""

    kind: SystemKind
    criticality: Literal["critical", "high", "medium", "low"] | None = None
    deployment: Literal["on_prem", "hosted", "saas", "hybrid"] | None = None
    location: SiteRef | None = Field(None, description="Site where it stands; none when in a cloud region.")
    region: Slug | None = Field(None, description="Cloud region.")
    zone: Slug | None = Field(None, description="Cloud zone.")
    vendor: VendorRef | None = None
    rto_s: Seconds | None = None
    rto_clock: Literal["onset", "declaration"] = "onset"
    rpo_s: Seconds | None = None
    mtpd_s: Annotated[Seconds, Field(gt=0)] | None = None
    wrt_s: Seconds | None = Field(None, description="Work after it is up: key in, reconcile, check.")
    standby: Literal["none", "hot", "warm", "cold", "alternate_process"] | None = None
    standby_location: SiteRef | None = None
    standby_system: SystemRef | None = Field(None, description="The system of the plan that takes over.")
    failover: Failover = Failover()
    capacity: Capacity = Capacity()
    licences: Count | None = None
    remote_usable: bool | None = Field(None, description="Agents at home can use it.")
    login_path: tuple[SystemRef, ...] = Field((), description="Systems that signing on goes through.")
    fate: Fate = Fate()
    competence: tuple[SkillRef, ...] = Field((), description="Skills that mend it; one of them is enough.")
    config_as_of: date | None = Field(None, description="Day of its version, configuration, prompts and routing.")
    changed_on: date | None = Field(None, description="Last change that an impact analysis must know of.")
    manual_workaround: Workaround | None = None
    needs: tuple[Dependency, ...] = ()


class Component(Entity):
    """A part that can break: how many are needed, run, lie on the shelf, and how long a new one takes."""

    kind: Literal[
        "server", "switch", "router", "firewall", "sbc", "gateway", "psu", "disk", "ups_battery", "headset", "handset",
        "workstation", "monitor", "cable", "sim_router", "other",
    ]  # fmt: skip
    system: SystemRef | None = None
    site: SiteRef | None = None
    qty_needed: Count | None = None
    qty_in_service: Count | None = None
    qty_spare: Count | None = None
    spare_site: SiteRef | None = None
    lead_time_s: Seconds | None = None
    expedited_s: Seconds | None = Field(None, description="Lead time when it is rushed.")
    fit_time_s: Seconds | None = None
    mtbf_h: Amount | None = Field(None, description="Mean hours between failures of one.")
    critical: bool | None = None
    on_ups: bool | None = Field(None, description="Fed by a battery.")
    poe: bool | None = Field(None, description="Powers telephones over the network cable.")
    vendor: VendorRef | None = None
    end_of_support: date | None = None
    last_stock_count: date | None = None
