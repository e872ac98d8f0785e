"""The course of an object: change points in order of time, and the rules that combine them.

A course is right-continuous: a point holds from its time until the next. Before the first point, and before the
onset, everything is up.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from openline.plan.scenarios import CallFate

State = Literal["up", "degraded", "down", "access_denied"]


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """From `at_s` seconds after the onset the object has this capacity 0..1, because of `cause`.

    `cause_id` is the object that it comes from, empty for the disruption itself; `calls` is what happens to
    contacts in progress.
    """

    at_s: float
    state: State
    capacity: float
    cause: str = ""
    cause_id: str = ""
    calls: CallFate = "drop"


Course = tuple[ChangePoint, ...]

UP = ChangePoint(0.0, "up", 1.0, calls="finish")
ALWAYS_UP: Course = (UP,)


def point(at_s: float, capacity: float, cause: str, cause_id: str = "", calls: CallFate = "drop") -> ChangePoint:
    """Return a change point whose state follows from the capacity."""
    state: State = "up" if capacity >= 1 else "down" if capacity <= 0 else "degraded"
    return ChangePoint(at_s, state, capacity, cause, cause_id, "finish" if capacity >= 1 else calls)


def at(course: Course, at_s: float) -> ChangePoint:
    """Return the point in force; `UP` before the first."""
    place = bisect_right(course, at_s, key=lambda p: p.at_s) - 1
    return course[place] if place >= 0 else UP


def times(courses: Iterable[Course]) -> list[float]:
    """Return every time at which any of the courses changes, and 0."""
    return sorted({0.0} | {p.at_s for c in courses for p in c})


def tidy(points: Iterable[ChangePoint]) -> Course:
    """Return points as a course: in order, from 0, without those that change nothing."""
    found: list[ChangePoint] = []
    for p in points:
        if found and _same(found[-1], p):
            continue
        if found and found[-1].at_s == p.at_s:
            found[-1] = p
        else:
            found.append(p)
    if not found or found[0].at_s > 0:
        found.insert(0, UP)
    return tuple(found)


def _same(a: ChangePoint, b: ChangePoint) -> bool:
    return (a.state, a.capacity, a.cause_id, a.cause) == (b.state, b.capacity, b.cause_id, b.cause)


def lowest(courses: Sequence[Course]) -> Course:
    """Return the course of something that needs all of these: the lowest, the first of equals."""
    if len(courses) == 1:
        return courses[0]
    return tidy(replace(min((at(c, t) for c in courses), key=_capacity), at_s=t) for t in times(courses))


def highest(courses: Sequence[Course]) -> Course:
    """Return the course of something that any one of these keeps up at once: the highest, the first of equals."""
    return tidy(replace(max((at(c, t) for c in courses), key=_capacity), at_s=t) for t in times(courses))


def _capacity(p: ChangePoint) -> float:
    return p.capacity


def mapped(course: Course, rule: Callable[[ChangePoint], ChangePoint]) -> Course:
    """Return the course with each point changed by a rule that keeps its time."""
    return tidy(rule(p) for p in course)


def graced(course: Course, grace_s: float) -> Course:
    """Return the course as felt by what works on for `grace_s` without it: the best of the last `grace_s`."""
    if grace_s <= 0:
        return course
    moments = sorted({p.at_s for p in course} | {p.at_s + grace_s for p in course})
    return tidy(replace(_best_since(course, t - grace_s, t), at_s=t) for t in moments)


def _best_since(course: Course, start: float, end: float) -> ChangePoint:
    window = [at(course, start), *(p for p in course if start < p.at_s <= end)]
    if start < 0:
        window.insert(0, UP)
    best = max(p.capacity for p in window)
    return [p for p in window if p.capacity == best][-1]


def switched(members: Sequence[Course], switch_s: Sequence[float]) -> tuple[Course, tuple[tuple[float, int], ...]]:
    """Return the course over alternatives, and which one is in use from when.

    The one in use stays until another has more capacity; that one takes over `switch_s` (its own) later, and only
    if it still has more. When an earlier one is as good again, it is taken back without interruption.
    """
    moments, points = times(members), []
    in_use: list[tuple[float, int]] = [(0.0, 0)]
    active, target, ready = 0, -1, float("inf")
    t = moments[0]
    while True:
        caps = [at(m, t).capacity for m in members]
        if target >= 0 and t >= ready:
            active, target, ready = target, -1, float("inf")
        active = _taken_back(caps, active)
        best = caps.index(max(caps))
        if caps[best] <= caps[active]:
            target, ready = -1, float("inf")
        elif target < 0 or caps[target] <= caps[active]:
            target, ready = best, t + switch_s[best]
        if ready <= t:
            continue
        if in_use[-1][1] != active:
            in_use.append((t, active))
        points.append(replace(at(members[active], t), at_s=t))
        later = [m for m in moments if m > t]
        t = min([*later[:1], ready])
        if t == float("inf"):
            return tidy(points), tuple(in_use)


def _taken_back(caps: Sequence[float], active: int) -> int:
    return next((i for i in range(active) if caps[i] >= caps[active] and caps[i] > 0), active)


def pooled(members: Sequence[Course], k: int) -> Course:
    """Return the course of k-of-n: working capacity over k, at most 1; the cause is the worst member's."""
    found = []
    for t in times(members):
        now = [at(m, t) for m in members]
        worst = min(now, key=_capacity)
        share = min(1.0, sum(p.capacity for p in now) / k)
        found.append(UP if share >= 1 else point(t, share, worst.cause, worst.cause_id, worst.calls))
        found[-1] = replace(found[-1], at_s=t)
    return tidy(found)
