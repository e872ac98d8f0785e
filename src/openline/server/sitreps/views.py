"""Pages of situation reports."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.incident.sitrep import draft, due_at
from openline.server.accounts.roles import needs
from openline.server.incidents.shown import frame, looked_at, may_act
from openline.server.incidents.store import reading

PARTS = (
    ("facts", "Facts: what is down, since when, time left"),
    ("changes", "What changed since the last report"),
    ("actions", "Done, under way, next"),
    ("needs", "Needed: decisions, people, help"),
)


@needs("see_incidents")
def sitreps(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show when the next report is due, its draft, and those that were issued."""
    look = looked_at(slug, pk)
    can = may_act(request, look)
    with reading(look.incident) as state:
        due = due_at(state, look.plan) if can["report"] or state.phase in ("active", "restoring") else None
        made = draft(state, look.plan, look.now) if can["work"] and state.phase != "new" else None
        issued = list(reversed(state.sitreps))
    late_s = (look.now - due).total_seconds() if due is not None else None
    level = next((x for x in look.plan.levels.values() if x.number == look.incident.level), None)
    more = {
        "due": due,
        "is_late": late_s is not None and late_s > 0,
        "off_s": abs(late_s) if late_s is not None else None,
        "rhythm_s": level.meeting_every_s if level is not None else None,
        "parts": [(name, label, getattr(made, name)) for name, label in PARTS] if made is not None else [],
        "issued": issued,
        "number": len(issued) + 1,
        "can": can,
    }
    return render(request, "sitreps/sitreps.html", frame(request, look, **more))


@needs("see_incidents")
def sitrep(request: HttpRequest, slug: str, pk: int, number: int) -> HttpResponse:
    """Show one report as it was issued, to read or to print."""
    look = looked_at(slug, pk)
    with reading(look.incident) as state:
        found = next((s for s in state.sitreps if s.number == number), None)
    if found is None:
        raise Http404
    parts = [(label, getattr(found, name)) for name, label in PARTS]
    return render(request, "sitreps/sitrep.html", frame(request, look, sitrep=found, parts=parts))
