"""Pages of the roll call."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.incident.people import RollCall
from openline.incident.state import State
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import note_reading
from openline.server.incidents.shown import Looked, frame, looked_at, may_act
from openline.server.incidents.store import reading
from openline.server.roll_calls.counted import KINDS, counted, somebody


@needs("see_incidents")
def roll_calls(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the latest roll call, or how to open the first one."""
    return _page(request, looked_at(slug, pk), None)


@needs("see_incidents")
def roll_call(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Show one roll call."""
    return _page(request, looked_at(slug, pk), name)


def _page(request: HttpRequest, look: Looked, name: str | None) -> HttpResponse:
    with_contacts = may(request, "read_contacts")
    with reading(look.incident) as state:
        roll = _roll(state, name)
        shown = counted(look.plan, state, roll, request.GET, with_contacts=with_contacts) if roll is not None else None
        others = [(r.id, r.title, r.opened_at, r.is_open) for r in reversed(state.roll_calls.values())]
    if shown is not None and with_contacts and any(p.phones for p in [*shown.needs_help, *shown.unknown.rows]):
        note_reading(request, "read contact data", slug=look.incident.slug, about=f"{look.incident.ref} roll call")
    more: dict[str, Any] = {
        "counted": shown,
        "others": others,
        "kinds": KINDS,
        "by": request.GET.get("by") if request.GET.get("by") in KINDS else KINDS[0],
        "q": request.GET.get("q", "")[:100],
        "with_contacts": with_contacts,
        "can": may_act(request, look),
    }
    live = request.headers.get("HX-Request") == "true"
    return render(
        request, "roll_calls/live.html" if live else "roll_calls/roll_call.html", frame(request, look, **more)
    )


def _roll(state: State, name: str | None) -> RollCall | None:
    if name is None:
        return next(reversed(state.roll_calls.values()), None)
    if name not in state.roll_calls:
        raise Http404
    return state.roll_calls[name]


@needs("see_incidents")
def sheet(request: HttpRequest, slug: str, pk: int, name: str) -> HttpResponse:
    """Show the sheet that works with a pencil: everybody by site or team, with boxes."""
    look, with_contacts = looked_at(slug, pk), may(request, "read_contacts")
    by_team = request.GET.get("by") == "team"
    with reading(look.incident) as state:
        roll = _roll(state, name)
        assert roll is not None  # noqa: S101 - it was named
        rows = [somebody(look.plan, state, roll, p, with_contacts=with_contacts) for p in roll.persons]
        groups = [look.plan.agent_groups[g] for g in roll.expected if g in look.plan.agent_groups]
    if with_contacts and any(r.phones for r in rows):
        note_reading(request, "printed contact data", slug=slug, about=f"{look.incident.ref} roll call sheet")
    lists: dict[str, list[Any]] = {}
    for r in sorted(rows, key=lambda r: r.title):
        lists.setdefault(_list_of(look, r.id, by_team=by_team), []).append(r)
    more = {"roll": roll, "lists": sorted(lists.items()), "groups": groups, "lines": range(8), "by_team": by_team}
    return render(request, "roll_calls/sheet.html", frame(request, look, **more, with_contacts=with_contacts))


def _list_of(look: Looked, name: str, *, by_team: bool) -> str:
    person = look.plan.persons.get(name)
    key = None if person is None else person.team if by_team else person.site
    found = (look.plan.teams if by_team else look.plan.sites).get(key or "")
    return found.title if found is not None else ("No team" if by_team else "No site")
