"""Place and shared fate."""

import itertools
from collections.abc import Iterator

from openline.audit.copies import copies_of, kept
from openline.audit.finding import Severity, fail, ok, unknown
from openline.audit.ground import Ground, distance_km
from openline.audit.loss import below_minimum, reason_short
from openline.audit.places import (
    cloud_region,
    in_cloud,
    is_ground,
    people_move,
    same_building,
    site_pairs,
    standby_is_nowhere,
    stands,
    stands_apart_too,
    system_pairs,
)
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.audit.storage import beside, home_of, place_of
from openline.plan.people import AgentGroup
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.plan.telephony import Number


@rule("AR-020", "critical", serves="RSK-12 RSK-13 STR-08")
def standby_beside_primary(g: Ground) -> Verdicts:
    """A standby stands in the building of what it stands by for.

    Why: one fire, flood or power cut takes both; some companies place the backup server with the primary one and
    think they are done [DATAMARK].
    Computed: the building of the two sites (the site itself where no building is given; one spot on the map is one
    building) is the same, for systems, people and sites that tier 1 needs and what stands by for them. A second standby
    elsewhere clears the first.
    Fix: move the standby to another building, or to a cloud.

        systems:
          - {id: acd-standby, kind: acd, location: hill}
    """
    yield from untiered(g)
    for p in stands(g):
        if p.standby_at is None or p.primary_at is None:
            yield unknown(p.primary if p.primary_at is None else p.standby, "location")
        elif not same_building(g, p.primary_at, p.standby_at) or stands_apart_too(g, p):
            yield ok(p.subject)
        else:
            same = p.primary_at.id == p.standby_at.id
            where = p.primary_at.title if same else f"one building ({g.building(p.standby_at)})"
            ids = dict.fromkeys((p.primary.id, p.standby.id, p.primary_at.id))
            told = f"{p.told} both stand in {where}"
            yield fail(p.subject, told, *ids, at="location", building=g.building(p.primary_at))
    paired = {frozenset((p.primary_at.id, p.standby_at.id)) for p in stands(g) if p.primary_at and p.standby_at}
    for a, b in site_pairs(g):
        if frozenset((a.id, b.id)) not in paired and same_building(g, a, b):
            told = f"{a.title} and {b.title}, its alternate, are in one building"
            yield fail(b, told, a.id, at="building_id", building=g.building(b))
    for s in g.critical_systems:
        if standby_is_nowhere(g, s):
            yield unknown(s, "standby_location")


@rule("AR-021", "critical", serves="RSK-12 RSK-02")
def primary_and_alternate_share_a_hazard(g: Ground) -> Verdicts:
    """Primary and alternate lie in one hazard zone.

    Why: one flood or fire must not reach both [ISO 22301 8.3; NIST SP 800-34 alternate site].
    Computed: hazard zones of the two sites intersect; yearly probability >= 1 % is critical, >= 0.2 % high.
    Fix: an alternate in another zone.

        hazard_zones:
          - {id: river, kind: flood, annual_probability: 0.01}
    """
    yield from untiered(g)
    for a, b in site_pairs(g):
        shared = [g.plan.hazard_zones[z] for z in a.hazard_zones if z in b.hazard_zones]
        if not shared:
            yield ok(b)
        for zone in shared:
            p = zone.annual_probability
            if p is None:
                yield unknown(zone, "annual_probability")
            elif p >= g.limits.zone_probability:
                worst: Severity = "critical" if p >= g.limits.zone_probability_critical else "high"
                message = f"{a.title} and {b.title} both lie in {zone.title}, struck {p:.2%} a year"
                yield fail(b, message, a.id, zone.id, severity=worst, at="hazard_zones", annual_probability=p)
            else:
                yield ok(b)


@rule("AR-022", "high", serves="RSK-12 STR-13")
def primary_and_alternate_share_a_supply(g: Ground) -> Verdicts:
    """Primary and alternate hang on one feeder, substation or grid region.

    Why: one power cut darkens both [NIST SP 800-34].
    Computed: substation or feeder of their electric feeds equal: high; only the grid region equal: medium.
    Fix: another feed, or a generator at one of them.

        feeds:
          - {id: hill-mains, kind: electric, site: hill, substation: moorside, feeder: moorside-1}
    """
    yield from untiered(g)
    for a, b in site_pairs(g):
        if not (is_ground(a) and is_ground(b)):
            continue
        feeds = [[f for f in g.plan.feeds.values() if f.kind == "electric" and f.site == s.id] for s in (a, b)]
        keys = [{k for f in found for k in (f.feeder, f.substation) if k} for found in feeds]
        shared = keys[0] & keys[1]
        if shared:
            message = f"{a.title} and {b.title} are both fed by {names(sorted(shared))}"
            yield fail(b, message, a.id, at="grid_region", shared=shared)
        elif a.grid_region and a.grid_region == b.grid_region:
            backed = [s for s in (a, b) if any(n.site == s.id for n in g.plan.generators.values())]
            message = f"{a.title} and {b.title} lie in one grid region, {a.grid_region}"
            yield fail(
                b, message, a.id, severity="medium", at="grid_region", grid_region=a.grid_region, backed=len(backed)
            )
        elif not (all(keys) or (a.grid_region and b.grid_region)):
            yield unknown(b, why=f"feeder, substation and grid region of {a.title} or {b.title} are not known")
        else:
            yield ok(b)


FASTEST_KM_PER_MIN = 2.0
"""Nobody drives faster than 120 km/h from door to door (assumed)."""


@rule("AR-023", "medium", serves="RSK-12 PAR-02")
def alternate_too_near_or_too_far(g: Ground) -> Verdicts:
    """The alternate is too near or too far.

    Why: near shares the causes, far can not be staffed; people accept about an hour of extra way [Regus 2011 survey in
    domain R36; one state asks for a mile, R49]. No fixed rule.
    Computed: distance under 30 km; or, where people are to move there, the way longer than 60 min. Where one of the two
    is not known the other tells what it can at 120 km/h (assumed).
    Fix: choose another place, or let people work from home.

        sites:
          - {id: hill, role: secondary, lat: 50.89, lon: -1.79, drive_min: {quay: 40}}
    """
    yield from untiered(g)
    for a, b in site_pairs(g):
        if not (is_ground(a) and is_ground(b)):
            continue
        km, way = distance_km(a, b), a.drive_min.get(b.id, b.drive_min.get(a.id))
        moves = people_move(g, a, b)
        least_min = way if way is not None else (km or 0.0) / FASTEST_KM_PER_MIN
        if km is not None and km < g.limits.alternate_distance_km:
            yield fail(b, f"{b.title} is only {km:.0f} km from {a.title}", a.id, at="lat", distance_km=round(km, 1))
        elif km is None and way is not None and way * FASTEST_KM_PER_MIN < g.limits.alternate_distance_km:
            yield fail(b, f"{b.title} is only {way:.0f} min from {a.title}", a.id, at="drive_min", drive_min=way)
        elif moves and least_min > g.limits.staff_travel_min:
            message = f"people need {least_min:.0f} min from {a.title} to {b.title}"
            yield fail(b, message, a.id, at="drive_min", drive_min=round(least_min))
        elif km is None:
            yield unknown(b, "lat", "lon")
        elif moves and way is None:
            yield unknown(b, "drive_min")
        else:
            yield ok(b)


@rule("AR-024", "critical", serves="RSK-12 TEC-09 TEC-08")
def copies_only_beside_the_source(g: Ground) -> Verdicts:
    """Every copy of data lies where the data are.

    Why: what destroys the one destroys the other; where the backup goes is half of the battle [DATAMARK].
    Computed: every backup of a data set (or system) that tier 1 uses, copies of the system with its data included, lies
    in the building, or cloud region and account, of its source.
    Fix: a copy off site or in another cloud.

        backups:
          - {id: nightly, of: records, method: export, location: hill}
    """
    yield from untiered(g)
    for name in kept(g):
        subject = g.plan.data_sets.get(name) or g.plan.systems[name]
        if not copies_of(g, name):
            continue
        home, copies = home_of(g, subject), copies_of(g, name)
        near = [beside(g, b, subject) for b in copies]
        if None in near:
            yield unknown(subject, "system" if home is None else "location")
        elif all(near) and home is not None:
            told = f"every copy of {subject.title} lies where the original does"
            place = place_of(g, home)
            ids = (b.id for b in copies)
            yield fail(subject, told, *ids, at="system", place=place.at if place else None, copies=len(copies))
        else:
            yield ok(subject)


@rule("AR-025", "high", serves="RSK-12 STR-21")
def pair_shares_a_cloud(g: Ground) -> Verdicts:
    """Primary and standby run in one cloud region, account or identity tenant.

    Why: regions fail as a whole, and one wrong click in an account reaches both [practice].
    Computed: region (or site with the role cloud_region) equal, or admin domain or identity equal, of two systems in
    clouds.
    Fix: a second region, and a separate way in for emergencies.

        systems:
          - {id: acd-b, kind: ccaas, deployment: saas, region: eu-north, fate: {admin_domain: tenant-b}}
    """
    yield from untiered(g)
    for a, b in system_pairs(g):
        if g.is_composite(a) or g.is_composite(b) or not (in_cloud(g, a) and in_cloud(g, b)):
            continue
        regions = cloud_region(g, a), cloud_region(g, b)
        shared = [f"region {regions[0]}"] if regions[0] and regions[0] == regions[1] else []
        shared += [f"{k.replace('_', ' ')} {v}" for k in ("admin_domain", "identity") if (v := _same(a, b, k))]
        if shared:
            yield fail(b, f"{a.title} and {b.title} share {names(shared)}", a.id, at="region", shared=shared)
        elif None in regions:
            yield unknown(b if regions[1] is None else a, "region")
        else:
            yield ok(b)


def _same(a: System, b: System, key: str) -> str | None:
    value: str | None = getattr(a.fate, key)
    return value if value is not None and value == getattr(b.fate, key) else None


@rule("AR-026", "high", serves="RSK-12")
def pair_shares_software(g: Ground) -> Verdicts:
    """Primary and standby run the same software, agent, certificate or admin domain.

    Why: in July 2024 one faulty update took about 8.5 million machines at once [domain R23].
    Computed: software family, agent software, certificate, or admin domain of the two intersect.
    Fix: stage updates one behind the other, choose differently, keep an admin account that is offline.

        systems:
          - {id: acd-standby, kind: acd, fate: {software_family: callwright-8, certificate: voice-b}}
    """
    yield from untiered(g)
    for a, b in system_pairs(g):
        if g.is_composite(a) or g.is_composite(b):
            continue
        keys = ("software_family", "certificate", "admin_domain")
        shared = [f"{k.replace('_', ' ')} {v}" for k in keys if (v := _same(a, b, k))]
        shared += [f"agent {s}" for s in a.fate.agent_software if s in b.fate.agent_software]
        if shared:
            yield fail(b, f"{a.title} and {b.title} share {names(shared)}", a.id, at="fate", shared=shared)
        elif not (a.fate.model_fields_set and b.fate.model_fields_set):
            yield unknown(a if b.fate.model_fields_set else b, "fate")
        else:
            yield ok(b)


@rule("AR-027", "medium", serves="RSK-12 RSK-18")
def two_suppliers_are_one(g: Ground) -> Verdicts:
    """Two suppliers are one underneath.

    Why: an alternate that buys from the primary fails with it [NIST SP 800-53 CP-8(3)].
    Computed: vendors of a pair (systems, network paths of a site, carriers of the ways of a number or of an activity's
    numbers, partners for one activity) share the parent company, an upstream or a subcontractor, or one is the other's.
    Fix: ask for proof of the path and of who owns whom.

        vendors:
          - {id: northline, parent: northline-group, upstream: [northline-core]}
    """
    yield from untiered(g)
    seen: set[frozenset[str]] = set()
    for a_id, b_id in _vendor_pairs(g):
        both = frozenset((a_id, b_id))
        if a_id == b_id or both in seen:
            continue
        seen.add(both)
        a, b = g.plan.vendors[a_id], g.plan.vendors[b_id]
        hands = [{v.id, *v.upstream, *v.subcontractors, *([v.parent] if v.parent else [])} for v in (a, b)]
        shared = hands[0] & hands[1]
        if shared:
            yield fail(
                b, f"{a.title} and {b.title} have {names(sorted(shared))} in common", a_id, at="parent", shared=shared
            )
        elif not (a.parent or a.upstream or a.subcontractors) and not (b.parent or b.upstream or b.subcontractors):
            yield unknown(b, "parent", "upstream", "subcontractors")
        else:
            yield ok(b)


def _vendor_pairs(g: Ground) -> Iterator[tuple[str, str]]:
    for p in g.pairs:
        if not (g.matters(p.primary) or g.matters(p.standby)):
            continue
        for field in ("vendor", "isp", "carrier"):
            a, b = getattr(p.primary, field, None), getattr(p.standby, field, None)
            if isinstance(a, str) and isinstance(b, str):
                yield a, b
    for site in sorted({p.site for p in g.plan.network_paths.values() if p.id in g.needed or p.site in g.needed}):
        yield from _each_two([p.isp for p in g.paths_at[site]])
    for trunk in g.plan.trunk_groups.values():
        if trunk.id in g.needed and trunk.alt_destination in g.plan.trunk_groups:
            yield from _each_two([trunk.carrier, g.plan.trunk_groups[trunk.alt_destination].carrier])
    for number in g.plan.numbers.values():
        if number.id in g.needed:
            yield from _each_two([g.plan.trunk_groups[w.to].carrier for w in number.routing_plans])
    for activity in g.tier_one:
        wanted = set(activity.skills)
        serving = [o for o in g.plan.agreements.values() if wanted and wanted <= set(o.skills)]
        yield from _each_two([g.plan.partners[o.partner].vendor for o in serving])
        yield from _each_two([g.plan.numbers[n].carrier for n in activity.numbers])


def _each_two(vendors: list[str | None]) -> Iterator[tuple[str, str]]:
    """Yield every two of these vendors, those that are not known left out."""
    yield from itertools.combinations([v for v in dict.fromkeys(vendors) if v is not None], 2)


@rule("AR-028", "high", serves="IMP-15 STR-06")
def one_site_carries_too_much(g: Ground) -> Verdicts:
    """The loss of one site takes a tier-1 activity below its minimum for longer than its RTO.

    Why: two separated sites are the usual least for work that must go on [GSA: provide site diversity].
    Computed: for each site, everything in it gone; agents left by the RTO, with people sent home and partners called
    out, against the agents of the minimum; and the technical way of the contacts. Homes are not one site.
    Fix: a second site, people at home, or a partner.

        arrangements:
          - {id: home, for: [quay-claims], option: remote_work, time_to_effect_s: 1h}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "sites")
    for site in g.plan.sites.values():
        for a in g.hit_by(site.id) if site.role != "home_virtual" else ():
            short = below_minimum(g, a, (site.id,))
            if short is None:
                yield unknown(a, why=f"{reason_short(g, a)} so the loss of {site.title} can not be judged")
            elif short.lasts:
                yield fail(
                    a, f"without {site.title}, {a.title} {short.told}", site.id, at="needs", figures=short.figures
                )
            else:
                yield ok(a)


@rule("AR-029", "critical", serves="STR-19 IMP-05 STR-06")
def single_point_of_failure(g: Ground) -> Verdicts:
    """The loss of one thing takes a tier-1 activity below its minimum, and nothing brings it back in time.

    Why: one fault must not stop what can not stop [NIST SP 800-53 CP-8(2); hot standby of all critical systems].
    Computed: each object that tier 1 needs is taken out in turn and what is left is worked out again; no arrangement
    for it brings the minimum back within the RTO. Sites, and the people in them, are AR-028's; a number is one by
    nature, its ways are AR-050's.
    Fix: add redundancy, or a workaround that was tried.

        systems:
          - {id: acd, kind: acd, needs: [{to: [acd-a, acd-b], mode: or, switch_s: 4m}]}
    """
    yield from untiered(g)
    unsure: set[str] = set()
    for name in sorted(g.needed):
        entity = g.plan.node(name)
        if entity is None or isinstance(entity, Site | Number) or name in g.plan.activities:
            continue
        if isinstance(entity, System) and g.is_composite(entity):
            continue
        if isinstance(entity, AgentGroup) and g.work.headcount(entity) != 1:
            continue  # people do not fail together but with their place, and that is AR-028's
        hurt = []
        for a in g.hit_by(name):
            short = below_minimum(g, a, (name,))
            if short is None:
                unsure.add(a.id)
            elif short.lasts:
                hurt.append((a, short))
        if hurt:
            told = "; ".join(f"{a.title} {short.told}" for a, short in hurt[:3])
            ids = (a.id for a, _ in hurt)
            yield fail(entity, f"without {entity.title}, {told}", *ids, figures=hurt[0][1].figures)
        else:
            yield ok(entity)
    for name in sorted(unsure):
        a = g.plan.activities[name]
        yield unknown(a, why=f"{reason_short(g, a)} so single points of failure can not be found for {a.title}")


@rule("AR-030", "high", serves="STR-18")
def command_shares_the_fate_of_the_primary(g: Ground) -> Verdicts:
    """The command centre fails with the site that it is to lead.

    Why: the response must be led from outside what has failed [off-site emergency command center].
    Computed: the site with the role command_centre has the building, feeder or substation, conduit, central office or
    upstream, a needed object or the identity provider of a primary site (where none has that role, of a site where
    people sit).
    Fix: a virtual or distant command centre.

        sites:
          - {id: command, role: command_centre, building_id: town-hall}
    """
    centres = [s for s in g.plan.sites.values() if s.role == "command_centre"]
    if not centres:
        yield unknown(g.plan.organization, why="no site of the plan is a command centre")
    primaries = [s for s in g.plan.sites.values() if s.role == "primary"]
    primaries = primaries or [s for s in g.plan.sites.values() if g.groups_at[s.id] and is_ground(s)]
    for centre in centres:
        others = [s for s in primaries if s.id != centre.id]
        shared = sorted({k for s in others for k in _site_keys(g, s) & _site_keys(g, centre)})
        if any(same_building(g, s, centre) for s in others):
            shared = sorted({*shared, f"the building {g.building(centre)}"})
        if shared:
            yield fail(
                centre, f"{centre.title} shares {names(shared)} with the primary site", at="building_id", shared=shared
            )
        elif centre.building_id is None and centre.lat is None and not centre.needs:
            yield unknown(centre, "building_id")
        else:
            yield ok(centre)


def _site_keys(g: Ground, site: Site) -> set[str]:
    """Return what a site can be lost with."""
    keys = set()
    for feed in g.plan.feeds.values():
        if feed.site == site.id and feed.kind == "electric":
            keys |= {f"the supply {k}" for k in (feed.feeder, feed.substation) if k}
    for path in g.paths_at[site.id]:
        keys |= {f"the exchange {path.central_office}"} if path.central_office else set()
        keys |= {f"the conduit {path.conduit}"} if path.conduit else set()
        keys |= {f"the upstream {u}" for u in path.upstream}
    needed = {t for need in site.needs for t in need.to}
    inside = {s.id for s in g.plan.systems.values() if s.location == site.id} if site.role == "primary" else set()
    for name in needed | inside:
        keys |= {name} if name in needed else set()
        if (system := g.plan.systems.get(name)) is not None:
            signs = {system.fate.identity, *system.login_path, name if system.kind == "identity" else None}
            keys |= {f"the sign-on {i}" for i in signs if i is not None}
    return keys
