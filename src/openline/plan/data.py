"""Data that must survive, and the copies of it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from openline.plan.record import Count, Entity, Ref, Seconds, Slug, Text
from openline.plan.sites import SiteRef


class DataSet(Entity):
    """Data that work depends on."""

    contains: tuple[
        Literal["personal", "card", "health", "recordings", "config", "scripts", "contact_list", "business"], ...
    ] = ()
    system: Annotated[Slug, Ref(("systems",))] | None = Field(None, description="Where it lives.")
    rpo_s: Seconds | None = Field(None, description="Greatest age of recovered data that can be borne.")
    used_by: tuple[Annotated[Slug, Ref(("systems", "activities"))], ...] = ()
    retention: Text = ""


class Backup(Entity):
    """A copy of a data set or a system, and what is known of getting it back.

    Worst-case loss (glossary 2.1): interval + duration + lag for copies made now and then, the lag for asynchronous
    replicas, nothing for synchronous ones.
    """

    of: Annotated[Slug, Ref(("data_sets", "systems"))] = Field(description="What it is a copy of.")
    method: Literal[
        "full", "incremental", "differential", "snapshot", "async_replica", "sync_replica", "export"
    ]  # fmt: skip
    interval_s: Seconds | None = None
    duration_s: Seconds | None = None
    lag_s: Seconds | None = Field(None, description="Until the copy is safe at its location; of replicas, p99.")
    location: SiteRef | None = Field(None, description="Site where the copy lies.")
    region: Slug | None = Field(None, description="Cloud region where the copy lies.")
    account: Slug | None = Field(None, description="Admin domain or tenant that can delete it.")
    offline_or_immutable: bool | None = None
    encrypted: bool | None = None
    key_location: Text = Field("", description="Where the key is kept; never the key.")
    copies: Count | None = None
    last_success: date | None = None
    last_restore_test: date | None = None
    restore_s: Seconds | None = None
    rebuild_s: Seconds | None = Field(None, description="Until there is a machine to restore to.")
    restore_verified: bool | None = Field(None, description="The restored data were compared with the original.")

    @property
    def loss_s(self) -> float | None:
        """Worst-case data loss in seconds, None when a number that it needs is unknown."""
        if self.method == "sync_replica":
            return 0.0
        if self.method == "async_replica":
            return self.lag_s
        if self.interval_s is None:
            return None
        return self.interval_s + (self.duration_s or 0.0) + (self.lag_s or 0.0)
