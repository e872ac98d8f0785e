"""Pages that change a plan."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from openline.exchange.workbook import ORGANIZATION
from openline.plan.organization import Organization
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS, Collection
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder, note_reading
from openline.server.errors import page as error_page
from openline.server.plans.forms import edited, removed, shown
from openline.server.plans.models import Revision
from openline.server.plans.store import keep, plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=60, window_s=60)
OF_THE_WHOLE = Collection(ORGANIZATION, "openline", Organization, "The organization")
OF_PEOPLE = ("persons", "agent_groups", "stakeholders", "vendors")
ASIDE = ("csrfmiddlewaretoken", "based_on", "why")


@needs("change_plan")
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Let people choose what to add or change."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    found = [(c, list(plan.collection(c.name).values())) for c in COLLECTIONS.values()]
    return render(request, "editing/choose.html", {"revision": revision, "collections": found})


@needs("change_plan")
def add(request: HttpRequest, slug: str, collection: str) -> HttpResponse:
    """Add an entity."""
    return _page(request, revision_or_404(slug), collection, None)


@needs("change_plan")
def edit(request: HttpRequest, slug: str, collection: str, entity_id: str) -> HttpResponse:
    """Change an entity."""
    revision = revision_or_404(slug)
    if collection not in COLLECTIONS:
        raise Http404
    return _page(request, revision, collection, _entity(revision, collection, entity_id))


@needs("change_plan")
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what is said of the organization itself."""
    revision = revision_or_404(slug)
    return _page(request, revision, ORGANIZATION, plan_of(revision).organization)


@needs("change_plan")
def remove(request: HttpRequest, slug: str, collection: str, entity_id: str) -> HttpResponse:
    """Ask whether an entity is to go; with a yes take it away, unless something else names it."""
    revision = revision_or_404(slug)
    if collection not in COLLECTIONS:
        raise Http404
    entity = _entity(revision, collection, entity_id)
    page = {"revision": revision, "collection": COLLECTIONS[collection], "entity": entity}
    if request.method != "POST":
        return render(request, "editing/remove.html", page)
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many changes in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    if request.POST.get("based_on") != revision.content_hash:
        told = ("Somebody changed the plan meanwhile. Look whether it is still to go.",)
        return render(request, "editing/remove.html", {**page, "others": told}, status=409)
    found = removed(revision.files, collection, entity_id)
    if not found.files:
        return render(request, "editing/remove.html", {**page, "others": found.others, "used": True}, status=409)
    why = request.POST.get("why", "").strip()[:200]
    keep(revision.slug, revision.title, found.files, f"removed {collection} {entity_id}", by=holder(request), why=why)
    return redirect(f"{reverse('plans:plan', args=[slug])}#{collection}")


def _entity(revision: Revision, collection: str, entity_id: str) -> Entity:
    found = plan_of(revision).collection(collection).get(entity_id)
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, revision: Revision, collection: str, entity: Entity | None) -> HttpResponse:
    if collection != ORGANIZATION and collection not in COLLECTIONS:
        raise Http404
    page = {"revision": revision, "collection": COLLECTIONS.get(collection, OF_THE_WHOLE), "entity": entity}
    if collection in OF_PEOPLE and entity is not None:
        note_reading(request, "read contact data", slug=revision.slug)
    if request.method != "POST":
        begun = {} if entity is not None else request.GET.dict()
        return render(request, "editing/edit.html", {**page, "fields": shown(collection, entity, begun, {})})
    if not LIMIT.allows(request.META.get("REMOTE_ADDR", "")):
        return error_page(
            request,
            429,
            "Too many changes in a minute",
            "Nothing was changed. Wait a minute, then go back and try again.",
        )
    typed = {k: v.replace("\r\n", "\n") for k, v in request.POST.dict().items() if k not in ASIDE}
    why = request.POST.get("why", "").strip()[:200]
    if request.POST.get("based_on") != revision.content_hash:
        told = "Somebody changed the plan meanwhile. What you typed is kept: look at it, and send it again."
        return _again(request, page, collection, entity, typed, {}, (told,), why, 409)
    found = edited(revision.files, collection, entity.id if entity is not None else None, typed)
    if not found.files:
        return _again(request, page, collection, entity, typed, found.errors, found.others, why, 400)
    name = typed.get("id") or (entity.id if entity is not None else "")
    if collection == ORGANIZATION:
        title = typed.get("name") or revision.title
        keep(revision.slug, title, found.files, "edited the organization", by=holder(request), why=why)
        return redirect("plans:plan", slug=revision.slug)
    keep(revision.slug, revision.title, found.files, f"edited {collection} {name}", by=holder(request), why=why)
    return redirect(f"{reverse('plans:plan', args=[revision.slug])}#{collection}-{name}")


def _again(
    request: HttpRequest,
    page: dict[str, object],
    collection: str,
    entity: Entity | None,
    typed: dict[str, str],
    errors: dict[str, str],
    others: tuple[str, ...],
    why: str,
    status: int,
) -> HttpResponse:
    """Show the form again with everything that was typed."""
    fields = shown(collection, entity, typed, errors)
    return render(
        request,
        "editing/edit.html",
        {**page, "fields": fields, "others": others, "why": why, "wrong": len(errors)},
        status=status,
    )
