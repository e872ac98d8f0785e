"""An entity as a row of cells, and back: which columns a collection has, and what stands in a cell.

Records become dotted columns (`support.hours`). A list of words stands in one cell, one a line; lists of records and
maps stand as JSON. An empty cell is a value that is not given.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from pydantic import BaseModel

from openline.plan.load import NEVER_HELD
from openline.plan.record import Money
from openline.plan.tree import MAX_DEPTH
from openline.reference.fields import FieldRow, Shape, field_rows
from openline.units import duration_text

Cell = str | int | float | bool | date | None
PLAIN = ("text", "number", "whole", "yes_no", "date", "time", "choice", "ref", "money", "duration", "table")
DEEPEST = 4
_AMOUNT = re.compile(r"-?\d{1,40}(\.\d{1,40})?([eE][-+]?\d{1,3})?", re.ASCII)
"""What is read as a number here; Python refuses thousands of digits, and the model says what is wrong with the rest."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its dotted name, what it holds, and what to tell of it; `is_record` marks a record as a whole."""

    name: str
    path: tuple[str, ...]
    shape: Shape
    unit: str
    required: bool
    note: str
    is_record: bool = False


@cache
def columns(model: type[BaseModel]) -> tuple[Column, ...]:
    """Return the columns of a collection, id and name first."""
    found = [c for row in field_rows(model) for c in _columns(row, (), True)]
    return tuple(sorted(found, key=lambda c: ("id", "name").index(c.name) if c.name in ("id", "name") else 2))


def _columns(row: FieldRow, path: tuple[str, ...], required: bool) -> Iterator[Column]:
    at = (*path, row.name)
    needed = required and row.required
    note = " ".join(filter(None, (row.description, f"Unit: {row.unit}." if row.unit else "")))
    is_record = row.shape.kind == "record" and row.shape.model is not None and len(at) < DEEPEST
    yield Column(".".join(at), at, row.shape, row.unit, needed and not is_record, note, is_record)
    if is_record and row.shape.model is not None:
        for inner in field_rows(row.shape.model):
            yield from _columns(inner, at, needed)


def cells(entity: BaseModel) -> dict[str, Cell]:
    """Return the cells of an entity that hold something, by column name."""
    return dict(_cells(written(entity), columns(type(entity))))


def _cells(document: dict[str, Any], found: tuple[Column, ...]) -> Iterator[tuple[str, Cell]]:
    for column in found:
        value = _at(document, column.path)
        if value is None:
            continue
        if column.is_record:
            if value == {}:
                yield column.name, "{}"
        else:
            yield column.name, to_cell(value, column.shape)


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        document = document.get(step) if isinstance(document, dict) else None
    return document


def written(record: BaseModel) -> dict[str, Any]:
    """Return what a record states, by the keys of the files: nothing that was not given, durations as people write."""
    shapes = {r.name: r.shape for r in field_rows(type(record))}
    found = {}
    for name, info in type(record).model_fields.items():
        key = info.alias or name
        value = getattr(record, name)
        if name in record.model_fields_set and value is not None:
            found[key] = _written(value, shapes[key])
    return found


def _written(value: Any, shape: Shape) -> Any:
    if isinstance(value, Money):
        return str(value)
    if isinstance(value, BaseModel):
        return written(value)
    if isinstance(value, tuple):
        return [None if v is None else _written(v, shape.inner or shape) for v in value]
    if isinstance(value, dict):
        return {k: _written(v, shape.inner or shape) for k, v in value.items()}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if shape.kind == "duration":
        return duration_text(value)
    return str(value) if isinstance(value, Decimal) else value


def to_cell(value: Any, shape: Shape) -> Cell:
    """Return a written value as a cell."""
    if shape.kind == "list" and shape.inner is not None and shape.inner.kind in PLAIN:
        return _list_cell(value, shape.inner)
    if shape.kind in ("list", "map", "record"):
        return json.dumps(value, ensure_ascii=False)
    if shape.kind == "date":
        return date.fromisoformat(value)
    if shape.kind == "yes_no":
        return bool(value)
    found: Cell = value
    return found


def _list_cell(value: list[Any], inner: Shape) -> str:
    """Return words one a line; as JSON where a word could not be told from its neighbours or from JSON."""
    words = [str(v) for v in value]
    odd = any("\n" in w or w != w.strip() or not w or v is None for w, v in zip(words, value, strict=True))
    if not words or odd or words[0].startswith("[") or inner.kind in ("number", "whole", "yes_no"):
        return json.dumps(value, ensure_ascii=False)
    return "\n".join(words)


class CellError(ValueError):
    """A cell that can not be read; the message says what to write."""


def from_cell(value: Any, shape: Shape) -> Any:
    """Return what a cell says, for the plan's models to judge; raises CellError for what is no value at all."""
    if shape.kind == "list":
        return _list(value, shape.inner)
    if shape.kind in ("map", "record"):
        return _json(value, shape.kind)
    if shape.kind in ("text", "choice", "ref", "money", "time", "table"):
        return _text(value)
    if shape.kind == "date":
        return value.date().isoformat() if isinstance(value, datetime) else _text(value)
    if shape.kind == "yes_no":
        return _yes_no(value)
    if isinstance(value, str) and _AMOUNT.fullmatch(value.strip()):
        return float(value) if shape.kind == "number" or "." in value or "e" in value.lower() else int(value)
    if isinstance(value, float) and value.is_integer() and shape.kind == "whole":
        return int(value)
    return value


def _yes_no(value: Any) -> Any:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    return words.get(str(value).strip().lower(), value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and (value.hour, value.minute, value.second) == (0, 0, 0):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _list(value: Any, inner: Shape | None) -> Any:
    text = _text(value)
    if text.startswith("["):
        return _json(text, "list")
    if inner is None or inner.kind not in PLAIN:
        raise CellError("write a JSON list, such as [{...}, {...}]")
    words = [w.strip() for w in (text.split("\n") if "\n" in text or inner.kind == "text" else text.split(","))]
    return [from_cell(w, inner) for w in words if w]


def _json(value: Any, kind: str) -> Any:
    try:
        found = json.loads(str(value))
    except (ValueError, RecursionError) as error:
        raise CellError(f"not readable as JSON: {str(error)[:80]}") from None
    if _is_deep(found):
        raise CellError("nested too deeply: a plan has few levels")
    if kind == "list" and not isinstance(found, list):
        raise CellError("write a JSON list")
    if kind != "list" and not isinstance(found, dict):
        raise CellError('write JSON, such as {"key": "value"}')
    return found


def _is_deep(value: Any) -> bool:
    """Tell whether JSON is nested deeper than a plan's files may be; its readers take a step of their stack a level."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            v for at in level for v in (at.values() if isinstance(at, dict) else at if isinstance(at, list) else ())
        ]
    return bool(level)


def document_of(row: dict[str, Any], model: type[BaseModel]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the document that a row of cells says, and (column, message) of what can not be read.

    A cell that can not be read stands in the document as it was typed, so that no rule takes its field for empty.
    """
    by_name = {c.name: c for c in columns(model)}
    document: dict[str, Any] = {}
    problems: list[tuple[str, str]] = []
    for name, value in row.items():
        column = by_name.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        if column is None:
            never = name.rpartition(".")[2] in NEVER_HELD
            problems.append((name, "a plan never holds this" if never else "there is no such column"))
            continue
        try:
            found = from_cell(value, column.shape)
        except CellError as error:
            problems.append((name, str(error)))
            found = {} if column.is_record else _text(value)
        if not _placed(document, column, found):
            problems.append((name, "the cell of the whole record says something else"))
    return document, problems


def _placed(document: dict[str, Any], column: Column, value: Any) -> bool:
    """Put a value where its column leads; False when something that is no record stands on the way."""
    at: Any = document
    for step in column.path[:-1]:
        at = at.setdefault(step, {}) if isinstance(at, dict) else None
    if not isinstance(at, dict):
        return False
    there = at.get(column.path[-1], {})
    if column.is_record and not isinstance(there, dict):
        return False
    at[column.path[-1]] = {**value, **there} if column.is_record else value
    return True
