"""The plan to read."""

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.plan.sections import COLLECTIONS
from openline.server.accounts.roles import needs
from openline.server.plans.masking import Kept, kept_back, plan_without, seen
from openline.server.plans.models import Revision
from openline.server.plans.reading import FIRST_ROWS, Table, sections
from openline.server.plans.store import NoSuchCentre, centre


def revision_or_404(slug: str) -> Revision:
    """Return the revision in force of a centre, or answer that there is none."""
    try:
        return centre(slug)
    except NoSuchCentre as error:
        raise Http404 from error


@needs("read_plan")
def plan_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the plan, section by section, as people read it."""
    revision = revision_or_404(slug)
    plan, hidden = seen(request, revision), kept_back(request)
    counts = [(c, len(plan.collection(c.name))) for c in COLLECTIONS.values() if plan.collection(c.name)]
    shown = {"revision": revision, "plan": plan, "counts": counts, "kept_back": bool(hidden)}
    only, page = request.GET.get("only", ""), request.GET.get("page", "1")
    if only not in {c.name for c, _ in counts}:
        tables = _read(revision.pk, revision.content_hash, hidden)
        return render(request, "plans/plan.html", {**shown, "sections": tables})
    count = {c.name: n for c, n in counts}[only]
    last = -(-count // FIRST_ROWS)
    here = min(max(int(page), 1), last) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    paged = {"only": COLLECTIONS[only], "page": here, "last": last, "previous": here - 1, "next": here + 1}
    tables = _read(revision.pk, revision.content_hash, hidden, only, here)
    return render(request, "plans/plan.html", {**shown, **paged, "sections": tables})


@lru_cache(maxsize=64)
def _read(pk: int, content_hash: str, hidden: frozenset[Kept], only: str = "", page: int = 1) -> list[Table]:
    """Return the tables of a page, put into words once for all who may read the same."""
    return sections(plan_without(pk, content_hash, hidden), only, page)
