"""References between entities, found from the marks on the models' fields."""

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel

from openline.plan.record import Ref, TableFile

Path = tuple[str | int, ...]
Mark = Ref | TableFile


@dataclass(frozen=True, slots=True)
class Marked:
    """A value in an entity that names something else."""

    path: Path
    value: str
    mark: Mark


def marked_values(record: BaseModel, path: Path = ()) -> Iterator[Marked]:
    """Yield every reference and table file that a record names, with its path as in the files."""
    for field, key, mark in _fields(type(record)):
        value = getattr(record, field)
        members = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for index, member in members:
            at = (*path, key) if index is None else (*path, key, index)
            if mark is not None and isinstance(member, str):
                yield Marked(at, member, mark)
            elif isinstance(member, BaseModel):
                yield from marked_values(member, at)


@cache
def _fields(model: type[BaseModel]) -> tuple[tuple[str, str, Mark | None], ...]:
    """List (attribute, key in the files, mark) of the fields that can hold a reference or a record."""
    hints = typing.get_type_hints(model, include_extras=True)
    found = []
    for name, info in model.model_fields.items():
        mark = mark_of(hints[name])
        if mark is not None or _holds_record(hints[name]):
            found.append((name, info.alias or name, mark))
    return tuple(found)


@cache
def record_fields(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """List (attribute, key in the files) of the fields that can hold a record or a list of them."""
    hints = typing.get_type_hints(model)
    return tuple((name, info.alias or name) for name, info in model.model_fields.items() if _holds_record(hints[name]))


def mark_of(hint: Any) -> Mark | None:
    """Return the mark anywhere inside a type hint; a field has at most one."""
    if typing.get_origin(hint) is Annotated:
        for extra in hint.__metadata__:
            if isinstance(extra, Ref | TableFile):
                return extra
    return next((m for m in map(mark_of, typing.get_args(hint)) if m is not None), None)


def _holds_record(hint: Any) -> bool:
    if isinstance(hint, type) and not isinstance(hint, types.GenericAlias):
        return issubclass(hint, BaseModel)
    return any(_holds_record(a) for a in typing.get_args(hint))
