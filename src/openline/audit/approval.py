"""What must be mended before a plan can be approved, and what an approval says (PLN-01, PLN-10, IMP-11)."""

from collections.abc import Iterator
from datetime import date

from openline.audit.run import Audit
from openline.plan.document import Plan, approval_hash
from openline.plan.programme import PlanDocument

PROTOCOLS = {
    "identification": "how an incident is recognised",
    "emergency_mode": "how the centre changes to emergency mode",
    "resumption": "how it returns to normal",
}
"""The three protocols of a plan document, by field."""

MUST_HOLD = ("AR-001",)
"""Rules without which an approval would promise what nobody has looked at."""


def hindrances(plan: Plan, document: PlanDocument, found: Audit) -> Iterator[str]:
    """Yield, in words, what stands in the way of an approval; nothing when it may be given."""
    for field, what in PROTOCOLS.items():
        if not getattr(document, field):
            yield f"{document.title} names no procedure for {what} ({field})"
    for finding in found.findings:
        if finding.rule in MUST_HOLD and finding.excluded is None and finding.result == "fail":
            yield f"{finding.rule}: {finding.message}"


def is_approved(plan: Plan, document: PlanDocument) -> bool:
    """Tell whether the plan's present content, by its hash, was approved."""
    now = approval_hash(plan)
    return any(a.object == document.id and a.content_hash == now for a in plan.approvals.values())


def approval(plan: Plan, document: PlanDocument, role: str, on: date) -> dict[str, str]:
    """Return an approval of the plan as it is, field by field, with an id that is not taken."""
    stem = f"{document.id}-{on.isoformat()}"
    free = next(n for n in (stem, *(f"{stem}-{i}" for i in range(2, 10_000))) if n not in plan.approvals)
    stated = {"id": free, "object": document.id, "content_hash": approval_hash(plan), "by": role, "on": on.isoformat()}
    return stated | ({"version": document.version} if document.version else {})
