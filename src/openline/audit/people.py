"""Agents by skill and time, and how many of them an activity needs at its minimum."""

import itertools
import math
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from openline.plan.activities import Activity, MinimumCapacity
from openline.plan.document import Plan
from openline.plan.hours import DAYS, Spans
from openline.plan.people import AgentGroup
from openline.queueing import QueueingError, erlang_a, erlang_c

Slot = tuple[str, float]
"""Day of a table and second of the day."""

TINY = 1e-9
"""Part of a person that is no more than rounding."""


@dataclass(frozen=True, slots=True)
class Need:
    """Agents that an activity needs at its minimum in its busiest interval, and from what that was computed."""

    agents: int
    slot: Slot
    contacts_per_h: float


class Workforce:
    """Who can serve what, when, and how many must."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._needs: dict[str, Need | None] = {}

    @cached_property
    def _by_skills(self) -> dict[tuple[str, ...], list[AgentGroup]]:
        return defaultdict(list)

    def groups_for(self, activity: Activity) -> list[AgentGroup]:
        """Return the groups that have every skill that the activity asks for; none when it asks for none."""
        if not activity.skills:
            return []
        found = self._by_skills.get(activity.skills)
        if found is None:
            sets = [set(self._with_skill.get(s, ())) for s in activity.skills]
            ids = set.intersection(*sets)
            found = [g for g in self.plan.agent_groups.values() if g.id in ids]
            self._by_skills[activity.skills] = found
        return found

    @cached_property
    def _with_skill(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for group in self.plan.agent_groups.values():
            for skill in group.skills:
                found[skill].append(group.id)
        return found

    def places_of(self, activity: Activity) -> tuple[str, ...]:
        """Return the sites where an activity says that it is done; of one without groups, else its teams' sites."""
        if activity.sites or self.groups_for(activity):
            return activity.sites
        return tuple(dict.fromkeys(self._team_sites[activity.id]))

    @cached_property
    def _team_sites(self) -> dict[str, list[str]]:
        seats: dict[str | None, list[str]] = defaultdict(list)
        for group in self.plan.agent_groups.values():
            seats[group.team] += [group.site] if group.site is not None else []
        found: dict[str, list[str]] = defaultdict(list)
        for team in self.plan.teams.values():
            for name in team.activities if team.kind == "operations" else ():
                found[name] += [*team.sites, *seats[team.id]]
        return found

    @cached_property
    def persons_with(self) -> dict[str, list[str]]:
        """Active people by skill."""
        found: dict[str, list[str]] = defaultdict(list)
        for person in self.plan.persons.values():
            if person.status == "active":
                for has in person.skills:
                    found[has.skill].append(person.id)
        return found

    def headcount(self, group: AgentGroup) -> float | None:
        """Return the people of a group: as stated, else the fullest interval of its roster."""
        if group.headcount is not None:
            return float(group.headcount)
        if group.roster is None:
            return None
        return max((max(v) for v in self.plan.profiles[group.roster].days.values()), default=0.0)

    def agents(self, group: AgentGroup, slot: Slot | None) -> float | None:
        """Return the agents of a group in an interval after shrinkage and handling-time factor; None when unknown."""
        people = self.headcount(group) if group.roster is None or slot is None else self._at(group.roster, slot)
        return None if people is None else people * (1 - group.shrinkage) / group.aht_factor

    def _at(self, file: str, slot: Slot) -> float | None:
        profile = self.plan.profiles[file]
        values = profile.days.get(slot[0]) or profile.days.get(_weekday(slot[0]))
        return None if values is None else values[int(slot[1] // profile.slot_s)]

    def minimum(self, activity: Activity) -> Need | None:
        """Return the agents for the minimum capacity (MBCO) in the busiest interval; None when too little is known.

        Erlang A with the activity's patience, Erlang C without, and never fewer than the share's own load: who gives up
        was not served. Deferrable work needs its load only.
        """
        if activity.id not in self._needs:
            self._needs[activity.id] = self._minimum(activity)
        return self._needs[activity.id]

    def _minimum(self, activity: Activity) -> Need | None:
        least = activity.minimum_capacity
        if least is None or activity.volumes is None or activity.aht_s is None:
            return None
        slot, per_h = self.busiest(activity.volumes)
        return Need(self._agents(activity, least, per_h), slot, per_h)

    def _agents(self, activity: Activity, least: MinimumCapacity, per_h: float) -> int:
        sl, rate = activity.sl, per_h * least.share / 3600
        aht = (activity.aht_s or 0.0) / activity.concurrency
        x = least.x if least.x is not None else (sl.x if sl else None)
        t_s = least.t_s if least.t_s is not None else (sl.t_s if sl else None)
        hands = math.ceil(rate * aht - 1e-9)
        if activity.deferrable or x is None or t_s is None:
            return hands
        return max(hands, agents_for(rate, aht, activity.patience_s, x, t_s))

    def minima(self, activity: Activity, closed_to: Spans) -> Iterator[tuple[Slot, int]]:
        """Yield the agents for the minimum in each interval with contacts that these hours leave out, dates aside.

        Each volume is computed once.
        """
        least = activity.minimum_capacity
        if least is None or activity.volumes is None or activity.aht_s is None:
            return
        profile, known = self.plan.profiles[activity.volumes], dict[float, int]()
        for n, day in enumerate(DAYS):
            for i, value in enumerate(profile.days.get(day, ())):
                at = n * 1440 + i * profile.slot_s // 60
                if value <= 0 or any(start <= at < end for start, end in closed_to):
                    continue
                if value not in known:
                    known[value] = self._agents(activity, least, value * 3600 / profile.slot_s)
                yield (day, i * float(profile.slot_s)), known[value]

    def busiest(self, file: str) -> tuple[Slot, float]:
        """Return the busiest interval of a volume table and its contacts per hour."""
        profile = self.plan.profiles[file]
        value, day, n = max((v, d, i) for d, values in profile.days.items() for i, v in enumerate(values))
        return (day, n * float(profile.slot_s)), value * 3600 / profile.slot_s

    def weekly(self, file: str) -> float | None:
        """Return the contacts of a usual week, None when the table lacks a day of the week."""
        profile = self.plan.profiles[file]
        days = [profile.days.get(d) for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
        return None if None in days else sum(sum(d) for d in days if d is not None)


def _weekday(day: str) -> str:
    """Return the day of the week of a date; a day of the week is itself."""
    return day if day in DAYS else DAYS[date.fromisoformat(day).weekday()]


def agents_for(rate_per_s: float, aht_s: float, patience_s: float | None, x: float, t_s: float) -> int:
    """Return the fewest agents with whom share `x` is answered within `t_s`; 0 when nobody calls."""
    if rate_per_s <= 0:
        return 0
    load = rate_per_s * aht_s
    high = max(1, math.ceil(load + 4 * math.sqrt(load) + 2))
    while not _reaches(rate_per_s, aht_s, patience_s, x, t_s, high):
        high *= 2
        if high > 1_000_000:
            return high
    low = 1
    while low < high:
        middle = (low + high) // 2
        if _reaches(rate_per_s, aht_s, patience_s, x, t_s, middle):
            high = middle
        else:
            low = middle + 1
    return high


def _reaches(rate: float, aht_s: float, patience_s: float | None, x: float, t_s: float, agents: int) -> bool:
    try:
        if patience_s is None:
            level = erlang_c(arrivals_per_s=rate, aht_s=aht_s, agents=agents, target_s=t_s).service_level
        else:
            level = erlang_a(
                arrivals_per_s=rate, aht_s=aht_s, agents=agents, patience_s=patience_s, target_s=t_s
            ).service_level
    except QueueingError:
        return False
    return level is not None and level >= x


def whole(people: float) -> int:
    """Return the whole people in a count that shares of groups add up to."""
    return math.floor(people + TINY)


def assigned(supply: Mapping[str, float], demand: Mapping[str, float], able: Mapping[str, list[str]]) -> int:
    """Return the most demand that supply can meet; `able` lists for each demand the supplies that can serve it.

    Largest flow by shortest augmenting paths (Edmonds and Karp 1972). A supply may be a part of a person, as six in
    ten of one are; whole people are counted at the end only, or ten groups of one would be nobody.
    """
    left, lacking = dict(supply), dict(demand)
    flow: dict[tuple[str, str], float] = defaultdict(float)
    serves: dict[str, list[str]] = defaultdict(list)
    for want, names in able.items():
        for name in names:
            serves[name].append(want)
            take = min(left.get(name, 0.0), lacking[want])
            if take > TINY:
                flow[name, want] += take
                left[name] -= take
                lacking[want] -= take
    while _augment(left, lacking, flow, able, serves):
        pass
    return whole(sum(demand.values()) - sum(lacking.values()))


def _augment(
    left: dict[str, float],
    lacking: dict[str, float],
    flow: dict[tuple[str, str], float],
    able: Mapping[str, list[str]],
    serves: dict[str, list[str]],
) -> bool:
    """Move supply along one path from somebody free to a demand that lacks; False when there is none."""
    came: dict[tuple[str, str], tuple[str, str] | None] = {("want", w): None for w, n in lacking.items() if n > TINY}
    waiting = deque(came)
    while waiting:
        at = waiting.popleft()
        kind, name = at
        if kind == "want":
            steps = [("has", s) for s in able.get(name, ())]
        elif left.get(name, 0.0) > TINY:
            return _push(at, left, lacking, flow, came)
        else:
            steps = [("want", w) for w in serves[name] if flow[name, w] > TINY]
        for step in steps:
            if step not in came:
                came[step] = at
                waiting.append(step)
    return False


def _push(
    end: tuple[str, str],
    left: dict[str, float],
    lacking: dict[str, float],
    flow: dict[tuple[str, str], float],
    came: dict[tuple[str, str], tuple[str, str] | None],
) -> bool:
    path = [end]
    while (before := came[path[-1]]) is not None:
        path.append(before)
    moved = min(left[end[1]], lacking[path[-1][1]])
    for first, then in itertools.pairwise(path):
        if first[0] == "want":
            moved = min(moved, flow[then[1], first[1]])
    for first, then in itertools.pairwise(path):
        if first[0] == "has":
            flow[first[1], then[1]] += moved
        else:
            flow[then[1], first[1]] -= moved
    left[end[1]] -= moved
    lacking[path[-1][1]] -= moved
    return True
