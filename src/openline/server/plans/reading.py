"""A plan's entities as tables that people can read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

from openline.plan.document import Plan
from openline.plan.record import Dependency, Entity
from openline.plan.sections import COLLECTIONS
from openline.reference.fields import SUFFIXES, field_rows
from openline.units import format_duration

FIRST_ROWS = 60
"""Entities of a collection that one page shows."""

ASIDE = ("id", "name", "notes", "provenance", "tags")


@dataclass(frozen=True, slots=True)
class Row:
    """An entity: its title, its id and (field, value) pairs in words."""

    title: str
    id: str
    facts: tuple[tuple[str, str], ...]
    notes: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A collection; `more` entities are not listed."""

    name: str
    title: str
    rows: tuple[Row, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


def where(collection: str, index: int) -> str:
    """Return the query of the plan's page that shows an entity by its place in its collection."""
    return "" if index < FIRST_ROWS else f"?only={collection}&page={index // FIRST_ROWS + 1}"


def sections(plan: Plan, only: str = "", page: int = 1) -> list[Table]:
    """Return the collections that have entities, in the order of the files; with `only` one page of that one."""
    titles = {e.id: e.title for name in COLLECTIONS for e in plan.collection(name).values()}
    found = []
    for name in (only,) if only else COLLECTIONS:
        entities = list(plan.collection(name).values())
        if entities:
            first = (page - 1) * FIRST_ROWS
            rows = tuple(row(e, titles) for e in entities[first : first + FIRST_ROWS])
            found.append(Table(name, COLLECTIONS[name].title, rows, len(entities)))
    return found


def row(entity: Entity, titles: dict[str, str]) -> Row:
    """Return an entity as people read it; `titles` names what it refers to."""
    sources = tuple(f"{field}: {p.source} ({p.confidence})" for field, p in entity.provenance.items())
    return Row(entity.title, entity.id, tuple(_facts(entity, titles)), entity.notes, sources)


def _facts(record: BaseModel, titles: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what was stated, not what is only a default."""
    units = _units(type(record))
    for name in type(record).model_fields:
        value = getattr(record, name)
        if name in ASIDE or name not in record.model_fields_set or value in (None, "", ()):
            continue
        yield label_of(name), _text(value, titles, units[name])


@cache
def _units(model: type[BaseModel]) -> dict[str, str]:
    return {name: row.unit for name, row in zip(model.model_fields, field_rows(model), strict=True)}


def label_of(name: str) -> str:
    """Return a field's name in words, without its unit."""
    end = next((s for s in ("_frac", *sorted(SUFFIXES, key=len, reverse=True)) if name.endswith(s)), "")
    return name.removesuffix(end).strip("_").replace("_", " ")


def _text(value: object, titles: dict[str, str], unit: str) -> str:
    if isinstance(value, Dependency):
        return _dependency(value, titles)
    if isinstance(value, BaseModel):
        return ", ".join(f"{label} {text}" for label, text in _facts(value, titles))
    if isinstance(value, tuple):
        return "; ".join(_text(v, titles, unit) for v in value)
    if isinstance(value, dict):
        return "; ".join(f"{titles.get(k, k.replace('_', ' '))}: {_text(v, titles, unit)}" for k, v in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _figure(value, unit)
    return titles.get(str(value), str(value).replace("_", " "))


def _figure(value: float, unit: str) -> str:
    if unit == "s":
        return format_duration(value)
    return f"{value * 100:g} %" if unit == "0..1" else f"{value:g} {unit}".strip()


def _dependency(need: Dependency, titles: dict[str, str]) -> str:
    names = [titles.get(i, i) for i in need.to]
    if need.mode == "or":
        text = " or ".join(names) + (f", switching in {format_duration(need.switch_s)}" if need.switch_s else "")
    elif need.mode == "k_of_n":
        text = f"{need.k} of " + ", ".join(names)
    else:
        text = " and ".join(names)
    if need.grace_s:
        text += f", can do without for {format_duration(need.grace_s)}"
    if need.capacity_effect < 1:
        text += f", without it {1 - need.capacity_effect:.0%} is left"
    return text
