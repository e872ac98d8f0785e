"""Partners."""

from datetime import timedelta

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.loss import effect_s
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.partners import OverflowAgreement
from openline.units import format_duration as dur


def _calls(g: Ground) -> list[tuple[Arrangement, OverflowAgreement]]:
    """Return the arrangements that call an agreement out."""
    return [(r, g.plan.agreements[r.agreement]) for r in g.plan.arrangements.values() if r.agreement is not None]


def _served(g: Ground, agreement: OverflowAgreement) -> list[Activity]:
    """Return the tier-1 activities that an agreement is meant for: as stated, else by skill."""
    if agreement.covers:
        return [a for a in g.tier_one if a.id in agreement.covers]
    return [a for a in g.tier_one if a.skills and set(a.skills) <= set(agreement.skills)]


@rule("AR-110", "high", serves="PAR-01 PPL-09")
def partner_has_too_few_agents(g: Ground) -> Verdicts:
    """A partner has too few agents for the gap that it is to fill.

    Why: partnerships are there for emergency backup [seed 000].
    Computed: for each site with tier-1 people, gone: agents of the minima - agents elsewhere > agents of the
    agreement's full ramp (best effort counted at its share), by skill, in the busiest interval.
    Fix: more agents, or serve less.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             ramp: [{t_s: 1h, agents: 40}]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        for a in _served(g, agreement):
            need = g.work.minimum(a)
            groups = g.work.groups_for(a)
            if need is None or any(g.work.headcount(x) is None for x in groups):
                yield unknown(a, why=f"minimum, volume or staff of {a.title} are not known")
                continue
            own = {x.id: g.work.agents(x, need.slot) or 0.0 for x in groups}
            sites = {x.site for x in groups if x.site}
            lost = max((sum(own[x.id] for x in groups if x.site == s) for s in sites), default=0.0)
            gap = need.agents - (sum(own.values()) - lost)
            firm = agreement.ramp[-1].agents * (
                g.limits.best_effort_frac if agreement.priority == "best_effort" else 1.0
            )
            if gap > firm:
                message = f"without one site {a.title} lacks {gap:.0f} agents, {agreement.title} brings {firm:.0f}"
                yield fail(
                    agreement,
                    message,
                    a.id,
                    at="agents_contracted",
                    gap=round(gap, 1),
                    agents=firm,
                    minimum=need.agents,
                )
            else:
                yield ok(agreement)


@rule("AR-111", "high", serves="PAR-01 PAR-02")
def partner_is_too_slow(g: Ground) -> Verdicts:
    """A partner comes after the RTO.

    Why: rerouting helps when somebody answers there [DATAMARK].
    Computed: decision + notice and ramp until the partner's agents fill the gap (its first agents where there is no
    gap) > RTO of the tier-1 activities that have no other arrangement in time.
    Fix: a pool that is trained beforehand.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             ramp: [{t_s: 1h, agents: 40}]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "agreements")
    for r, agreement in _calls(g):
        for a in _served(g, agreement):
            if a.rto_s is None:
                yield unknown(a, "rto_s")
                continue
            first = next((p.t_s for p in agreement.ramp if p.agents > 0), agreement.notice_s)
            comes_s = effect_s(g, r) + max(first, agreement.notice_s)
            others = [
                o
                for o in g.plan.arrangements.values()
                if o.id != r.id
                and o.option in ("remote_work", "alternate_site", "relocation", "redundancy")
                and effect_s(g, o) <= a.rto_s
                and _helps(g, o, a)
            ]
            if comes_s > a.rto_s and not others:
                message = f"{agreement.title} answers after {dur(comes_s)}, the RTO of {a.title} is {dur(a.rto_s)}"
                yield fail(agreement, message, a.id, r.id, at="notice_s", comes_s=comes_s, rto_s=a.rto_s)
            else:
                yield ok(agreement)


def _helps(g: Ground, r: Arrangement, a: Activity) -> bool:
    people = {i for x in g.work.groups_for(a) for i in (x.id, x.site) if i}
    return bool(set(r.for_) & (people | {a.id}))


@rule("AR-112", "high", serves="PAR-01 RSK-12")
def partner_shares_fate(g: Ground) -> Verdicts:
    """A partner fails with us.

    Why: a standby beside the primary, only larger [DATAMARK].
    Computed: hazard zone, grid region, a carrier of our lines, or contact-centre platform's vendor
    equal to ours; its agents need our own single system.
    Fix: another region, or another carrier.

        partners:
          - {id: beacon, grid_region: north, carriers: [coastal], platforms: [beaconcloud]}
    """
    yield from nothing_listed(g.plan, "partners")
    homes = [s for s in g.plan.sites.values() if s.role in ("primary", "secondary", "hot", "warm")]
    zones = {z for s in homes for z in s.hazard_zones}
    regions = {s.grid_region for s in homes if s.grid_region}
    carriers = {t.carrier for t in g.plan.trunk_groups.values() if t.carrier}
    makers = {
        s.vendor
        for s in g.plan.systems.values()
        if s.kind in ("ccaas", "acd", "pbx") and s.vendor and s.deployment in ("saas", "hosted")
    }
    for p in g.plan.partners.values():
        theirs = [g.plan.sites[s] for s in p.sites]
        z = {*p.hazard_zones, *(h for s in theirs for h in s.hazard_zones)}
        r = {*([p.grid_region] if p.grid_region else []), *(s.grid_region for s in theirs if s.grid_region)}
        shared = [f"hazard zone {x}" for x in sorted(z & zones)] + [f"grid region {x}" for x in sorted(r & regions)]
        shared += [f"carrier {x}" for x in sorted(set(p.carriers) & carriers)]
        shared += [f"platform {x}" for x in sorted(set(p.platforms) & {m for m in makers if m})]
        if shared:
            yield fail(p, f"{p.title} shares {names(shared)} with us", at="grid_region", shared=shared)
        elif not (z or r or p.region) or (not p.carriers and not p.platforms):
            yield unknown(p, *(("grid_region",) if not (z or r or p.region) else ("carriers", "platforms")))
        else:
            yield ok(p)


@rule("AR-113", "medium", serves="PAR-01")
def best_effort_counted_as_firm(g: Ground) -> Verdicts:
    """Agents that a partner promises only if it can are counted as sure.

    Why: what if the vendor is busy helping other contact centers [Vendor Support].
    Computed: an agreement that an arrangement calls out has priority best_effort, or shares its people with more than
    three other clients.
    Fix: reserve them, or count half.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             priority: reserved, shared_with_clients: 2}
    """
    yield from nothing_listed(g.plan, "agreements")
    for r, agreement in _calls(g):
        if agreement.priority == "best_effort":
            stated = "priority" in agreement.model_fields_set
            message = f"{agreement.title} is best effort, and {r.title} counts on it"
            yield fail(agreement, message, r.id, at="priority") if stated else unknown(agreement, "priority")
        elif (agreement.shared_with_clients or 0) > 3 and agreement.priority != "dedicated":
            message = f"the people of {agreement.title} are promised to {agreement.shared_with_clients} other clients"
            yield fail(agreement, message, r.id, at="shared_with_clients", clients=agreement.shared_with_clients)
        else:
            yield ok(agreement)


@rule("AR-114", "high", serves="PAR-01 TST-04")
def overflow_never_tested(g: Ground) -> Verdicts:
    """An overflow was not tried lately, or the partner's training has run out.

    Why: the same as for any standby: it fails when it is first used [DATAMARK; collaborate].
    Computed: last_test over 365 days ago or never, or training_valid_until past.
    Fix: a joint drill.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             last_test: 2026-09-16, training_valid_until: 2027-06-30}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        age = g.age_d(agreement.last_test)
        faults = []
        if g.older(agreement.last_test, g.limits.overflow_test_d):
            faults.append("it was never tried" if age is None else f"it was tried {age} days ago")
        if agreement.training_valid_until is not None and agreement.training_valid_until < g.as_of:
            faults.append(f"training ran out on {agreement.training_valid_until}")
        if faults:
            yield fail(agreement, f"{agreement.title}: {'; '.join(faults)}", at="last_test", age_d=age)
        elif agreement.training_valid_until is None:
            yield unknown(agreement, "training_valid_until")
        else:
            yield ok(agreement)


@rule("AR-115", "medium", serves="PAR-01 STR-27")
def agreement_is_too_short(g: Ground) -> Verdicts:
    """A partner helps for a shorter time than a disruption may last, or the agreement ends soon.

    Why: short term and long term are two things [GSA].
    Computed: max_duration_s < the 90 % duration of a scenario that takes a site of ours (triangular law of min,
    typical, max), or expires within 90 days.
    Fix: extend it.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             max_duration_s: 90d, expires: 2027-12-31}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        longest = max(
            ((s.duration.p90_s, s) for s in g.plan.scenarios.values() if _takes_people(g, s.id)),
            key=lambda x: x[0],
            default=None,
        )
        faults = []
        if agreement.max_duration_s is not None and longest is not None and agreement.max_duration_s < longest[0]:
            faults.append(f"it lasts {dur(agreement.max_duration_s)}, {longest[1].title} may last {dur(longest[0])}")
        if agreement.expires is not None and agreement.expires < g.as_of + timedelta(days=g.limits.agreement_left_d):
            faults.append(f"it ends on {agreement.expires}")
        if faults:
            yield fail(
                agreement,
                f"{agreement.title}: {'; '.join(faults)}",
                at="max_duration_s",
                max_duration_s=agreement.max_duration_s,
                expires=agreement.expires,
            )
        elif agreement.max_duration_s is None or agreement.expires is None:
            yield unknown(agreement, *(f for f in ("max_duration_s", "expires") if getattr(agreement, f) is None))
        else:
            yield ok(agreement)


def _takes_people(g: Ground, scenario: str) -> bool:
    homes = {x.site for x in g.plan.agent_groups.values() if x.site}
    return bool(homes & g.closed_in(g.plan.scenarios[scenario]))


@rule("AR-116", "high", serves="PAR-01")
def regulated_contacts_without_terms(g: Ground) -> Verdicts:
    """Regulated contacts go to a partner that has not signed the terms.

    Why: GDPR, PCI DSS and HIPAA bind whoever handles the data (verify for your case).
    Computed: a regulated activity that the agreement serves, and a term that it asks for (data processing terms when it
    names none) not signed.
    Fix: sign, or send these contacts elsewhere.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             data_terms: {dpa: true}}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        for a in g.plan.activities.values():
            meant = (
                a.id in agreement.covers
                if agreement.covers
                else bool(a.skills) and set(a.skills) <= set(agreement.skills)
            )
            if not meant:
                continue
            if a.regulated is None:
                yield unknown(a, "regulated")
                continue
            asked = (a.data_terms or ("dpa",)) if a.regulated else ()
            lacks = [t.upper() for t in asked if getattr(agreement.data_terms, t) is False]
            open_ = [t for t in asked if getattr(agreement.data_terms, t) is None]
            if lacks or (open_ and not agreement.data_terms.model_fields_set):
                told = names(lacks or [t.upper() for t in open_])
                yield fail(
                    agreement,
                    f"{a.title} is regulated, and {agreement.title} has not signed {told}",
                    a.id,
                    at="data_terms",
                    lacks=told,
                )
            elif open_:
                yield unknown(agreement, f"data_terms.{open_[0]}")
            else:
                yield ok(agreement)
