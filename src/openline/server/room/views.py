"""The room: one page for everybody who works on an incident, by what each must do."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from openline.incident.money import FORMULA, money_per_hour
from openline.incident.upcoming import VIEWS, View
from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import note_reading
from openline.server.incidents import acting
from openline.server.incidents.declaring import KINDS, choices
from openline.server.incidents.models import Incident
from openline.server.incidents.store import pinned, reading
from openline.server.incidents.views import incident_or_404
from openline.server.room.picture import picture
from openline.server.room.shown import shown, with_services

PARTS: Mapping[View, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "commander": (
        ("approvals", "tasks", "down", "clocks"), ("people", "decisions", "messages", "arrangements", "level", "write"),
    ),
    "scribe": (("write", "notes"), ("decisions", "sitrep", "people", "messages", "down")),
    "lead": (("approvals", "tasks"), ("people", "down", "clocks", "write")),
    "executive": (("executive",), ("decisions", "clocks", "messages")),
}  # fmt: skip
"""What each sees: the wide column, then the narrow one. On a phone they follow each other."""

ABOUT: Mapping[View, str] = {
    "commander": "Leads: what is down, what is decided, what is done next.",
    "scribe": "Writes: the log, decisions, reports.",
    "lead": "Works: the tasks and the people.",
    "executive": "Answers for it: what it costs, what can be done, what must be decided.",
}


ELSEWHERE = {
    "roll_address": "roll_calls:roll_calls",
    "messages_address": "messages:messages",
}
"""Pages of other slices that the room leads to when this server has them."""


@dataclass(frozen=True, slots=True)
class Who:
    """As whom somebody looks: the view, the role in the plan, the account."""

    view: View
    role: str
    account: str


@needs("see_incidents")
def room(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show what is down, who is on it, what is to be done and decided."""
    found = incident_or_404(slug, pk)
    is_part = request.headers.get("HX-Request") == "true"
    if is_part and request.GET.get("seen") == str(found.last_seq):
        return HttpResponse(status=204)
    plan = pinned(found)
    who = looking(request, plan)
    if not is_part and may(request, "read_contacts"):
        note_reading(request, "read contact data", slug=slug, about=f"{found.ref} room")
    context = shown_to(request, found, plan, who)
    return render(request, "room/live.html" if is_part else "room/room.html", context)


def shown_to(request: HttpRequest, found: Incident, plan: Plan, who: Who) -> dict[str, object]:
    """Return what the templates of the room need; the state is let go before they are rendered."""
    now = timezone.now()
    with reading(found) as state:
        told = shown(state, plan, who.view, now, who.account, who.role or None)
    seen = picture(found.revision, told.hits, told.down, told.head.onset, now)
    wide, narrow = PARTS[who.view]
    return {
        "revision": found.revision,
        "incident": found,
        "plan": plan,
        "now": now,
        "tz": plan.organization.tz,
        "as": who.view,
        "role": who.role,
        "roles": plan.roles,
        "trees": plan.call_trees,
        "views": [(v, ABOUT[v]) for v in VIEWS],
        "wide": [f"room/parts/{p}.html" for p in wide],
        "narrow": [f"room/parts/{p}.html" for p in narrow],
        "s": told,
        "head": told.head,
        "pic": seen,
        "limits": with_services(told.limits, seen.services, plan),
        "money": money_per_hour(plan, seen.capacity, now),
        "formula": FORMULA,
        "told": _once_told(request, pk=found.pk),
        "may_name": may(request, "work_tasks") or may(request, "read_contacts"),
        "works": told.head.is_open and may(request, "work_tasks"),
        "kinds": [(title, plan.collection(k).values()) for k, title in KINDS.items() if plan.collection(k)],
        "choices": choices(request, plan) if who.view == "commander" else (),
        "past": told.last_moment is not None and told.last_moment <= now,
        **{name: elsewhere(address, found) for name, address in ELSEWHERE.items()},
        "here_again": f"{reverse('room:room', args=[found.slug, found.pk])}?as={who.view}",
    }


def looking(request: HttpRequest, plan: Plan) -> Who:
    """Return as whom somebody looks: as the address says, else as before, else by what they are in the plan."""
    role = request.GET.get("role", request.session.get("acts_as", _own_role(request, plan)))
    if role not in plan.roles:
        role = ""
    if "role" in request.GET:
        request.session["acts_as"] = role
    view = request.GET.get("as", "")
    known = next((v for v in VIEWS if v == view), None)
    return Who(known or _usual(request, plan, role), role, f"account:{request.user.pk}")


def _own_role(request: HttpRequest, plan: Plan) -> str:
    own = acting.person_of(plan, getattr(request.user, "email", ""))
    return next((r.id for r in plan.roles.values() if own and own in r.holders), "")


def _usual(request: HttpRequest, plan: Plan, role: str) -> View:
    function = plan.roles[role].ics_function if role else None
    if may(request, "command") or function == "command":
        return "commander"
    return "lead" if may(request, "work_tasks") else "executive"


def elsewhere(name: str, found: Incident) -> str:
    """Return the address of a page about this incident; empty when this server has no such page."""
    try:
        return reverse(name, args=[found.slug, found.pk])
    except NoReverseMatch:
        return ""


def _once_told(request: HttpRequest, pk: int) -> str:
    """Return what was refused on the way here, once."""
    kept = request.session.get("told") or {}
    text = kept.pop(str(pk), "")
    if text:
        request.session["told"] = kept
    return str(text)
