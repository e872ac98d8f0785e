"""From a file to what it would do to a plan."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from openline.exchange.csv_files import read_csv_files
from openline.exchange.merge import Merged, OnConflict, files_after, merge
from openline.exchange.workbook import Read, read_workbook
from openline.plan.load import ROOT, load_plan, read_trees
from openline.plan.overlay import entity_id
from openline.plan.problem import Problem
from openline.server.bringing.upload import MOST_UNPACKED, unpacked

OVERLAYS = "overlays/"


@dataclass(frozen=True, slots=True)
class Brought:
    """What a file would do, and the files of the plan afterwards (none when it can not be)."""

    merged: Merged
    files: dict[str, str]


def brought(files: Mapping[str, str], content: bytes, name: str, on_conflict: OnConflict) -> Brought:
    """Return what comes of laying a workbook or an archive over the plan in `files`, none for a new plan."""
    if name.lower().endswith(".zip"):
        return _archive(files, content, name, on_conflict)
    read = read_workbook(io.BytesIO(content), name, most_unpacked=4 * MOST_UNPACKED)
    if read.form is not None:
        hint = "bring it in under Asked and answered, where its answers count"
        return Brought(Merged(None, (Problem(name, 0, "", "this is the form of an owner", hint),), (), ()), {})
    return _laid(files, read, {}, on_conflict, name)


def _archive(files: Mapping[str, str], content: bytes, name: str, on_conflict: OnConflict) -> Brought:
    found, problems = unpacked(content, name)
    if not found and not problems:
        problems = [Problem(name, 0, "", "the archive holds no YAML or CSV file", "pack the plan's directory")]
    if problems:
        return Brought(Merged(None, tuple(problems), (), ()), {})
    if ROOT not in found:
        return _laid(
            files, read_csv_files({f: t for f, t in found.items() if f.endswith(".csv")}), {}, on_conflict, name
        )
    loaded = load_plan(found)
    if loaded.plan is None:
        return Brought(Merged(None, loaded.problems, (), ()), {})
    read = Read()
    read.organization, read.document, _ = read_trees(found)
    read.tables = {f: t for f, t in found.items() if f in {*loaded.plan.profiles, *loaded.plan.quantiles}}
    if not files:
        return Brought(merge({}, read, on_conflict), found)
    return _laid(files, read, {f: t for f, t in found.items() if f.startswith(OVERLAYS)}, on_conflict, name)


def _laid(
    files: Mapping[str, str], read: Read, overlays: dict[str, str], on_conflict: OnConflict, name: str
) -> Brought:
    merged = merge(files, read, on_conflict)
    if merged.plan is None:
        return Brought(merged, {})
    own = entity_id(read_trees(files)[0]) if files else merged.plan.organization.id
    if own != merged.plan.organization.id:
        message = f"this is of {merged.plan.organization.id!r}, not of {own!r}"
        problem = Problem(name, 0, "organization.id", message, "bring it in as a new centre")
        return Brought(Merged(None, (problem,), (), ()), {})
    differing = tuple(f for f, t in overlays.items() if files.get(f, t) != t)
    taken = {f: t for f, t in overlays.items() if f not in files or on_conflict == "update"}
    told = Merged(merged.plan, (), merged.changes, (*merged.conflicts, *differing))
    return Brought(told, {**files_after(files, merged.plan), **taken})
