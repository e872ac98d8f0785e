"""Laying what was read over a plan: what would be added, what differs, and the files that come of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError

from openline.audit.difference import Change, changed
from openline.exchange.workbook import ORGANIZATION, Read
from openline.exchange.yaml_files import plan_files
from openline.plan.document import Plan
from openline.plan.load import load_document, load_plan, read_trees
from openline.plan.organization import Organization
from openline.plan.overlay import entity_id
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.tables import read_profile, read_quantiles
from openline.plan.tree import Tree, plain

OnConflict = Literal["stop", "skip", "update"]


@dataclass(frozen=True, slots=True)
class Merged:
    """What an import would do: the plan that comes of it (None when there are problems), and its changes."""

    plan: Plan | None
    problems: tuple[Problem, ...]
    changes: tuple[Change, ...]
    conflicts: tuple[str, ...]
    """Entities that are there already and say something else."""


def merge(files: Mapping[str, str], read: Read, on_conflict: OnConflict) -> Merged:
    """Return what comes of laying `read` over the plan in `files` (none for a new plan).

    An entity that is there and differs is a conflict: `stop` changes nothing, `skip` keeps what is there, `update`
    takes what was read. Entities that were not read stay.
    """
    organization: Tree | None = None
    document: dict[str, list[Tree]] = {name: [] for name in COLLECTIONS}
    problems: list[Problem] = []
    if files:
        organization, document, problems = read_trees(files)
    if problems:
        return Merged(None, tuple(problems), (), ())
    before = load_plan(files).plan if files else None
    conflicts: list[str] = []
    organization = _organization(organization, read.organization, before, on_conflict, conflicts)
    for name, trees in read.document.items():
        document[name] = _laid(name, document.get(name, []), trees, before, on_conflict, conflicts)
    tables = _tables(files, read, on_conflict, conflicts)
    loaded = load_document(organization, document, tables)
    if read.problems or loaded.plan is None:
        more = _untold(read.problems, loaded.problems)
        return Merged(None, tuple(sorted([*read.problems, *more])), (), tuple(conflicts))
    changes = changed(before, loaded.plan) if before is not None else _all(loaded.plan)
    return Merged(loaded.plan, (), tuple(changes), tuple(conflicts))


def _untold(read: Iterable[Problem], loaded: Iterable[Problem]) -> list[Problem]:
    """Return what loading found that reading has not told: nothing of a cell that can not be read.

    Nothing of a row either when reading knows no column for what is wrong in it.
    """
    told: dict[tuple[str, int], list[str]] = defaultdict(list)
    for p in read:
        told[p.file, p.line].append(f".{p.path.partition('.')[2]}." if "." in p.path else ".")
    return [p for p in loaded if not any(cell in f"{p.path}." for cell in told.get((p.file, p.line), ()))]


def _organization(
    there: Tree | None,
    read: Tree | None,
    before: Plan | None,
    on_conflict: OnConflict,
    conflicts: list[str],
) -> Tree:
    if there is None or before is None:
        return read or there or Tree({}, "openline.yaml", 0)
    if read is None or _same(Organization, read, before.organization):
        return there
    conflicts.append(ORGANIZATION)
    return read if on_conflict == "update" else there


def _laid(
    name: str,
    there: list[Tree],
    read: list[Tree],
    before: Plan | None,
    on_conflict: OnConflict,
    conflicts: list[str],
) -> list[Tree]:
    """Return a collection with what was read laid over it, in the order of what was there."""
    at = {entity_id(t): n for n, t in enumerate(there)}
    found = list(there)
    for tree in read:
        key = entity_id(tree)
        n = at.get(key) if key is not None else None
        known = before.collection(name).get(key or "") if before is not None else None
        if n is None:
            found.append(tree)
        elif known is None or not _same(COLLECTIONS[name].model, tree, known):
            conflicts.append(f"{name}.{key}")
            if on_conflict == "update":
                found[n] = tree
    return found


def _same(model: type[Entity], tree: Tree, known: Entity) -> bool:
    """Tell whether a tree says what is known already, however it is spelled."""
    try:
        return model.model_validate(plain(tree)) == known
    except ValidationError:
        return False


def _tables(files: Mapping[str, str], read: Read, on_conflict: OnConflict, conflicts: list[str]) -> dict[str, str]:
    tables = {f: t for f, t in files.items() if f.endswith(".csv")}
    for file, text in read.tables.items():
        if file in tables and not _same_table(tables[file], text):
            conflicts.append(file)
        if file not in tables or on_conflict == "update":
            tables[file] = text
    return tables


def _same_table(a: str, b: str) -> bool:
    """Tell whether two CSV texts say the same table, however they are spelled."""
    return a == b or _table(a) == _table(b)


def _table(text: str) -> object:
    head = next((line for line in text.splitlines() if line and not line.startswith("#")), "")
    if head.startswith("share"):
        return read_quantiles("table", text)[0] or text
    return read_profile("table", text, head.rpartition(",")[2].strip() or "contacts")[0] or text


def _all(plan: Plan) -> list[Change]:
    return [Change(name, i, "added") for name in COLLECTIONS for i in plan.collection(name)]


def changed_files(files: Mapping[str, str], plan: Plan) -> dict[str, str | None]:
    """Return the files to write for a plan, None for those to take away; sections that say the same stay."""
    before = load_plan(files).plan if files else None
    new = plan_files(plan)
    if before is None:
        return dict(new)
    old = plan_files(before)
    sections = {_section(f) for f in {*old, *new} if old.get(f) != new.get(f)}
    written: dict[str, str | None] = {f: t for f, t in new.items() if _section(f) in sections}
    gone = {f for f in files if f.endswith(".yaml") and _section(f) in sections and f not in new}
    return written | dict.fromkeys(gone)


def files_after(files: Mapping[str, str], plan: Plan) -> dict[str, str]:
    """Return all files of a plan when it is written over `files`; what says the same keeps its comments."""
    changed = changed_files(files, plan)
    new = {f: t for f, t in files.items() if f not in changed}
    return new | {f: t for f, t in changed.items() if t is not None}


def _section(file: str) -> str:
    return file if file.endswith(".csv") else file.partition("/")[0].removesuffix(".yaml")
