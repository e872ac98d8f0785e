"""Findings that came and went between two audits, and why."""

from dataclasses import dataclass

from openline.audit.finding import Finding
from openline.audit.run import ORGANIZATION, Audit
from openline.plan.document import Plan
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS


@dataclass(frozen=True, slots=True)
class Change:
    """One entity that differs: added, removed or changed in these fields, each with its values before and after."""

    collection: str
    id: str
    kind: str
    fields: tuple[tuple[str, object, object], ...] = ()

    def __str__(self) -> str:
        told = ", ".join(name for name, _, _ in self.fields)
        return f"{self.collection} {self.id} {self.kind}" + (f" ({told})" if told else "")


@dataclass(frozen=True, slots=True)
class Moved:
    """A finding that came or went, and the changes of what it is about; none when only time has passed."""

    finding: Finding
    because: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in the plan, and in what the rules say of it."""

    changes: tuple[Change, ...]
    came: tuple[Moved, ...]
    went: tuple[Moved, ...]
    stayed: int


def difference(before: Audit, old: Plan, after: Audit, new: Plan) -> Difference:
    """Return the difference of two audits of two plans (or of one plan on two days)."""
    changes = tuple(changed(old, new))
    first = {f.key: f for f in before.open}
    then = {f.key: f for f in after.open}
    came = tuple(Moved(f, _because(f, changes)) for k, f in then.items() if k not in first)
    went = tuple(Moved(f, _because(f, changes)) for k, f in first.items() if k not in then)
    return Difference(changes, came, went, len(first.keys() & then.keys()))


def changed(old: Plan, new: Plan) -> list[Change]:
    """Return every entity that differs between two plans, tables left aside."""
    found = _fields(ORGANIZATION, old.organization, new.organization)
    for name in COLLECTIONS:
        before, after = old.collection(name), new.collection(name)
        found += [Change(name, i, "removed") for i in before if i not in after]
        for i, entity in after.items():
            if i not in before:
                found.append(Change(name, i, "added"))
            elif entity != before[i]:
                found += _fields(name, before[i], entity)
    found += [
        Change("tables", file, "changed" if file in old.profiles else "added")
        for file, table in new.profiles.items()
        if old.profiles.get(file) != table
    ]
    return found


def _fields(collection: str, old: Entity, new: Entity) -> list[Change]:
    if old == new:
        return []
    fields = tuple(
        (info.alias or name, getattr(old, name), getattr(new, name))
        for name, info in type(new).model_fields.items()
        if getattr(old, name) != getattr(new, name)
    )
    return [Change(collection, new.id, "changed", fields)]


def _because(finding: Finding, changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes of what a finding names; when none is named, of its collection, else of anything."""
    named = {finding.subject, *finding.objects}
    direct = tuple(c for c in changes if c.id in named)
    return direct or tuple(c for c in changes if c.collection == finding.collection) or changes[:5]
