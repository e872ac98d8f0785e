"""The base of every entity and the small types that their fields share."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    model_serializer,
    model_validator,
)

from openline.units import parse_duration

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
NOT_IN_FILES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What no file of a plan can hold; 80 to 9f come of text that was read in the wrong encoding."""
IN_FILES = "in the files of a plan"
"""The context in which a plan is read; the log of an incident is no YAML, and takes what people pasted."""


def _printable(text: str, info: ValidationInfo) -> str:
    """Return the text when people can read all of it: tabs and new lines, but no other control characters."""
    if (NOT_IN_FILES if info.context == IN_FILES else _CONTROL).search(text):
        raise ValueError("holds a control character that no page or workbook can show")
    return text


Text = Annotated[str, StringConstraints(max_length=4000, strip_whitespace=True), AfterValidator(_printable)]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), AfterValidator(_printable)
]
Seconds = Annotated[float, BeforeValidator(parse_duration), Field(json_schema_extra={"unit": "s"})]
Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False, json_schema_extra={"unit": "0..1"})]
Factor = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False, json_schema_extra={"unit": "times"})]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


Formula = Literal["SL1", "SL2", "SL3", "SL4", "SL5", "SL6"]
"""The six formulas of a service level (glossary 2.4); a level without its formula says nothing (invariant 11)."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A field's mark that it names entities of one of these collections."""

    collections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableFile:
    """A field's mark that it names a CSV file of the plan, read as this kind of table."""

    kind: Literal["volumes", "roster", "quantiles"]


_TABLE = re.compile(r"(?:[A-Za-z0-9_][\w .-]*/)*[A-Za-z0-9_][\w .-]*\.csv", re.ASCII)


def _inside(path: str) -> str:
    """Return the path when it stays in the plan's directory: writing a plan must never write anywhere else."""
    if not _TABLE.fullmatch(path) or len(path) > 200:
        raise ValueError(f"{path[:60]!r} is not a CSV file of the plan: write a path such as volumes/claims.csv")
    return path


TablePath = Annotated[str, AfterValidator(_inside)]


class Record(BaseModel):
    """A frozen part of a plan that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Provenance(Record):
    """Where a number came from, how old it is and how far it can be trusted."""

    source: Text = Field(description="Who or what says so.")
    as_of: date | None = Field(None, description="The day it was true.")
    confidence: Literal["measured", "contract", "estimate", "default"] = "estimate"


class Money(Record):
    """An amount with its currency, written `1200.50 GBP`; amounts of different currencies are never added."""

    amount: Annotated[Decimal, Field(ge=0, le=10**15, max_digits=20, decimal_places=4)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    @model_validator(mode="before")
    @classmethod
    def _parsed(cls, value: Any) -> Any:
        if not isinstance(value, str):
            if isinstance(value, dict | Money):
                return value
            raise ValueError("money carries its currency: write 1200.50 GBP")
        number, _, currency = value.strip().rpartition(" ")
        try:
            amount = Decimal(number)
        except InvalidOperation:
            amount = None
        if amount is None or not amount.is_finite():
            raise ValueError(f"{value[:40]!r} is not money: write 1200.50 GBP")
        return {"amount": amount, "currency": currency}

    @model_serializer
    def _written(self) -> str:
        return str(self)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


RoleRef = Annotated[Slug, Ref(("roles",))]
PersonRef = Annotated[Slug, Ref(("persons",))]
VendorRef = Annotated[Slug, Ref(("vendors",))]
EvidenceRef = Annotated[Slug, Ref(("evidence",))]
Classification = Literal["public", "internal", "confidential", "restricted"]
Days = Annotated[int, Field(ge=0, le=36500, json_schema_extra={"unit": "d"})]
PerYear = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False, json_schema_extra={"unit": "per year"})]


class Entity(Record):
    """Anything in the plan that has an id and can be pointed at."""

    id: Slug = Field(description="Short, stable for ever, unique in the plan.")
    name: Name = Field("", description="What people call it.", validate_default=False)
    notes: Text = Field("", description="What a reader should know.")
    tags: tuple[Slug, ...] = ()
    owner_role: RoleRef | None = Field(None, description="Role that answers for it.")
    classification: Classification | None = Field(None, description="Who may see it.")
    last_reviewed: date | None = Field(None, description="The day somebody last read it with care.")
    review_interval_d: Days | None = Field(None, description="Days until it is to be read again.")
    evidence: tuple[EvidenceRef, ...] = Field((), description="What proves what it says.")
    provenance: dict[str, Provenance] = Field(default_factory=dict, description="By field: where its number came from.")

    @property
    def title(self) -> str:
        """The name, or the id when it has none."""
        return self.name or self.id


NODE_COLLECTIONS = (
    "sites",
    "feeds",
    "ups",
    "generators",
    "entrances",
    "network_paths",
    "trunk_groups",
    "numbers",
    "systems",
    "activities",
    "agent_groups",
    "partners",
    "agreements",
)
"""Collections whose entities can fail: their ids share one name space."""

NodeRef = Annotated[Slug, Ref(NODE_COLLECTIONS)]

OBJECT_COLLECTIONS = (*NODE_COLLECTIONS, "components", "cooling", "data_sets", "backups", "vendors", "persons", "teams")
"""Collections whose entities can be watched, maintained, assessed, covered by a procedure or hit by a finding."""

ObjectRef = Annotated[Slug, Ref(OBJECT_COLLECTIONS)]


class Dependency(Record):
    """What an object needs to work.

    `and`: each of `to`. `or`: any one of `to`, the first preferred, another takes over after `switch_s`.
    `k_of_n`: capacity is the sum of the working members over `k`, at most 1.
    """

    to: tuple[NodeRef, ...] = Field(min_length=1, description="What is needed, the preferred one first.")
    mode: Literal["and", "or", "k_of_n"] = "and"
    k: Annotated[int, Field(ge=1)] | None = Field(None, description="Members needed, for k_of_n.")
    grace_s: Seconds = Field(0.0, description="How long the object works on without it (battery, cache).")
    switch_s: Seconds = Field(0.0, description="Time until another member has taken over, for or.")
    capacity_effect: Fraction = Field(1.0, description="Share of capacity lost when it is gone; 1 = all.")
