"""The list of incidents, reporting one, and the door through which every page gives its commands."""

from typing import get_args
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from openline.incident.aid import QUESTIONS, AidAnswers, propose
from openline.incident.authority import declarers
from openline.incident.command import OPEN, Refused
from openline.incident.opening import AnswerAid, DeclareLevel, How, Report
from openline.server.accounts.roles import may, needs, refused
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.incidents import acting
from openline.server.incidents.models import Incident
from openline.server.incidents.store import NoSuchIncident, carry_out, incident, pinned, report
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=240, window_s=60)
KINDS = (
    "sites",
    "systems",
    "network_paths",
    "trunk_groups",
    "numbers",
    "feeds",
    "agent_groups",
    "activities",
    "partners",
)
"""What can be ticked as hit, in the order in which people think of it."""


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
    """List what is under way and what was."""
    revision = revision_or_404(slug)
    found = list(Incident.objects.filter(slug=slug)[:200])
    return render(
        request,
        "incidents/incidents.html",
        {
            "revision": revision,
            "under_way": [i for i in found if i.phase in OPEN],
            "ended": [i for i in found if i.phase not in OPEN],
        },
    )


@needs("declare")
def declare(request: HttpRequest, slug: str) -> HttpResponse:
    """Report or declare an incident: what is hit, the aid's questions, the level; nothing typed is lost."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    shown = {
        "revision": revision,
        "questions": QUESTIONS,
        "kinds": [(k, list(plan.collection(k).values())) for k in KINDS if plan.collection(k)],
        "levels": sorted((x for x in plan.levels.values() if x.number > 0), key=lambda x: x.number),
        "declarers": {n: declarers(plan, n) for n in range(1, 5)},
        "roles": plan.roles,
        "scenarios": plan.scenarios,
        "key": uuid4().hex,
        "sent": request.POST,
        "ticked": set(request.POST.getlist("objects")),
    }
    if request.method != "POST":
        return render(request, "incidents/declare.html", shown)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then send it again.")
    answers = AidAnswers(
        **{q.field: request.POST[q.field] for q in QUESTIONS if request.POST.get(q.field) in q.choices}
    )
    if "propose" in request.POST:
        level, reasons = propose(answers)
        return render(request, "incidents/declare.html", {**shown, "proposed": level, "reasons": reasons})
    try:
        found = _declared(request, slug, answers)
    except Refused as refusal:
        return render(request, "incidents/declare.html", {**shown, "refusal": refusal}, status=409)
    return redirect("room:room", slug=slug, pk=found.pk)


def _declared(request: HttpRequest, slug: str, answers: AidAnswers) -> Incident:
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    sent, who = request.POST, acting.actor(request, plan)
    how = sent.get("how", "page")
    opening = Report(
        title=sent.get("title", "").strip() or "Disruption",
        what=sent.get("what", ""),
        how=how if how in get_args(How) else "page",
        exercise=sent.get("exercise") == "yes",
        plan_slug=slug,
        plan_hash=revision.content_hash,
        onset_at=acting.happened_at({"happened_at": sent.get("onset")}, plan.organization.tz),
        objects=tuple(sent.getlist("objects")),
        scenario=sent.get("scenario") or None,
    )
    key = sent.get("key", "")[:64] or uuid4().hex
    found = report(revision, opening, who, key=f"report/{key}")
    if answers.model_fields_set:
        carry_out(found, AnswerAid(answers=answers), who, key=f"aid/{key}")
    if sent.get("level", "").isdigit() and int(sent["level"]) > 0:
        carry_out(found, DeclareLevel(level=int(sent["level"]), reason=sent.get("reason", "")), who, key=f"level/{key}")
    return found


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
        wanted = acting.read(command, request.POST)
        at = acting.happened_at(request.POST, plan.organization.tz)
        key = request.POST.get("key", "")[:64]
        carry_out(found, wanted, acting.actor(request, plan), at=at, key=f"do/{pk}/{key}" if key else "")
    except Refused as refusal:
        return _told(request, 409, str(refusal))
    log_act(request, f"did {command}", slug=slug, about=found.ref)
    return _back(request, slug, pk)


def _told(request: HttpRequest, status: int, text: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true" or "json" in request.headers.get("Accept", ""):
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
