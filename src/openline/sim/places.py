"""Who can serve what: the rows of the kernel's groups and the routing between queues and groups."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openline.plan.activities import Activity
from openline.plan.document import Plan
from openline.plan.people import AgentGroup

HOME = "@home"


@dataclass(frozen=True, slots=True)
class Place:
    """Agents of one place with the same skills.

    `rank` orders the groups that an arriving contact tries: own people first, then those at home, then partners.
    """

    name: str
    skills: frozenset[str]
    factor: float
    wait_s: float
    rank: int


@dataclass(frozen=True, slots=True)
class Routing:
    """level int8[G, K], route int16[K, G] and wait_before_s float64[G, K] as the kernel wants them."""

    level: NDArray[np.int8]
    route: NDArray[np.int16]
    wait_before_s: NDArray[np.float64]


def places(plan: Plan) -> tuple[Place, ...]:
    """Return every group that may ever serve, in the order of the plan."""
    groups = plan.agent_groups.values()
    own = [Place(g.id, frozenset(g.skills), g.aht_factor, 0.0, 0) for g in groups]
    home = [_at_home(g) for g in groups if g.remote is not None]
    partners = [Place(a.id, frozenset(a.skills), a.aht_factor, a.overflow_after_s, 2) for a in plan.agreements.values()]
    return (*own, *home, *partners)


def _at_home(group: AgentGroup) -> Place:
    factor = group.remote.aht_factor if group.remote is not None else 1.0
    return Place(group.id + HOME, frozenset(group.skills), group.aht_factor * factor, 0.0, 1)


def routing(queues: tuple[Activity, ...], groups: tuple[Place, ...]) -> Routing:
    """Return who serves which queue, at which priority level, and in which order groups are tried.

    A group serves a queue when it has all the skills that the activity asks for. Groups with fewer skills are
    tried first, so that those who can do more stay free for the rest.
    """
    levels = {p: n for n, p in enumerate(sorted({a.priority for a in queues}))}
    level = np.full((len(groups), len(queues)), -1, dtype=np.int8)
    route = np.full((len(queues), len(groups)), -1, dtype=np.int16)
    alike: dict[frozenset[str], list[int]] = {}
    for g, place in enumerate(groups):
        alike.setdefault(place.skills, []).append(g)
    for k, activity in enumerate(queues):
        able = [g for skills, those in alike.items() if skills.issuperset(activity.skills) for g in those]
        able.sort(key=lambda g: (groups[g].rank, len(groups[g].skills), g))
        level[able, k] = levels[activity.priority]
        route[k, : len(able)] = able
    wait = np.array([place.wait_s for place in groups], dtype=np.float64)
    return Routing(level, route, np.repeat(wait[:, None], len(queues), axis=1))
