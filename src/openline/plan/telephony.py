"""Lines and numbers: how a call reaches a queue."""

from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Amount, Count, Dependency, Entity, Record, Ref, Seconds, Slug
from openline.plan.sites import SiteRef


class TrunkGroup(Entity):
    """Channels from one carrier; the model's TelephonyService."""

    kind: Literal["sip", "pri_tdm", "analogue", "ccaas_native", "mobile_gateway"]
    carrier: str | None = None
    site: SiteRef | None = Field(None, description="Where it ends; none when it ends in a platform.")
    channels: Count = Field(description="Calls at once, waiting or talking.")
    codec_kbps: Amount | None = None
    needs: tuple[Dependency, ...] = ()


class RoutingPlan(Record):
    """One destination of a number, used when those before it do not work."""

    to: Annotated[Slug, Ref(("trunk_groups",))]
    trigger: Literal["automatic", "carrier_portal", "carrier_ticket"] = "automatic"
    who_may_invoke: tuple[str, ...] = ()
    time_s: Seconds = Field(0.0, description="From the failure of the one before until calls arrive here.")


class Number(Entity):
    """A number that customers dial."""

    e164: Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")]
    kind: Literal["toll_free", "did", "short_code", "mobile", "text"] = "did"
    carrier: str | None = None
    published_where: tuple[str, ...] = ()
    routing_plans: tuple[RoutingPlan, ...] = Field(min_length=1, description="The usual destination first.")
    needs: tuple[Dependency, ...] = ()
