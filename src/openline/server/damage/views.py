"""Pages of damage assessment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.incident.assessment import SAFETY, assessors, class_of, not_yet, questions, told
from openline.incident.damage import Condition, Stage, latest, looks_due, restored_by
from openline.incident.people import Page
from openline.incident.sitrep import name_of
from openline.incident.state import Damage, State
from openline.plan.document import Plan
from openline.plan.record import OBJECT_COLLECTIONS
from openline.server.accounts.roles import needs
from openline.server.incidents.shown import frame, looked_at, may_act
from openline.server.incidents.store import reading

STAGES: tuple[Stage, ...] = get_args(Stage)
CONDITIONS: tuple[Condition, ...] = get_args(Condition)
LOOKS = (("15m", "in 15 minutes"), ("30m", "in 30 minutes"), ("1h", "in an hour"), ("4h", "in 4 hours"))


@dataclass(frozen=True, slots=True)
class Looked:
    """An object that is hit or was looked at, with its latest assessment and when it is back."""

    id: str
    title: str
    kind: str
    last: Damage | None
    back: tuple[datetime, datetime] | None
    needs_detail: bool
    assessors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """A page by which results were sent: who has said that they have it, and who has not."""

    at: datetime
    have_it: tuple[tuple[str, datetime], ...]
    silent: tuple[str, ...]


@needs("see_incidents")
def damage(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show what is to be looked at, what was found, and when it is back; and send the results to roles."""
    look = looked_at(slug, pk)
    plan = look.plan
    with reading(look.incident) as state:
        first, detail = list(not_yet(state, "initial")), set(not_yet(state, "detailed"))
        seen = list(dict.fromkeys(i for i, _ in state.damage))
        names = {i: name_of(plan, i) for i in [*first, *seen]}
        more: dict[str, Any] = {
            "first": [_row(state, plan, i, needs_detail=False) for i in first],
            "seen": [_row(state, plan, i, needs_detail=i in detail) for i in seen],
            "overdue": {d.object for d in looks_due(state, look.now)},
            "worst": max((b[1] for i in state.hit if (b := restored_by(state, i)) is not None), default=None),
            "untold": [name_of(plan, i) for i in state.hit if restored_by(state, i) is None],
            "shared": [_shared(plan, state.pages[p]) for p in state.shared if p in state.pages],
            "draft": told(state, plan, names),
            "called": [r for r in plan.roles.values() if r.id in state.roles],
        }
    more |= {"can": may_act(request, look), "others": _others(plan, {*first, *seen})}
    return render(request, "damage/damage.html", frame(request, look, **more))


def _row(state: State, plan: Plan, name: str, *, needs_detail: bool) -> Looked:
    stage: Stage = "detailed" if needs_detail else "initial"
    titles = tuple(plan.roles[r].title for r in assessors(plan, name, stage) if r in plan.roles)
    kind = class_of(plan, name)
    return Looked(name, name_of(plan, name), kind, latest(state, name), restored_by(state, name), needs_detail, titles)


def _shared(plan: Plan, page: Page) -> Shared:
    people = [p for rung in page.rungs for p in rung]
    have_it = tuple((name_of(plan, p), page.answers[p]) for p in people if p in page.answers)
    return Shared(page.ordered_at, have_it, tuple(name_of(plan, p) for p in people if p not in page.answers))


def _others(plan: Plan, known: set[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return everything else that can be looked at, by collection; people are reported in the roll call."""
    found = []
    for name in OBJECT_COLLECTIONS:
        rows = [(e.id, e.title) for e in plan.collection(name).values() if e.id not in known]
        if rows and name != "persons":
            found.append((name, rows))
    return found


@needs("see_incidents")
def form(request: HttpRequest, slug: str, pk: int, name: str, stage: str) -> HttpResponse:
    """Show the form of an object's class and stage: to fill on a phone, or to print."""
    look = looked_at(slug, pk)
    asked = next((s for s in STAGES if s == stage), None)
    if asked is None or not any(name in look.plan.collection(c) for c in OBJECT_COLLECTIONS):
        raise Http404
    with reading(look.incident) as state:
        last = state.damage.get((name, asked)) or latest(state, name)
    kind = class_of(look.plan, name)
    more = {
        "object": name,
        "title": name_of(look.plan, name),
        "stage": asked,
        "kind": kind,
        "safety": SAFETY[kind],
        "questions": questions(look.plan, name, asked),
        "conditions": CONDITIONS,
        "actions": ("repair", "replace", "salvage", "abandon"),
        "looks": LOOKS,
        "last": last,
        "answers": last.answers if last is not None else {},
        "assessors": [look.plan.roles[r] for r in assessors(look.plan, name, asked) if r in look.plan.roles],
        "can": may_act(request, look),
    }
    return render(request, "damage/form.html", frame(request, look, **more))
