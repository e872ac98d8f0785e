"""The fields of the plan's models as people read them, and as other formats need them."""

import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from openline.plan.record import Money, Ref, TableFile
from openline.plan.refs import mark_of

Kind = Literal[
    "text", "number", "whole", "yes_no", "date", "time", "choice", "ref", "money", "duration", "list", "table",
    "record", "map",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field holds: its kind, the choices it allows, what it refers to, and what a list or map is made of."""

    kind: Kind
    choices: tuple[str, ...] = ()
    refers: tuple[str, ...] = ()
    inner: "Shape | None" = None
    model: type[BaseModel] | None = None


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of an entity."""

    name: str
    shape: Shape
    unit: str
    required: bool
    default: Any
    description: str


def field_rows(model: type[BaseModel]) -> list[FieldRow]:
    """Return the fields of a model in their order, by the names that the files use."""
    hints = typing.get_type_hints(model, include_extras=True)
    return [_row(name, info, hints[name]) for name, info in model.model_fields.items()]


def _row(name: str, info: FieldInfo, hint: Any) -> FieldRow:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    unit = str(extra.get("unit", "")) or _unit_of(hint) or _unit_by_name(name)
    default = info.get_default(call_default_factory=True)
    return FieldRow(
        name=info.alias or name,
        shape=shape(hint),
        unit=unit,
        required=info.is_required(),
        default=None if default is PydanticUndefined else default,
        description=info.description or "",
    )


SUFFIXES = {
    "_s": "s", "_h": "h", "_d": "d", "_mo": "months", "_min": "min", "_kw": "kW", "_l": "l", "_l_per_h": "l/h",
    "_mbps": "Mbit/s", "_kbps": "kbit/s", "_km": "km",
}  # fmt: skip


def _unit_by_name(name: str) -> str:
    return next((unit for end, unit in sorted(SUFFIXES.items(), key=lambda s: -len(s[0])) if name.endswith(end)), "")


def _unit_of(hint: Any) -> str:
    """Return the unit that a type carries, as Seconds does."""
    if get_origin(hint) is Annotated:
        for extra in hint.__metadata__:
            found = getattr(extra, "json_schema_extra", None)
            if isinstance(found, dict) and "unit" in found:
                return str(found["unit"])
    return next((u for u in map(_unit_of, get_args(hint)) if u), "")


def shape(hint: Any) -> Shape:
    """Return what a type hint of a plan's field holds."""
    mark = mark_of(hint) if get_origin(hint) is Annotated else None
    if isinstance(mark, Ref):
        return Shape("ref", refers=mark.collections)
    if isinstance(mark, TableFile):
        return Shape("table")
    if get_origin(hint) is Annotated:
        return Shape("duration") if _unit_of(hint) == "s" else shape(get_args(hint)[0])
    if get_origin(hint) in (typing.Union, types.UnionType):
        return shape(next(a for a in get_args(hint) if a is not type(None)))
    return _bare(hint)


def _bare(hint: Any) -> Shape:
    origin = get_origin(hint)
    if origin is Literal:
        return Shape("choice", choices=tuple(map(str, get_args(hint))))
    if origin is tuple:
        return Shape("list", inner=shape(get_args(hint)[0]))
    if origin is dict:
        return Shape("map", inner=shape(get_args(hint)[1]))
    if hint is Money:
        return Shape("money")
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return Shape("record", model=hint)
    names: dict[Any, Kind] = {bool: "yes_no", int: "whole", float: "number", str: "text"}
    if hint in names:
        return Shape(names[hint])
    return Shape({"date": "date", "datetime": "time"}.get(getattr(hint, "__name__", ""), "text"))  # type: ignore[arg-type]


def told(found: Shape) -> str:
    """Return a shape in words."""
    words = {
        "text": "text", "number": "number", "whole": "whole number", "yes_no": "yes or no", "date": "day",
        "time": "time with zone", "money": "money (`1200.50 GBP`)", "duration": "duration (`90s`, `15m`, `4h`, `2d`)",
        "table": "CSV file",
    }  # fmt: skip
    if found.kind == "choice":
        return "one of " + ", ".join(f"`{c}`" for c in found.choices)
    if found.kind == "ref":
        return "id of " + (" or ".join(found.refers) if len(found.refers) <= 3 else "an object")
    if found.kind in ("list", "map") and found.inner is not None:
        return ("list: " if found.kind == "list" else "by key: ") + told(found.inner)
    if found.kind == "record" and found.model is not None:
        return f"[{found.model.__name__}](#{found.model.__name__.lower()})"
    return words[found.kind]
