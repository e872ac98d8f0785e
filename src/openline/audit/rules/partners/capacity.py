"""Whether partners bring enough agents, soon enough."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.loss import agents_lacking, agents_left
from openline.audit.overflow import calls, meant, served
from openline.audit.people import assigned
from openline.audit.remedies import effect_s
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.hours import joined, spans
from openline.plan.partners import OverflowAgreement
from openline.units import format_duration as dur


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
        for a in [a for a in served(g, agreement) if g.tier(a) == 1]:
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


def _firm(g: Ground, agreement: OverflowAgreement) -> float:
    """Return the agents of an agreement's full ramp; of best effort, the share to count on."""
    return agreement.ramp[-1].agents * (g.limits.best_effort_frac if agreement.priority == "best_effort" else 1.0)


def _sites(g: Ground, activities: list[Activity]) -> list[str]:
    """Return the sites whose loss takes people of these activities; '' for none when nobody sits at a site."""
    found = {x.site for a in activities for x in g.work.groups_for(a) if not g.at_home(x.site)}
    return sorted(i for i in found if i) or [""]


def _gap(g: Ground, activities: list[Activity], lost: str) -> tuple[float, float, str]:
    """Return by how many agents the minima are missed without a site, what partners bring, and the site."""
    demand = {a.id: n.agents for a in activities if (n := g.work.minimum(a)) is not None}
    supply: dict[str, float] = {}
    able: dict[str, list[str]] = {}
    for a in activities:
        own = agents_left(g, a, lost)
        supply |= {name: max(n, supply.get(name, 0)) for name, n in own.items()}
        able[a.id] = list(own)
    alone = assigned(supply, demand, able)
    for o in g.plan.agreements.values():
        supply[o.id] = _firm(g, o)
        for a in meant(g, o):
            if a.id in able:
                able[a.id].append(o.id)
    with_them = assigned(supply, demand, able)
    wanted = sum(demand.values())
    return float(wanted - with_them), float(with_them - alone), lost


def _closed_when_needed(g: Ground, a: Activity) -> bool:
    """Tell whether, one site gone, contacts come in hours of no agreement and our people can not take them."""
    theirs = [o for o in g.plan.agreements.values() if a in meant(g, o)]
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
        using = [r for r, o in calls(g) if o.id == agreement.id]
        start_s = min((effect_s(g, r) for r in using), default=g.decision_s)
        for a in served(g, agreement):
            if a.rto_s is None:
                yield unknown(a, "rto_s")
                continue
            others = [r for r in g.plan.arrangements.values() if _in_time(g, r, a)]
            gap = agents_lacking(g, a) if g.tier(a) == 1 else 0
            named = any(a.id in r.for_ for r in using)
            if gap == 0 and others and not named:
                yield ok(agreement)
                continue
            comes_s = start_s + max(_filled_s(agreement, max(gap, 1)), agreement.notice_s)
            if comes_s > a.rto_s:
                message = f"{agreement.title} answers after {dur(comes_s)}, the RTO of {a.title} is {dur(a.rto_s)}"
                ids = (a.id, *(r.id for r in using))
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
