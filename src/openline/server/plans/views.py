"""The plan to read."""

from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from openline.plan.sections import COLLECTIONS
from openline.server.accounts.roles import may, needs
from openline.server.plans.masking import Kept, kept_back, plan_without, seen
from openline.server.plans.models import Revision
from openline.server.plans.reading import FIRST_ROWS, sections
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
    about = (revision.pk, revision.slug, revision.content_hash, hidden, may(request, "change_plan"))
    if only not in {c.name for c, _ in counts}:
        return render(request, "plans/plan.html", {**shown, "cards": _cards(*about)})
    last = -(-{c.name: n for c, n in counts}[only] // FIRST_ROWS)
    here = min(max(int(page), 1), last) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    paged = {"only": COLLECTIONS[only], "page": here, "last": last}
    return render(request, "plans/plan.html", {**shown, **paged, "cards": _cards(*about, only, here, last)})


@lru_cache(maxsize=32)
def _cards(
    pk: int,
    slug: str,
    content_hash: str,
    hidden: frozenset[Kept],
    may_change: bool,
    only: str = "",
    page: int = 1,
    last: int = 1,
) -> SafeString:
    """Return the cards of a page, drawn once for all who may read and change the same: a revision never changes."""
    tables = sections(plan_without(pk, content_hash, hidden), only, page)
    paged = {"only": only, "page": page, "last": last, "previous": page - 1, "next": page + 1}
    return render_to_string("plans/cards.html", {"sections": tables, "slug": slug, "may_change": may_change, **paged})
