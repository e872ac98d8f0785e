"""What still stands when some objects are lost for good: capacity, when the loss is felt, how long switching takes.

The timeline answers for one disruption over time; this answers for thousands of single losses, so it keeps no
course: for each object that changes, the capacity that it settles at, the seconds until the loss is felt (batteries,
caches) and the longest switch-over on the way. Losses spread along the needs from what was lost, so the work is
proportional to what is hit. Objects that need each other in a ring are taken to work until something outside stops
them, as in the timeline.
"""

import math
from collections import defaultdict, deque
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from openline.impact.graph import POWERED, feeds, needs_of, site_of
from openline.plan.document import Plan
from openline.plan.record import Dependency, Entity
from openline.plan.sites import Generator, Ups


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of an object: capacity 0 to 1, seconds until the loss is felt, seconds of switching."""

    capacity: float = 1.0
    felt_s: float = math.inf
    gap_s: float = 0.0


WHOLE = Left()
GONE = Left(0.0, 0.0, 0.0)


class Standing:
    """A plan prepared for asking what stands after a loss."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.kinds: dict[str, str] = {}
        self.entities: dict[str, Entity] = {}
        for collection, entity in plan.nodes():
            self.kinds[entity.id], self.entities[entity.id] = collection, entity
        self.needs = {i: needs_of(e) for i, e in self.entities.items()}
        self.feeds: dict[str, list[str]] = defaultdict(list)
        for feed in plan.feeds.values():
            if feed.kind == "electric":
                self.feeds[feed.site].append(feed.id)
        self.backups: dict[str, list[Generator]] = defaultdict(list)
        for g in plan.generators.values():
            self.backups[g.site].append(g)
        self.batteries: dict[str, list[Ups]] = defaultdict(list)
        for u in plan.ups.values():
            self.batteries[u.site].append(u)
        self.users = self._users()

    def _users(self) -> dict[str, list[str]]:
        """Return for each object those that are settled anew when it changes."""
        users: dict[str, list[str]] = defaultdict(list)
        at_site: dict[str, list[str]] = defaultdict(list)
        for name, entity in self.entities.items():
            for need in self.needs[name]:
                for target in need.to:
                    users[target].append(name)
            site = site_of(entity)
            if site is not None and self.kinds[name] != "feeds":
                users[site].append(name)
                if self.kinds[name] in POWERED:
                    at_site[site].append(name)
            for target in self._special(name):
                users[target].append(name)
        for site, mains in self.feeds.items():
            for supply in (*mains, *(g.id for g in self.backups[site])):
                users[supply] += at_site[site]
        return users

    def _special(self, name: str) -> tuple[str, ...]:
        kind = self.kinds[name]
        if kind == "network_paths":
            entrance = self.plan.network_paths[name].entrance
            return () if entrance is None else (entrance,)
        if kind == "numbers":
            return tuple(w.to for w in self.plan.numbers[name].routing_plans)
        if kind == "activities":
            return self.plan.activities[name].numbers
        if kind == "agreements":
            return (self.plan.agreements[name].partner,)
        return ()

    def after(
        self,
        lost: Iterable[str],
        held: Mapping[str, float] = MappingProxyType({}),
        within: Container[str] | None = None,
    ) -> dict[str, Left]:
        """Return what is left of every object that the loss changes, the lost ones included.

        `held` keeps objects at a capacity whatever happens to them, as an arrangement for them does. `within` limits
        the answer to objects that hold all that they need among them.
        """
        found: dict[str, Left] = {name: replace(GONE, capacity=held.get(name, 0.0)) for name in lost}
        waiting = deque(user for name in found for user in self.users.get(name, ()))
        given = set(found)
        while waiting:
            name = waiting.popleft()
            if name in given or (within is not None and name not in within):
                continue
            left = self._left(name, found)
            if left.capacity < held.get(name, 0.0):
                left = replace(left, capacity=held[name])
            if left != found.get(name, WHOLE):
                found[name] = left
                waiting.extend(self.users.get(name, ()))
        return found

    def _left(self, name: str, found: dict[str, Left]) -> Left:
        entity, kind = self.entities[name], self.kinds[name]
        parts = [part for need in self.needs[name] for part in _need(need, found)]
        site = site_of(entity)
        if site is not None and kind != "feeds":
            parts.append(found.get(site, WHOLE))
            if kind in POWERED and site in self.feeds:
                parts.append(self._power(name, site, found))
        special = self._special(name)
        if kind == "numbers":
            ways = self.plan.numbers[name].routing_plans
            parts.append(_either([(found.get(w.to, WHOLE), w.time_s) for w in ways]))
        elif kind == "activities" and special:
            parts.append(_either([(found.get(i, WHOLE), 0.0) for i in special]))
        elif special:
            parts += [found.get(i, WHOLE) for i in special]
        return worst(parts)

    def _power(self, name: str, site: str, found: dict[str, Left]) -> Left:
        """Return the power of an object: mains, else a generator that covers it, else dark when the battery ends."""
        if any(found.get(f, WHOLE).capacity > 0 for f in self.feeds[site]):
            return WHOLE
        entity, place = self.entities[name], self.plan.sites[site]
        for generator in self.backups[site]:
            if feeds(generator, entity, place) and found.get(generator.id, WHOLE).capacity > 0:
                return WHOLE
        bridges = (u.runtime_at_load_s for u in self.batteries[site] if feeds(u, entity, place))
        return Left(0.0, max(bridges, default=0.0))


def worst(parts: list[Left]) -> Left:
    """Return what is left of an object that needs all of these."""
    hit = [p for p in parts if p is not WHOLE]
    if not hit:
        return WHOLE
    least = min(p.capacity for p in hit)
    felt = min((p.felt_s for p in hit if p.capacity == least), default=math.inf)
    return Left(least, felt if least < 1 else math.inf, max(p.gap_s for p in hit))


def _need(need: Dependency, found: dict[str, Left]) -> list[Left]:
    members = [found.get(i, WHOLE) for i in need.to]
    if all(m is WHOLE for m in members):
        return []
    if need.mode == "or":
        members = [_either([(m, need.switch_s if n else 0.0) for n, m in enumerate(members)])]
    elif need.mode == "k_of_n":
        share = min(1.0, sum(m.capacity for m in members) / (need.k or 1))
        felt = min((m.felt_s for m in members if m.capacity < 1), default=math.inf)
        members = [Left(share, felt if share < 1 else math.inf, max(m.gap_s for m in members))]
    return [_softened(m, need) for m in members]


def _softened(left: Left, need: Dependency) -> Left:
    capacity = 1.0 - need.capacity_effect * (1.0 - left.capacity)
    gap = max(left.gap_s - need.grace_s, 0.0) if capacity < 1 or need.capacity_effect > 0.5 else 0.0
    return Left(capacity, left.felt_s + need.grace_s, gap)


def _either(ways: list[tuple[Left, float]]) -> Left:
    """Return what is left of alternatives, the first preferred; another takes over after its seconds."""
    best = max(left.capacity for left, _ in ways)
    if ways[0][0].capacity >= best:
        return ways[0][0]
    left, switch_s = next((left, s) for left, s in ways if left.capacity >= best)
    return Left(best, left.felt_s, left.gap_s + switch_s)
