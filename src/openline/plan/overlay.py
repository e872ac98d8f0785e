"""Overlays: small plan fragments merged by id."""

from openline.plan.problem import Problem
from openline.plan.sections import COLLECTIONS
from openline.plan.tree import Tree

ORGANIZATION = "organization"
ABOUT = ("name", "description", "trap")
"""Keys of an overlay that tell of it and change nothing."""


def merge_overlay(document: dict[str, list[Tree]], overlay: Tree) -> list[Problem]:
    """Merge one overlay's collections into the document in place and return what is wrong with the overlay.

    An entity with a known id has its fields replaced one by one (mappings merge, lists are replaced whole);
    one with a new id is added; one with `remove: true` goes.
    """
    if not isinstance(overlay.value, dict):
        return [Problem(overlay.file, overlay.line, "", "an overlay holds collections by name, such as systems:")]
    problems: list[Problem] = []
    for key, tree in overlay.value.items():
        line = overlay.key_lines[key]
        if key in COLLECTIONS and isinstance(tree.value, list):
            for entity in tree.value:
                problems += _merge_entity(document[key], entity, key)
        elif key in COLLECTIONS:
            problems.append(Problem(overlay.file, line, key, "must be a list of entities"))
        elif key not in (*ABOUT, ORGANIZATION):
            hint = "collections are " + ", ".join(COLLECTIONS)
            problems.append(Problem(overlay.file, line, key, "unknown key", hint))
    return problems


def _merge_entity(entities: list[Tree], change: Tree, collection: str) -> list[Problem]:
    name = entity_id(change)
    if name is None:
        return [Problem(change.file, change.line, collection, "an entity of an overlay needs its id")]
    found = next((i for i, e in enumerate(entities) if entity_id(e) == name), None)
    removed = change.value.get("remove")
    if removed is not None:
        return _remove(entities, change, found, f"{collection}.{name}")
    if found is None:
        entities.append(change)
    else:
        entities[found] = merged(entities[found], change)
    return []


def _remove(entities: list[Tree], change: Tree, found: int | None, path: str) -> list[Problem]:
    if change.value["remove"].value is not True or len(change.value) > 2:
        return [Problem(change.file, change.line, path, "remove: true stands alone with the id")]
    if found is None:
        return [Problem(change.file, change.line, path, "there is nothing to remove with this id")]
    del entities[found]
    return []


def entity_id(tree: Tree) -> str | None:
    """Return the id that an entity's tree states, None when it has none."""
    found = tree.value.get("id") if isinstance(tree.value, dict) else None
    return found.value if found is not None and isinstance(found.value, str) else None


def merged(base: Tree, change: Tree) -> Tree:
    """Return `change` laid over `base`; neither is altered."""
    copy = Tree(dict(base.value), base.file, base.line, dict(base.key_lines))
    _merge(copy, change)
    return copy


def _merge(base: Tree, change: Tree) -> None:
    """Lay `change` over `base` in place; values keep the file and line that they came from."""
    for key, value in change.value.items() if isinstance(change.value, dict) else ():
        known = base.value.get(key)
        if known is not None and isinstance(known.value, dict) and isinstance(value.value, dict):
            base.value[key] = merged(known, value)
        else:
            base.value[key] = Tree(value.value, value.file, change.key_lines[key], value.key_lines)
            base.key_lines[key] = change.key_lines[key]
