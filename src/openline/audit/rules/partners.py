"""Partners."""

from datetime import date, timedelta

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.loss import agents_lacking, agents_left, effect_s
from openline.audit.people import assigned
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.exercises import OPERATIONS
from openline.plan.hours import joined, spans
from openline.plan.partners import OverflowAgreement, Partner
from openline.plan.systems import System
from openline.scenarios.binding import selected
from openline.units import format_duration as dur


def _calls(g: Ground) -> list[tuple[Arrangement, OverflowAgreement]]:
    """Return the arrangements that call an agreement out."""
    return [(r, g.plan.agreements[r.agreement]) for r in g.plan.arrangements.values() if r.agreement is not None]


def _meant(g: Ground, agreement: OverflowAgreement) -> list[Activity]:
    """Return the activities that an agreement is meant for: as stated or as arrangements say, else by skill."""
    stated = {*agreement.covers, *(i for r, o in _calls(g) if o.id == agreement.id for i in r.for_)}
    activities = g.plan.activities.values()
    named = [a for a in activities if a.id in stated]
    if agreement.covers or named:
        return named
    return [a for a in activities if a.skills and set(a.skills) <= set(agreement.skills)]


def _served(g: Ground, agreement: OverflowAgreement) -> list[Activity]:
    """Return the tier-1 activities that an agreement is meant for, and others that it names with an RTO."""
    stated = set(agreement.covers)
    return [a for a in _meant(g, agreement) if g.tier(a) == 1 or (a.id in stated and a.rto_s is not None)]


def _firm(g: Ground, agreement: OverflowAgreement) -> float:
    """Return the agents of an agreement's full ramp; of best effort, the share to count on."""
    return agreement.ramp[-1].agents * (g.limits.best_effort_frac if agreement.priority == "best_effort" else 1.0)


@rule("AR-110", "high", serves="PAR-01 PPL-09")
def partner_has_too_few_agents(g: Ground) -> Verdicts:
    """A partner has too few agents for the gap that it is to fill.

    Why: partnerships are there for emergency backup [seed 000].
    Computed: for each site with tier-1 people, gone: agents of the minima - agents elsewhere, at home and at alternate
    sites by the RTO as arranged > agents of the full ramps of all agreements that serve them (best effort counted at
    its share), by skill, in the busiest interval; people and partners who serve several activities count once. Or
    customers call in hours that no agreement covers, and the agents elsewhere do not reach the minimum then.
    Fix: more agents, or serve fewer kinds of contacts meanwhile.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             ramp: [{t_s: 1h, agents: 40}]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        known = []
        for a in [a for a in _served(g, agreement) if g.tier(a) == 1]:
            if g.work.minimum(a) is None or any(g.work.headcount(x) is None for x in g.work.groups_for(a)):
                yield unknown(a, why=f"minimum, volume or staff of {a.title} are not known")
            else:
                known.append(a)
        if not known:
            continue
        gap, firm, site = max(_gap(g, known, s) for s in _sites(g, known))
        closed = next((a for a in known if _closed_when_needed(g, a)), None)
        if gap > 0:
            told = f"without {g.plan.sites[site].title}" if site else "by themselves"
            message = f"{told} our people lack {gap + firm:.0f} agents for {names(known)}, partners bring {firm:.0f}"
            numbers = {"gap": round(gap + firm, 1), "agents": firm}
            yield fail(agreement, message, *(a.id for a in known), at="agents_contracted", figures=numbers)
        elif closed is not None:
            message = f"{agreement.title} and others do not answer in all hours in which {closed.title} needs them"
            yield fail(agreement, message, closed.id, at="hours", hours=agreement.hours)
        else:
            yield ok(agreement)


def _sites(g: Ground, activities: list[Activity]) -> list[str]:
    """Return the sites whose loss takes people of these activities; '' for none when nobody sits at a site."""
    found = {x.site for a in activities for x in g.work.groups_for(a) if not g.at_home(x.site)}
    return sorted(i for i in found if i) or [""]


def _gap(g: Ground, activities: list[Activity], lost: str) -> tuple[float, float, str]:
    """Return by how many agents the minima are missed without a site, what partners bring, and the site."""
    demand = {a.id: n.agents for a in activities if (n := g.work.minimum(a)) is not None}
    supply: dict[str, int] = {}
    able: dict[str, list[str]] = {}
    for a in activities:
        own = agents_left(g, a, lost)
        supply |= {name: max(n, supply.get(name, 0)) for name, n in own.items()}
        able[a.id] = list(own)
    alone = assigned(dict(supply), dict(demand), {k: list(v) for k, v in able.items()})
    for o in g.plan.agreements.values():
        supply[o.id] = int(_firm(g, o))
        for a in _meant(g, o):
            if a.id in able:
                able[a.id].append(o.id)
    with_them = assigned(dict(supply), dict(demand), able)
    wanted = sum(demand.values())
    return float(wanted - with_them), float(with_them - alone), lost


def _closed_when_needed(g: Ground, a: Activity) -> bool:
    """Tell whether, one site gone, contacts come in hours of no agreement and our people can not take them."""
    theirs = [o for o in g.plan.agreements.values() if a in _meant(g, o)]
    if not theirs or any(o.hours is None for o in theirs) or a.volumes is None:
        return False
    open_ = joined([s for o in theirs for s in spans(o.hours or "none")])
    for slot, need in g.work.minima(a, open_):
        for lost in _sites(g, [a]):
            left = sum(g.work.agents(x, slot) or 0.0 for x in g.work.groups_for(a) if x.site != lost or not lost)
            if need > left:
                return True
    return False


@rule("AR-111", "high", serves="PAR-01 PAR-02")
def partner_is_too_slow(g: Ground) -> Verdicts:
    """A partner comes after the RTO.

    Why: rerouting helps when somebody answers there [DATAMARK].
    Computed: decision + notice and ramp until the partner's agents fill the gap that the loss of a site leaves by the
    RTO after other arrangements (its first agents where there is no gap) > RTO of the activities that it is meant for.
    Of those that the arrangement that calls it out does not name, only where other arrangements leave a gap.
    Fix: a pool that is trained beforehand.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             ramp: [{t_s: 1h, agents: 40}]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        calls = [r for r, o in _calls(g) if o.id == agreement.id]
        start_s = min((effect_s(g, r) for r in calls), default=g.decision_s)
        for a in _served(g, agreement):
            if a.rto_s is None:
                yield unknown(a, "rto_s")
                continue
            others = [r for r in g.plan.arrangements.values() if _in_time(g, r, a)]
            gap = agents_lacking(g, a) if g.tier(a) == 1 else 0
            named = any(a.id in r.for_ for r in calls)
            if gap == 0 and others and not named:
                yield ok(agreement)
                continue
            comes_s = start_s + max(_filled_s(agreement, max(gap, 1)), agreement.notice_s)
            if comes_s > a.rto_s:
                message = f"{agreement.title} answers after {dur(comes_s)}, the RTO of {a.title} is {dur(a.rto_s)}"
                ids = (a.id, *(r.id for r in calls))
                yield fail(agreement, message, *ids, at="notice_s", comes_s=comes_s, rto_s=a.rto_s, gap=gap)
            else:
                yield ok(agreement)


def _filled_s(agreement: OverflowAgreement, gap: int) -> float:
    """Return when a ramp fills a gap; when it is full where it never does (AR-110 says so)."""
    return next((p.t_s for p in agreement.ramp if p.agents >= gap), agreement.ramp[-1].t_s)


def _in_time(g: Ground, r: Arrangement, a: Activity) -> bool:
    """Tell whether another arrangement brings agents of an activity back by its RTO."""
    ways = ("remote_work", "alternate_site", "relocation", "redundancy")
    return r.option in ways and a.rto_s is not None and effect_s(g, r) <= a.rto_s and _helps(g, r, a)


def _helps(g: Ground, r: Arrangement, a: Activity) -> bool:
    people = {i for x in g.work.groups_for(a) for i in (x.id, x.site) if i}
    return bool(set(r.for_) & (people | {a.id}))


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
    meant = [a for o in g.plan.agreements.values() if o.partner == p.id for a in _meant(g, o)]
    return bool(meant) and all(g.bought_in(a) for a in meant)


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


@rule("AR-113", "medium", serves="PAR-01")
def best_effort_counted_as_firm(g: Ground) -> Verdicts:
    """Agents that a partner promises only if it can are counted as sure.

    Why: what if the vendor is busy helping other contact centers [Vendor Support].
    Computed: an agreement that an arrangement calls out has priority best_effort, or shares its people with more than
    three other clients; unless the arrangement counts on no more than half of its agents.
    Fix: reserve them, or count half of them.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             priority: reserved, shared_with_clients: 2}
    """
    yield from nothing_listed(g.plan, "agreements")
    for r, agreement in _calls(g):
        if _discounted(g, r, agreement):
            yield ok(agreement)
        elif agreement.priority == "best_effort":
            stated = "priority" in agreement.model_fields_set
            message = f"{agreement.title} is best effort, and {r.title} counts on it"
            yield fail(agreement, message, r.id, at="priority") if stated else unknown(agreement, "priority")
        elif (agreement.shared_with_clients or 0) > 3 and agreement.priority != "dedicated":
            message = f"the people of {agreement.title} are promised to {agreement.shared_with_clients} other clients"
            yield fail(agreement, message, r.id, at="shared_with_clients", clients=agreement.shared_with_clients)
        else:
            yield ok(agreement)


def _discounted(g: Ground, r: Arrangement, agreement: OverflowAgreement) -> bool:
    """Tell whether an arrangement counts on no more of a partner's agents than best effort is good for."""
    sure = g.limits.best_effort_frac * max(agreement.agents_contracted, agreement.ramp[-1].agents)
    return r.capacity is not None and 1 < r.capacity <= sure


@rule("AR-114", "high", serves="PAR-01 TST-04")
def overflow_never_tested(g: Ground) -> Verdicts:
    """An overflow was not tried lately, or the partner's training has run out.

    Why: the same as for any standby: it fails when it is first used [DATAMARK; collaborate].
    Computed: last_test over 365 days ago or never (where it is not stated, the last drill, functional or full-scale
    exercise with the agreement, or the arrangement that calls it out, in scope), or training_valid_until past.
    Fix: a joint drill, and renew the training.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             last_test: 2026-09-16, training_valid_until: 2027-06-30}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        day = agreement.last_test or _exercised(g, agreement)
        age = g.age_d(day)
        faults = []
        if g.older(day, g.limits.overflow_test_d):
            faults.append("it was never tried" if age is None else f"it was tried {age} days ago")
        if agreement.training_valid_until is not None and agreement.training_valid_until < g.as_of:
            faults.append(f"training ran out on {agreement.training_valid_until}")
        if faults:
            at = "training_valid_until" if faults[0].startswith("training") else "last_test"
            yield fail(agreement, f"{agreement.title}: {'; '.join(faults)}", at=at, age_d=age)
        elif agreement.training_valid_until is None:
            yield unknown(agreement, "training_valid_until")
        else:
            yield ok(agreement)


def _exercised(g: Ground, agreement: OverflowAgreement) -> date | None:
    """Return the last day on which an agreement was tried for real in an exercise that did not fail."""
    ids = {agreement.id, *(r.id for r, o in _calls(g) if o.id == agreement.id)}
    tried = [x for x in g.plan.exercises.values() if x.kind in OPERATIONS and x.passed is not False]
    days = [x.held_on for x in tried if x.held_on and x.held_on <= g.as_of and ids & set(x.scope)]
    return max(days, default=None)


@rule("AR-115", "medium", serves="PAR-01 STR-27")
def agreement_is_too_short(g: Ground) -> Verdicts:
    """A partner helps for a shorter time than a disruption may last, or the agreement ends soon.

    Why: short term and long term are two things [GSA].
    Computed: max_duration_s < the 90 % duration of a scenario that takes a site or people of ours (triangular law of
    min, typical, max), or expires within 90 days.
    Fix: agree a longer duration, and extend it before it ends.

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
                at="expires" if faults[0].startswith("it ends") else "max_duration_s",
                max_duration_s=agreement.max_duration_s,
                expires=agreement.expires,
            )
        elif agreement.max_duration_s is None or agreement.expires is None:
            yield unknown(agreement, *(f for f in ("max_duration_s", "expires") if getattr(agreement, f) is None))
        else:
            yield ok(agreement)


def _takes_people(g: Ground, scenario: str) -> bool:
    found = g.plan.scenarios[scenario]
    homes = {x.site for x in g.plan.agent_groups.values() if x.site}
    gone = {i for e in found.effects if e.type in ("staff", "down") for i in selected(g.plan, e.selector)}
    return bool(homes & (gone | g.closed_in(found))) or bool(gone & g.plan.agent_groups.keys())


@rule("AR-116", "high", serves="PAR-01")
def regulated_contacts_without_terms(g: Ground) -> Verdicts:
    """Regulated contacts go to a partner that has not signed the terms.

    Why: GDPR, PCI DSS and HIPAA bind whoever handles the data (verify for your case).
    Computed: a regulated activity that the agreement serves, and a term that it asks for (when it names none: data
    processing terms, unless only others are said to be signed) not signed.
    Fix: sign the terms, or send these contacts elsewhere.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             data_terms: {dpa: true}}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        for a in _meant(g, agreement):
            if a.regulated is None:
                yield unknown(a, "regulated")
                continue
            terms = agreement.data_terms
            other = terms.dpa is None and bool(terms.pci or terms.baa)
            asked = (a.data_terms or (() if other else ("dpa",))) if a.regulated else ()
            lacks = [t.upper() for t in asked if not getattr(terms, t)]
            if lacks:
                told = names(lacks)
                message = f"{a.title} is regulated, and {agreement.title} has not signed {told}"
                yield fail(agreement, message, a.id, at="data_terms", lacks=told)
            else:
                yield ok(agreement)
