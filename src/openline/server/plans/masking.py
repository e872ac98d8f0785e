"""The plan as somebody may see it: contact data and weaknesses are left out for those who do not need them (6.4).

Profiles follow from rights: with both of them *restricted*, without *internal*. What is left out reads as not stated.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, TypeVar, get_args

from django.http import HttpRequest
from pydantic import BaseModel

from openline.plan.communication import StakeholderContact
from openline.plan.document import Plan
from openline.plan.network import NetworkPath
from openline.plan.people import Address, AgentGroup, HomeSetUp, Person
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.telephony import CarrierAccess, TrunkGroup
from openline.plan.vendors import EscalationStep, Vendor
from openline.server.accounts.models import Account
from openline.server.accounts.roles import may
from openline.server.accounts.store import note_reading
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of

R = TypeVar("R", bound=BaseModel)
Kept = Literal["read_contacts", "read_weaknesses"]

KEPT_BACK: dict[Kept, dict[type[BaseModel], tuple[str, ...]]] = {
    "read_contacts": {
        Address: ("value",),
        Person: ("home_area", "notes"),
        HomeSetUp: ("isp",),
        AgentGroup: ("home_area",),
        StakeholderContact: ("value",),
        EscalationStep: ("phone", "email"),
        CarrierAccess: ("support_number", "escalation"),
    },
    "read_weaknesses": {
        CarrierAccess: (
            "account",
            "authorised_callers",
            "authentication_pointer",
            "authentication_needs",
            "circuit_ids",
        ),
        Vendor: ("account", "circuit_ids", "authorised_callers"),
        NetworkPath: ("tsp",),
        TrunkGroup: ("tsp",),
    },
}
"""By right: the fields that only its holders see."""

NAMED = ("id", "name", "classification")
"""What is still said of something that is marked restricted, besides what it can not do without."""


def kept_back(request: HttpRequest) -> frozenset[Kept]:
    """Return which of the two kinds who asks must not see."""
    return frozenset(right for right in get_args(Kept) if not may(request, right))


def seen(request: HttpRequest, revision: Revision, overlays: tuple[str, ...] = ()) -> Plan:
    """Return a revision's plan as who asks may see it; raises BrokenOverlay. What is shown of people is logged."""
    hidden = kept_back(request)
    if "read_contacts" not in hidden:
        note_reading(request, "read contact data", slug=revision.slug)
    return plan_without(revision.pk, revision.content_hash, hidden, overlays)


@lru_cache(maxsize=32)
def plan_without(pk: int, content_hash: str, hidden: frozenset[Kept], overlays: tuple[str, ...] = ()) -> Plan:
    """Return a revision's plan without these kinds; raises BrokenOverlay."""
    return masked(plan_of(Revision(pk=pk, content_hash=content_hash), overlays), hidden)


def masked(plan: Plan, hidden: frozenset[Kept]) -> Plan:
    """Return the plan without these kinds; every id stays, so that nothing in it points at nothing."""
    if not hidden:
        return plan
    collections = {
        name: {i: _entity(e, hidden) for i, e in plan.collection(name).items()} for name in COLLECTIONS
    }  # fmt: skip
    return replace(plan, **collections)  # type: ignore[arg-type]


def _entity(entity: Entity, hidden: frozenset[Kept]) -> Entity:
    if "read_weaknesses" in hidden and entity.classification == "restricted":
        return _bare(entity)
    return _record(entity, hidden)


def _record(record: R, hidden: frozenset[Kept]) -> R:
    changes = dict(_changes(record, hidden))
    return record.model_copy(update=changes) if changes else record


def _changes(record: BaseModel, hidden: frozenset[Kept]) -> Iterator[tuple[str, Any]]:
    kind = type(record)
    away = {field for right in hidden for field in KEPT_BACK[right].get(kind, ())}
    for name, info in kind.model_fields.items():
        value = getattr(record, name)
        if name in away:
            if value != (empty := info.get_default(call_default_factory=True)):
                yield name, empty
        elif isinstance(value, BaseModel):
            if (new := _record(value, hidden)) is not value:
                yield name, new
        elif isinstance(value, tuple) and any(isinstance(v, BaseModel) for v in value):
            parts = tuple(_record(v, hidden) if isinstance(v, BaseModel) else v for v in value)
            if any(a is not b for a, b in zip(parts, value, strict=True)):
                yield name, parts


def _bare(entity: Entity) -> Entity:
    """Return something restricted by name alone; fields that it can not do without keep their values."""
    fields = type(entity).model_fields
    empty = {
        name: info.get_default(call_default_factory=True)
        for name, info in fields.items()
        if name not in NAMED and not info.is_required()
    }
    return entity.model_copy(update=empty)


def profile(account: Account) -> str:
    """Return the sharing profile of what an account is shown."""
    return "restricted" if {"read_contacts", "read_weaknesses"} <= account.rights else "internal"
