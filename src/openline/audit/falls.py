"""What calls fall to which lines after a loss, and what share of them finds no line."""

from collections.abc import Iterable
from dataclasses import dataclass

from openline.audit.circuits import numbers_of, ways_of
from openline.audit.ground import Ground
from openline.plan.activities import Activity
from openline.plan.telephony import RoutingPlan, TrunkGroup
from openline.queueing import QueueingError, blocking, erlang_a


@dataclass(frozen=True, slots=True)
class Fall:
    """What calls come over one trunk group after a loss, and which of them fell to it by which plan."""

    all: tuple[Activity, ...]
    fallen: tuple[tuple[Activity, RoutingPlan], ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """How many calls find no line, on how many channels, of whose."""

    frac: float
    channels: int
    erlang: float
    activities: tuple[Activity, ...]


def falls(g: Ground) -> dict[str, list[Fall]]:
    """Return by trunk group what falls to it, for each loss after which tier 1 comes over it."""
    called = [
        (a, [ways_of(g, x) for x in n])
        for a in g.plan.activities.values()
        if a.channel == "voice"
        if (n := numbers_of(g, a))
    ]
    found: dict[str, list[Fall]] = {}
    for lost in _losses(g, {ways[0].to for _, numbers in called for ways in numbers}):
        here: dict[str, list[tuple[Activity, RoutingPlan, bool]]] = {}
        for a, numbers in called:
            met = _met(numbers, lost)
            if met is not None:
                here.setdefault(met[0].to, []).append((a, *met))
        for name, calls in here.items():
            fallen = tuple((a, way) for a, way, fell in calls if fell)
            if fallen and any(g.tier(a) == 1 for a, _, _ in calls):
                fall = Fall(tuple(a for a, _, _ in calls), fallen)
                found.setdefault(name, []).append(fall)
    return found


def _met(numbers: list[list[RoutingPlan]], lost: frozenset[str]) -> tuple[RoutingPlan, bool] | None:
    """Return by which plan the calls of an activity come after a loss, and whether they fell there.

    How its calls are shared among its numbers is not known: the first number counts for all, and where all numbers meet
    on one group the plan by which calls fell to it.
    """
    firsts = [next(((w, w.to != ways[0].to) for w in ways if w.to not in lost), None) for ways in numbers]
    known = [f for f in firsts if f is not None]
    if len({w.to for w, _ in known}) == 1 and len(known) == len(numbers):
        return max(known, key=lambda f: f[1])
    return firsts[0]


def _losses(g: Ground, first: set[str]) -> list[frozenset[str]]:
    """Return sets of trunk groups that are lost together: each by itself, and those of one site, platform, carrier."""
    together: dict[tuple[str, str], set[str]] = {}
    for name in sorted(first):
        trunk = g.plan.trunk_groups[name]
        keys = [("line", name)]
        keys += [(f, v) for f in ("site", "platform", "carrier") if isinstance(v := getattr(trunk, f), str)]
        for key in keys:
            together.setdefault(key, set()).add(name)
    return list(dict.fromkeys(frozenset(names_) for names_ in together.values()))


def blocked(g: Ground, trunk: TrunkGroup, fall: Fall, loads: dict[tuple[str, float], float]) -> Blocked:
    """Return the worst share of calls that find no line, over the plan's surges; activities not counted add nothing."""

    def load(activities: Iterable[Activity], surge: dict[str, float]) -> float:
        total = 0.0
        for a in activities:
            key = (a.id, surge.get(a.id, 1.0))
            if key not in loads:
                loads[key] = 0.0 if a.volumes is None or a.aht_s is None else _load(g, a, key[1])
            total += loads[key]
        return total

    limits = {id(way): way for _, way in fall.fallen if way.capacity is not None}
    sides = [(trunk.channels, fall.all)]
    sides += [(w.capacity or 0, tuple(a for a, theirs in fall.fallen if theirs is w)) for w in limits.values()]
    tried = [
        Blocked(blocking(erlang, channels), channels, erlang, activities)
        for surge in g.surges
        for channels, activities in sides
        for erlang in (load(activities, surge),)
    ]
    return max(tried, key=lambda t: t.frac)


def _load(g: Ground, a: Activity, demand: float) -> float:
    """Return the erlang that an activity's calls put on lines in its busiest interval, waiting included."""
    slot, per_h = g.work.busiest(a.volumes or "")
    rate = per_h / 3600 * demand
    agents = sum(g.work.agents(x, slot) or 0.0 for x in g.work.groups_for(a))
    wait = 0.0
    if a.patience_s is not None and rate > 0 and agents >= 1:
        try:
            wait = (
                erlang_a(
                    arrivals_per_s=rate, aht_s=a.aht_s or 1.0, agents=int(agents), patience_s=a.patience_s
                ).mean_wait_s
                or 0.0
            )
        except QueueingError:
            wait = a.patience_s
    return rate * ((a.aht_s or 0.0) - (a.acw_s or 0.0) + wait)
