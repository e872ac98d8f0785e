"""How long what is left will take, and until when a decision can wait (ACT-03, ACT-08)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile

from openline.incident.activation import reached
from openline.incident.state import FINISHED, State, Task
from openline.plan.document import Plan


@dataclass(frozen=True, slots=True)
class Slot:
    """When a task can run, in seconds from now, with people who do one thing at a time."""

    task: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Clash:
    """Two tasks that would run at the same time and want the same people or the same thing."""

    a: str
    b: str
    over: str


def remaining(state: State, now: datetime) -> dict[str, float]:
    """Return the seconds each unfinished task still takes; unknown durations count as zero and are told elsewhere."""
    found = {}
    for t in state.tasks.values():
        if t.state not in FINISHED:
            run = (now - t.started_at).total_seconds() if t.started_at and t.state == "running" else 0.0
            found[t.id] = max(0.0, (t.mean_s or 0.0) - run)
    return found


def untimed(state: State) -> list[str]:
    """Return the unfinished tasks whose duration is not known."""
    return [t.id for t in state.tasks.values() if t.state not in FINISHED and t.mean_s is None]


def before(state: State) -> dict[str, tuple[str, ...]]:
    """Return what comes before each task: its predecessors, and all that is for safety where it is not itself."""
    safety = tuple(t.id for t in state.tasks.values() if t.safety)
    chain: set[str] = set()
    left = list(safety)
    while left:
        name = left.pop()
        if name not in chain and name in state.tasks:
            chain.add(name)
            left += state.tasks[name].predecessors
    return {n: t.predecessors if n in chain else (*t.predecessors, *safety) for n, t in state.tasks.items()}


def critical_path(state: State, now: datetime) -> tuple[float, tuple[str, ...]]:
    """Return (seconds, tasks) of the longest chain of what is left; golden: a chain of 10 and 20 beside 25 is 30."""
    left = remaining(state, now)
    end: dict[str, float] = {}
    via: dict[str, str | None] = {}
    first = before(state)
    for name in _topological(first, left):
        waits = [p for p in first[name] if p in end]
        last = max(waits, key=lambda p: end[p], default=None)
        via[name] = last
        end[name] = left[name] + (end[last] if last is not None else 0.0)
    if not end:
        return 0.0, ()
    at: str | None = max(end, key=lambda n: end[n])
    total, chain = end[at or ""], []
    while at is not None:
        chain.append(at)
        at = via[at]
    return total, tuple(reversed(chain))


def _topological(first: dict[str, tuple[str, ...]], left: Iterable[str]) -> list[str]:
    """Return the tasks each after its predecessors; a ring, which an added task could make, is cut."""
    todo, done, found = list(left), set[str](), list[str]()
    inside = set(todo)
    while todo:
        ready = [n for n in todo if all(p in done or p not in inside for p in first[n])]
        take = ready or todo[:1]
        found += take
        done.update(take)
        todo = [n for n in todo if n not in done]
    return found


def schedule(state: State, plan: Plan, now: datetime) -> list[Slot]:
    """Return a schedule that can be kept: each role does as many things at once as it has people, each resource one.

    Tasks start as early as their predecessors and people allow, in the order of the list: not always the shortest.
    """
    left = remaining(state, now)
    end: dict[str, float] = {}
    free: dict[str, list[float]] = {}
    found = []
    first = before(state)
    for name in _topological(first, left):
        task = state.tasks[name]
        start = max((end[p] for p in first[name] if p in end), default=0.0)
        lanes = [free.setdefault(k, [0.0] * n) for k, n in _wants(task, plan)]
        start = max([start, *(min(lane) for lane in lanes)])
        end[name] = start + left[name]
        for lane in lanes:
            lane[lane.index(min(lane))] = end[name]
        found.append(Slot(name, start, end[name]))
    return found


def _wants(task: Task, plan: Plan) -> list[tuple[str, int]]:
    found = [(f"resource {r}", 1) for r in task.resources]
    if task.role:
        found.append((task.role, hands(plan, task.role)))
    return found


def hands(plan: Plan, role: str) -> int:
    """Return how many people can act for a role or team at once: its active holders or members, at least one."""
    if role in plan.roles:
        return max(1, sum(plan.persons[p].status == "active" for p in plan.roles[role].holders if p in plan.persons))
    team = plan.teams.get(role)
    return max(1, len(team.members) if team else 1)


def clashes(state: State, plan: Plan, now: datetime) -> list[Clash]:
    """Return the pairs that would run side by side, were people not in the way, and want the same ones."""
    left = remaining(state, now)
    start: dict[str, float] = {}
    first = before(state)
    for name in _topological(first, left):
        start[name] = max((start[p] + left[p] for p in first[name] if p in start), default=0.0)
    found = []
    names = sorted(start, key=lambda n: start[n])
    for over, want in _wanted(state, plan, names).items():
        for n, a in enumerate(want):
            ends = start[a] + left[a]
            found += [Clash(a, b, over) for b in takewhile(lambda b, ends=ends: start[b] < ends, want[n + 1 :])]  # type: ignore[misc]
    place = {name: n for n, name in enumerate(names)}
    return sorted(found, key=lambda x: (place[x.a], place[x.b]))


def _wanted(state: State, plan: Plan, names: list[str]) -> dict[str, list[str]]:
    """Return, for what can do one thing at a time, the tasks that want it in the order of `names`."""
    found: dict[str, list[str]] = {}
    for name in names:
        task = state.tasks[name]
        for r in dict.fromkeys(task.resources):
            found.setdefault(r, []).append(name)
        if task.role:
            found.setdefault(task.role, []).append(name)
    return {k: v for k, v in found.items() if len(v) > 1 and _is_single(plan, k)}


def _is_single(plan: Plan, name: str) -> bool:
    return hands(plan, name) < 2 if name in plan.roles or name in plan.teams else True


def last_responsible_moment(state: State, plan: Plan) -> datetime | None:
    """Return until when one can decide and still meet every recovery time: the tightest of them less the work left."""
    due = [d for d in deadlines(state, plan).values() if d is not None]
    if not due:
        return None
    now = state.last_at or state.stamps["onset"]
    return min(due) - timedelta(seconds=critical_path(state, now)[0])


def deadlines(state: State, plan: Plan) -> dict[str, datetime | None]:
    """Return, for each activity that is or will be hit, when its RTO is over; None when that is not known."""
    onset, declared = state.stamps.get("onset"), state.stamps.get("declared")
    if onset is None:
        return {}
    found: dict[str, datetime | None] = {}
    for i, after_s in reached(plan, state.hit, state.scenario).items():
        activity = plan.activities.get(i)
        if activity is not None:
            start = declared if activity.rto_clock == "declaration" and declared else onset + timedelta(seconds=after_s)
            found[i] = start + timedelta(seconds=activity.rto_s) if activity.rto_s is not None else None
    return found
