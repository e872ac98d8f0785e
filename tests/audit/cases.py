"""Plan fragments of the rules' cases, completed to plans that load."""

import io
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from openline.plan.load import Loaded, load_plan
from openline.plan.sections import COLLECTIONS

CASES = Path(__file__).parent / "cases"
STATES = ("fail", "pass", "unknown")
DAYS_ = ("all", "2026-12-24")
OTHERS: dict[str, Callable[[str, int], int]] = {
    "xmas.csv": lambda day, minute: 10 if day == "all" else 30,
    "day.csv": lambda day, minute: 60 if minute < 720 else 0,
    "night.csv": lambda day, minute: 60 if minute >= 720 else 0,
}

STUBS: dict[str, dict[str, Any]] = {
    "hazard_zones": {"kind": "flood"},
    "sites": {"role": "secondary"},
    "feeds": {"kind": "electric", "site": "stub-site"},
    "network_paths": {"site": "stub-site"},
    "entrances": {"site": "stub-site"},
    "trunk_groups": {"kind": "sip", "channels": 30},
    "numbers": {"e164": "+442079460099", "routing_plans": [{"to": "stub-trunk"}]},
    "systems": {"kind": "other"},
    "activities": {"kind": "support"},
    "procedures": {"phase": "operate", "steps": [{"id": "s", "text": "Do it"}]},
    "scenarios": {
        "duration": {"min_s": 60, "typical_s": 60, "max_s": 60},
        "effects": [{"selector": {"ids": ["stub"]}, "type": "cost"}],
    },
    "exercises": {"kind": "tabletop"},
    "controls": {"kind": "preventive"},
    "insurance": {"kind": "property"},
    "assumptions": {"text": "Something holds"},
    "evidence": {"proves": "Something"},
    "agreements": {
        "partner": "stub-partner",
        "agents_contracted": 1,
        "skills": ["stub-skill"],
        "notice_s": 0,
        "ramp": [{"t_s": 0, "agents": 1}],
    },
    "templates": {"audience": "media", "channel": "press"},
    "call_trees": {"root": "stub-person", "nodes": [{"person": "stub-person"}]},
}
"""What an entity that a case only names is made of, besides its id."""


def states(rule: str) -> list[str]:
    """Return the states of a rule's cases: the three, and what a case adds.

    Added are `fail by ...`, `pass by ...`, `unknown by ...`, `silent by ...` (the rule is not about it), and a severity
    with `by ...` (all that fails is of it). An added one changes the base, or has a base of its own.
    """
    return [*STATES, *(s for s in documents()[rule] if s not in ("base", *STATES))]


@cache
def documents() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the cases by rule."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for path in sorted(CASES.glob("*.yaml")):
        found |= YAML(typ="safe").load(path.read_text())
    return found


def loaded(rule: str, state: str) -> Loaded:
    """Return the plan of one case; what it only names is made up until it loads."""
    case = documents()[rule]
    overlay = {} if state == "fail" else case[state]
    base = overlay.get("base", case["base"])
    overlay = {} if "base" in overlay else overlay
    root = {"id": "case", "currency": "GBP", **base.get("organization", {})}
    sections: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for name, entities in base.items():
        if name != "organization":
            sections.setdefault(COLLECTIONS[name].section, {})[name] = list(entities)
    for _ in range(12):
        files = {"openline.yaml": _text({"format": 1, "organization": root})}
        files |= {f"{name}.yaml": _text(document) for name, document in sections.items()}
        files |= _tables(base, overlay)
        files["overlays/x.yaml"] = _text(overlay)
        result = load_plan(files, ["x"] if overlay else [])
        if result.plan is not None or not _complete(result, sections):
            return result
    return result


def _complete(result: Loaded, sections: dict[str, dict[str, list[dict[str, Any]]]]) -> bool:
    """Add a stub for each entity that is named and not there; tell whether any was added."""
    added: set[tuple[str, str]] = set()
    for problem in result.problems:
        match = re.match(r"there is no '(.+)' among the (\w+)", problem.message)
        if match:
            collection = "systems" if match[2] == "objects" else match[2]
            added.add((collection, match[1]))
    for collection, name in added:
        stub = {"id": name, **STUBS.get(collection, {})}
        sections.setdefault(COLLECTIONS[collection].section, {}).setdefault(collection, []).append(stub)
    return bool(added)


def _tables(*documents_: dict[str, Any]) -> dict[str, str]:
    """Return the tables that the documents name: cN.csv has N contacts, aN.csv N agents each half hour.

    xmas.csv has more contacts on a date, day.csv and night.csv have theirs in one half of the day.
    """
    names = set(re.findall(r"\b([ca])(\d+)\.csv", " ".join(map(str, documents_))))
    tables = {}
    for kind, number in names:
        column = "contacts" if kind == "c" else "agents"
        rows = [f"all,{m // 60:02}:{m % 60:02},{number}" for m in range(0, 1440, 30)]
        tables[f"{kind}{number}.csv"] = "\n".join([f"day,start,{column}", *rows]) + "\n"
    for name in OTHERS.keys() & set(re.findall(r"\b\w+\.csv", str(documents_))):
        rows = [f"{day},{m // 60:02}:{m % 60:02},{OTHERS[name](day, m)}" for day in DAYS_ for m in range(0, 1440, 30)]
        tables[name] = "\n".join(["day,start,contacts", *rows]) + "\n"
    return tables


def _text(document: object) -> str:
    stream = io.StringIO()
    YAML().dump(document, stream)
    return stream.getvalue()
