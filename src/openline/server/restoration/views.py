"""Pages of the way back to normal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from openline.incident.authority import declarers
from openline.incident.opening import TWO_PERSONS_FROM, left_open
from openline.incident.restoration import SHARES, WALKTHROUGH, clears_in_s, confirmations
from openline.incident.sitrep import name_of
from openline.incident.state import Confirmed, State
from openline.plan.document import Plan
from openline.server.accounts.roles import needs
from openline.server.incidents.shown import frame, looked_at, may_act
from openline.server.incidents.store import reading


@dataclass(frozen=True, slots=True)
class Criterion:
    """An exit criterion, and by what it was found to be met."""

    text: str
    confirmed: Confirmed | None


@dataclass(frozen=True, slots=True)
class Walk:
    """A site, and its latest walkthrough."""

    site: str
    title: str
    is_hit: bool
    last: dict[str, str] | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Called:
    """A recall: when, its words, and the answers."""

    at: datetime
    text: str
    coming: list[str]
    not_coming: list[str]
    silent: int


@dataclass(frozen=True, slots=True)
class Step:
    """A share of the calls: back and passed, back and on hold, the next one, or later."""

    share: float
    state: str
    said: str


@needs("see_incidents")
def restoration(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show how far the way back is, and the next thing to do on it."""
    look = looked_at(slug, pk)
    with reading(look.incident) as state:
        more = _shown(state, look.plan)
    more["can"] = may_act(request, look)
    return render(request, "restoration/restoration.html", frame(request, look, **more))


def _shown(state: State, plan: Plan) -> dict[str, Any]:
    criteria = _criteria(state, plan)
    left_s = clears_in_s(state.backlog)
    asked = [a for a in state.approvals.values() if a.act == "stand_down"]
    return {
        "phase": state.phase,
        "level": state.level,
        "criteria": criteria,
        "unmet": [c for c in criteria if c.confirmed is None],
        "left": list(left_open(state)),
        "walks": _walks(state, plan),
        "recalls": _recalls(state, plan),
        "steps": _steps(state),
        "held": state.tranches[-1] if state.tranches and state.tranches[-1].held else None,
        "back": state.tranches[-1].share if state.tranches else 0.0,
        "following": next((s for s in SHARES if s > (state.tranches[-1].share if state.tranches else 0.0)), None),
        "following_plain": next(
            (f"{s:g}" for s in SHARES if s > (state.tranches[-1].share if state.tranches else 0.0)), ""
        ),
        "fallen_back": list(state.fallen_back),
        "reconciled": list(state.reconciled),
        "backlog": state.backlog[-1] if state.backlog else None,
        "backlogs": list(state.backlog),
        "never": left_s == float("inf"),
        "clears_s": left_s if left_s not in (None, float("inf")) else None,
        "restored": dict(state.restored_steps),
        "two_persons": state.level >= TWO_PERSONS_FROM,
        "asked": asked[-1] if asked else None,
        "enders": [(r, plan.roles[r].title) for r in declarers(plan, state.level) if r in plan.roles],
    }


def _criteria(state: State, plan: Plan) -> list[Criterion]:
    level = next((x for x in plan.levels.values() if x.number == state.level), None)
    return [Criterion(t, state.criteria.get(t)) for t in (level.exit_criteria if level is not None else ())]


def _walks(state: State, plan: Plan) -> list[Walk]:
    """Return the sites that are hit or were walked through, then the others."""
    latest = {w["site"]: w for w in state.walkthroughs}
    first = [s for s in plan.sites if s in state.ever_hit or s in latest]
    found = []
    for s in dict.fromkeys([*first, *plan.sites]):
        last = latest.get(s)
        at = datetime.fromisoformat(last["at"]) if last is not None else None
        found.append(Walk(s, plan.sites[s].title, s in state.hit, last, at))
    return found


def _recalls(state: State, plan: Plan) -> list[Called]:
    found = []
    for page in state.pages.values():
        if page.ask == "recall":
            coming, not_coming, silent = confirmations(state, page)
            names = ([name_of(plan, p) for p in coming], [name_of(plan, p) for p in not_coming])
            found.append(Called(page.ordered_at, page.text, *names, len(silent)))
    return found


def _steps(state: State) -> list[Step]:
    back = {t.share: t for t in state.tranches}
    shares = sorted({*SHARES, *back})
    coming = next((s for s in shares if s > max(back, default=0.0)), None)
    return [_step(s, back, is_next=s == coming) for s in shares]


def _step(share: float, back: dict[float, Any], *, is_next: bool) -> Step:
    moved = back.get(share)
    if moved is None:
        skipped = share < max(back, default=0.0)
        return Step(share, "skipped" if skipped else "next" if is_next else "later", "")
    return Step(share, "held" if moved.held else "passed", moved.passed_by or moved.by)


@needs("see_incidents")
def walkthrough(request: HttpRequest, slug: str, pk: int, site: str) -> HttpResponse:
    """Show the walkthrough form of a site: to sign here, or to print and carry."""
    look = looked_at(slug, pk)
    if site not in look.plan.sites:
        raise Http404
    more = {"site": look.plan.sites[site], "questions": WALKTHROUGH, "can": may_act(request, look)}
    return render(request, "restoration/walkthrough.html", frame(request, look, **more))
