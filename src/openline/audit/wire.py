"""An audit as the JSON of the command line's contract."""

from dataclasses import asdict

from openline.audit.checklists import CHECKLISTS
from openline.audit.difference import Difference, Moved
from openline.audit.finding import Finding
from openline.audit.run import Audit
from openline.audit.scores import Figure, Scores


def audit_json(found: Audit, figures: Scores) -> dict[str, object]:
    """Return `{plan_hash, as_of, rules_evaluated, findings, scores}`; more keys may come, none is renamed."""
    return {
        "plan_hash": found.plan_hash,
        "as_of": found.as_of.isoformat(),
        "rules_evaluated": sum(o.applies for o in found.outcomes.values()),
        "rules": len(found.outcomes),
        "findings": [finding_json(f) for f in found.findings],
        "scores": scores_json(figures),
    }


def finding_json(f: Finding) -> dict[str, object]:
    """Return one finding."""
    return {**asdict(f), "objects": list(f.objects)}


def scores_json(s: Scores) -> dict[str, object]:
    """Return every figure with its formula."""
    titles = {c.id: [p.title for p in c.parts] for c in CHECKLISTS}
    return {
        "readiness_index": None if s.readiness is None else round(s.readiness, 1),
        "readiness_capped": s.capped,
        "proven": _figure(s.proven),
        "freshness": [_figure(f) for f in s.freshness],
        "survival": _figure(s.survival),
        "checklists": {name: [asdict(line) for line in s.checklists[name]] for name in titles},
    }


def _figure(f: Figure) -> dict[str, object]:
    return asdict(f)


def difference_json(d: Difference) -> dict[str, object]:
    """Return what came and went, each with the changes behind it."""
    return {
        "came": [_moved(m) for m in d.came],
        "went": [_moved(m) for m in d.went],
        "stayed": d.stayed,
        "changes": [str(c) for c in d.changes],
    }


def _moved(m: Moved) -> dict[str, object]:
    return {**finding_json(m.finding), "because": [str(c) for c in m.because]}
