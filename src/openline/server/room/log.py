"""The log: every entry, page by page, checked; and the sealed file that anybody can check."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, reduce
from operator import or_

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.incident.entry import BrokenChain, verify
from openline.incident.sitrep import name_of
from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import note_reading
from openline.server.accounts.store import record as log_act
from openline.server.incidents.models import OF_PEOPLE, Incident, Line
from openline.server.incidents.seal import sealed
from openline.server.incidents.store import incident, lines_of, pinned, reading
from openline.server.incidents.views import incident_or_404
from openline.server.room.views import looking
from openline.server.templatetags import local

A_PAGE = 50
KINDS = {
    "": "everything",
    "note": "notes and corrections",
    "task": "tasks",
    "page": "calls",
    "decision": "decisions",
    "level": "levels",
    "message": "messages",
    "person": "people",
    "alarm": "alarms",
}
PREFIXES = {
    "note": ("note.", "entry."),
    "level": ("level.", "incident.", "aid."),
    "person": ("person.", "roll_call.", "group."),
}
OF_THE_PLAN = (
    "person", "by", "role", "roles", "for_role", "owner_role", "approver", "object", "objects", "site", "sites",
    "teams", "arrangement", "activity", "procedures", "scenario", "tree", "template", "audience",
)  # fmt: skip
OF_THE_INCIDENT = ("task", "predecessors", "page", "decision")
"""Fields that hold ids: the log shows names, since who reads it may not know the ids."""
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
ASIDE = ("account", "plan_hash", "rungs", "about", "persons", "deliveries", "options", "wait_s", "repeats")


@dataclass(frozen=True, slots=True)
class Told:
    """An entry in words."""

    seq: int
    at: datetime
    entered_at: datetime
    by: str
    what: str
    text: str
    is_late: bool
    hash: str


@needs("see_incidents")
def log_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the log, the latest first, with what is asked for."""
    found = incident_or_404(slug, pk)
    kind, words = request.GET.get("kind", ""), request.GET.get("words", "").strip()
    with_people = may(request, "read_contacts")
    rows = _rows(found, kind, words)
    if words and not with_people:
        # Looking for words in what is hidden would tell what it says.
        rows = rows.exclude(kind__in=OF_PEOPLE)
    if with_people:
        note_reading(request, "read how people are", slug=slug, about=found.ref)
    shown = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    plan = pinned(found)
    names = named(found, plan)
    context = {
        "incident": found,
        "revision": found.revision,
        "tz": plan.organization.tz,
        "role": looking(request, plan).role,
        "here_again": request.get_full_path(),
        "page": shown,
        "entries": [told(x, plan, names, with_people=with_people) for x in shown],
        "kinds": KINDS,
        "kind": kind,
        "words": words,
        "whole": checked(found.pk, found.last_hash),
        "now": timezone.now(),
    }
    return render(request, "room/log.html", context)


def _rows(found: Incident, kind: str, words: str) -> QuerySet[Line]:
    rows = found.lines.order_by("-seq")
    if kind in KINDS and kind:
        wanted = (Q(kind__startswith=p) for p in PREFIXES.get(kind, (f"{kind}.",)))
        rows = rows.filter(reduce(or_, wanted))
    return rows.filter(data__icontains=words) if words else rows


def told(line: Line, plan: Plan, named: Mapping[str, str], *, with_people: bool = True) -> Told:
    """Return an entry in words: people, roles and objects by name, moments on the centre's clock.

    How people are is told to those who may reach them.
    """
    late = (line.entered_at - line.happened_at).total_seconds() > 60
    what = line.kind.replace("page.", "call ").replace(".", " ").replace("_", " ").capitalize()
    hidden = line.kind in OF_PEOPLE and not with_people
    said = ("how this person is: hidden, since your roles do not reach people",)
    text = "; ".join(said if hidden else _said(line.data, plan, named))
    return Told(line.seq, line.happened_at, line.entered_at, name_of(plan, line.by), what, text, late, line.hash)


def _said(data: dict[str, object], plan: Plan, named: Mapping[str, str]) -> Iterator[str]:
    if set(data) <= {"text"}:
        yield str(data.get("text", ""))
        return
    for name, value in data.items():
        if name in ASIDE or value in (None, "", [], {}):
            continue
        if name == "tasks" and isinstance(value, list):
            yield f"{len(value)} tasks"
        elif name == "turn" and isinstance(value, int):
            yield f"step {value + 1} of the escalation"
        elif isinstance(value, list):
            yield f"{name.replace('_', ' ')}: {', '.join(_word(name, v, plan, named) for v in value)}"
        else:
            label = "call" if name == "page" else name.removesuffix("_at").replace("_", " ")
            yield f"{label}: {_word(name, value, plan, named)}"


def _word(name: str, value: object, plan: Plan, named: Mapping[str, str]) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and MOMENT.fullmatch(value):
        return f"{local(datetime.fromisoformat(value), plan.organization.tz)} ({plan.organization.tz})"
    if name in OF_THE_INCIDENT:
        return named.get(str(value), str(value))
    return name_of(plan, str(value)) if name in OF_THE_PLAN else str(value)


def named(found: Incident, plan: Plan) -> dict[str, str]:
    """Return what the tasks, calls and decisions of an incident are called, by their ids."""
    with reading(found) as state:
        tasks = {t.id: t.text for t in state.tasks.values()}
        roles = {r.id: f"{r.title}, " for r in plan.roles.values()}
        calls = {p.id: f"{roles.get(p.role or '', '')}{p.subject}" for p in state.pages.values()}
        return {**tasks, **calls, **{d.id: d.question for d in state.decisions.values()}}


@lru_cache(maxsize=256)
def checked(pk: int, last_hash: str) -> tuple[bool, str]:
    """Return whether the chain is whole and what was found; the last hash makes a new check of a new entry."""
    try:
        count, last = verify(lines_of(incident(pk)))
    except BrokenChain as error:
        return False, str(error)
    if last != last_hash:
        return False, "the last entry is not the one that the incident names"
    return True, f"{count} entries, each holding the hash of the one before; the last is {last[:16]}"


@needs("export_sealed")
def sealed_export(request: HttpRequest, slug: str, pk: int) -> StreamingHttpResponse:
    """Hand out the sealed log."""
    found = incident_or_404(slug, pk)
    log_act(request, "took out a sealed log", slug=slug, about=found.ref)
    lines = (f"{line}\n" for line in sealed(found))
    headers = {"Content-Disposition": f'attachment; filename="{found.ref.lower()}.jsonl"'}
    return StreamingHttpResponse(lines, content_type="application/jsonl; charset=utf-8", headers=headers)
