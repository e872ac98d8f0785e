"""Running the rules over a plan: findings with their places, what was looked at, and what is set aside."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from openline.audit.finding import SEVERITIES, Finding, Verdict
from openline.audit.ground import Ground
from openline.audit.rule import Rule
from openline.audit.rules import RULES
from openline.plan.document import Plan, approval_hash, content_hash
from openline.plan.exclusions import Exclusion
from openline.plan.load import Loaded
from openline.plan.organization import Organization
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS

ORGANIZATION = "organization"
_COLLECTION = {c.model: name for name, c in COLLECTIONS.items()} | {Organization: ORGANIZATION}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one rule came out: how many objects passed, failed or could not be judged; set-aside ones apart."""

    rule: Rule
    passed: int
    failed: int
    unknown: int
    excluded: int

    @property
    def applies(self) -> bool:
        """Whether the rule found anything that it is about."""
        return self.passed + self.failed + self.unknown + self.excluded > 0

    @property
    def state(self) -> str:
        """fail when anything failed, else cannot_evaluate when anything is unknown, else pass; '' when not applied."""
        if self.failed:
            return "fail"
        if self.unknown:
            return "cannot_evaluate"
        return "pass" if self.applies else ""


@dataclass(frozen=True, slots=True)
class Audit:
    """Everything that the rules say of one plan on one day."""

    plan_hash: str
    as_of: date
    findings: tuple[Finding, ...]
    outcomes: dict[str, Outcome]

    @property
    def open(self) -> tuple[Finding, ...]:
        """Findings that no exclusion sets aside."""
        return tuple(f for f in self.findings if f.excluded is None)

    @property
    def failures(self) -> tuple[Finding, ...]:
        """Open findings that say something is wrong."""
        return tuple(f for f in self.open if f.result == "fail")


def audit(loaded: Loaded, as_of: date, *, only: Iterable[str] | None = None) -> Audit:
    """Return the findings of a loaded plan, the most severe first, in the order of rules and of the plan.

    Raises ValueError when the plan did not load.
    """
    if loaded.plan is None:
        raise ValueError("the plan did not load, so there is nothing to audit")
    plan_hash = content_hash(loaded.plan)
    ground = Ground(loaded.plan, as_of, approval_hash(loaded.plan))
    aside = [e for e in loaded.plan.exclusions.values() if e.until >= as_of]
    findings: list[Finding] = []
    outcomes: dict[str, Outcome] = {}
    for name in only or RULES:
        rule = RULES[name]
        verdicts = list(dict.fromkeys(_hashed(v) for v in rule.judge(ground)))
        found = [_finding(loaded, rule, v.verdict, aside) for v in verdicts if v.verdict.result != "pass"]
        findings += found
        outcomes[name] = Outcome(
            rule,
            passed=sum(v.verdict.result == "pass" for v in verdicts),
            failed=sum(f.result == "fail" and f.excluded is None for f in found),
            unknown=sum(f.result == "cannot_evaluate" and f.excluded is None for f in found),
            excluded=sum(f.excluded is not None for f in found),
        )
    findings.sort(key=lambda f: (f.result != "fail", SEVERITIES.index(f.severity), f.rule))
    return Audit(plan_hash, as_of, tuple(findings), outcomes)


@dataclass(frozen=True, slots=True)
class _Key:
    """A verdict that is the same as another when it says the same of the same object."""

    verdict: Verdict

    def __hash__(self) -> int:
        v = self.verdict
        return hash((v.result, id(v.subject), v.message))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key):
            return NotImplemented
        a, b = self.verdict, other.verdict
        return (a.result, a.message) == (b.result, b.message) and a.subject is b.subject


def _hashed(verdict: Verdict) -> _Key:
    return _Key(verdict)


def collection_of(entity: Entity) -> str:
    """Return the collection that an entity belongs to."""
    return _COLLECTION[type(entity)]


def _finding(loaded: Loaded, rule: Rule, v: Verdict, aside: list[Exclusion]) -> Finding:
    collection = collection_of(v.subject)
    field = v.at.partition(".")[0].partition(" ")[0]
    label = ORGANIZATION if collection == ORGANIZATION else v.subject.id
    file, line = loaded.place(collection, label, (field,) if field else ())
    finding = Finding(
        rule=rule.id,
        severity=v.severity or rule.severity,
        result="fail" if v.result == "fail" else "cannot_evaluate",
        collection=collection,
        subject=v.subject.id,
        title=v.subject.title,
        objects=tuple(dict.fromkeys(v.objects)),
        message=v.message,
        remedy=rule.remedy,
        numbers=v.numbers,
        file=file,
        line=line,
        field=v.at,
    )
    by = next(
        (e.id for e in aside if e.rule == rule.id and (not e.objects or set(e.objects) & set(finding.objects))), None
    )
    return finding if by is None else replace(finding, excluded=by)


def applicable(plan: Plan) -> bool:
    """Tell whether a plan has anything at all to audit."""
    return any(plan.collection(c) for c in COLLECTIONS)
