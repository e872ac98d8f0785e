"""What is down and why, what else is or will be hit, and each service over time; computed once for each change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from openline.impact.course import Course, at, times
from openline.impact.timeline import Timeline, timeline
from openline.impact.why import chain
from openline.incident.damage import latest, restored_by
from openline.incident.money import able, on_duty
from openline.incident.state import State
from openline.plan.document import Plan
from openline.scenarios.binding import BoundEffect, Disruption
from openline.server.incidents.listed import title_of
from openline.server.plans.models import Revision
from openline.server.plans.store import plan_of

AHEAD_S = 8 * 3600.0
"""How far the bars look ahead of now."""
STEP_S = 900.0
"""To which the end of the view is rounded, so that the timeline is not computed anew every second."""

Struck = tuple[tuple[str, float, float | None], ...]
"""(object, seconds from the onset, seconds until it is expected back or None)."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An object that is down: since when, why, what was found, and when it is expected back."""

    id: str
    title: str
    since: datetime
    why: str
    found: str
    likely: datetime | None
    worst: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a bar, 0 to 1000 of its width."""

    x: int
    width: int
    state: str


@dataclass(frozen=True, slots=True)
class Service:
    """An activity that is or will be hit; `share` is what is left of it now, `path` leads from the cause to it."""

    id: str
    title: str
    state: str
    share: float
    first_s: float
    is_hit: bool
    back_s: float | None
    path: tuple[str, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """Everything that is down, and what comes of it; times in seconds from the onset."""

    hits: tuple[Hit, ...]
    services: tuple[Service, ...]
    capacity: Mapping[str, float]
    others: tuple[tuple[str, str], ...]
    start: datetime
    end: datetime
    now_x: int


def struck(state: State, onset: datetime, now: datetime) -> Struck:
    """Return what is down as the timeline takes it; a time to restore that has passed says nothing any more."""
    found = []
    for name, since in state.hit.items():
        back = restored_by(state, name)
        end = None if back is None or back[0] <= now else max((back[0] - onset).total_seconds(), 1.0)
        found.append((name, max(0.0, (since - onset).total_seconds()), end))
    return tuple(found)


def hits_of(state: State, plan: Plan) -> tuple[Hit, ...]:
    """Return what is down, in words."""
    found = []
    for name, since in state.hit.items():
        damage, back = latest(state, name), restored_by(state, name)
        said = "" if damage is None else damage.state.replace("_", " ")
        why = state.why_hit.get(name, "")
        likely, worst = back or (None, None)
        found.append(Hit(name, title_of(plan, name), since, why, said, likely, worst))
    return tuple(found)


def picture(revision: Revision, hits: tuple[Hit, ...], down: Struck, onset: datetime, now: datetime) -> Picture:
    """Return the picture of now."""
    plan, now_s = plan_of(revision), max(0.0, (now - onset).total_seconds())
    end_s = (now_s + AHEAD_S) // STEP_S * STEP_S
    solved = _timeline(revision.pk, revision.content_hash, down, end_s)
    if solved is None:
        return Picture(hits, (), {}, (), onset, onset + timedelta(seconds=end_s), 0)
    share = {name: at(course, now_s).capacity for name, course in solved.objects.items()}
    services = tuple(_services(plan, solved, now, now_s, end_s))
    mine = {h.id for h in hits} | {s.id for s in services}
    others = tuple(
        (solved.titles[n], at(c, now_s).cause)
        for n, c in solved.objects.items()
        if n not in mine and ":" not in n and at(c, now_s).capacity < 1 and n in solved.titles
    )
    return Picture(
        hits, services, share, others, onset, onset + timedelta(seconds=end_s), round(1000 * now_s / max(end_s, 1))
    )


@lru_cache(maxsize=128)
def _timeline(pk: int, content_hash: str, down: Struck, end_s: float) -> Timeline | None:
    plan = plan_of(Revision.objects.defer("files").get(pk=pk))
    effects = tuple(_effect(plan, *d, end_s) for d in down if plan.node(d[0]) is not None)
    if not effects:
        return None
    return timeline(plan, Disruption("incident", "What is down", end_s, effects), horizon_s=end_s)


def _effect(plan: Plan, name: str, start_s: float, back_s: float | None, end_s: float) -> BoundEffect:
    until = end_s + 1 if back_s is None else max(back_s, start_s + 1)
    return BoundEffect(name, "down", None, start_s, until, "drop", f"{title_of(plan, name)} is down")


def _services(plan: Plan, solved: Timeline, now: datetime, now_s: float, end_s: float) -> Iterable[Service]:
    found = []
    for activity in plan.activities.values():
        own = solved.objects.get(activity.id, ())
        people = [(on_duty(plan, g, now), solved.objects.get(g.id, ()), g.id) for g in able(plan, activity)]
        courses = [own, *(c for _, c, _ in people)]
        steps = [(t, _share(own, people, t)) for t in times(courses) if t < end_s]
        first = next((t for t, share in steps if share < 1), None)
        if first is None:
            continue
        share = [s for t, s in steps if t <= now_s][-1]
        back = next((t for t, s in steps if t >= max(now_s, first) and s >= 1), None)
        when = now_s if share < 1 else first
        cause = activity.id if own and at(own, when).capacity < 1 else _weakest(people, when)
        path = tuple(solved.titles.get(n, n) for n, _ in reversed(chain(solved, cause, when)))
        path = path if cause == activity.id else (*path, activity.title)
        found.append(
            Service(
                activity.id, activity.title, _word(share), share, first, first <= now_s and share < 1, back, path,
                tuple(_spans(steps, end_s)),
            )
        )  # fmt: skip
    return sorted(found, key=lambda s: (s.share, s.first_s, plan.activities[s.id].priority))


People = list[tuple[float | None, Course, str]]


def _share(own: Course, people: People, t: float) -> float:
    known = [(1.0 if n is None else n, at(c, t).capacity) for n, c, _ in people]
    total = sum(n for n, _ in known)
    staff = sum(n * c for n, c in known) / total if total else 1.0
    return min(at(own, t).capacity, staff)


def _weakest(people: People, t: float) -> str:
    return min(people, key=lambda p: at(p[1], t).capacity)[2]


def _word(share: float) -> str:
    return "up" if share >= 1 else "down" if share <= 0 else "degraded"


def _spans(steps: list[tuple[float, float]], end_s: float) -> Iterable[Span]:
    ends = [*(t for t, _ in steps[1:]), end_s]
    for (start, share), end in zip(steps, ends, strict=True):
        x = round(1000 * start / end_s)
        width = max(round(1000 * end / end_s) - x, 3)
        yield Span(x, width, _word(share))
