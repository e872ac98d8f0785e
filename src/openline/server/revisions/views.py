"""Pages of revisions: all of them, two compared, one brought back."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from openline.audit.difference import difference
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder, note_reading
from openline.server.errors import page as error_page
from openline.server.findings.store import judged, seen_by
from openline.server.plans.masking import kept_back
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay, keep, plan_of
from openline.server.plans.views import revision_or_404
from openline.server.revisions.approving import papers_of
from openline.server.security import Limit

LIMIT = Limit(most=30, window_s=60)
MOST = 200


@needs("read_plan")
def revisions(request: HttpRequest, slug: str) -> HttpResponse:
    """List every revision of a centre, the one in force first."""
    current = revision_or_404(slug)
    found = list(Revision.objects.filter(slug=slug).defer("files").order_by("-taken_in_at")[:MOST])
    pairs = [(r, found[n + 1] if n + 1 < len(found) else None) for n, r in enumerate(found)]
    papers = papers_of(plan_of(current))
    return render(request, "revisions/revisions.html", {"revision": current, "pairs": pairs, "papers": papers})


def _one(slug: str, pk: int) -> Revision:
    found = Revision.objects.filter(slug=slug, pk=pk).first()
    if found is None:
        raise Http404
    return found


@needs("read_plan")
def compare(request: HttpRequest, slug: str, old: int, new: int) -> HttpResponse:
    """Show what changed from one revision to another, and which findings came and went."""
    before, after = _one(slug, old), _one(slug, new)
    today = timezone.now().date()
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many questions in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    try:
        first, then = judged(before, today), judged(after, today)
    except BrokenOverlay as error:
        shown = {"revision": after, "before": before, "after": after, "refusal": str(error)}
        return render(request, "revisions/compare.html", shown, status=409)
    first, then = seen_by(request, first, slug=slug), seen_by(request, then, slug=slug)
    if "read_contacts" not in kept_back(request):
        note_reading(request, "read contact data", slug=slug)
    if first.loaded.plan is None or then.loaded.plan is None:
        raise Http404
    found = difference(first.audit, first.loaded.plan, then.audit, then.loaded.plan)
    return render(
        request,
        "revisions/compare.html",
        {
            "revision": after,
            "before": before,
            "after": after,
            "found": found,
            "changes": found.changes[:MOST],
            "more": max(0, len(found.changes) - MOST),
            "scores": (first.scores.readiness, then.scores.readiness),
        },
    )


@needs("change_plan")
@require_POST
def bring_back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Bring an earlier revision into force again; nothing is taken away."""
    found = _one(slug, pk)
    source = f"brought back {found.content_hash[:12]}"
    keep(slug, found.title, found.files, source, by=holder(request), why=request.POST.get("why", "").strip())
    return redirect("revisions:revisions", slug=slug)
