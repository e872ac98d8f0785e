"""What partners share with us."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.overflow import meant
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.partners import Partner
from openline.plan.systems import System


@rule("AR-112", "high", serves="PAR-01 RSK-12")
def partner_shares_fate(g: Ground) -> Verdicts:
    """A partner fails with us.

    Why: a standby beside the primary, only larger [DATAMARK].
    Computed: building, hazard zone, grid region, a carrier of our lines, or contact-centre platform (its vendor or our
    name for it) equal to ours; or its agents need our own single platform. A partner that does the daily work, which
    nobody of ours does, stands by for nothing and is not judged.
    Fix: another region, or another carrier.

        partners:
          - {id: beacon, grid_region: north, carriers: [coastal], platforms: [beaconcloud]}
    """
    yield from nothing_listed(g.plan, "partners")
    homes = [s for s in g.plan.sites.values() if s.role in HOMES]
    buildings = {g.building(s) for s in homes}
    zones = {z for s in homes for z in s.hazard_zones}
    regions = {s.grid_region for s in homes if s.grid_region}
    carriers = {t.carrier for t in g.plan.trunk_groups.values() if t.carrier}
    carriers |= {n.carrier for n in g.plan.numbers.values() if n.carrier}
    cloud = [s for s in g.plan.systems.values() if s.kind in PLATFORMS and _is_cloud(s)]
    makers = {i for s in cloud for i in (s.vendor, s.id) if i}
    for p in g.plan.partners.values():
        if _works_daily(g, p):
            continue
        theirs = [g.plan.sites[s] for s in p.sites]
        z = {*p.hazard_zones, *(h for s in theirs for h in s.hazard_zones)}
        r = {*([p.grid_region] if p.grid_region else []), *(s.grid_region for s in theirs if s.grid_region)}
        shared = [f"building {x}" for x in sorted({g.building(s) for s in theirs} & buildings)]
        shared += [f"hazard zone {x}" for x in sorted(z & zones)] + [f"grid region {x}" for x in sorted(r & regions)]
        shared += [f"carrier {x}" for x in sorted(set(p.carriers) & carriers)]
        shared += [f"platform {x}" for x in sorted(set(p.platforms) & makers)]
        shared += [f"platform {x}" for x in _single(g, p) if f"platform {x}" not in shared]
        if shared:
            kind = shared[0].partition(" ")[0]
            at = {"building": "sites", "hazard": "hazard_zones", "grid": "grid_region"}.get(kind, f"{kind}s")
            yield fail(p, f"{p.title} shares {names(shared)} with us", at=at, shared=shared)
        elif not (z or r or p.region) or (not p.carriers and not p.platforms):
            yield unknown(p, *(("grid_region",) if not (z or r or p.region) else ("carriers", "platforms")))
        else:
            yield ok(p)


HOMES = ("primary", "secondary", "hot", "warm", "remote_hub", "data_centre")
"""Roles of sites of ours whose loss a partner is to make good."""


def _works_daily(g: Ground, p: Partner) -> bool:
    """Tell whether all that a partner is meant for is done by partners alone."""
    theirs = [a for o in g.plan.agreements.values() if o.partner == p.id for a in meant(g, o)]
    return bool(theirs) and all(g.bought_in(a) for a in theirs)


PLATFORMS = ("ccaas", "acd", "pbx")


def _is_cloud(s: System) -> bool:
    return s.deployment in OFF_SITE or (s.kind == "ccaas" and s.deployment != "on_prem")


def _single(g: Ground, p: Partner) -> list[str]:
    """Return platforms of ours that a partner's agents can not do without and that have nothing beside them."""
    agreements = [o for o in g.plan.agreements.values() if o.partner == p.id]
    needs = [n for n in (*p.needs, *(n for o in agreements for n in o.needs)) if n.mode == "and"]
    named = [g.plan.systems[i] for n in needs for i in n.to if i in g.plan.systems]
    return [
        s.id for s in named if s.kind in PLATFORMS and not g.is_composite(s) and not (s.standby_system or s.standby)
    ]
