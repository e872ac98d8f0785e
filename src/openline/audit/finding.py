"""What a rule says of one object, and a finding as people see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from openline.plan.record import Entity

Severity = Literal["critical", "high", "medium", "low"]
Result = Literal["pass", "fail", "cannot_evaluate"]
Figure = float | int | str | None

SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of one object; `at` is the field of it that matters, `severity` overrides the rule's own."""

    result: Result
    subject: Entity
    message: str = ""
    objects: tuple[str, ...] = ()
    numbers: dict[str, Figure] = field(default_factory=dict)
    severity: Severity | None = None
    at: str = ""


def ok(subject: Entity) -> Verdict:
    """Return that a rule looked at an object and found nothing."""
    return Verdict("pass", subject)


def fail(
    subject: Entity,
    message: str,
    *others: str,
    severity: Severity | None = None,
    at: str = "",
    figures: Mapping[str, object] | None = None,
    **numbers: object,
) -> Verdict:
    """Return a fault of an object.

    `others` are ids of what else is in it; `figures` and further keywords are the numbers it was computed from.
    """
    told = {name: _figure(value) for name, value in {**(figures or {}), **numbers}.items()}
    return Verdict("fail", subject, message, (subject.id, *others), told, severity, at)


def unknown(subject: Entity, *fields: str, why: str = "") -> Verdict:
    """Return that a rule can not be evaluated because these fields, or what `why` names, are not known."""
    message = why or f"{' and '.join(fields)} {'is' if len(fields) == 1 else 'are'} not known"
    return Verdict("cannot_evaluate", subject, message, (subject.id,), {}, None, fields[0] if fields else "")


def _figure(value: object) -> Figure:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, float | int | str):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(sorted(map(str, value)) if isinstance(value, set | frozenset) else map(str, value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict that is not a pass, with its rule's words and its place in the files.

    `excluded` names the exclusion that sets it aside, None when it counts.
    """

    rule: str
    severity: Severity
    result: Literal["fail", "cannot_evaluate"]
    collection: str
    subject: str
    title: str
    objects: tuple[str, ...]
    message: str
    remedy: str
    numbers: dict[str, Figure]
    file: str
    line: int
    field: str = ""
    excluded: str | None = None

    @property
    def key(self) -> tuple[str, str, str, tuple[str, ...], str]:
        """What makes two findings of two plans the same one."""
        return (self.rule, self.collection, self.result, self.objects, self.field)
