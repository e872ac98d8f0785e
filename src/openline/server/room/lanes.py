"""The task list in lanes: what can be worked on now with its buttons, what waits, what is finished."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from openline.incident.pace import Clash, before, clashes, critical_path, untimed
from openline.incident.state import FINISHED, Lane, State, Task
from openline.incident.upcoming import ready_tasks
from openline.plan.document import Plan

LANES: dict[Lane, str] = {
    "safety": "People first",
    "mitigate": "Limit the harm",
    "resume": "Get work going again",
    "restore": "Back to normal",
}
AT_HAND = 8
"""Tasks of a lane that are shown with buttons; a person can not hold more in mind."""
LISTED = 20
"""Tasks of a lane that are listed as waiting or finished; the rest is counted, and the task list has them all."""
WORDS = {
    "open": "to do", "awaiting_approval": "waits for a yes", "running": "under way", "paused": "held", "done": "done",
    "failed": "failed", "skipped": "left out", "rolled_back": "undone",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """A task: who it is for, what it waits for, and whether the whole response waits for it."""

    id: str
    text: str
    state: str
    word: str
    role: str
    assignee: str
    by: str
    note: str
    is_critical: bool
    is_safety: bool
    is_automatic: bool
    is_irreversible: bool
    likely_s: float | None
    since: datetime | None
    waits_for: tuple[str, ...]
    is_mine: bool = False


@dataclass(frozen=True, slots=True)
class LaneShown:
    """One lane."""

    id: str
    title: str
    at_hand: tuple[Row, ...]
    more: int
    waiting: tuple[Row, ...]
    more_waiting: int
    finished: tuple[Row, ...]
    more_finished: int

    @property
    def done(self) -> int:
        """Tasks that are finished."""
        return len(self.finished) + self.more_finished

    @property
    def count(self) -> int:
        """All tasks of the lane."""
        return self.done + len(self.at_hand) + self.more + len(self.waiting) + self.more_waiting


@dataclass(frozen=True, slots=True)
class ClashShown:
    """Two tasks that want the same people or thing at once."""

    a: str
    b: str
    over: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """The list; `left_s` is the longest chain of what is left, `untimed` how many have no known duration."""

    lanes: tuple[LaneShown, ...]
    left_s: float
    untimed: int
    clashes: tuple[ClashShown, ...]
    more_clashes: int
    count: int
    done: int


def lanes_of(state: State, plan: Plan, now: datetime) -> Lanes:
    """Return the task list as the room shows it."""
    left_s, path = critical_path(state, now)
    ready = {t.id for t in ready_tasks(state)}
    first, critical = before(state), set(path)
    found: dict[Lane, list[Task]] = {lane: [] for lane in LANES}
    for t in state.tasks.values():
        found[t.lane].append(t)
    lanes = tuple(_lane(state, plan, lane, tasks, ready, critical, first) for lane, tasks in found.items() if tasks)
    clash = clashes(state, plan, now)
    return Lanes(
        lanes=lanes,
        left_s=left_s,
        untimed=len(untimed(state)),
        clashes=tuple(_clash(state, plan, c) for c in clash[:3]),
        more_clashes=max(0, len(clash) - 3),
        count=len(state.tasks),
        done=sum(t.state in FINISHED for t in state.tasks.values()),
    )


def _lane(
    state: State,
    plan: Plan,
    lane: Lane,
    tasks: list[Task],
    ready: set[str],
    critical: set[str],
    first: dict[str, tuple[str, ...]],
) -> LaneShown:
    def rows(found: Iterable[Task], most: int) -> tuple[Row, ...]:
        return tuple(row(state, plan, t, first, t.id in critical) for t in list(found)[:most])

    rank = {"failed": 0, "awaiting_approval": 1, "open": 2, "paused": 3, "running": 4}
    now = [t for t in tasks if t.id in ready or t.state == "awaiting_approval"]
    now.sort(key=lambda t: (t.id not in critical, rank[t.state], t.order))
    waiting = [t for t in tasks if t.state == "open" and t.id not in ready]
    finished = [t for t in tasks if t.state in FINISHED]
    return LaneShown(
        id=lane,
        title=LANES[lane],
        at_hand=rows(now, AT_HAND),
        more=max(0, len(now) - AT_HAND),
        waiting=rows(waiting, LISTED),
        more_waiting=max(0, len(waiting) - LISTED),
        finished=rows(reversed(finished), LISTED),
        more_finished=max(0, len(finished) - LISTED),
    )


def row(state: State, plan: Plan, t: Task, first: dict[str, tuple[str, ...]], is_critical: bool) -> Row:
    """Return a task in one line."""
    waits = [state.tasks[p].text for p in first[t.id] if p in state.tasks and state.tasks[p].state not in FINISHED]
    return Row(
        id=t.id,
        text=t.text,
        state=t.state,
        word=WORDS[t.state],
        role=_name(plan, t.role),
        assignee=_person(plan, t.assignee),
        by=t.by or "",
        note=t.note,
        is_critical=is_critical and t.state not in FINISHED,
        is_safety=t.safety,
        is_automatic=t.automation is not None,
        is_irreversible=t.irreversible,
        likely_s=t.mean_s,
        since=t.ended_at or t.started_at,
        waits_for=tuple(dict.fromkeys(waits)),
    )


def _name(plan: Plan, role: str | None) -> str:
    found = plan.roles.get(role or "") or plan.teams.get(role or "")
    return found.title if found is not None else role or ""


def _person(plan: Plan, name: str | None) -> str:
    return plan.persons[name].title if name in plan.persons else name or ""


def _clash(state: State, plan: Plan, c: Clash) -> ClashShown:
    return ClashShown(state.tasks[c.a].text, state.tasks[c.b].text, _name(plan, c.over))
