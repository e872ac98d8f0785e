"""Audits of revisions, kept while they are asked for."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from django.http import HttpRequest

from openline.audit.finding import Finding
from openline.audit.rules import RULES
from openline.audit.run import Audit, audit
from openline.audit.scores import Scores, scores
from openline.plan.document import Plan
from openline.plan.load import Loaded
from openline.server.accounts.store import note_reading
from openline.server.plans.masking import Kept, kept_back, masked
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay, loaded_of

OF_WEAKNESSES: frozenset[str] = frozenset(
    {r.id for r in RULES.values() if r.group in ("place", "power", "network")}
    | {f"AR-{n:03d}" for n in (50, 51, 52, 55, 60, 63, 71, 74, 81, 83, 85, 86, 89, 93, 108, 112, 121)}
)
"""Rules that name a single point of failure, a shared fate, a route, or how to cut somebody off."""

OF_HOMES: frozenset[str] = frozenset(("AR-042", "AR-089"))
"""Rules whose findings tell where people live."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A revision's plan, what the rules say of it, and what that adds up to."""

    loaded: Loaded
    audit: Audit
    scores: Scores


def judged(revision: Revision, as_of: date, overlay: str = "") -> Judged:
    """Return the audit of a revision with an overlay; raises BrokenOverlay."""
    return _judged(revision.pk, revision.content_hash, as_of, overlay)


def seen_by(request: HttpRequest, found: Judged, *, slug: str) -> Judged:
    """Return an audit as who asks may see it: without contact data and weaknesses where these are kept back.

    The scores stay those of the whole plan. Reading weaknesses is logged.
    """
    hidden = kept_back(request)
    if "read_weaknesses" not in hidden:
        note_reading(request, "read weaknesses", slug=slug)
    plan = found.loaded.plan
    if not hidden or plan is None:
        return found
    shown = tuple(f for f in found.audit.findings if not _is_kept_back(f, plan, hidden))
    loaded = replace(found.loaded, plan=masked(plan, hidden))
    return replace(found, loaded=loaded, audit=replace(found.audit, findings=shown))


def _is_kept_back(found: Finding, plan: Plan, hidden: frozenset[Kept]) -> bool:
    if found.result != "fail":
        return False
    if "read_contacts" in hidden and found.rule in OF_HOMES:
        return True
    if "read_weaknesses" not in hidden:
        return False
    restricted = (plan.node(i) for i in found.objects)
    return found.rule in OF_WEAKNESSES or any(e is not None and e.classification == "restricted" for e in restricted)


@lru_cache(maxsize=16)
def _judged(pk: int, content_hash: str, as_of: date, overlay: str) -> Judged:
    loaded = loaded_of(pk, content_hash, (overlay,) if overlay else ())
    if loaded.plan is None:
        raise BrokenOverlay("the plan can not be read")
    found = audit(loaded, as_of)
    return Judged(loaded, found, scores(loaded.plan, found))
