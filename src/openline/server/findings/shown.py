"""Findings as the page shows them: one group a rule, the answer in a sentence, bars for the checklists."""

from collections import Counter
from dataclasses import dataclass

from openline.audit.checklists import CHECKLISTS
from openline.audit.finding import SEVERITIES, Finding
from openline.audit.rule import Rule
from openline.audit.rules import RULES
from openline.audit.scores import Line
from openline.plan.document import Plan
from openline.plan.exclusions import Exclusion
from openline.plan.sections import COLLECTIONS
from openline.server.findings.store import Judged
from openline.server.plans.reading import where

MOST = 40
"""Findings of one rule that are listed; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one rule and severity; `more` are not listed."""

    rule: Rule
    severity: str
    findings: tuple[Finding, ...]
    count: int

    @property
    def more(self) -> int:
        return self.count - len(self.findings)


def sentence(name: str, judged: Judged) -> str:
    """Return the answer to the page's question, with its number."""
    counts = Counter(f.severity for f in judged.audit.failures)
    if not judged.audit.failures:
        return f"Nothing is wrong with the plan of {name} as far as the rules can tell."
    worst = next(s for s in SEVERITIES if counts[s])
    parts = ", ".join(f"{counts[s]} {s}" for s in SEVERITIES if counts[s])
    calm = "none critical" if worst != "critical" else f"{counts['critical']} of them critical"
    total = len(judged.audit.failures)
    return f"{name} has {total} finding{'s' * (total != 1)}, {calm} ({parts})."


def groups(found: tuple[Finding, ...], result: str) -> list[Group]:
    """Return open findings of one result, a group for each rule and severity, in their order."""
    by: dict[tuple[str, str], list[Finding]] = {}
    for f in found:
        if f.result == result and f.excluded is None:
            by.setdefault((f.rule, f.severity), []).append(f)
    return [Group(RULES[r], s, tuple(fs[:MOST]), len(fs)) for (r, s), fs in by.items()]


@dataclass(frozen=True, slots=True)
class Bars:
    """One checklist with its lines."""

    title: str
    source: str
    lines: tuple[Line, ...]


def bars(judged: Judged) -> list[Bars]:
    """Return every checklist."""
    return [Bars(c.title, c.source, judged.scores.checklists[c.id]) for c in CHECKLISTS]


def set_aside(judged: Judged) -> list[tuple[Finding, Exclusion]]:
    """Return the findings that do not count, each with what sets it aside."""
    plan = judged.loaded.plan
    known = {} if plan is None else plan.exclusions
    return [(f, known[f.excluded]) for f in judged.audit.findings if f.excluded in known]


def places(plan: Plan) -> dict[str, tuple[str, str]]:
    """Return (title, where on the plan's pages) of every entity by its id."""
    return {
        e.id: (e.title, f"{where(c, n)}#{c}-{e.id}")
        for c in COLLECTIONS
        for n, e in enumerate(plan.collection(c).values())
    }
