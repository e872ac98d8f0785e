"""An audit as text: the answer first, then what it adds up to, then every finding with its place and its remedy."""

from collections import Counter
from collections.abc import Iterator

from openline.audit.checklists import CHECKLISTS
from openline.audit.difference import Difference, Moved
from openline.audit.finding import SEVERITIES, Finding
from openline.audit.rule import Rule
from openline.audit.run import Audit
from openline.audit.scores import Figure, Scores
from openline.plan.load import Loaded


def told(directory: str, loaded: Loaded, found: Audit, figures: Scores) -> str:
    """Return the whole text."""
    title = loaded.plan.organization.title if loaded.plan is not None else ""
    return "\n".join([*_head(title, found), "", *_figures(figures), "", *_findings(directory, found)])


def _head(title: str, found: Audit) -> Iterator[str]:
    counts = Counter(f.severity for f in found.failures)
    faults = ", ".join(f"{counts[s]} {s}" for s in SEVERITIES if counts[s]) or "none"
    blind = sum(f.result == "cannot_evaluate" for f in found.open)
    aside = len(found.findings) - len(found.open)
    judged = sum(o.applies for o in found.outcomes.values())
    yield f"{title}: {len(found.failures)} findings ({faults}) as of {found.as_of}"
    yield (
        f"{judged} of {len(found.outcomes)} rules had something to judge; {blind} times a value was "
        f"missing that a rule "
        f"needs; {aside} findings are set aside. Plan {found.plan_hash[:12]}."
    )


def _figures(s: Scores) -> Iterator[str]:
    index = "unknown" if s.readiness is None else f"{s.readiness:.0f} of 100"
    cap = " (capped at 59 while a critical finding is open)" if s.capped else ""
    yield f"Readiness index  {index}{cap}: weighted share of the rules that apply and pass"
    for figure in (s.proven, s.survival, *s.freshness):
        yield _figure(figure)
    for checklist in CHECKLISTS:
        yield ""
        yield f"{checklist.title} ({checklist.source})"
        for line in s.checklists[checklist.id]:
            share = "   -" if line.share is None else f"{line.share:4.0%}"
            why = f"  {', '.join(line.failing)}" if line.failing else ""
            blind = f"  can not tell: {', '.join(line.unjudged)}" if line.unjudged else ""
            yield f"  {share}  {line.title}{why}{blind}"


def _figure(f: Figure) -> str:
    share = "unknown" if f.share is None else f"{f.share:.0%} ({f.counted:g} of {f.of:g})"
    lacking = f"; not: {', '.join(f.lacking[:5])}{' ...' if len(f.lacking) > 5 else ''}" if f.lacking else ""
    return f"{f.title:<16} {share}: {f.formula}{lacking}"


def _findings(directory: str, found: Audit) -> Iterator[str]:
    for f in found.findings:
        if f.excluded is None:
            yield from _finding(directory, f)
    aside = [f for f in found.findings if f.excluded is not None]
    if aside:
        yield f"Set aside: {', '.join(f'{f.rule} ({f.excluded})' for f in aside)}"


def _finding(directory: str, f: Finding) -> Iterator[str]:
    what = f.severity if f.result == "fail" else "can not tell"
    yield f"{f.rule} {what}: {f.message}"
    numbers = ", ".join(f"{k} {v}" for k, v in f.numbers.items() if v not in (None, ""))
    if numbers:
        yield f"    {numbers}"
    fix = f.remedy if f.result == "fail" else "fill in what is missing"
    yield f"    {directory}/{f.file}:{f.line}  Fix: {fix}"


def page(rule: Rule) -> str:
    """Return the page of a rule."""
    return "\n".join(
        [
            f"{rule.id} {rule.severity}: {rule.what}",
            "",
            f"Why: {rule.why}",
            f"Computed: {rule.computed}",
            f"Fix: {rule.remedy}",
            f"Serves: {', '.join(rule.serves)}",
            "",
            rule.fragment,
        ]
    )


def moved(d: Difference) -> str:
    """Return what came and went."""
    lines = [f"{len(d.came)} findings came, {len(d.went)} went, {d.stayed} stayed; {len(d.changes)} entities changed."]
    for sign, found in (("+", d.came), ("-", d.went)):
        for m in found:
            lines += _moved(sign, m)
    return "\n".join(lines)


def _moved(sign: str, m: Moved) -> Iterator[str]:
    kind = m.finding.severity if m.finding.result == "fail" else "can not tell"
    yield f"{sign} {m.finding.rule} {kind}: {m.finding.message}"
    why = "; ".join(str(c) for c in m.because[:4]) or "only time has passed"
    yield f"      because: {why}"
