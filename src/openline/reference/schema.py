"""JSON Schema for every file of a plan, so that editors complete and check while people type."""

import json
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from openline.forecast.roll_call import RollCall
from openline.plan.organization import Organization
from openline.plan.overlay import ABOUT
from openline.plan.sections import COLLECTIONS, SECTIONS
from openline.sim.snapshot import Snapshot

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """Return the schema of each file by its name: `sites.schema.json` is for sites.yaml and files in sites/."""
    root = create_model("Root", format=(int, FieldInfo(default=1)), organization=(Organization, ...))
    found = {"openline.schema.json": _text(root, "openline.yaml")}
    for section in SECTIONS:
        fields: dict[str, Any] = {
            c.name: (list[c.model], FieldInfo(default=[], description=c.title))  # type: ignore[name-defined]
            for c in COLLECTIONS.values()
            if c.section == section
        }
        found[f"{section}.schema.json"] = _text(create_model(section.title(), **fields), f"{section}.yaml")
    return found | {"overlay.schema.json": _overlay()}


def _overlay() -> str:
    """Return the schema of an overlay: any collection, and of its entities only what differs."""
    fields: dict[str, Any] = {c.name: (list[c.model], FieldInfo(default=[])) for c in COLLECTIONS.values()}  # type: ignore[name-defined]
    fields |= {key: (str, FieldInfo(default="")) for key in ABOUT}
    model = create_model("Overlay", organization=(Organization, FieldInfo(default=None)), **fields)
    schema = json.loads(_text(model, "overlays/*.yaml"))
    for c in COLLECTIONS.values():
        changed = schema["$defs"][c.model.__name__]
        changed["required"] = ["id"]
        changed["properties"]["remove"] = {
            "const": True,
            "description": "Takes the entity out; stands alone with the id.",
        }
    schema["$defs"]["Organization"].pop("required", None)
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def room_schemas() -> dict[str, str]:
    """Return the schemas of what the incident room hands in as JSON: a snapshot of queues and agents, a roll call."""
    return {
        "snapshot.schema.json": _text(Snapshot, "snapshot.json"),
        "roll-call.schema.json": _text(RollCall, "roll-call.json"),
    }


def _text(model: type[BaseModel], title: str) -> str:
    schema = model.model_json_schema(mode="validation", by_alias=True)
    schema = {"$schema": DRAFT, **_eased(schema), "title": title, "additionalProperties": False}
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


def _eased(node: Any) -> Any:
    """Return a schema in which durations may be text as well, and money is text."""
    if isinstance(node, list):
        return [_eased(n) for n in node]
    if not isinstance(node, dict):
        return node
    if node.get("unit") == "s" and node.get("type") == "number":
        rest = {k: v for k, v in node.items() if k not in ("type", "exclusiveMinimum", "default")}
        return {**rest, "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[0-9P][0-9A-Za-z. ]*$"}]}
    if node.get("title") == "Money":
        return {"type": "string", "pattern": r"^[0-9.]+ [A-Z]{3}$", "description": "money, such as 1200.50 GBP"}
    return {k: _eased(v) for k, v in node.items()}


def settings_for_editors() -> str:
    """Return `.vscode/settings.json` that binds each schema to its files (yaml.schemas of the YAML extension)."""
    bound = {f".schema/{name}": [name.replace(".schema.json", ".yaml")] for name in schemas()}
    bound[".schema/overlay.schema.json"] = ["overlays/*.yaml"]
    for name in SECTIONS:
        bound[f".schema/{name}.schema.json"].append(f"{name}/*.yaml")
    return json.dumps({"yaml.schemas": bound}, indent=2) + "\n"
