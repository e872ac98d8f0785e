"""An incident in one line of a list: what it is, since when, and what is down."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import NoReverseMatch, reverse

from openline.incident.command import OPEN
from openline.plan.document import Plan
from openline.plan.record import OBJECT_COLLECTIONS
from openline.server.incidents.models import Incident
from openline.server.incidents.store import pinned, reading

NAMED = 4
"""Objects that a line names; the others are counted."""
PHASES = {
    "reported": "no level yet",
    "active": "response under way",
    "restoring": "restoration under way",
    "stood_down": "stood down, report open",
    "closed": "closed",
    "dismissed": "judged to be no incident",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: `down` in titles, `more` objects besides; `report` is the address of its report when there is one."""

    incident: Incident
    phase: str
    since: datetime
    until: datetime | None
    worst: int
    down: tuple[str, ...]
    more: int
    report: str


def told(found: Incident) -> Listed:
    """Return an incident as lists show it."""
    plan = pinned(found)
    with reading(found) as state:
        hit = tuple(state.hit or state.ever_hit)
        since = state.stamps.get("onset", found.opened_at)
        until = state.stamps.get("stood_down") or (None if found.phase in OPEN else state.last_at)
        worst = max((x.level for x in state.levels), default=0)
    report = "" if found.phase in OPEN else report_address(found)
    down = tuple(title_of(plan, i) for i in hit[:NAMED])
    words = PHASES.get(found.phase, found.phase)
    return Listed(found, words, since, until, worst, down, len(hit) - len(down), report)


def title_of(plan: Plan, name: str) -> str:
    """Return how people call an object of the plan; its id when the plan does not have it."""
    for collection in OBJECT_COLLECTIONS:
        entity = plan.collection(collection).get(name)
        if entity is not None:
            return entity.title
    return name


def report_address(found: Incident) -> str:
    """Return where its after-action report stands; nothing when this server has no such page."""
    try:
        return reverse("reports:report", args=[found.slug, found.pk])
    except NoReverseMatch:
        return ""
