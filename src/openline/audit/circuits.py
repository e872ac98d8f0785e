"""What brings calls and data to tier 1: numbers, lines, paths, and whose they are."""

from openline.audit.ground import Ground
from openline.plan.activities import Activity
from openline.plan.network import NetworkPath
from openline.plan.telephony import Number, RoutingPlan, TrunkGroup

ASIDE = ("partner", "cloud_region", "home_virtual")
"""Roles of sites whose lines are not ours."""


def takes_calls(a: Activity) -> bool:
    """Tell whether customers call an activity; back office, campaigns, chat and mail are not called."""
    return a.channel == "voice" and a.kind in ("inbound_queue", "dispatch", "support")


def is_called(g: Ground) -> bool:
    """Tell whether the plan has anything that customers call; one that lists no activities may have."""
    return not g.plan.activities or any(takes_calls(a) or a.numbers for a in g.plan.activities.values())


def numbers_of(g: Ground, a: Activity) -> list[Number]:
    """Return the numbers of an activity, whether it states them as its numbers or among its needs."""
    stated = (*a.numbers, *(i for need in a.needs for i in need.to if i in g.plan.numbers))
    return [g.plan.numbers[i] for i in dict.fromkeys(stated)]


def published(g: Ground) -> list[Number]:
    """Return the numbers that customers know: published, or used by an activity."""
    used = {n.id for a in g.plan.activities.values() for n in numbers_of(g, a)}
    return [n for n in g.plan.numbers.values() if n.published_where or n.id in used]


def paths_of_tier_one(g: Ground) -> list[NetworkPath]:
    """Return the paths that tier 1 needs: named by what it needs, or of a site that it needs."""
    ours = {s.id for s in g.plan.sites.values() if s.id in g.needed and s.role not in ASIDE}
    return [p for p in g.plan.network_paths.values() if p.id in g.needed or p.site in ours]


def circuits(g: Ground) -> list[TrunkGroup | NetworkPath]:
    """Return the lines and paths that tier 1 needs."""
    return [*(t for t in g.plan.trunk_groups.values() if t.id in g.needed), *paths_of_tier_one(g)]


def ways_of(g: Ground, n: Number) -> list[RoutingPlan]:
    """Return where calls to a number can go: its plans, then the lines that stand in for the lines of these."""
    ways = {w.to: w for w in reversed(n.routing_plans)}
    found = [w for w in n.routing_plans if ways[w.to] is w]
    for w in found:
        trunk = g.plan.trunk_groups[w.to]
        other = g.plan.trunk_groups.get(trunk.alt_destination or "")
        if other is not None and other.id not in ways:
            ways[other.id] = RoutingPlan(to=other.id, time_s=trunk.failover_s or 0.0)
            found.append(ways[other.id])
    return found


def carriers_of(g: Ground, a: Activity) -> tuple[set[str], list[TrunkGroup]]:
    """Return the carriers that bring an activity's calls, and the lines of which no carrier is known.

    The carrier of a number stands in for that of a line that states none. Without numbers, the lines that the activity
    needs count.
    """
    ways = [(g.plan.trunk_groups[w.to], n.carrier) for n in numbers_of(g, a) for w in ways_of(g, n)]
    if not ways:
        ways = [(t, None) for t in g.plan.trunk_groups.values() if t.id in g.closure_of(a.id)]
    found = {c for t, other in ways if (c := t.carrier or other) is not None}
    return found, [t for t, other in ways if t.carrier is None and other is None]
