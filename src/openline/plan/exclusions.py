"""Findings that somebody has decided to live with, for a time."""

from datetime import date
from typing import Annotated

from pydantic import Field

from openline.plan.record import Entity, RoleRef, Slug, Text


class Exclusion(Entity):
    """A finding set aside: which, why, by whom and until when. All three are needed."""

    rule: Annotated[str, Field(pattern=r"^AR-[0-9]{3}$")]
    objects: tuple[Slug, ...] = Field((), description="Only findings about these; empty means all of the rule.")
    reason: Annotated[Text, Field(min_length=1)]
    owner: RoleRef
    until: date
