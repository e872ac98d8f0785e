"""Setting the status page up, looking at it before readers do, and taking it out."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from openline.server.accounts.roles import needs
from openline.server.accounts.store import record as log_act
from openline.server.errors import page as error_page
from openline.server.incidents.views import incident_or_404
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit
from openline.server.status_pages import export, subscribing
from openline.server.status_pages.models import StatusPage
from openline.server.status_pages.public import file_answer
from openline.server.status_pages.store import confirmed, keep, page_of
from openline.server.status_pages.words import LANGUAGES

LIMIT: Final = Limit(most=60, window_s=60)


@needs("see_incidents", to_change="manage_settings")
def set_up(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how the page is set up; change it."""
    revision = revision_or_404(slug)
    page, errors = page_of(slug), dict[str, str]()
    if request.method == "POST":
        if not LIMIT.allows(str(request.user.pk)):
            return error_page(request, 429, "Too many changes in a minute", "Wait a moment, then send it again.")
        errors = _take(request, page)
        if not errors:
            keep(page)
            log_act(request, "set the status page up", slug=slug, about="on" if page.is_on else "off")
            return redirect(request.path)
    activities = plan_of(revision).activities.values()
    return render(
        request,
        "status_pages/set_up.html",
        {
            "revision": revision,
            "page": page,
            "errors": errors,
            "languages": [(lang, name, lang in page.languages) for lang, name in LANGUAGES.items()],
            "activities": [(a, page.services.get(a.id, "")) for a in activities],
            "address": export.address(slug),
            "subscribers": confirmed(page),
            "directory": export.directory(slug),
            "forgotten": request.GET.get("forgotten"),
        },
        status=400 if errors else 200,
    )


def _take(request: HttpRequest, page: StatusPage) -> dict[str, str]:
    """Put what was typed into the page, to be kept or shown again; returns what is wrong with it by field."""
    sent, activities = request.POST, plan_of(revision_or_404(page.slug)).activities
    page.title, page.intro = sent.get("title", "").strip(), sent.get("intro", "").strip()
    page.is_on, page.takes_subscribers = sent.get("is_on") == "on", sent.get("takes_subscribers") == "on"
    page.exports = sent.get("exports") == "on"
    page.languages = [lang for lang in LANGUAGES if lang in sent.getlist("languages")]
    named = {a: sent.get(f"service.{a}", "").strip() for a in activities}
    page.services = {a: name[:80] for a, name in named.items() if name}
    errors = {}
    if not 0 < len(page.title) <= 120:
        errors["title"] = "Give the page a name of at most 120 letters: readers see it first."
    if len(page.intro) > 600:
        errors["intro"] = "Say it in at most 600 letters."
    if not page.languages:
        errors["languages"] = "Tick at least one language."
    return errors


@needs("manage_settings")
def take_out(request: HttpRequest, slug: str) -> HttpResponse:
    """Give the page as static files, to be hosted elsewhere."""
    revision_or_404(slug)
    body = export.zipped(export.files(page_of(slug), timezone.now(), "elsewhere"))
    headers = {"Content-Disposition": f'attachment; filename="status-{slug}.zip"'}
    return HttpResponse(body, content_type="application/zip", headers=headers)


@require_POST
@needs("manage_settings")
def forget(request: HttpRequest, slug: str) -> HttpResponse:
    """Delete an address of somebody who asked for it by other means."""
    revision_or_404(slug)
    subscribing.forget(page_of(slug), request.POST.get("address", "")[:254])
    log_act(request, "deleted an address from the status page", slug=slug)
    # The answer is the same whether the address was there.
    return redirect(f"/{slug}/status-page/?forgotten=1")


@needs("see_incidents")
def preview(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Show the page as readers would see it now, also while it is switched off."""
    revision_or_404(slug)
    return _file(request, export.files(page_of(slug), timezone.now(), "preview"), name)


@needs("see_incidents")
def preview_of(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Show the page with the words of one incident; those of an exercise are marked, and shown nowhere else."""
    found = incident_or_404(slug, pk)
    mark = "exercise" if found.is_exercise or found.is_demo else ""
    return _file(request, export.files(page_of(slug), timezone.now(), "preview", incidents=[found], mark=mark), name)


def _file(request: HttpRequest, found: export.Files, name: str) -> HttpResponse:
    wanted = f"{name}index.html" if name.endswith("/") else name
    if wanted not in found:
        raise Http404
    return file_answer(request, wanted, found[wanted], "no-store")
