"""From the plan's files to the plan, with every problem told at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from openline.plan.document import Plan
from openline.plan.invariants import breaches
from openline.plan.names import Names
from openline.plan.organization import Organization
from openline.plan.overlay import ORGANIZATION, entity_id, merge_overlay, merged
from openline.plan.part import part_of
from openline.plan.problem import Problem
from openline.plan.record import IN_FILES, NODE_COLLECTIONS, Entity, Ref, TableFile
from openline.plan.refs import Marked, Path, marked_values
from openline.plan.sections import COLLECTIONS, SECTIONS
from openline.plan.tables import Profile, Quantiles, read_profile, read_quantiles
from openline.plan.tree import Tree, dotted, locate, parse, plain
from openline.plan.whole import whole_breaches

FORMAT = 1
NEVER_HELD = frozenset(
    (
        "address", "home_address", "street", "postcode", "zip", "date_of_birth", "birthday", "birth_date", "pin",
        "password", "passphrase", "secret", "token", "ssn", "national_id", "passport", "bank_account", "iban",
        "medical", "health", "diagnosis", "disability", "religion", "ethnicity", "gender", "marital_status", "photo",
    )
)  # fmt: skip
"""Keys that are refused by name: personal data beyond need, and secrets (domain 3.1, invariant 23)."""
ROOT = "openline.yaml"
OVERLAYS = "overlays/"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A plan, or what is wrong with its files; exactly one of the two."""

    plan: Plan | None
    problems: tuple[Problem, ...]
    trees: Mapping[tuple[str, str], Tree] = field(default_factory=dict)
    """Where each entity stands in the files, by (collection, id)."""

    def place(self, collection: str, entity_id: str, path: Path = ()) -> tuple[str, int]:
        """Return file and line of an entity, or of a field of it; (openline.yaml, 0) for what stands in no file."""
        tree = self.trees.get((collection, entity_id))
        return (ROOT, 0) if tree is None else locate(tree, path)


def load_plan(files: Mapping[str, str], overlays: Iterable[str] = ()) -> Loaded:
    """Return the plan that the files hold with the named overlays laid over it in order.

    `files` maps paths relative to the plan's directory to their text. An overlay is named by its path, or by
    the stem of a file in `overlays/`.
    """
    loading = _Loading(files)
    loading.read_sections()
    for name in overlays:
        loading.lay(name)
    plan = loading.build()
    problems = tuple(sorted(set(loading.problems)))
    return Loaded(None if problems else plan, problems, loading.trees)


def read_trees(files: Mapping[str, str]) -> tuple[Tree, dict[str, list[Tree]], list[Problem]]:
    """Return the organization and the collections of the files as trees, and what is wrong with their YAML."""
    loading = _Loading(files)
    loading.read_sections()
    return loading.organization, loading.document, loading.problems


def load_document(organization: Tree, document: dict[str, list[Tree]], tables: Mapping[str, str]) -> Loaded:
    """Return the plan of trees that were read from elsewhere, such as a workbook; `tables` is CSV text by file."""
    loading = _Loading(tables, organization=organization)
    loading.document |= document
    plan = loading.build()
    problems = tuple(sorted(set(loading.problems)))
    return Loaded(None if problems else plan, problems, loading.trees)


def overlay_names(files: Mapping[str, str]) -> list[str]:
    """Return the names of the overlays that lie in the plan's directory."""
    return sorted(
        f.removeprefix(OVERLAYS).removesuffix(".yaml") for f in files if f.startswith(OVERLAYS) and f.endswith(".yaml")
    )


@dataclass
class _Loading:
    files: Mapping[str, str]
    problems: list[Problem] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    document: dict[str, list[Tree]] = field(default_factory=lambda: {name: [] for name in COLLECTIONS})
    organization: Tree = field(default_factory=lambda: Tree({}, ROOT, 0))
    profiles: dict[str, Profile] = field(default_factory=dict)
    quantiles: dict[str, Quantiles] = field(default_factory=dict)
    tables_read: set[tuple[str, str]] = field(default_factory=set)
    trees: dict[tuple[str, str], Tree] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    """Collections that may lack entities because a file of theirs can not be read."""
    wrong: dict[Path, set[str]] = field(default_factory=dict)
    """Fields with a problem, by where their entity stands: what reads them can not be judged yet."""

    def read_sections(self) -> None:
        if ROOT not in self.files:
            self.problems.append(Problem(ROOT, 0, "", "the file is missing", "it holds format: 1 and organization:"))
        for file in sorted(f for f in self.files if f.endswith((".yaml", ".yml"))):
            section = file.partition("/")[0].removesuffix(".yaml")
            if file == ROOT:
                self._read_root()
            elif section in SECTIONS and file.endswith(".yaml"):
                self._read_section(file, section)
            elif not file.startswith(OVERLAYS):
                hint = "files are openline.yaml, " + ", ".join(f"{s}.yaml" for s in SECTIONS)
                self.problems.append(Problem(file, 0, "", "not a section of a plan", hint))

    def _parse(self, file: str) -> Tree | None:
        tree, problems = parse(file, self.files[file])
        self.problems += problems
        if tree is not None and not isinstance(tree.value, dict):
            self.problems.append(Problem(file, tree.line, "", "the file must hold keys, not a bare list or word"))
            return None
        return tree

    def _read_root(self) -> None:
        tree = self._parse(ROOT)
        if tree is None:
            return
        stated = tree.value.get("format")
        if stated is None or stated.value != FORMAT or isinstance(stated.value, bool):
            line = tree.key_lines.get("format", 0)
            self.problems.append(Problem(ROOT, line, "format", f"must be {FORMAT}", "the format of these files"))
        for key in tree.value:
            if key not in ("format", "organization"):
                hint = "this file holds format and organization only"
                self.problems.append(Problem(ROOT, tree.key_lines[key], key, "unknown key", hint))
        self.organization = tree.value.get("organization", self.organization)

    def _read_section(self, file: str, section: str) -> None:
        tree = self._parse(file)
        if tree is None:
            self.unreadable |= {c.name for c in COLLECTIONS.values() if c.section == section}
            return
        for key, inner in tree.value.items():
            home = COLLECTIONS.get(key)
            line = tree.key_lines[key]
            if home is None:
                self.problems.append(Problem(file, line, key, "unknown key", self.names.closest(key, COLLECTIONS)))
            elif home.section != section:
                self.problems.append(
                    Problem(file, line, key, "stands in the wrong file", f"move it to {home.section}.yaml")
                )
            elif not isinstance(inner.value, list):
                self.problems.append(Problem(file, line, key, "must be a list of entities", "start each with - id:"))
            else:
                self.document[key] += inner.value

    def lay(self, name: str) -> None:
        file = name if name in self.files else f"{OVERLAYS}{name}.yaml"
        if file not in self.files:
            known = ", ".join(overlay_names(self.files)) or "none"
            self.problems.append(Problem(file, 0, "", "there is no such overlay", f"this plan has: {known}"))
            return
        tree = self._parse(file)
        if tree is not None:
            self.problems += merge_overlay(self.document, tree)
            if ORGANIZATION in tree.value:
                self.organization = merged(self.organization, tree.value[ORGANIZATION])

    def build(self) -> Plan | None:
        organization = self._validated(Organization, self.organization, ("organization",))
        self.trees = {(name, i): t for name, trees in self.document.items() for t in trees if (i := entity_id(t))}
        self.trees["organization", "organization"] = self.organization
        declared = {name: {i for t in trees if (i := entity_id(t))} for name, trees in self.document.items()}
        self._tell_duplicates()
        found: dict[str, dict[str, Any]] = {}
        for name, trees in self.document.items():
            places: list[Path] = [(name, entity_id(t) or i) for i, t in enumerate(trees)]
            models = [self._validated(COLLECTIONS[name].model, t, p) for t, p in zip(trees, places, strict=True)]
            for tree, where, entity in zip(trees, places, models, strict=True):
                if entity is not None:
                    self._follow(where, tree, entity, declared)
            found[name] = {e.id: e for e in models if e is not None and e.id}
        if organization is None:
            return None
        self._follow(("organization",), self.organization, organization, declared)
        plan = Plan(organization=organization, **found, profiles=self.profiles, quantiles=self.quantiles)
        self._follow_whole(plan)
        return plan

    def _follow_whole(self, plan: Plan) -> None:
        wrong = {(str(where[0]), key) for where, keys in self.wrong.items() for key in keys}
        wrong |= {(name, "id") for name in self.unreadable}
        for b in whole_breaches(plan, wrong):
            self._tell(self.trees[b.collection, b.entity], (b.collection, b.entity), b.path, b.message, b.hint)

    def _validated(self, model: type[M], tree: Tree, where: Path) -> M | None:
        """Return what a tree states, and of a wrong one the part that can be read."""
        try:
            return model.model_validate(plain(tree), context=IN_FILES)
        except ValidationError as error:
            found = error.errors(include_url=False)
        paths = [tuple(_steps_in(tree, d["loc"], keep_last=d["type"] == "missing")) for d in found]
        self.problems += [_problem(d, model, tree, (where, p), self.names) for d, p in zip(found, paths, strict=True)]
        self.wrong.setdefault(where, set()).update(str(p[0]) for p in paths if p)
        return part_of(model, plain(tree), paths)

    def _follow(self, where: Path, tree: Tree, entity: Entity, declared: dict[str, set[str]]) -> None:
        """Check what one entity names, and what it breaks by itself."""
        for path, message, hint in breaches(entity, self.wrong.get(where, ())):
            self._tell(tree, where, path, message, hint)
        for marked in marked_values(entity):
            if isinstance(marked.mark, Ref):
                self._resolve(tree, where, marked, marked.mark, declared)
            else:
                self._read_table(tree, where, marked, marked.mark)

    def _resolve(self, tree: Tree, where: Path, marked: Marked, ref: Ref, declared: dict[str, set[str]]) -> None:
        if any(marked.value in declared[c] for c in ref.collections):
            return
        known = (i for c in ref.collections for i in declared[c])
        if not self.unreadable & set(ref.collections):
            kinds = " or ".join(ref.collections) if len(ref.collections) <= 3 else "objects"
            message = f"there is no {marked.value!r} among the {kinds}"
            self._tell(tree, where, marked.path, message, self.names.closest(marked.value, known))

    def _read_table(self, tree: Tree, where: Path, marked: Marked, mark: TableFile) -> None:
        file = marked.value
        if (file, mark.kind) in self.tables_read:
            return
        if file not in self.files:
            hint = "paths count from the plan's directory"
            self._tell(tree, where, marked.path, f"there is no file {file!r}", hint)
            return
        self.tables_read.add((file, mark.kind))
        if mark.kind == "quantiles":
            table, problems = read_quantiles(file, self.files[file])
            if table is not None:
                self.quantiles[file] = table
        else:
            column = "contacts" if mark.kind == "volumes" else "agents"
            profile, problems = read_profile(file, self.files[file], column)
            if profile is not None:
                self.profiles[file] = profile
        self.problems += problems

    def _tell_duplicates(self) -> None:
        """Ids are unique in their collection, and among all objects that can fail (invariant 1)."""
        spaces = [NODE_COLLECTIONS] + [(c,) for c in COLLECTIONS if c not in NODE_COLLECTIONS]
        for space in spaces:
            first: dict[str, Tree] = {}
            for collection in space:
                for tree in self.document[collection]:
                    name = entity_id(tree)
                    if name is not None and name in first:
                        seen = first[name]
                        hint = f"the first is at {seen.file}:{seen.line}; ids are unique among all objects"
                        self._tell(tree, (collection, name), ("id",), f"the id {name!r} stands twice", hint)
                    elif name is not None:
                        first[name] = tree

    def _tell(self, tree: Tree, where: Path, path: Path, message: str, hint: str) -> None:
        file, line = locate(tree, path)
        self.problems.append(Problem(file, line, dotted((*where, *path)), message, hint))
        self.wrong.setdefault(where, set()).add(str(path[0]))


def _problem(details: ErrorDetails, model: type[BaseModel], tree: Tree, at: tuple[Path, Path], names: Names) -> Problem:
    """Turn one of Pydantic's errors into a problem in plain words at its line; `at` is its entity and path there."""
    where, path = at
    file, line = locate(tree, path)
    message, hint = _told(details, model, names)
    return Problem(file, line or 1, dotted((*where, *path)), message, hint)


def _steps_in(tree: Tree, loc: Path, *, keep_last: bool) -> Iterator[str | int]:
    """Yield the steps of an error's location that the files have; Pydantic adds names of union members."""
    for position, step in enumerate(loc):
        inner = None
        if isinstance(tree.value, dict) and isinstance(step, str):
            inner = tree.value.get(step)
        elif isinstance(tree.value, list) and isinstance(step, int) and step < len(tree.value):
            inner = tree.value[step]
        if inner is not None:
            tree = inner
            yield step
        elif keep_last and position == len(loc) - 1:
            yield step


def _told(details: ErrorDetails, model: type[BaseModel], names: Names) -> tuple[str, str]:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "extra_forbidden" and str(details["loc"][-1]) in NEVER_HELD:
        return "a plan never holds this", "keep it where it belongs, and write down only where that is"
    if kind == "extra_forbidden":
        return "unknown key", names.closest(str(details["loc"][-1]), _keys(model, details["loc"][:-1]))
    if kind == "missing":
        return "is missing", "every entity of this kind needs it"
    if kind == "literal_error":
        return f"must be one of {context.get('expected')}", f"it is {_short(details['input'])}"
    if kind == "value_error":
        return str(context.get("error", details["msg"])), ""
    if kind == "string_pattern_mismatch" and "a-z0-9" in str(context.get("pattern")):
        return "must be small letters, digits and hyphens, 64 at most", f"it is {_short(details['input'])}"
    return details["msg"][0].lower() + details["msg"][1:], f"it is {_short(details['input'])}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _keys(model: type[BaseModel], loc: Path) -> list[str]:
    """Return the keys known at a location of a model, as far as they can be told."""
    for step in loc:
        info = next((f for n, f in model.model_fields.items() if step in (n, f.alias)), None)
        inner = None if info is None else _record_in(info.annotation)
        model = inner or model
    return [info.alias or name for name, info in model.model_fields.items()]


def _record_in(hint: Any) -> type[BaseModel] | None:
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    return next((m for m in map(_record_in, get_args(hint)) if m is not None), None)
