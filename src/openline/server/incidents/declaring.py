"""Reporting and declaring: one form that can be filled in on a phone at 3 a.m., and the card that comes first."""

from dataclasses import dataclass
from typing import Any, get_args
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from openline.incident.activation import struck_by
from openline.incident.aid import QUESTIONS, AidAnswers, propose
from openline.incident.authority import declarers
from openline.incident.command import Refused
from openline.incident.opening import AnswerAid, DeclareLevel, How, Report
from openline.plan.document import Plan
from openline.plan.record import Entity
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import note_reading
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.incidents import acting
from openline.server.incidents.models import Incident
from openline.server.incidents.store import carry_out, report
from openline.server.incidents.views import LIMIT
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit, client_of

OPEN_DOOR = Limit(most=60, window_s=60)
KINDS = {
    "sites": "Buildings and sites",
    "systems": "Systems",
    "network_paths": "Network",
    "trunk_groups": "Telephone lines",
    "numbers": "Numbers",
    "feeds": "Power and supplies",
    "agent_groups": "People",
    "activities": "Queues and work",
    "partners": "Partners",
}
"""What can be ticked as hit, in the order in which people think of it."""
BY_VOICE = ("mobile", "landline", "satellite", "sms", "radio", "pager")
WORDS = ("First sign", "Watch", "Partial", "Full", "Crisis")
MEANING = (
    "Somebody looks at it. No level is in force yet.",
    "Somebody watches; nothing is lost so far.",
    "Part of the service is hit; a few people are called.",
    "The whole response is called in.",
    "The organization itself is at stake.",
)


@dataclass(frozen=True, slots=True)
class Declarer:
    """A person who may declare, in order; `phone` is empty when none is known, None when who asks may not see it."""

    role: str
    name: str
    phone: str | None


@dataclass(frozen=True, slots=True)
class Choice:
    """A level that can be declared, and whom to ask for it."""

    number: int
    word: str
    meaning: str
    who: tuple[Declarer, ...]


@login_not_required
def safety(request: HttpRequest) -> HttpResponse:
    """Say what comes before everything else; open to everybody, and small."""
    if not OPEN_DOOR.allows(client_of(request.META.get("REMOTE_ADDR", ""))):
        return page(request, 429, "Too many requests in a minute", "If people are in danger, call 112 or 911 now.")
    return render(request, "incidents/safety.html")


@needs("declare")
def declare(request: HttpRequest, slug: str) -> HttpResponse:
    """Report or declare an incident: what is hit, the aid's questions, the level; nothing typed is lost."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    shown = _shown(request, revision, plan)
    if may(request, "read_contacts"):
        note_reading(request, "read contact data", slug=slug, about="who may declare")
    if request.method != "POST":
        return render(request, "incidents/declare.html", shown)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then send it again.")
    answers = _answers(request)
    if "propose" in request.POST:
        level, reasons = propose(answers)
        form = "incidents/proposal.html" if request.headers.get("HX-Request") == "true" else "incidents/declare.html"
        return render(request, form, {**shown, "proposed": level, "reasons": reasons, "proposed_word": WORDS[level]})
    try:
        found = _reported(request, slug, answers)
    except Refused as refusal:
        return render(request, "incidents/declare.html", {**shown, "refusal": refusal}, status=409)
    return redirect("room:room", slug=slug, pk=found.pk)


def _answers(request: HttpRequest) -> AidAnswers:
    sent = request.POST
    return AidAnswers(**{q.field: sent[q.field] for q in QUESTIONS if sent.get(q.field) in q.choices})


def _shown(request: HttpRequest, revision: Revision, plan: Plan) -> dict[str, object]:
    own = acting.person_of(plan, getattr(request.user, "email", ""))
    return {
        "revision": revision,
        "plan": plan,
        "questions": QUESTIONS,
        "kinds": [(name, _entities(plan, k)) for k, name in KINDS.items() if plan.collection(k)],
        "levels": choices(request, plan),
        "roles": plan.roles,
        "own_role": next((r.id for r in plan.roles.values() if own and own in r.holders), ""),
        "scenarios": plan.scenarios,
        "key": request.POST.get("key") or uuid4().hex,
        "sent": request.POST,
        "ticked": set(request.POST.getlist("objects")),
    }


def _entities(plan: Plan, collection: str) -> list[Entity]:
    return sorted(plan.collection(collection).values(), key=lambda e: e.title)


def choices(request: HttpRequest, plan: Plan) -> list[Choice]:
    """Return the levels with who may declare each, in phone order; numbers only for who may read them."""
    sees, words = may(request, "read_contacts"), {x.number: x.title for x in plan.levels.values()}
    return [
        Choice(n, words.get(n, WORDS[n]) if n else WORDS[0], MEANING[n], tuple(_who(plan, n, sees)) if n else ())
        for n in range(5)
    ]


def _who(plan: Plan, level: int, sees: bool) -> list[Declarer]:
    found = []
    for role in declarers(plan, level):
        if role in plan.roles:
            for name in plan.roles[role].holders:
                if name in plan.persons:
                    phone = phone_of(plan, name) if sees else None
                    found.append(Declarer(plan.roles[role].title, plan.persons[name].title, phone))
    return found[:8]


def phone_of(plan: Plan, person: str) -> str:
    """Return the first number at which a person can be spoken to; empty when none is in the plan."""
    known = sorted(plan.persons[person].contacts, key=lambda a: a.order or 99)
    return next((a.value for a in known if a.channel in BY_VOICE and a.value), "")


def _reported(request: HttpRequest, slug: str, answers: AidAnswers) -> Incident:
    """Open the incident; what is refused after that is told in its room, since the report stands."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    who, key = acting.actor(request, plan), request.POST.get("key", "")[:64] or uuid4().hex
    found = report(revision, _report(request, revision, plan), who, key=f"report/{key}")
    if who.role is not None:
        request.session["acts_as"] = who.role
    log_act(request, "reported an incident", slug=slug, about=found.ref)
    if answers.model_fields_set:
        carry_out(found, AnswerAid(answers=answers), who, key=f"aid/{key}")
    level = request.POST.get("level", "")
    if level in ("1", "2", "3", "4"):
        said = {"level": int(level), "reason": request.POST.get("reason", "").strip()}
        try:
            wanted = acting.made(DeclareLevel, said)
            carry_out(found, wanted, who, key=f"level/{key}")
        except Refused as refusal:
            request.session["told"] = {str(found.pk): f"It is reported, but not declared: {refusal}"}
    return found


def _report(request: HttpRequest, revision: Revision, plan: Plan) -> Report:
    sent, how = request.POST, request.POST.get("how", "page")
    scenario = sent.get("scenario") if sent.get("scenario") in plan.scenarios else None
    what = sent.get("what", "").strip()
    document: dict[str, Any] = {
        "title": (sent.get("title", "").strip() or "Disruption")[:200],
        "what": what[:4000],
        "how": how if how in get_args(How) else "page",
        "exercise": sent.get("exercise") == "yes",
        "plan_slug": revision.slug,
        "plan_hash": revision.content_hash,
        "onset_at": acting.happened_at({"happened_at": sent.get("onset")}, plan.organization.tz),
        "objects": tuple(sent.getlist("objects")) or (struck_by(plan, scenario) if scenario else ()),
        "scenario": scenario,
    }
    return acting.made(Report, document)
