"""A form for an entity of any collection, made from its model; and the plan that comes of what was typed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from openline.exchange.columns import Column, columns, document_of
from openline.exchange.csv_files import typed_cells
from openline.exchange.documents import Laid, relaid
from openline.exchange.merge import files_after
from openline.exchange.workbook import ORGANIZATION
from openline.plan.load import load_document, read_trees
from openline.plan.organization import Organization
from openline.plan.overlay import entity_id
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.reference.fields import Shape
from openline.server.plans.reading import label_of

LONG = ("list", "map", "record")
WRITTEN = {
    "number": "A number.",
    "whole": "A whole number.",
    "date": "A day, such as 2026-01-15.",
    "time": "A moment with its zone, such as 2026-01-15T09:00+00:00.",
    "money": "An amount and its currency, such as 1200.50 GBP.",
    "duration": "Such as 90s, 15m, 4h or 2d.",
    "table": "The name of a CSV file of the plan.",
}
UNITS = {"h": "hours", "d": "days", "min": "minutes", "l": "litres", "0..1": "parts of one, from 0 to 1"}
FIRST = ("id", "name", "kind", "role")
LAST = ("notes", "tags", "owner_role", "classification", "last_reviewed", "review_interval_d", "evidence", "provenance")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: what stands in it, what it may hold, what is wrong with it."""

    name: str
    label: str
    value: str
    choices: tuple[str, ...]
    is_long: bool
    required: bool
    note: str
    holds: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """What comes of a form: the files of the new plan, or errors by field and those of no field."""

    files: dict[str, str]
    errors: dict[str, str]
    others: tuple[str, ...]


def model_of(collection: str) -> type[Entity]:
    """Return the model of a collection, or of the organization."""
    return Organization if collection == ORGANIZATION else COLLECTIONS[collection].model


def shown(collection: str, entity: Entity | None, typed: Mapping[str, str], errors: Mapping[str, str]) -> list[Field]:
    """Return the fields of a form, with what was typed where something was."""
    found = columns(model_of(collection))
    stated = {} if entity is None else typed_cells(entity)
    values = {**stated, **typed} if typed else stated
    return [
        field_of(c, values.get(c.name, ""), errors.get(c.name, ""))
        for c in sorted(found, key=_order)
        if not c.is_record
    ]


def _order(column: Column) -> tuple[int, int]:
    top = column.path[0]
    if top in FIRST:
        return 0, FIRST.index(top)
    return (2, LAST.index(top)) if top in LAST else (1, 0)


def field_of(c: Column, value: str, error: str) -> Field:
    """Return one field with what stands in it and what is wrong with it."""
    choices = {"choice": c.shape.choices, "yes_no": ("true", "false")}.get(c.shape.kind, ())
    is_long = c.shape.kind in LONG or "\n" in value or c.path[-1] in ("notes", "text", "script")
    unit = f"Unit: {c.unit}."
    note = c.note.removesuffix(unit).strip() + (f" In {UNITS.get(c.unit, c.unit)}." if c.unit not in ("", "s") else "")
    label = ", ".join(map(label_of, c.path))
    label = label[:1].upper() + label[1:]
    return Field(c.name, label, value, choices, is_long, c.required, note.strip(), holds(c.shape), error)


def holds(shape: Shape) -> str:
    """Return what is to be written into a field, in a sentence; empty when its choices or its name say it."""
    if shape.kind == "ref":
        named = [COLLECTIONS[name].title.lower() for name in shape.refers]
        return f"An id of {' or '.join(named)}." if len(named) <= 3 else "An id of anything in the plan."
    if shape.kind == "list" and shape.inner is not None and shape.inner.kind not in LONG:
        return f"{holds(shape.inner)} One a line.".strip()
    return "As JSON." if shape.kind in LONG else WRITTEN.get(shape.kind, "")


def edited(files: Mapping[str, str], collection: str, old_id: str | None, typed: Mapping[str, str]) -> Edited:
    """Return what comes of a form laid over the plan in `files`; `old_id` is None for a new entity."""
    model = model_of(collection)
    document, unread = document_of(dict(typed), model)
    if collection == ORGANIZATION and document.get("id") != old_id:
        unread.append(("id", f"the address of this centre hangs on it: leave it {old_id!r}"))
    new, wrong = relaid(files, [Laid(collection, old_id, document)])
    if not unread and not wrong:
        return Edited(new, {}, ())
    # Of all the plan only what was typed can lack its id; it is then named by its place.
    own = r"organization\." if collection == ORGANIZATION else rf"{collection}\.{re.escape(str(document.get('id')))}\."
    path = re.compile(rf"{own}|{collection}\[\d+\]\.")
    found = [(path.sub("", p.path, count=1) if path.match(p.path) else None, p) for p in wrong]
    return _told(unread, found, model)


def removed(files: Mapping[str, str], collection: str, entity_id_: str) -> Edited:
    """Return what comes of taking an entity away; refused while something else names it."""
    organization, collections, _ = read_trees(files)
    collections[collection] = [t for t in collections[collection] if entity_id(t) != entity_id_]
    tables = {f: t for f, t in files.items() if f.endswith(".csv")}
    loaded = load_document(organization, collections, tables)
    if loaded.plan is None:
        return Edited({}, {}, tuple(f"{p.path}: {p.message}" for p in loaded.problems))
    return Edited(files_after(files, loaded.plan), {}, ())


def _told(unread: list[tuple[str, str]], wrong: list[tuple[str | None, Problem]], model: type[Entity]) -> Edited:
    """Put each problem beside its field, the first of each; the rest at the top."""
    names = sorted((c.name for c in columns(model) if not c.is_record), key=len, reverse=True)
    errors = {name: message for name, message in reversed(unread) if name in names}
    others = [f"{name}: {message}" for name, message in unread if name not in names]
    for at, problem in wrong:
        message = f"{problem.message} {f'({problem.hint})' if problem.hint else ''}".strip()
        name = next((n for n in names if at is not None and (at == n or at.startswith((f"{n}.", f"{n}[")))), None)
        if name is None:
            others.append(f"{problem.path}: {message}")
        else:
            errors.setdefault(name, message)
    return Edited({}, errors, tuple(others))
