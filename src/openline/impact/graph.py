"""What every object of a plan needs, said and unsaid, as courses to combine."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from openline.impact.course import UP, ChangePoint, Course, graced, mapped, point, pooled, switched
from openline.plan.document import Plan
from openline.plan.people import AgentGroup, Remote
from openline.plan.record import Dependency, Entity
from openline.plan.sites import Generator, Site, Ups
from openline.plan.telephony import TrunkGroup

POWER = "power:"
PLACE = "place:"
"""Prefixes of objects that are not in the files: a site's power, and a site as a building that stands."""

Find = Callable[[str], Course]


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` needs `target`; `kind` is a dependency's mode or place, power, access, route."""

    source: str
    target: str
    kind: str


def needs_of(entity: Entity) -> tuple[Dependency, ...]:
    """Return the dependencies that an entity states."""
    found: tuple[Dependency, ...] = getattr(entity, "needs", ())
    return found + _implied(entity, found) if isinstance(entity, TrunkGroup) else found


def _implied(trunk: TrunkGroup, stated: tuple[Dependency, ...]) -> tuple[Dependency, ...]:
    """Return what a trunk group needs by its own fields (paths, border controller, platform) beyond its `needs`."""
    named = {i for need in stated for i in need.to}
    paths = () if named & set(trunk.paths) else trunk.paths
    single = tuple(i for i in (trunk.sbc, trunk.platform) if i is not None and i not in named)
    return tuple(Dependency(to=(i,)) for i in single) + ((Dependency(to=paths, mode="or"),) if paths else ())


def site_of(entity: Entity) -> str | None:
    """Return the site that an entity stands in, None when it has none."""
    place: str | None = getattr(entity, "site", None) or getattr(entity, "location", None)
    return place


def feeds(supply: Ups | Generator, entity: Entity, site: Site) -> bool:
    """Tell whether a battery or generator of a site feeds an object there.

    It feeds what it names, the whole site when it names nothing or the site; people where their desks are said to be
    on backup power.
    """
    if not supply.covers or entity.id in supply.covers or site.id in supply.covers:
        return True
    return isinstance(entity, AgentGroup) and site.on_backup_power.workstations is True


POWERED = ("network_paths", "trunk_groups", "systems", "agent_groups")
"""Collections whose objects need their site's electric power."""


def edges(plan: Plan) -> Iterator[Edge]:
    """Yield everything that an object needs, those that the files do not say included."""
    fed = {f.site for f in plan.feeds.values() if f.kind == "electric"}
    for collection, entity in plan.nodes():
        for need in needs_of(entity):
            yield from (Edge(entity.id, target, need.mode) for target in need.to)
        site = site_of(entity)
        if site is not None and collection not in ("feeds",):
            yield Edge(entity.id, PLACE + site, "place")
            if collection == "agent_groups":
                yield Edge(entity.id, site, "access")
            if collection in POWERED and site in fed:
                yield Edge(entity.id, POWER + site, "power")
        yield from _special(plan, collection, entity)


def _special(plan: Plan, collection: str, entity: Entity) -> Iterator[Edge]:
    if collection == "network_paths" and (path := plan.network_paths[entity.id]).entrance:
        yield Edge(entity.id, path.entrance or "", "entrance")
    elif collection == "numbers":
        yield from (Edge(entity.id, way.to, "route") for way in plan.numbers[entity.id].routing_plans)
    elif collection == "activities":
        yield from (Edge(entity.id, number, "number") for number in plan.activities[entity.id].numbers)
    elif collection == "agreements":
        yield Edge(entity.id, plan.agreements[entity.id].partner, "partner")


def felt(course: Course, title: str, node: str) -> Course:
    """Return a needed object's course as those who need it tell it: the cause is that object."""
    return mapped(course, lambda p: p if p.capacity >= 1 else _felt_point(p, title, node))


def _felt_point(p: ChangePoint, title: str, node: str) -> ChangePoint:
    if p.state == "access_denied":
        return replace(p, cause=f"nobody may be in {title}", cause_id=node)
    told = "is down" if p.capacity <= 0 else f"works at {p.capacity:.0%}"
    return point(p.at_s, p.capacity, f"needs {title}, which {told}", node, p.calls)


def need_course(need: Dependency, find: Find, titles: Mapping[str, str]) -> list[Course]:
    """Return what one dependency leaves of the object that states it; one course for each of an `and`."""
    members = [felt(find(i), titles[i], i) for i in need.to]
    if need.mode == "or":
        members = [switched(members, [0.0] + [need.switch_s] * (len(members) - 1))[0]]
    elif need.mode == "k_of_n":
        members = [pooled(members, need.k or 1)]
    return [_softened(graced(m, need.grace_s), need.capacity_effect) for m in members]


def _softened(course: Course, effect: float) -> Course:
    """Return the course of what loses only a share of its capacity."""
    if effect >= 1:
        return course
    return mapped(course, lambda p: _rescaled(p, 1.0 - effect * (1.0 - p.capacity)))


def _rescaled(p: ChangePoint, capacity: float) -> ChangePoint:
    """Return the point at another capacity; work goes on with what is left, so contacts are finished."""
    if capacity >= 1:
        return replace(UP, at_s=p.at_s)
    return point(p.at_s, capacity, p.cause, p.cause_id, "finish" if capacity > 0 else p.calls)


def remote_course(remote: Remote, find: Find, titles: Mapping[str, str]) -> list[Course]:
    """Return what people at home need, as courses."""
    return [c for need in remote.needs for c in need_course(need, find, titles)]
