"""What an object can not do without: its needs in mode `and`, and what all lines and all agents need."""

import math
from collections.abc import Iterator, Sequence

from openline.audit.ground import Ground
from openline.impact.graph import needs_of
from openline.plan.record import Dependency, Entity

ROUNDING = 1e-12

Required = dict[str, float]
"""By object that is required: the seconds that are done without it (caches and batteries on the way)."""


def required(g: Ground, name: str, spare: float = 0.0) -> Required:
    """Return what an object can not do without, straight or through others.

    Needs of which only a share up to `spare` is lost do not count. Of the ways that structure gives (the numbers
    of an activity, the routes of a number, the groups of agents) what every one of them needs does. Alternatives that
    the plan states (or, k of n) are another way, so what they have in common is left to the search for single points.
    """
    entity = g.plan.node(name)
    found = _through(g, [(name, 0.0)], spare)
    found.pop(name, None)
    if entity is None:
        return found
    ways: list[list[str]] = []
    for at in (name, *found):
        ways += _alternatives(g, at)
    for members in ways:
        for target, grace_s in _common(g, members, spare).items():
            found[target] = min(found.get(target, math.inf), grace_s)
    found.pop(name, None)
    return found


def _through(g: Ground, start: Sequence[tuple[str, float]], spare: float) -> Required:
    """Return these objects and what they can not do without, by needs in mode `and` only."""
    found: Required = dict(start)
    waiting = list(start)
    while waiting:
        at, grace_s = waiting.pop()
        for need in _needs(g.plan.node(at)):
            if not is_and(need) or need.capacity_effect <= spare + ROUNDING:
                continue
            total = grace_s + need.grace_s
            for target in need.to:
                if total < found.get(target, math.inf):
                    found[target] = total
                    waiting.append((target, total))
    return found


def _needs(entity: Entity | None) -> tuple[Dependency, ...]:
    return () if entity is None else needs_of(entity)


def is_and(need: Dependency) -> bool:
    """Tell whether every member of a need is needed, whatever its mode."""
    return need.mode == "and" or len(need.to) == 1 or need.k == len(need.to)


def _alternatives(g: Ground, name: str) -> Iterator[list[str]]:
    """Yield the lists of which one member is enough."""
    if name in g.plan.activities:
        activity = g.plan.activities[name]
        routes = [w.to for i in activity.numbers for w in g.plan.numbers[i].routing_plans]
        yield from (members for members in (routes, list(activity.numbers)) if members)
        yield g.group_ids(activity)
    elif name in g.plan.numbers:
        yield [w.to for w in g.plan.numbers[name].routing_plans]


def _common(g: Ground, members: list[str], spare: float) -> Required:
    """Return what all alternatives can not do without, with the longest time that any of them does."""
    each = [_through(g, [(m, 0.0)], spare) for m in dict.fromkeys(members)]
    shared = set.intersection(*(set(e) for e in each)) if each else set()
    return {name: max(e[name] for e in each) for name in shared}
