"""The form of a provider, made from the options of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from openline.notifiers import NOTIFIERS
from openline.notifiers.secret import is_there
from openline.plan.record import Record

Shape = Literal["text", "number", "tick", "choice", "lines", "long"]


@dataclass(frozen=True, slots=True)
class Box:
    """One option as the form shows it."""

    name: str
    title: str
    shape: Shape
    value: str
    choices: tuple[str, ...]
    required: bool
    note: str
    error: str


def boxes(kind: str, stated: Mapping[str, Any], errors: Mapping[str, str]) -> list[Box]:
    """Return the boxes of a kind's options, with what is stated in them; `stated` holds values or typed words."""
    model = NOTIFIERS[kind].options
    return [_box(name, f, stated, errors.get(name, "")) for name, f in model.model_fields.items()]


def _box(name: str, field: FieldInfo, stated: Mapping[str, Any], error: str) -> Box:
    value = stated.get(name, None if field.is_required() else field.get_default(call_default_factory=True))
    note = field.description or ""
    if name == "secret" and value:
        note += " It is there." if is_there(str(value)) else " It is not there yet."
    shape = _shape(name, field)
    choices = tuple(map(str, get_args(field.annotation))) if shape == "choice" else ()
    return Box(name, name.replace("_", " "), shape, _typed(value), choices, field.is_required(), note, error)


def _shape(name: str, field: FieldInfo) -> Shape:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return "choice"
    if get_origin(kind) is dict:
        return "lines"
    if kind is bool:
        return "tick"
    return "number" if kind in (int, float) else "long" if name == "body" else "text"


def _typed(value: object) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{k}: {v}" for k, v in value.items())
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def options_of(kind: str, sent: Mapping[str, str]) -> dict[str, object]:
    """Return options from what a form sent; an empty box is not stated, except where empty means none."""
    found: dict[str, object] = {}
    model: type[Record] = NOTIFIERS[kind].options
    for name, field in model.model_fields.items():
        text, shape = sent.get(name, "").strip(), _shape(name, field)
        if shape == "tick":
            found[name] = bool(text)
        elif shape == "lines":
            found[name] = dict(_pair(line) for line in text.splitlines() if line.strip())
        elif text:
            found[name] = text
        elif field.default is not None and type(None) in get_args(field.annotation):
            found[name] = None
    return found


def _pair(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()
