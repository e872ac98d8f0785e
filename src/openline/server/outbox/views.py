"""The page of messages: what was sent to whom, by which way, whether it may have been sent twice, what was caught."""

import re
from collections import Counter
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import note_reading
from openline.server.incidents.models import Delivery, Incident
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404

A_PAGE = 100
LINK = re.compile(r"https?://\S+/a/\S+|\bor reply [A-Z0-9]{6}\b")
STATES = {
    "sending": "being sent",
    "handed": "taken by the provider",
    "failed": "not taken yet",
    "caught": "caught here, sent to nobody",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as the page shows it."""

    row: Delivery
    who: str
    to: str
    text: str
    state: str


@needs("see_incidents")
def outbox(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the messages of a centre, the latest first, of one incident or person where that is asked for."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    rows = Delivery.objects.filter(incident__slug=slug).select_related("incident")
    asked = {k: request.GET.get(k, "") for k in ("incident", "person", "state")}
    if asked["incident"].isdecimal():
        rows = rows.filter(incident_id=int(asked["incident"][:9]))
    if asked["person"]:
        rows = rows.filter(person=asked["person"][:64])
    if asked["state"] in STATES:
        rows = rows.filter(state=asked["state"])
    elif asked["state"] == "twice":
        rows = rows.filter(maybe_twice=True)
    pages = Paginator(rows, A_PAGE)
    is_open = may(request, "read_contacts")
    found = pages.get_page(request.GET.get("page"))
    if is_open and found:
        note_reading(request, "read contact data", slug=slug, about="outbox")
    shown = {
        "revision": revision,
        "rows": [_shown(plan, d, is_open=is_open) for d in found],
        "page": found,
        "count": pages.count,
        "counts": Counter(rows.order_by().values_list("state", flat=True)),
        "twice": rows.filter(maybe_twice=True).count(),
        "incidents": Incident.objects.filter(slug=slug).defer("revision")[:100],
        "states": STATES,
        "asked": asked,
        "tz": plan.organization.tz,
        "is_open": is_open,
    }
    return render(request, "outbox/outbox.html", shown)


def _shown(plan: Plan, row: Delivery, *, is_open: bool) -> Shown:
    person = plan.persons.get(row.person)
    value = next((a.value for a in person.contacts if a.channel == row.channel and a.value), "") if person else ""
    text = row.text if is_open else LINK.sub("(link and code hidden)", row.text)
    to = (value or "") if is_open else masked(value or "")
    return Shown(row, person.title if person else row.person, to, text, STATES.get(row.state, row.state))


def masked(value: str) -> str:
    """Return a number or address of which only the end can be read, or the domain."""
    if "@" in value:
        name, _, domain = value.partition("@")
        return f"{name[:1]}…@{domain}"
    return f"…{value[-3:]}" if value else ""
