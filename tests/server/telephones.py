"""A centre whose people have telephones, and what a gateway that stands between delivers."""

import json
from pathlib import Path
from typing import Any

SLUG = "phones"
SECRET = "between us"  # noqa: S105 - of a test
AGENT, OFFICER, DIRECTOR = "+44 7711 000001", "+44 7711 000002", "+44 7711 000003"


def person(name: str, number: str) -> dict[str, Any]:
    """Return a person of a plan who is reached at one number."""
    return {"id": name, "name": name.title(), "contacts": [{"channel": "sms", "value": number, "order": 1}]}


def role(name: str, holder: str, called: int, declares: int) -> dict[str, Any]:
    """Return a role that is called from a level on and may declare up to another."""
    return {
        "id": name, "level_called": called, "primary": holder, "authority": {"declare_level_max": declares},
    }  # fmt: skip


PERSONS = [person("agent", AGENT), person("officer", OFFICER), person("director", DIRECTOR)]
ROLES = [role("duty-officer", "officer", 1, 2), role("commander", "director", 2, 4)]


def files(slug: str = SLUG, persons: list[dict[str, Any]] = PERSONS) -> dict[str, str]:
    """Return the files of a plan: an agent, the duty officer (up to L2), the commander (up to L4)."""
    plan = {"format": 1, "organization": {"id": slug, "name": slug.title(), "tz": "Europe/London"}}
    # JSON is YAML that is quick to read.
    return {
        "openline.yaml": json.dumps(plan),
        "people.yaml": json.dumps({"persons": persons}),
        "roles.yaml": json.dumps({"roles": ROLES}),
    }


def written(folder: Path, slug: str = SLUG) -> Path:
    """Write the plan into a folder."""
    for name, text in files(slug).items():
        (folder / name).write_text(text)
    return folder
