"""Reading: plans, incidents, their state and their log."""

from itertools import islice
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query
from pydantic import TypeAdapter

from openline.incident.command import OPEN
from openline.incident.state import State
from openline.server.accounts.roles import may
from openline.server.accounts.store import note_reading
from openline.server.api.door import door
from openline.server.api.shown import EntryShown, Incidents, Log, PlanShown, StateShown, entry, plan_shown, shown
from openline.server.incidents import store
from openline.server.incidents.models import Incident
from openline.server.plans.store import centres, plan_of

STATE = TypeAdapter(State)
OF_PEOPLE = ("reports", "roll_calls")
"""Parts of the state that say how people are; shown with the scope read_contacts."""
MOST = 2**31 - 1
Limit = Annotated[int, Query(50, ge=1, le=200)]
Offset = Annotated[int, Query(0, ge=0, le=MOST)]


def incident(pk: int) -> Incident:
    """Return an incident. Raises NoSuchIncident, also for numbers that no database can hold."""
    if not 0 < pk <= MOST:
        raise store.NoSuchIncident(f"there is no incident {pk}")
    return store.incident(pk)


@door("GET", "/plans", "read_plan", list[PlanShown], "List the centres and their plans in force", tag="plans")
def list_plans(request: HttpRequest) -> list[PlanShown]:
    """Each centre has one plan in force; its hash changes with its content."""
    return [plan_shown(r, list(plan_of(r).triggers)) for r in centres()]


@door("GET", "/incidents", "see_incidents", Incidents, "List incidents, the latest first")
def list_incidents(
    request: HttpRequest,
    centre: Annotated[str, Query("", max_length=64)],
    under_way: Annotated[Literal["yes", "no", ""], Query("")],
    exercise: Annotated[Literal["yes", "no", ""], Query("")],
    limit: Limit,
    offset: Offset,
) -> Incidents:
    """Narrow by centre, by whether they are under way, and by whether they are exercises."""
    found = Incident.objects.all()
    if centre:
        found = found.filter(slug=centre)
    if under_way:
        found = found.filter(phase__in=OPEN) if under_way == "yes" else found.exclude(phase__in=OPEN)
    if exercise:
        found = found.filter(is_exercise=exercise == "yes")
    page = [shown(i) for i in found[offset : offset + limit]]
    return Incidents(total=found.count(), limit=limit, offset=offset, incidents=page)


@door("GET", "/incidents/{int:pk}", "see_incidents", StateShown, "Show an incident as it is now")
def show_incident(request: HttpRequest, pk: int) -> StateShown:
    """How people are is in it with the scope `read_contacts` only."""
    found = incident(pk)
    with store.reading(found) as state:
        told: dict[str, Any] = STATE.dump_python(state, mode="json")
    if may(request, "read_contacts"):
        _noted(request, found)
    else:
        told = {k: v for k, v in told.items() if k not in OF_PEOPLE}
    return StateShown(incident=shown(found), state=told)


@door("GET", "/incidents/{int:pk}/log", "see_incidents", Log, "Read an incident's log")
def read_log(
    request: HttpRequest,
    pk: int,
    after: Annotated[int, Query(0, ge=0, le=MOST)],
    limit: Annotated[int, Query(200, ge=1, le=1000)],
) -> Log:
    """Entries after a number, in order; nothing that was written is ever changed."""
    found = incident(pk)
    entries = seen(request, found, after, limit)
    next_after = entries[-1].seq if entries else after
    return Log(incident=found.pk, last_seq=found.last_seq, next_after=next_after, entries=entries)


def _noted(request: HttpRequest, found: Incident) -> None:
    note_reading(request, "read how people are", slug=found.slug, about=found.ref)


def seen(request: HttpRequest, found: Incident, after: int, limit: int) -> list[EntryShown]:
    """Return entries of a log as who asks may see them."""
    with_people = may(request, "read_contacts")
    if with_people:
        _noted(request, found)
    return [entry(line, with_people=with_people) for line in islice(store.lines_of(found, after), limit)]
