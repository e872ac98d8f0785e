"""Pages that take a file in: send it, see what it would change, say yes."""

import threading
from typing import get_args
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from openline.exchange.merge import OnConflict
from openline.server.accounts.models import Account
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder
from openline.server.bringing.models import Upload
from openline.server.bringing.reading import Brought, brought
from openline.server.bringing.store import wait, waiting
from openline.server.bringing.upload import MOST_BYTES, TOO_LARGE
from openline.server.errors import page
from openline.server.plans.models import Revision
from openline.server.plans.store import NameReserved, keep, taken
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=20, window_s=60)
SHOWN = 200
WAYS: dict[OnConflict, str] = {
    "stop": "change nothing when something differs",
    "skip": "keep what is there, add what is new",
    "update": "take what the file says, add what is new",
}
SUFFIXES = (".xlsx", ".zip")
ONE_AT_A_TIME = threading.BoundedSemaphore(1)
"""A large workbook takes memory while it is read, so they are read one after another."""


@needs("change_plan")
def ask(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Ask for a file; keep it and lead to what it would change."""
    revision = revision_or_404(slug) if slug else None
    if request.method != "POST":
        return _ask(request, revision)
    account = holder(request)
    if account is None or not LIMIT.allows(str(account.pk)):
        return page(request, 429, "Too many files in a minute", "Wait a moment, then send it again.")
    sent = request.FILES.get("file")
    refusal = refusal_of(request, sent, SUFFIXES, "This is neither a workbook (.xlsx) nor a packed directory (.zip).")
    if refusal or sent is None:
        return _ask(request, revision, refusal, 413 if TOO_LARGE in request.META else 400)
    found = wait(account, slug, str(sent.name), sent.read())
    return (
        redirect("bringing:preview", slug=slug, pk=found.pk) if slug else redirect("bringing:preview_new", pk=found.pk)
    )


def _ask(request: HttpRequest, revision: Revision | None, refusal: str = "", status: int = 200) -> HttpResponse:
    shown = {"revision": revision, "refusal": refusal, "most": MOST_BYTES // 1_000_000}
    return render(request, "bringing/ask.html", shown, status=status)


def refusal_of(request: HttpRequest, sent: UploadedFile | None, suffixes: tuple[str, ...], other: str) -> str:
    """Return why a file is not taken, empty when it is; `other` is said of one that ends otherwise."""
    if TOO_LARGE in request.META:
        return f"The file is larger than {MOST_BYTES // 1_000_000} MB: use openline import at the machine itself."
    if sent is None:
        return "Choose a file first."
    if not str(sent.name).lower().endswith(suffixes):
        return other
    return "" if sent.size else "The file is empty."


@needs("change_plan")
def preview(request: HttpRequest, pk: UUID, slug: str = "") -> HttpResponse:
    """Show what a file would change; with a yes, keep that as a revision."""
    revision = revision_or_404(slug) if slug else None
    account = holder(request)
    sent = waiting(account, slug, pk) if account is not None else None
    if account is None or sent is None:
        raise Http404
    said = (request.POST if request.method == "POST" else request.GET).get("on_conflict", "stop")
    way: OnConflict = said if said in get_args(OnConflict) else "stop"  # type: ignore[assignment]
    with ONE_AT_A_TIME:
        found = brought(revision.files if revision else {}, bytes(sent.content), sent.name, way)
    if request.method != "POST":
        return _preview(request, revision, sent, found, way)
    refusal, status, kept = _kept(request, account, revision, sent, found, way)
    if kept is None:
        return _preview(request, revision, sent, found, way, refusal, status)
    sent.delete()
    return redirect("plans:plan", slug=kept)


def _kept(
    request: HttpRequest, account: Account, revision: Revision | None, sent: Upload, found: Brought, way: OnConflict
) -> tuple[str, int, str | None]:
    """Keep what came; returns why not with the status to answer, or the centre's short name."""
    plan, why = found.merged.plan, request.POST.get("why", "").strip()
    if revision is not None and request.POST.get("based_on") != revision.content_hash:
        return "Somebody changed the plan meanwhile. Look at what would change now, then say yes again.", 409, None
    if plan is None or (found.merged.conflicts and way == "stop"):
        return "Nothing was changed.", 409, None
    slug = revision.slug if revision else plan.organization.id
    if revision is None and taken(slug):
        return f"There is a centre {slug!r} already: open it, and bring the file in there.", 409, None
    title = revision.title if revision else plan.organization.title
    try:
        keep(slug, title, found.files, f"brought in {sent.name}", by=account, why=why)
    except NameReserved as error:
        return str(error), 409, None
    return "", 200, slug


def _preview(
    request: HttpRequest,
    revision: Revision | None,
    sent: Upload,
    found: Brought,
    way: OnConflict,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    merged = found.merged
    shown = {
        "revision": revision,
        "sent": sent,
        "way": way,
        "ways": WAYS,
        "merged": merged,
        "problems": merged.problems[:SHOWN],
        "changes": merged.changes[:SHOWN],
        "conflicts": merged.conflicts[:SHOWN],
        "shown": SHOWN,
        "may_keep": merged.plan is not None and bool(merged.changes) and not (merged.conflicts and way == "stop"),
        "refusal": refusal,
    }
    return render(request, "bringing/preview.html", shown, status=status)
