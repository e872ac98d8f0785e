"""Two that are one underneath: clouds, software, suppliers."""

import itertools
from collections.abc import Iterator

from openline.audit.fallback import has_standby
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.places import cloud_region, in_cloud, system_pairs
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.plan.systems import System


@rule("AR-025", "high", serves="RSK-12 STR-21")
def pair_shares_a_cloud(g: Ground) -> Verdicts:
    """Primary and standby run in one cloud region, account or identity tenant.

    Why: regions fail as a whole, and one wrong click in an account reaches both [practice].
    Computed: region (or site with the role cloud_region) equal, or admin domain or identity equal, or one system
    through which people sign on to both, without another or a way by hand, of two systems in clouds; identity equal
    where only one of them is.
    Fix: a second region, and a separate way in for emergencies.

        systems:
          - {id: acd-b, kind: ccaas, deployment: saas, region: eu-north, fate: {admin_domain: tenant-b}}
    """
    yield from untiered(g)
    for a, b in system_pairs(g):
        if g.is_composite(a) or g.is_composite(b) or not (in_cloud(g, a) or in_cloud(g, b)):
            continue
        if not (in_cloud(g, a) and in_cloud(g, b)):
            tenant = _same(a, b, "identity")
            told = f"{a.title} and {b.title} share identity {tenant}"
            yield fail(b, told, a.id, at="fate", shared=[tenant]) if tenant else ok(b)
            continue
        regions = cloud_region(g, a), cloud_region(g, b)
        shared = [f"region {regions[0]}"] if regions[0] and regions[0] == regions[1] else []
        shared += [f"{k.replace('_', ' ')} {v}" for k in ("admin_domain", "identity") if (v := _same(a, b, k))]
        shared += [f"sign-on {g.plan.systems[i].title}" for i in sorted(_signs_on(g, a) & _signs_on(g, b))]
        if shared:
            yield fail(b, f"{a.title} and {b.title} share {names(shared)}", a.id, at="region", shared=shared)
        elif None in regions:
            yield unknown(b if regions[1] is None else a, "region")
        else:
            yield ok(b)


def _signs_on(g: Ground, s: System) -> set[str]:
    """Return the identity systems that people can not do without to sign on to a system."""
    through = {*s.login_path, *(i for need in s.needs for i in need.to if need.mode == "and")}
    gates = [g.plan.systems[i] for i in through if i in g.plan.systems]
    gates = [i for i in gates if i.kind in ("identity", "mfa") and i.manual_workaround is None]
    return {i.id for i in gates if not g.is_composite(i) and not has_standby(g, i)}


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
