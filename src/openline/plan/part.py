"""What can be read of an entity that is not whole, so that all its faults are told at once."""

from collections.abc import Iterable
from functools import cache
from itertools import takewhile
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, Field, ValidationError, create_model

from openline.plan.refs import Path

M = TypeVar("M", bound=BaseModel)


def part_of(model: type[M], document: Any, wrong: Iterable[Path]) -> M | None:
    """Return the entity that a document states without what is wrong at these paths; None when it states none.

    A field that the entity needs and lacks is None, so only those may judge the part who do not read that field.
    """
    if not isinstance(document, dict):
        return None
    lenient: type[M] = _lenient(model)
    for path in wrong:
        _cut(document, path)
    try:
        return lenient.model_validate(document)
    except ValidationError as error:
        left = {e["loc"][:1] for e in error.errors(include_url=False)}
    # What a record inside needs is gone: the whole record goes.
    for path in left:
        _cut(document, path)
    try:
        return lenient.model_validate(document)
    except ValidationError:
        return None


def _cut(document: dict[str, Any], path: Path) -> None:
    """Take away what stands at a path; a list goes whole, since its places would no longer be those of the file."""
    keys = [str(k) for k in takewhile(lambda step: isinstance(step, str), path)]
    at: Any = document
    for key in keys[:-1]:
        at = at.get(key) if isinstance(at, dict) else None
    if keys and isinstance(at, dict):
        at.pop(keys[-1], None)


@cache
def _lenient(model: type[M]) -> type[M]:
    """Return the model with nothing needed."""
    hints = get_type_hints(model, include_extras=True)
    needed: dict[str, Any] = {
        name: (hints[name] | None, Field(None, alias=info.alias))
        for name, info in model.model_fields.items()
        if info.is_required()
    }
    return create_model(model.__name__, __base__=model, **needed)
