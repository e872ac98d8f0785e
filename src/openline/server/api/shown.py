"""What the API answers: incidents, entries of a log, plans."""

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from openline.server.incidents.models import Incident
from openline.server.plans.models import Revision


class PlanShown(Schema):
    """A centre's plan in force."""

    centre: str
    title: str
    content_hash: str
    in_force_since: datetime
    triggers: list[str] = Field(description="Ids for POST /api/v1/triggers/{trigger}.")


class IncidentShown(Schema):
    """An incident or exercise as lists show it."""

    id: int
    ref: str
    centre: str
    title: str
    is_exercise: bool
    is_demo: bool
    phase: str
    level: int
    last_seq: int
    opened_at: datetime
    changed_at: datetime


class Incidents(Schema):
    """One page of incidents, the latest first."""

    total: int
    limit: int
    offset: int
    incidents: list[IncidentShown]


class EntryShown(Schema):
    """One entry of a log. `withheld` says which scope would show its content."""

    seq: int
    event: str
    version: int
    happened_at: datetime
    entered_at: datetime
    by: str
    data: dict[str, Any] | None
    withheld: str = ""
    previous: str
    hash: str


class Log(Schema):
    """Entries of a log; ask again with `after` = `next_after` until none come."""

    incident: int
    last_seq: int
    next_after: int
    entries: list[EntryShown]


class StateShown(Schema):
    """An incident as it is now: what its log comes to."""

    incident: IncidentShown
    state: dict[str, Any]


class Done(Schema):
    """What came of an act: the incident after it, and the entries that it wrote."""

    incident: IncidentShown
    entries: list[EntryShown]


class Declared(Schema):
    """An incident that was reported or declared; `is_new` is false when it was known already."""

    incident: IncidentShown
    is_new: bool
    level: int
    refused: str = Field("", description="Why the level was not declared, though the report stands.")


class ReportsTaken(Schema):
    """How many reports of a roll call were taken, and which were not."""

    taken: int
    refused: dict[str, str]


def shown(found: Incident) -> IncidentShown:
    """Return an incident as the API shows it."""
    return IncidentShown(
        id=found.pk,
        ref=found.ref,
        centre=found.slug,
        title=found.title,
        is_exercise=found.is_exercise,
        is_demo=found.is_demo,
        phase=found.phase,
        level=found.level,
        last_seq=found.last_seq,
        opened_at=found.opened_at,
        changed_at=found.changed_at,
    )


def entry(line: dict[str, Any], *, with_people: bool) -> EntryShown:
    """Return an entry; how people are is shown to those who may reach them."""
    is_of_people = line["event"] == "person.reported" and not with_people
    kept = {k: v for k, v in line.items() if k != "data"}
    if is_of_people:
        return EntryShown(**kept, data=None, withheld="read_contacts")
    return EntryShown(**kept, data=line["data"])


def plan_shown(revision: Revision, triggers: list[str]) -> PlanShown:
    """Return a plan in force as the API shows it."""
    return PlanShown(
        centre=revision.slug,
        title=revision.title,
        content_hash=revision.content_hash,
        in_force_since=revision.taken_in_at,
        triggers=triggers,
    )
