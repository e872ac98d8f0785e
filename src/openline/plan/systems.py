"""Systems and what they need."""

from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Amount, Dependency, Entity, Fraction, Record, Seconds, Slug, Text
from openline.plan.sites import SiteRef

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


class System(Entity):
    """Something technical that work depends on."""

    kind: SystemKind
    criticality: Literal["critical", "high", "medium", "low"] | None = None
    deployment: Literal["on_prem", "hosted", "saas", "hybrid"] | None = None
    location: SiteRef | None = Field(None, description="Site where it stands; none when in a cloud region.")
    region: Slug | None = Field(None, description="Cloud region.")
    zone: Slug | None = Field(None, description="Cloud zone.")
    vendor: str | None = None
    rto_s: Seconds | None = None
    mtpd_s: Annotated[Seconds, Field(gt=0)] | None = None
    standby: Literal["none", "hot", "warm", "cold", "alternate_process"] | None = None
    concurrent_calls: Amount | None = None
    fate: Fate = Fate()
    manual_workaround: Workaround | None = None
    needs: tuple[Dependency, ...] = ()
