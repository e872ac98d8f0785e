"""How the scores went over the revisions: a picture and its table (MNT-07)."""

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.audit.finding import SEVERITIES
from openline.audit.rules import RULES
from openline.server.accounts.roles import needs
from openline.server.charts import Options, Series, over_time
from openline.server.findings.store import judged
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay
from openline.server.plans.views import revision_or_404
from openline.server.revisions.models import Score

MOST = 50
"""Revisions in the picture; the latest."""

WAIT_S = 2.0
"""How long one page may judge; the rest is judged when it is opened again."""

TOKENS = {"critical": "bad", "high": "warn", "medium": "muted", "low": "good"}


@cache
def rules_now() -> str:
    """Return a name for the rules of this program: another one when any of them is said differently."""
    told = "".join(f"{r.id}{r.severity}{r.computed}" for r in RULES.values())
    return hashlib.sha256(told.encode()).hexdigest()[:16]


@needs("read_plan")
def trend(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the readiness and the findings of each revision, as of the day it came into force."""
    revision = revision_or_404(slug)
    found = list(Revision.objects.filter(slug=slug).defer("files").order_by("-taken_in_at", "-pk")[:MOST])[::-1]
    scored = scores_of(found, time.monotonic)
    shown = {
        "revision": revision,
        "scores": scored[::-1],
        "waiting": len(found) - len(scored),
        "readiness": _readiness(scored),
        "findings": _findings(scored),
        "moved": None if len(scored) < 2 else (scored[0].readiness, scored[-1].readiness),
    }
    return render(request, "revisions/trend.html", shown)


def scores_of(revisions: list[Revision], clock: Callable[[], float]) -> list[Score]:
    """Return the scores of revisions in their order; when time does not suffice the oldest are left out."""
    known = {s.revision_id: s for s in Score.objects.filter(revision__in=revisions, rules=rules_now())}
    start = clock()
    for revision in reversed(revisions):
        if revision.pk not in known and clock() - start < WAIT_S:
            score = _scored(revision)
            if score is not None:
                known[revision.pk] = score
    return [_with(known[r.pk], r) for r in revisions if r.pk in known]


def _with(score: Score, revision: Revision) -> Score:
    score.revision = revision
    return score


def _scored(revision: Revision) -> Score | None:
    """Judge a revision and keep what it scored; None when its files are not sound by the rules of today."""
    day = revision.taken_in_at.date()
    try:
        found = judged(revision, day)
    except BrokenOverlay:
        return None
    counts = Counter(f.severity for f in found.audit.failures)
    scores = found.scores
    given: dict[str, object] = {"rules": rules_now(), "as_of": day}
    given |= {"readiness": scores.readiness, "proven": scores.proven.share}
    given |= {severity: counts[severity] for severity in SEVERITIES}
    return Score.objects.update_or_create(revision=revision, defaults=given)[0]


def _labels(scored: list[Score]) -> list[str]:
    return [f"{s.revision.taken_in_at:%d %b %H:%M}" for s in scored]


def _readiness(scored: list[Score]) -> Options:
    row = Series("Readiness index", [s.readiness for s in scored], "accent")
    return over_time(_labels(scored), [row], unit="of 100")


def _findings(scored: list[Score]) -> Options:
    rows = [
        Series(severity, [getattr(s, severity) for s in scored], TOKENS[severity], "bar", stack="findings")
        for severity in SEVERITIES
    ]
    return over_time(_labels(scored), rows, unit="findings")
