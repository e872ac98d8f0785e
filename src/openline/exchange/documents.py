"""Documents of single entities laid over a plan's files: the new files, or what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from openline.exchange.merge import files_after
from openline.exchange.workbook import ORGANIZATION, grown
from openline.plan.load import load_document, read_trees
from openline.plan.overlay import entity_id
from openline.plan.problem import Problem


@dataclass(frozen=True, slots=True)
class Laid:
    """One entity as it is to be; `old_id` is None for a new one."""

    collection: str
    old_id: str | None
    document: dict[str, Any]


def relaid(files: Mapping[str, str], changes: Iterable[Laid]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return every file of the plan with these entities changed or added, or what is wrong with it then."""
    organization, collections, _ = read_trees(files)
    for change in changes:
        tree = grown(change.document, "form", 1)
        if change.collection == ORGANIZATION:
            organization = tree
            continue
        there = collections[change.collection]
        known = any(entity_id(t) == change.old_id for t in there) if change.old_id else False
        collections[change.collection] = (
            [tree if entity_id(t) == change.old_id else t for t in there] if known else [*there, tree]
        )
    tables = {f: t for f, t in files.items() if f.endswith(".csv")}
    loaded = load_document(organization, collections, tables)
    if loaded.plan is None:
        return {}, loaded.problems
    return files_after(files, loaded.plan), ()
