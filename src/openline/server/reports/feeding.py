"""What an incident taught, taken into the plan as a new revision: chosen by a person, checked like every change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from openline.exchange.merge import changed_files
from openline.incident.lessons import Origin, day_of, learned, lessons
from openline.incident.report import after_action
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.server.accounts.roles import needs
from openline.server.accounts.store import holder
from openline.server.incidents.models import Incident
from openline.server.incidents.shown import Looked, frame, looked_at
from openline.server.incidents.store import reading
from openline.server.plans.models import Revision
from openline.server.plans.store import keep, plan_of
from openline.server.plans.views import revision_or_404

ENDED = ("stood_down", "closed")


def origin_of(found: Incident) -> Origin:
    """Return how the plan names an incident."""
    return Origin(found.ref.lower(), found.ref, found.is_exercise or found.is_demo)


@needs("change_plan")
def into_the_plan(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show planned beside measured, and take what is chosen into the plan that is in force now."""
    look, revision = looked_at(slug, pk), revision_or_404(slug)
    if request.method == "POST" and look.incident.phase in ENDED:
        return _taken(request, look, revision)
    return _shown(request, look, revision)


def _shown(
    request: HttpRequest, look: Looked, revision: Revision, problem: str = "", status: int = 200
) -> HttpResponse:
    plan, origin = plan_of(revision), origin_of(look.incident)
    with reading(look.incident) as state:
        found = lessons(plan, after_action(state, look.plan), origin, day_of(state, plan))
        actions = [(a, f"{origin.id}-{a.id}" in plan.corrective_actions) for a in state.actions.values()]
    more = {
        "lessons": found,
        "actions": actions,
        "exercises": {i: e.title for i, e in plan.exercises.items()},
        "origin": origin,
        "known": origin.id in plan.incidents,
        "in_force": revision,
        "ended": look.incident.phase in ENDED,
        "problem": problem,
        "sent": set(request.POST.getlist("steps")) | set(request.POST.getlist("actions")),
        "was_sent": request.method == "POST",
    }
    return render(request, "reports/into_the_plan.html", frame(request, look, **more), status=status)


def _taken(request: HttpRequest, look: Looked, revision: Revision) -> HttpResponse:
    if request.POST.get("based_on") != revision.content_hash:
        told = "Somebody changed the plan meanwhile. What you ticked is kept: look at it, and send it again."
        return _shown(request, look, revision, told, 409)
    new = _learned(look, plan_of(revision), request)
    files = {**revision.files, **{f: t for f, t in changed_files(revision.files, new).items() if t is not None}}
    loaded = load_plan(files)
    if loaded.plan is None:
        problems = "; ".join(f"{p.path}: {p.message}" for p in loaded.problems[:5])
        return _shown(request, look, revision, f"The plan would not be sound with this: {problems}", 409)
    why = f"Learned from {look.incident.ref}"
    keep(revision.slug, revision.title, files, f"fed back from {look.incident.ref}", by=holder(request), why=why)
    return redirect(reverse("revisions:revisions", args=[revision.slug]))


def _learned(look: Looked, plan: Plan, request: HttpRequest) -> Plan:
    with reading(look.incident) as state:
        report = after_action(state, look.plan)
        return learned(
            plan,
            state,
            report,
            origin_of(look.incident),
            steps=request.POST.getlist("steps"),
            actions=request.POST.getlist("actions"),
        )
