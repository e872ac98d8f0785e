"""The whole task list, and one task with all that can be done with it."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from openline.incident.pace import before, critical_path
from openline.incident.state import State, Task
from openline.incident.tasks import ALLOWED
from openline.plan.document import Plan
from openline.server.accounts.roles import may, needs
from openline.server.incidents import acting
from openline.server.incidents.store import pinned, reading
from openline.server.incidents.views import incident_or_404
from openline.server.room.lanes import LANES, Row, row
from openline.server.room.views import looking

ASKS = {
    "StartTask": ("Start", "override", "Why it can not wait (only when something should come first)", False),
    "CompleteTask": ("Done", "result", "What came of it", False),
    "FailTask": ("It failed", "reason", "What went wrong", True),
    "SkipTask": ("Leave it out", "reason", "Why it is left out", True),
    "PauseTask": ("Hold it", "reason", "Why it is held", True),
    "ResumeTask": ("Go on", "reason", "Why it goes on", True),
    "RetryTask": ("Take it up again", "reason", "Why", False),
    "RollBackTask": ("Undo it", "reason", "Why it is undone", True),
    "AssignTask": ("Give it to", "to", "Who does it", True),
}
"""Each act with its word, its field, the field's words, and whether it must be filled in."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done with a task now."""

    command: str
    word: str
    field: str
    asks: str
    must: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A task in full."""

    row: Row
    lane: str
    expected: str
    if_fails: str
    rollback: str
    source: tuple[str, ...]
    resources: tuple[str, ...]
    approver: str
    approved_by: str
    acts: tuple[Act, ...]


@needs("see_incidents")
def task_page(request: HttpRequest, slug: str, pk: int, task: str) -> HttpResponse:
    """Show a task with every act that its state allows and that who looks may do."""
    found = incident_or_404(slug, pk)
    plan = pinned(found)
    with reading(found) as state:
        wanted = state.tasks.get(task)
        if wanted is None:
            raise Http404
        shown = _card(request, state, plan, wanted)
    context = _context(request, slug, pk) | {"incident": found, "revision": found.revision, "card": shown}
    return render(request, "room/task.html", context)


@needs("see_incidents")
def task_list(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show every task of the list, lane by lane."""
    found = incident_or_404(slug, pk)
    plan = pinned(found)
    with reading(found) as state:
        first, critical = before(state), set(critical_path(state, timezone.now())[1])
        lanes = [
            (title, [row(state, plan, t, first, t.id in critical) for t in state.tasks.values() if t.lane == lane])
            for lane, title in LANES.items()
        ]
    context = _context(request, slug, pk) | {"incident": found, "revision": found.revision}
    return render(request, "room/tasks.html", context | {"lanes": [x for x in lanes if x[1]]})


def _context(request: HttpRequest, slug: str, pk: int) -> dict[str, object]:
    plan = pinned(incident_or_404(slug, pk))
    role = looking(request, plan).role
    room = reverse("room:room", args=[slug, pk])
    return {"role": role, "tz": plan.organization.tz, "here_again": f"{room}#tasks", "now": timezone.now()}


def _card(request: HttpRequest, state: State, plan: Plan, t: Task) -> Card:
    is_open = state.phase in ("reported", "active", "restoring")
    allowed = [c.__name__ for c in ALLOWED[t.state]] if is_open else []
    acts = tuple(Act(name, *ASKS[name]) for name in allowed if may(request, acting.right_of(name) or "command"))
    critical = t.id in critical_path(state, timezone.now())[1]
    return Card(
        row=row(state, plan, t, before(state), critical),
        lane=LANES[t.lane],
        expected=t.expected_result,
        if_fails=t.if_fails,
        rollback=t.rollback,
        source=t.source,
        resources=t.resources,
        approver=plan.roles[t.approver].title if t.approver in plan.roles else t.approver or "",
        approved_by=t.approved_by or "",
        acts=acts,
    )
