"""A plan as files, written the same way every time, so that they can live in a version control system."""

import json
import re
from collections.abc import Iterator
from typing import Any

from openline.exchange.columns import written
from openline.exchange.tables import table_files
from openline.plan.document import Plan
from openline.plan.sections import COLLECTIONS, SECTIONS

MOST_CHARS = 3_000_000
"""A section that is longer becomes a folder of files."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _./()'&+;!%-]*")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
WIDTH = 110


def plan_files(plan: Plan) -> dict[str, str]:
    """Return every file of the plan by its path; loading them gives the same plan, writing that the same bytes."""
    found = {"openline.yaml": f"format: 1\norganization:\n{block(written(plan.organization), 2)}"}
    for section in SECTIONS:
        parts = list(_parts(plan, section))
        if len(parts) == 1:
            found[f"{section}.yaml"] = parts[0]
        else:
            found |= {f"{section}/{n:03}.yaml": text for n, text in enumerate(parts, 1)}
    return found | table_files(plan)


def _parts(plan: Plan, section: str) -> Iterator[str]:
    """Yield the texts of a section, each short enough to be read again."""
    text = ""
    for c in COLLECTIONS.values():
        entities = plan.collection(c.name) if c.section == section else {}
        head = f"{c.name}:\n"
        if entities:
            text += ("\n" if text else "") + head
        for entity in entities.values():
            row = entity_text(written(entity))
            if len(text) + len(row) > MOST_CHARS:
                yield text
                text = head
            text += row
    if text:
        yield text


def entity_text(document: dict[str, Any]) -> str:
    """Return one entity as an item of a list: on one line when it is short, else a line a field."""
    flow = f"  - {flowed(document)}\n"
    if len(flow) <= WIDTH:
        return flow
    lines = block(document, 4)
    return "  - " + lines[4:]


def block(document: dict[str, Any], indent: int) -> str:
    """Return fields a line each."""
    return "".join(f"{' ' * indent}{_key(k)}: {flowed(v)}\n" for k, v in document.items())


def flowed(value: Any) -> str:
    """Return a value in YAML's flow style."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_key(k)}: {flowed(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flowed, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    return _word(str(value))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) and key.lower() not in _WORDS else json.dumps(key)


def _word(text: str) -> str:
    """Return text plainly when YAML would read it back as the same text, else in double quotes."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and text == text.strip() and " #" not in text
    return text if plain else json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
