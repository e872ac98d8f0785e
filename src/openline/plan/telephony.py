"""Lines, numbers, announcements and the carriers' doors: how a call reaches a queue."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.network import TspCode
from openline.plan.record import (
    Amount,
    Count,
    Dependency,
    Entity,
    Name,
    PersonRef,
    Record,
    Ref,
    RoleRef,
    Seconds,
    Slug,
    Text,
    VendorRef,
)
from openline.plan.sites import SiteRef

SystemRef = Annotated[Slug, Ref(("systems",))]
AnnouncementRef = Annotated[Slug, Ref(("announcements",))]


class TrunkGroup(Entity):
    """Channels from one carrier; the model's TelephonyService."""

    kind: Literal["sip", "pri_tdm", "analogue", "ccaas_native", "mobile_gateway"]
    carrier: VendorRef | None = None
    site: SiteRef | None = Field(None, description="Where it ends; none when it ends in a platform.")
    platform: SystemRef | None = Field(None, description="Platform in which it ends.")
    channels: Count = Field(description="Calls at once, waiting or talking.")
    codec_kbps: Amount | None = None
    paths: tuple[Annotated[Slug, Ref(("network_paths",))], ...] = ()
    sbc: SystemRef | None = None
    tsp: TspCode | None = None
    tsp_validated_on: date | None = None
    priority_contract: Text = Field("", description="Clause that puts us first when service is restored.")
    failover: Literal["auto", "carrier_portal", "carrier_ticket"] | None = None
    failover_s: Seconds | None = None
    alt_destination: Annotated[Slug, Ref(("trunk_groups", "partners"))] | None = None
    needs: tuple[Dependency, ...] = ()


class RoutingPlan(Record):
    """One destination of a number, used when those before it do not work."""

    to: Annotated[Slug, Ref(("trunk_groups",))]
    trigger: Literal["automatic", "carrier_portal", "carrier_ticket"] = "automatic"
    who_may_invoke: tuple[RoleRef, ...] = ()
    time_s: Seconds = Field(0.0, description="From the failure of the one before until calls arrive here.")
    capacity: Count | None = Field(None, description="Calls at once that the carrier lets through.")


class Number(Entity):
    """A number that customers dial."""

    e164: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    kind: Literal["toll_free", "did", "short_code", "mobile", "text"] = "did"
    carrier: VendorRef | None = None
    published_where: tuple[Name, ...] = ()
    function: Text = Field("", description="What customers use it for.")
    porting_holder: Text = Field("", description="Who holds it with the registry.")
    routing_plans: tuple[RoutingPlan, ...] = Field(min_length=1, description="The usual destination first.")
    announcement: AnnouncementRef | None = None
    last_reroute_test: date | None = None
    needs: tuple[Dependency, ...] = ()


class Announcement(Entity):
    """Words that callers hear when things are not as usual."""

    level: Annotated[int, Field(ge=0, le=4)] | None = Field(None, description="From this incident level on.")
    languages: tuple[Slug, ...] = ()
    text: Text = ""
    audio: Text = Field("", description="Where the recording is.")
    remote_activation: bool | None = Field(None, description="Can be switched on from anywhere.")
    location: Literal["network", "ivr", "both"] | None = None
    approver: RoleRef | None = None


class CarrierAccess(Entity):
    """How we get a carrier to act: who may, where, and by which proof."""

    carrier: VendorRef
    portal: Name | None = None
    account: Text = ""
    authorised_callers: tuple[PersonRef, ...] = ()
    authentication_pointer: Text = Field("", description="Where the proof is kept; never the proof itself.")
    authentication_needs: tuple[SystemRef, ...] = Field((), description="Systems without which nobody gets in.")
    sealed_credentials: bool | None = Field(None, description="A copy that needs no system of ours.")
    support_number: Text = ""
    escalation: tuple[Text, ...] = ()
    circuit_ids: tuple[Name, ...] = ()
