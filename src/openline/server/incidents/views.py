"""The list of incidents, and the door through which every page gives its commands."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from openline.incident.command import OPEN, Refused
from openline.server.accounts.roles import may, needs, refused
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.incidents import acting
from openline.server.incidents.listed import told
from openline.server.incidents.models import Incident
from openline.server.incidents.store import NoSuchIncident, carry_out, incident, pinned
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

IN_FULL = 20
"""Incidents under way that the list shows with what is down; the others stand in one line each."""
LIMIT = Limit(most=240, window_s=60)


def incident_or_404(slug: str, pk: int) -> Incident:
    """Return an incident of a centre, or answer that there is none."""
    try:
        found = incident(pk)
    except NoSuchIncident as error:
        raise Http404 from error
    if found.slug != slug:
        raise Http404
    return found


@needs("see_incidents")
def incidents(request: HttpRequest, slug: str) -> HttpResponse:
    """List what is under way, gravest first, and what was."""
    revision, own = revision_or_404(slug), Incident.objects.filter(slug=slug)
    found = own.select_related("revision").defer("revision__files")
    now_open = list(found.filter(phase__in=OPEN).order_by("is_exercise", "-level", "-pk")[:500])
    return render(
        request,
        "incidents/incidents.html",
        {
            "revision": revision,
            "count": len(now_open),
            "under_way": [told(i) for i in now_open[:IN_FULL]],
            "others": now_open[IN_FULL:],
            "ended": [told(i) for i in found.exclude(phase__in=OPEN)[:50]],
            "tz": plan_of(revision).organization.tz,
            "now": timezone.now(),
        },
    )


@require_POST
@needs("report_in")
def do(request: HttpRequest, slug: str, pk: int, command: str) -> HttpResponse:
    """Carry out one command from a form; a refusal says why, and what was typed stays where it was typed."""
    found = incident_or_404(slug, pk)
    right = acting.right_of(command)
    if right is None:
        raise Http404
    if not may(request, right):
        return refused(request, right)
    if not LIMIT.allows(str(request.user.pk)):
        return _told(request, 429, "Too many acts in a minute: wait a moment, then send it again.")
    plan = pinned(found)
    try:
        wanted = acting.read(command, request.POST, plan.organization.tz)
        at = acting.happened_at(request.POST, plan.organization.tz)
        key = request.POST.get("key", "")[:64]
        carry_out(found, wanted, acting.actor(request, plan), at=at, key=f"do/{pk}/{key}" if key else "")
    except Refused as refusal:
        return _told(request, 409, str(refusal))
    log_act(request, f"did {command}", slug=slug, about=found.ref)
    return _back(request, slug, pk)


def _told(request: HttpRequest, status: int, text: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        # The room tells it in place; as a failure the browser would write every refusal on its console.
        return JsonResponse({"refused": text})
    if "json" in request.headers.get("Accept", ""):
        return JsonResponse({"refused": text}, status=status)
    return page(
        request, status, "That was not done", f"{text} Go back with your browser: what you typed is still there."
    )


def _back(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None) or not target.startswith("/"):
        target = reverse("room:room", args=[slug, pk])
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Trigger": "incident-changed"})
    return redirect(target)
