"""Acting: declaring, every command that a person could give, roll call reports and queue snapshots."""

import hashlib
import re
from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Header, Query, Schema, Status
from pydantic import AwareDatetime, Field

from openline.incident.activation import struck_by
from openline.incident.command import Command, Refused
from openline.incident.opening import DeclareLevel, LevelNumber, Report
from openline.incident.record import FeedSnapshot
from openline.incident.roll_call import ReportPerson
from openline.plan.record import Name, Slug, Text
from openline.server.accounts.store import record as log_act
from openline.server.api.door import door, slow_down
from openline.server.api.reading import incident, seen
from openline.server.api.shown import Declared, Done, ReportsTaken, shown
from openline.server.incidents import acting, store
from openline.server.incidents.models import Incident
from openline.server.plans.store import centre as plan_in_force
from openline.server.plans.store import plan_of

Key = Annotated[
    str,
    Header(
        "", alias="Idempotency-Key", max_length=100, pattern=r"^[!-~]*$",
        description="The same key does the same act once, however often it is sent.",
    ),
]  # fmt: skip
Role = Annotated[str, Query("", max_length=64, description="Role of the plan in which you act.")]
Happened = Annotated[AwareDatetime | None, Query(None, description="When it happened, for what is entered late.")]


class Opening(Schema):
    """An incident to report, or to declare when a level is given."""

    centre: Slug
    title: Name
    what: Text = ""
    objects: list[Slug] = Field(default_factory=list, max_length=500, description="Ids of what is hit.")
    scenario: Slug | None = None
    onset_at: AwareDatetime | None = None
    level: LevelNumber = Field(0, description="0 reports a first sign and calls the duty officer.")
    reason: Text = ""
    exercise: bool = False
    role: str = Field("", max_length=64, description="Role of the plan in which you declare.")


class Reports(Schema):
    """How some people are."""

    reports: list[ReportPerson] = Field(max_length=500)


def own(request: HttpRequest, key: str, *rest: object) -> str:
    """Return an idempotency key that no other account and no other act can have."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:40]
    return "/".join(map(str, ("api", request.user.pk, *rest, digest))) if key else ""


@door("POST", "/incidents", "declare", Declared, "Report or declare an incident", status=201)
def declare_incident(request: HttpRequest, body: Opening, idempotency_key: Key) -> "Status[Declared]":
    """Without a level it is a first sign; with one it is declared in the role given, and people are called."""
    slow_down(request)
    revision = plan_in_force(body.centre)
    plan = plan_of(revision)
    who = acting.actor(request, plan, body.role)
    newest = Incident.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    opening = Report(
        title=body.title,
        what=body.what,
        how="api",
        exercise=body.exercise,
        plan_slug=revision.slug,
        plan_hash=revision.content_hash,
        onset_at=body.onset_at,
        objects=tuple(body.objects) or (struck_by(plan, body.scenario) if body.scenario in plan.scenarios else ()),
        scenario=body.scenario,
    )
    found = store.report(revision, opening, who, key=own(request, idempotency_key, "report"))
    is_new = found.pk > newest
    refused = ""
    if body.level and found.level != body.level:
        command = DeclareLevel(level=body.level, reason=body.reason)
        try:
            store.carry_out(found, command, who, key=own(request, idempotency_key, "level"))
        except Refused as refusal:
            # The report stands, so who sent it is told its number and not to send it again.
            refused = f"It is reported, but not declared: {refusal}"
    log_act(request, "declared by program", slug=found.slug, about=found.ref)
    return Status(201, Declared(incident=shown(found), is_new=is_new, level=found.level, refused=refused))


def carried_out(request: HttpRequest, pk: int, command: Command, key: str, role: str, at: Any) -> Done:
    """Carry a command out for who asks, and show what came of it."""
    slow_down(request)
    found = incident(pk)
    who = acting.actor(request, store.pinned(found), role)
    name = type(command).__name__
    entries = store.carry_out(found, command, who, at=at, key=own(request, key, pk, name))
    log_act(request, f"did {name}", slug=found.slug, about=found.ref)
    written = seen(request, found, entries[0].seq - 1, len(entries)) if entries else []
    return Done(incident=shown(incident(pk)), entries=written)


def _open(command: type[Command]) -> None:
    name = command.__name__
    words = re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()

    def view(
        request: HttpRequest,
        pk: int,
        body: command,  # type: ignore[valid-type]
        idempotency_key: Key,
        role: Role,
        happened_at: Happened,
    ) -> Done:
        return carried_out(request, pk, body, idempotency_key, role, happened_at)

    view.__name__, view.__doc__ = name, command.__doc__
    right = acting.COMMAND_RIGHTS[command]
    door("POST", f"/incidents/{{int:pk}}/commands/{name}", right, Done, words, tag="commands")(view)


for _command in acting.COMMAND_RIGHTS:
    _open(_command)


@door("POST", "/incidents/{int:pk}/snapshot", "work_tasks", Done, "Feed how the queues stand now", tag="feeds")
def feed_snapshot(request: HttpRequest, pk: int, body: FeedSnapshot, idempotency_key: Key) -> Done:
    """Send it every minute or so from the telephone system; the forecast of the room begins with it."""
    return carried_out(request, pk, body, idempotency_key, "", None)


@door("POST", "/incidents/{int:pk}/roll-call", "report_in", ReportsTaken, "Report how people are", tag="feeds")
def report_people(request: HttpRequest, pk: int, body: Reports, idempotency_key: Key) -> ReportsTaken:
    """Up to 500 reports at once, as a badge system or a bulk caller has them; each is taken or refused by itself."""
    slow_down(request)
    found = incident(pk)
    who = acting.actor(request, store.pinned(found))
    refused = dict(_refusals(found, body.reports, who, own(request, idempotency_key, pk, "roll-call")))
    log_act(request, f"reported {len(body.reports)} people", slug=found.slug, about=found.ref)
    return ReportsTaken(taken=len(body.reports) - len(refused), refused=refused)


def _refusals(found: Incident, reports: Sequence[ReportPerson], who: Any, key: str) -> Any:
    for n, report in enumerate(reports):
        try:
            store.carry_out(found, report, who, key=f"{key}/{n}" if key else "")
        except Refused as refusal:
            yield report.person, str(refusal)
