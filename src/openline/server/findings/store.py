"""Audits of revisions, kept while they are asked for."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from openline.audit.run import Audit, audit
from openline.audit.scores import Scores, scores
from openline.plan.load import Loaded
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay, loaded_of


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
def _judged(pk: int, content_hash: str, as_of: date, overlay: str) -> Judged:
    loaded = loaded_of(pk, content_hash, (overlay,) if overlay else ())
    if loaded.plan is None:
        raise BrokenOverlay("the plan can not be read")
    found = audit(loaded, as_of)
    return Judged(loaded, found, scores(loaded.plan, found))
