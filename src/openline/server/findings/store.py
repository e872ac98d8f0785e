"""Audits of revisions, kept while they are asked for."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from openline.audit.run import Audit, audit
from openline.audit.scores import Scores, scores
from openline.plan.load import Loaded, load_plan
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay


@dataclass(frozen=True, slots=True)
class Judged:
    """A revision's plan, what the rules say of it, and what that adds up to."""

    loaded: Loaded
    audit: Audit
    scores: Scores


def judged(revision: Revision, as_of: date, overlay: str = "") -> Judged:
    """Return the audit of a revision with an overlay; raises BrokenOverlay."""
    return _judged(revision.pk, revision.content_hash, as_of, overlay)


@lru_cache(maxsize=16)
def _judged(pk: int, _content_hash: str, as_of: date, overlay: str) -> Judged:
    loaded = load_plan(Revision.objects.get(pk=pk).files, (overlay,) if overlay else ())
    if loaded.plan is None:
        raise BrokenOverlay("; ".join(map(str, loaded.problems)))
    found = audit(loaded, as_of)
    return Judged(loaded, found, scores(loaded.plan, found))
