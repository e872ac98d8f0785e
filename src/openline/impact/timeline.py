"""The timeline: for every object its change points under a disruption, each with its cause."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from openline.impact.components import components
from openline.impact.course import ALWAYS_UP, UP, ChangePoint, Course, at, lowest, mapped, point, switched, tidy
from openline.impact.graph import PLACE, POWER, POWERED, edges, feeds, felt, need_course, needs_of, site_of
from openline.impact.power import IDLE, STARTING, battery_course, generator_course, supplied
from openline.plan.document import Plan
from openline.plan.record import Entity
from openline.plan.scenarios import CallFate
from openline.scenarios.binding import BoundEffect, Disruption
from openline.scenarios.effects import EFFECTS

Factor = tuple[tuple[float, float], ...]
"""(seconds after the onset, factor in force from then on) in order of time."""

Route = tuple[tuple[float, str | None], ...]
"""(seconds after the onset, trunk group in use from then on, None when the number is dead)."""

MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happens to every object until `horizon_s` after the onset.

    `cycles` lists objects that need each other in a ring; they are taken to work as long as nothing outside the
    ring stops them (the greatest fixed point).
    """

    disruption: Disruption
    horizon_s: float
    objects: dict[str, Course]
    titles: dict[str, str]
    routes: dict[str, Route]
    demand: dict[str, Factor]
    aht: dict[str, Factor]
    staff: dict[str, Factor]
    cycles: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]

    def fate(self, name: str, at_s: float) -> CallFate:
        """Return what happens to contacts in progress when this object changes at this time."""
        return at(self.objects[name], at_s).calls

    def changes(self) -> list[tuple[str, ChangePoint]]:
        """Return what changes, in order of time: (object id, change point).

        The point with which an object starts is left out when nothing has happened to it yet.
        """
        found = [(name, p) for name, points in self.objects.items() for n, p in enumerate(points) if n > 0 or p.cause]
        return sorted(found, key=lambda f: f[1].at_s)


def timeline(plan: Plan, disruption: Disruption, *, horizon_s: float) -> Timeline:
    """Return the course of every object; cost grows with the number of changes, not with their length."""
    solver = _Solver(plan, disruption)
    solver.solve()
    cut = {name: tuple(p for p in course if p.at_s < horizon_s) for name, course in solver.known.items()}
    return Timeline(
        disruption=disruption,
        horizon_s=horizon_s,
        objects=cut,
        titles=solver.titles,
        routes=solver.routes,
        demand=_factors(disruption, "demand"),
        aht=_factors(disruption, "aht"),
        staff=_factors(disruption, "staff"),
        cycles=tuple(solver.cycles),
        notes=(*_notes(plan), *_recorded(solver, disruption)),
    )


def rings(plan: Plan) -> list[tuple[str, ...]]:
    """Return the objects that need each other in a ring, by id."""
    solver = _Solver(plan, Disruption("", "", 0.0, ()))
    solver.solve()
    return solver.cycles


def _notes(plan: Plan) -> Iterable[str]:
    fed = {f.site for f in plan.feeds.values() if f.kind == "electric"}
    stands = {site_of(e) for c, e in plan.nodes() if c in POWERED}
    for site in plan.sites.values():
        if site.id in stands and site.id not in fed:
            yield f"The power of {site.title} is not in the plan, so it is taken to be there."


def _recorded(solver: "_Solver", disruption: Disruption) -> Iterable[str]:
    for e in disruption.effects:
        if EFFECTS[e.type].on == "record":
            title = solver.titles.get(e.target, e.target)
            yield f"{title}: {EFFECTS[e.type].says}; the figures here do not count that."


def _factors(disruption: Disruption, on: str) -> dict[str, Factor]:
    """Return the product of all effects of a kind on each target over time."""
    by_target: dict[str, list[BoundEffect]] = {}
    for e in disruption.effects:
        if EFFECTS[e.type].on == on:
            by_target.setdefault(e.target, []).append(e)
    return {target: _product(effects) for target, effects in by_target.items()}


def _product(effects: list[BoundEffect]) -> Factor:
    found: list[tuple[float, float]] = []
    for t in sorted({0.0} | {e.start_s for e in effects} | {e.end_s for e in effects}):
        value = 1.0
        for e in effects:
            if e.start_s <= t < e.end_s and e.factor is not None:
                value *= e.factor
        found.append((t, value))
    return tuple(found)


@dataclass
class _Solver:
    plan: Plan
    disruption: Disruption
    known: dict[str, Course] = field(default_factory=dict)
    routes: dict[str, Route] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    cycles: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kinds = {e.id: c for c, e in self.plan.nodes()}
        self.entities = {e.id: e for _, e in self.plan.nodes()}
        self.titles = {i: e.title for i, e in self.entities.items()}
        self.fed = {f.site for f in self.plan.feeds.values() if f.kind == "electric"}
        for site in self.plan.sites.values():
            self.titles[PLACE + site.id] = f"Building of {site.title}"
            self.titles[POWER + site.id] = f"Power of {site.title}"
        self.own: dict[str, list[BoundEffect]] = {}
        for e in self.disruption.effects:
            self.own.setdefault(e.target, []).append(e)

    def solve(self) -> None:
        """Settle objects in order of need; rings are repeated from all-up until nothing changes."""
        for ring in components(self._graph()):
            for name in ring:
                self.known[name] = ALWAYS_UP
            if len(ring) > 1:
                self.cycles.append(tuple(sorted(i for i in ring if i in self.entities)))
            for _ in range(MOST_ROUNDS):
                if not self._settle(ring) or len(ring) == 1:
                    break
        for site in sorted(self.fed):
            self._show_power(site)

    def _settle(self, ring: tuple[str, ...]) -> bool:
        changed = False
        for name in ring:
            course = self._course(name)
            changed |= course != self.known[name]
            self.known[name] = course
        return changed

    def _graph(self) -> dict[str, tuple[str, ...]]:
        graph: dict[str, list[str]] = {name: [] for name in self.entities}
        for site in self.plan.sites:
            graph[PLACE + site] = []
            graph[site] = [PLACE + site]
        for e in edges(self.plan):
            graph[e.source].append(e.target)
        for site in sorted(self.fed):
            graph[POWER + site] = [
                i
                for i, e in self.entities.items()
                if site_of(e) == site and self.kinds[i] in ("feeds", "ups", "generators")
            ]
        return {name: tuple(dict.fromkeys(targets)) for name, targets in graph.items()}

    def _course(self, name: str) -> Course:
        if name.startswith(PLACE):
            return self._place(name.removeprefix(PLACE))
        if name.startswith(POWER):
            return self._power(name.removeprefix(POWER), None)
        entity, kind = self.entities[name], self.kinds[name]
        parts = [self._effects(name, access=kind == "sites")]
        if kind != "sites":
            parts += [c for need in needs_of(entity) for c in need_course(need, self._find, self.titles)]
        parts += self._place_parts(entity, kind)
        parts += self._special_parts(name, kind)
        return lowest(parts)

    def _find(self, name: str) -> Course:
        return self.known[name]

    def _felt(self, name: str) -> Course:
        return felt(self.known[name], self.titles[name], name)

    def _effects(self, name: str, *, access: bool) -> Course:
        """Return what the disruption itself does to an object; access to a site only where it is asked for."""
        hits = [e for e in self.own.get(name, ()) if EFFECTS[e.type].on in ("capacity", "access" if access else "")]
        points = []
        for t in sorted({0.0} | {e.start_s for e in hits} | {e.end_s for e in hits}):
            acting = [e for e in hits if e.start_s <= t < e.end_s]
            worst = min(acting, key=lambda e: e.factor or 0.0, default=None)
            points.append(replace(UP, at_s=t) if worst is None else _hit(t, worst))
        return tidy(points)

    def _place(self, site: str) -> Course:
        """Return whether a site stands and what it needs is there; access is another matter."""
        needs = [c for n in self.plan.sites[site].needs for c in need_course(n, self._find, self.titles)]
        return lowest([self._effects(site, access=False), *needs])

    def _place_parts(self, entity: Entity, kind: str) -> list[Course]:
        site = site_of(entity)
        if kind == "sites":
            return [self.known[PLACE + entity.id]]
        if site is None or kind == "feeds":
            return []
        parts = [felt(self.known[PLACE + site], self.plan.sites[site].title, site)]
        if kind == "agent_groups":
            parts.append(self._felt(site))
        if kind in POWERED and site in self.fed:
            parts.append(felt(self._power(site, entity.id), self.titles[POWER + site], POWER + site))
        return parts

    def _special_parts(self, name: str, kind: str) -> list[Course]:
        if kind == "network_paths" and (entrance := self.plan.network_paths[name].entrance):
            return [self._felt(entrance)]
        if kind == "numbers":
            return [self._routed(name)]
        if kind == "activities" and (numbers := self.plan.activities[name].numbers):
            ways = [mapped(self._felt(n), _reachable) for n in numbers]
            return [switched(ways, [0.0] * len(ways))[0]]
        if kind == "agreements":
            return [self._felt(self.plan.agreements[name].partner)]
        return []

    def _routed(self, number: str) -> Course:
        """Return a number's course over its routing plans, and keep which trunk group is in use."""
        ways = self.plan.numbers[number].routing_plans
        members = [mapped(self._felt(w.to), _reachable) for w in ways]
        course, in_use = switched(members, [w.time_s for w in ways])
        moments = sorted({t for t, _ in in_use} | {p.at_s for p in course})
        route: list[tuple[float, str | None]] = []
        for t in moments:
            row = next(r for s, r in reversed(in_use) if s <= t)
            trunk = ways[row].to if at(course, t).capacity > 0 else None
            if not route or route[-1][1] != trunk:
                route.append((t, trunk))
        self.routes[number] = tuple(route)
        return course

    def _power(self, site: str, node: str | None) -> Course:
        """Return the power of an object in a site; of the best fed one when `node` is None."""
        place = self.plan.sites[site]
        fed_by = [f.id for f in self.plan.feeds.values() if f.site == site and f.kind == "electric"]
        mains = switched([self._felt(f) for f in fed_by], [0.0] * len(fed_by))[0]
        sets = [
            generator_course(g, mains, self._able(g))
            for g in self.plan.generators.values()
            if g.site == site and (node is None or feeds(g, self.entities[node], place))
        ]
        upstream = supplied(mains, sets, [])
        batteries = [
            battery_course(u, upstream, self.known[u.id])
            for u in self.plan.ups.values()
            if u.site == site and (node is None or feeds(u, self.entities[node], place))
        ]
        return supplied(mains, sets, batteries)

    def _able(self, generator: Entity) -> Course:
        """Return whether a generator can run: itself sound, and its gas there when it burns gas."""
        own = self.known[generator.id]
        site = site_of(generator)
        gas = [self._felt(f.id) for f in self.plan.feeds.values() if f.site == site and f.kind == "gas"]
        burns_gas = self.plan.generators[generator.id].fuel == "gas_pipeline"
        return lowest([own, *gas]) if burns_gas else own

    def _show_power(self, site: str) -> None:
        """Let batteries and generators tell what they did, now that the rest is settled."""
        fed_by = [f.id for f in self.plan.feeds.values() if f.site == site and f.kind == "electric"]
        mains = switched([self._felt(f) for f in fed_by], [0.0] * len(fed_by))[0]
        sets = {
            g.id: generator_course(g, mains, self._able(g)) for g in self.plan.generators.values() if g.site == site
        }
        upstream = supplied(mains, list(sets.values()), [])
        banks = {u.id: battery_course(u, upstream, self.known[u.id]) for u in self.plan.ups.values() if u.site == site}
        for name, course in {**sets, **banks}.items():
            self.known[name] = lowest_told(self.known[name], course)


def lowest_told(own: Course, work: Course) -> Course:
    """Return a battery's or generator's course for people: what it does while up, and when it is spent."""
    return tidy(_told(at(own, t), at(work, t), t) for t in sorted({p.at_s for p in (*own, *work)} | {0.0}))


def _told(own: ChangePoint, work: ChangePoint, t: float) -> ChangePoint:
    if own.capacity <= 0:
        return replace(own, at_s=t)
    spent = work.capacity <= 0 and work.cause not in (IDLE, STARTING)
    return point(t, 0.0 if spent else 1.0, "" if t == 0 and work.cause == IDLE else work.cause, "")


def _hit(t: float, effect: BoundEffect) -> ChangePoint:
    capacity = 0.0 if effect.factor is None else effect.factor
    p = point(t, capacity, effect.why, "", effect.calls)
    return replace(p, state="access_denied") if effect.type == "access_denied" else p


def _reachable(p: ChangePoint) -> ChangePoint:
    """Return the point of something that is either reached or not: less capacity is fewer lines, not less reach."""
    return p if p.capacity <= 0 else replace(UP, at_s=p.at_s)
