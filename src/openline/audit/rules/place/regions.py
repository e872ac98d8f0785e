"""What reaches primary and alternate at once: hazards, supplies, distance."""

from openline.audit.finding import Severity, fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.places import FASTEST_KM_PER_MIN, distance_km, is_ground, least_way_min, people_move, site_pairs
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered


@rule("AR-021", "critical", serves="RSK-12 RSK-02")
def primary_and_alternate_share_a_hazard(g: Ground) -> Verdicts:
    """Primary and alternate lie in one hazard zone.

    Why: one flood or fire must not reach both [ISO 22301 8.3; NIST SP 800-34 alternate site].
    Computed: hazard zones of the two sites intersect; yearly probability >= 1 % is critical, >= 0.2 % high. Where the
    plan lists no zone at all it is not known.
    Fix: an alternate in another zone.

        hazard_zones:
          - {id: river, kind: flood, annual_probability: 0.01}
    """
    yield from untiered(g)
    pairs = site_pairs(g)
    if any(is_ground(a) and is_ground(b) for a, b in pairs):
        yield from nothing_listed(g.plan, "hazard_zones")
    for a, b in pairs:
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
            ids = (f.id for found in feeds for f in found if shared & {f.feeder, f.substation})
            yield fail(b, message, a.id, *ids, at="grid_region", shared=shared)
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
        least_min = least_way_min(a, b)
        most_km = km if km is not None else None if way is None else way * FASTEST_KM_PER_MIN
        near = most_km is not None and most_km < g.limits.alternate_distance_km
        far = moves and least_min > g.limits.staff_travel_min
        if near:
            told, field = (f"{km:.0f} km", "lat") if km is not None else (f"{way:.0f} min", "drive_min")
            figures = {"distance_km": None if km is None else round(km, 1), "drive_min": way}
            yield fail(b, f"{b.title} is only {told} from {a.title}", a.id, at=field, figures=figures)
        if far:
            message = f"people need {least_min:.0f} min from {a.title} to {b.title}"
            yield fail(b, message, a.id, at="drive_min", drive_min=round(least_min))
        if near or far:
            continue
        if km is None:
            yield unknown(b, "lat", "lon")
        elif moves and way is None:
            yield unknown(b, "drive_min")
        else:
            yield ok(b)
