"""What every page of an incident has: where it belongs, its clock, and what a form needs to give a command."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils import timezone

from openline.incident.command import OPEN
from openline.plan.document import Plan
from openline.plan.sections import COLLECTIONS
from openline.server.accounts.roles import may
from openline.server.incidents.acting import person_of
from openline.server.incidents.models import Incident
from openline.server.incidents.store import pinned
from openline.server.incidents.views import incident_or_404


@dataclass(frozen=True, slots=True)
class Looked:
    """An incident that somebody looks at: its row, the plan that was in force, and when."""

    incident: Incident
    plan: Plan
    now: datetime


def looked_at(slug: str, pk: int) -> Looked:
    """Return an incident with its plan, or answer that there is none."""
    found = incident_or_404(slug, pk)
    return Looked(found, pinned(found), timezone.now())


def frame(request: HttpRequest, look: Looked, **more: Any) -> dict[str, Any]:
    """Return what the template of a page of an incident needs. Each use of `key` in it is a new one."""
    return {
        "revision": look.incident.revision,
        "incident": look.incident,
        "plan": look.plan,
        "tz": look.plan.organization.tz,
        "now": look.now,
        "is_open": look.incident.phase in OPEN,
        "key": lambda: uuid4().hex,
        "own_roles": roles_of(request, look.plan),
        **more,
    }


def roles_of(request: HttpRequest, plan: Plan) -> list[tuple[str, str]]:
    """Return (id, title) of the roles in which somebody can act, those that the plan gives them first."""
    person = person_of(plan, getattr(request.user, "email", ""))
    held = [r.id for r in plan.roles.values() if person is not None and person in r.holders]
    return [(r, plan.roles[r].title) for r in dict.fromkeys([*held, *plan.roles])]


def title_of(plan: Plan, object_id: str) -> str:
    """Return what people call an object."""
    for name in COLLECTIONS:
        found = plan.collection(name).get(object_id)
        if found is not None:
            return found.title
    return object_id


def may_act(request: HttpRequest, look: Looked) -> dict[str, bool]:
    """Return what who looks may do while the incident is open; forms that would be refused are not shown."""
    is_open = look.incident.phase in OPEN
    return {
        "report": is_open and may(request, "report_in"),
        "work": is_open and may(request, "work_tasks"),
        "declare": is_open and may(request, "declare"),
        "lead": is_open and may(request, "command"),
        "move": is_open and may(request, "move_traffic"),
    }
