"""Who must be told, and the words for it."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from openline.plan.record import Entity, Name, PersonRef, Record, RoleRef, Seconds, Slug, Text
from openline.plan.scenarios import Category

Audience = Literal[
    "customers", "clients", "agents", "staff_families", "leaders", "board", "regulator", "first_responders",
    "suppliers", "partners", "unions", "landlord", "insurer", "media", "public", "law_enforcement",
]  # fmt: skip
AUDIENCES: tuple[Audience, ...] = get_args(Audience)

SLOTS = ("what", "since", "effect", "doing", "ask", "next_update", "contact")
"""Slots of a message; a text writes them as {what}."""


class StakeholderContact(Record):
    """How a group is reached."""

    name: Name
    person: PersonRef | None = None
    channel: Name | None = None
    value: Name | None = None


class Stakeholder(Entity):
    """A group that is owed word of what happens."""

    group: Audience
    contacts: tuple[StakeholderContact, ...] = ()
    duty_role: RoleRef | None = Field(None, description="Who tells them.")
    deadline_s: Seconds | None = Field(None, description="From when we know until they must know.")
    legal_basis: Text = ""
    channels: tuple[Name, ...] = ()


class MessageTemplate(Entity):
    """Words made ready, with slots for the facts."""

    audience: Audience
    level: Annotated[int, Field(ge=0, le=4)] | None = Field(None, description="From this incident level on.")
    scenario_group: Category | None = None
    channel: Literal["ivr", "sms", "email", "web", "social", "voice_script", "press", "letter"]
    languages: dict[Slug, Text] = Field(default_factory=dict, description="The text by language.")
    max_length: Annotated[int, Field(ge=1, le=100_000)] | None = None
    approver: RoleRef | None = None
    send_within_s: Seconds | None = None
    version: Name | None = None
    carried_by: tuple[Slug, ...] = Field((), description="Systems that carry it.")
