"""The ten largest gaps of a plan: what a seasoned auditor would ask first (domain 4)."""

from openline.audit.finding import SEVERITIES, Finding
from openline.audit.run import Audit

FIRST = ("AR-020", "AR-024", "AR-044", "AR-050", "AR-063", "AR-074", "AR-085", "AR-101", "AR-131", "AR-150")
MOST = 10


def top_gaps(found: Audit) -> list[Finding]:
    """Return at most ten findings, one a rule: faults by severity, then what an auditor asks first but can not tell."""
    chosen: dict[str, Finding] = {}
    for f in sorted(found.failures, key=lambda f: (SEVERITIES.index(f.severity), f.rule not in FIRST, f.rule)):
        chosen.setdefault(f.rule, f)
    blind = [f for f in found.open if f.result == "cannot_evaluate"]
    for f in sorted(blind, key=lambda f: (f.rule not in FIRST, SEVERITIES.index(f.severity), f.rule)):
        if f.message not in {c.message for c in chosen.values()}:
            chosen.setdefault(f.rule, f)
    return list(chosen.values())[:MOST]
