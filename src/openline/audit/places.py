"""Where primaries and their standbys stand: pairs of places, buildings, clouds."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from openline.audit.ground import OFF_SITE, Ground
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.people import AgentGroup
from openline.plan.record import Entity
from openline.plan.sites import Site
from openline.plan.systems import System

ALTERNATES = ("secondary", "hot", "warm", "cold")
MOVES = ("relocation", "alternate_site")
ONE_SPOT_KM = 0.03
"""Nearer than this, sites of which the building is not known are one building (assumed)."""


@dataclass(frozen=True, slots=True)
class Stand:
    """A primary and its standby with the sites they stand in, None when that is not known; `subject` is at fault."""

    primary: Entity
    standby: Entity
    primary_at: Site | None
    standby_at: Site | None
    subject: Entity
    told: str


def system_pairs(g: Ground) -> list[tuple[System, System]]:
    """Return the pairs of systems of which tier 1 needs one."""
    return [
        (p.primary, p.standby)
        for p in g.pairs
        if isinstance(p.primary, System)
        and isinstance(p.standby, System)
        and (g.matters(p.primary) or g.matters(p.standby))
    ]


def stands(g: Ground) -> Iterator[Stand]:
    """Yield what tier 1 needs with what stands by for it: systems, and people and sites that move."""
    for a, b in system_pairs(g):
        at = g.site(a), g.site(b) or _stated_place(g, a, b)
        if None not in at or any(_stands_nowhere(s) and p is None for s, p in zip((a, b), at, strict=True)):
            yield Stand(a, b, at[0], at[1], b, f"{a.title} and {b.title}")
    for s in g.critical_systems:
        if s.standby_system is None and s.location and s.standby_location:
            at_home, away = g.plan.sites[s.location], g.plan.sites[s.standby_location]
            yield Stand(s, s, at_home, away, s, f"{s.title} and its standby")
    for r in g.plan.arrangements.values():
        standby = g.plan.sites.get(r.standby or "")
        for name in r.for_ if standby is not None else ():
            e = g.plan.node(name)
            place = None if e is None or standby is None else _usual_place(g, e, standby)
            if e is not None and standby is not None and place is not None and g.matters(e):
                yield Stand(e, standby, place, standby, standby, f"{e.title} and its standby")


def _usual_place(g: Ground, e: Entity, standby: Site) -> Site | None:
    """Return where what moves to a standby usually is; an activity is where it is done, or where its people sit.

    None of an activity that is done in several places: which of them the standby is for is not said.
    """
    if not isinstance(e, Activity):
        return g.site(e)
    seats = [x.site for x in g.work.groups_for(e)]
    found = {i for i in (g.work.places_of(e) or seats) if i is not None and i != standby.id and not g.at_home(i)}
    return g.plan.sites[found.pop()] if len(found) == 1 else None


def _stated_place(g: Ground, a: System, b: System) -> Site | None:
    return g.plan.sites[a.standby_location] if a.standby_system == b.id and a.standby_location else None


def _stands_nowhere(s: System) -> bool:
    """Tell whether nothing is known of where a system stands; a choice among others needs no place of its own."""
    chooses = any(n.mode in ("or", "k_of_n") for n in s.needs)
    return s.location is None and s.region is None and s.deployment != "saas" and not chooses


def standby_is_nowhere(g: Ground, s: System) -> bool:
    """Tell whether a system in a site is said to have a standby, and nothing says where or what it is."""
    if s.standby not in ("hot", "warm", "cold") or s.location is None or s.deployment in OFF_SITE:
        return False
    if s.standby_system is not None or s.standby_location is not None:
        return False
    paired = any(s.id in (p.primary.id, p.standby.id) for p in g.pairs)
    return not paired and not any(r.standby for r in g.arrangements.get(s.id, ()))


def stands_apart_too(g: Ground, p: Stand) -> bool:
    """Tell whether what is in one building with its standby has another standby outside it."""
    here, waiting, known = p.primary_at, [p.primary.id], {p.primary.id}
    links = [(x.primary, x.standby) for x in g.pairs]
    while waiting:
        at = waiting.pop()
        for a, b in links:
            other = b if a.id == at else a if b.id == at else None
            if other is None or other.id in known:
                continue
            place = g.site(other)
            if isinstance(other, System) and place is None and in_cloud(g, other) and not g.is_composite(other):
                return True
            if place is not None and here is not None and not same_building(g, here, place):
                return True
            known.add(other.id)
            waiting.append(other.id)
    return False


def same_building(g: Ground, a: Site, b: Site) -> bool:
    """Tell whether two sites are in one building, by its id, else by being one spot on the map."""
    if a.id == b.id or g.building(a) == g.building(b):
        return True
    if a.building_id is not None and b.building_id is not None:
        return False
    km = distance_km(a, b)
    return km is not None and km < ONE_SPOT_KM


def distance_km(a: Site, b: Site) -> float | None:
    """Return the great-circle distance in kilometres, None when a place is not known; haversine on 6,371 km."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
        return None
    p, q = math.radians(a.lat), math.radians(b.lat)
    half = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(math.radians(b.lon - a.lon) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


FASTEST_KM_PER_MIN = 2.0
"""Nobody drives faster than 120 km/h from door to door (assumed)."""


def least_way_min(a: Site, b: Site) -> float:
    """Return the minutes by road between two sites, at least as many as the distance takes; 0 when not known."""
    way = a.drive_min.get(b.id, b.drive_min.get(a.id))
    return way if way is not None else (distance_km(a, b) or 0.0) / FASTEST_KM_PER_MIN


def site_pairs(g: Ground) -> list[tuple[Site, Site]]:
    """Return each two sites, once, of which one is the other's alternate for what tier 1 needs."""
    found: dict[frozenset[str], tuple[Site, Site]] = {}
    for a, b in _site_pairs(g):
        if a.id != b.id:
            found.setdefault(frozenset((a.id, b.id)), (a, b))
    paired = {i for both in found for i in both}
    primaries = [s for s in g.plan.sites.values() if s.role == "primary" and s.id in g.needed]
    for b in g.plan.sites.values():
        if b.role in ALTERNATES and b.id not in paired and not _busy_with_other_work(g, b):
            for a in primaries:
                found.setdefault(frozenset((a.id, b.id)), (a, b))
    return list(found.values())


def _busy_with_other_work(g: Ground, site: Site) -> bool:
    """Tell whether a second site has people, and nothing of tier 1: an office, and not an alternate."""
    return site.role == "secondary" and bool(g.groups_at[site.id]) and site.id not in g.needed


def _site_pairs(g: Ground) -> Iterator[tuple[Site, Site]]:
    for p in g.pairs:
        a, b = g.site(p.primary), g.site(p.standby)
        mobile = isinstance(p.primary, System | Site)
        if a is not None and b is not None and mobile and (g.matters(p.primary) or g.matters(p.standby)):
            yield a, b
    for x in stands(g):
        if x.primary_at is not None and x.standby_at is not None:
            yield x.primary_at, x.standby_at
    for activity in g.tier_one:
        sites = [g.plan.sites[i] for i in sorted(g.closure_of(activity.id) & g.plan.sites.keys())]
        seated = {x.site for x in g.work.groups_for(activity)}
        for a in (s for s in sites if s.role == "primary"):
            yield from ((a, b) for b in sites if b.role in ALTERNATES)
            yield from ((a, b) for b in sites if b.role == "primary" and b.id > a.id and {a.id, b.id} <= seated)


def is_ground(site: Site) -> bool:
    """Tell whether a site is one place on the ground, and not a cloud or people's homes."""
    return site.role not in ("cloud_region", "home_virtual")


def people_move(g: Ground, a: Site, b: Site) -> bool:
    """Tell whether people of one of two sites are to work at the other."""
    return any(_moves(g, r, a, b) or _moves(g, r, b, a) for r in g.plan.arrangements.values() if r.option in MOVES)


def _moves(g: Ground, r: Arrangement, a: Site, b: Site) -> bool:
    if r.standby not in (None, b.id):
        return False
    moved = [e for i in r.for_ if isinstance(e := g.plan.node(i), AgentGroup | Activity)]
    return a.id in r.for_ or any(_usual_place(g, e, b) is a for e in moved)


def in_cloud(g: Ground, s: System) -> bool:
    """Tell whether a system runs in a cloud and not in a building of the plan."""
    return s.location is None or g.plan.sites[s.location].role == "cloud_region"


def cloud_region(g: Ground, s: System) -> str | None:
    """Return the cloud region of a system, or the site that stands for it."""
    return s.region or (s.location if in_cloud(g, s) else None)
