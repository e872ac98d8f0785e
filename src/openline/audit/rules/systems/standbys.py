"""Standbys: how soon they take over, how large they are, and how like what they stand in for."""

import math
from collections.abc import Iterable

from openline.audit.fallback import TECHNICAL, before_s, switch_s
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground, Pair
from openline.audit.places import MOVES
from openline.audit.remedies import arrangements_for, effect_s
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.units import format_duration as dur


@rule("AR-061", "high", serves="STR-04")
def standby_is_slower_than_rto(g: Ground) -> Verdicts:
    """A standby takes over later than the RTO allows.

    Why: hot, warm and cold are words; the seconds decide [automatic failover].
    Computed: measured (else claimed) failover, or the time to effect of its arrangement (the slower where both are
    stated; the activation of the site where it stands where neither is), plus detection (and, by hand, decision) > RTO
    of the system or of the tier-1 activities that need it; or the switch between alternatives that something names
    among its needs > its RTO; or a site to which tier-1 people move is ready after their RTO, and no other way helps
    them in time. An RTO from the declaration leaves detection and decision out.
    Fix: a hotter standby, or let it take over by itself.

        systems:
          - {id: acd, kind: acd, rto_s: 30m, failover: {mode: automatic, measured_s: 215}}
    """
    yield from untiered(g)
    for s in g.plan.systems.values():
        idle = s.standby in (None, "none") and s.standby_system is None and not g.arrangements.get(s.id)
        if idle or g.is_composite(s):
            continue
        rto, takes_s = g.rto_of(s.id), _takes_over_s(g, s)
        if rto is None or takes_s is None:
            if g.matters(s):
                lacks = (("rto_s",) if rto is None else ()) + (("failover",) if takes_s is None else ())
                yield unknown(s, *lacks)
        elif takes_s > rto and s.failover.mode is None and (switch_s(g, s, automatic=True) or takes_s) <= rto:
            yield unknown(s, "failover.mode")
        elif takes_s > rto:
            message = f"the standby of {s.title} carries after {dur(takes_s)}, the RTO is {dur(rto)}"
            yield fail(s, message, at="failover", takes_s=takes_s, rto_s=rto)
        else:
            yield ok(s)
    yield from _slow_switches(g)
    yield from _slow_sites(g)


def _takes_over_s(g: Ground, s: System) -> float | None:
    """Return when a standby carries; of one that nobody timed, when the site where it stands is ready."""
    known = switch_s(g, s)
    other = g.plan.systems.get(s.standby_system or "")
    place = g.plan.sites.get(s.standby_location or (other.location if other is not None else None) or "")
    if known is not None or place is None or place.activation_time_s is None or s.standby == "hot":
        return known
    return before_s(g, s, by_hand=True) + place.activation_time_s


def _slow_switches(g: Ground) -> Verdicts:
    """Yield what has alternatives among its needs and changes over to them after its RTO."""
    for _, entity in g.plan.nodes():
        needs = getattr(entity, "needs", ()) if entity.id in g.needed else ()
        for need in (n for n in needs if n.mode == "or" and n.to[0] in g.plan.systems):
            rto = g.rto_of(entity.id)
            if rto is not None and need.switch_s > rto:
                message = f"{entity.title} has changed over after {dur(need.switch_s)}, the RTO is {dur(rto)}"
                yield fail(entity, message, *need.to, at="needs", takes_s=need.switch_s, rto_s=rto)


def _slow_sites(g: Ground) -> Verdicts:
    """Yield arrangements to move people to a site that is ready too late for tier 1, where nothing else is in time."""
    for r in g.plan.arrangements.values():
        site = g.plan.sites.get(r.standby or "")
        served = _moved(g, r) if r.option in MOVES and site is not None else []
        late = [a for a in served if a.rto_s is not None and _ready_s(g, r, site, a) > a.rto_s and _alone(g, r, a)]
        if late and site is not None:
            a = min(late, key=lambda a: a.rto_s or 0.0)
            takes_s = _ready_s(g, r, site, a)
            message = f"{site.title} is ready after {dur(takes_s)}, the RTO of {a.title} is {dur(a.rto_s or 0.0)}"
            yield fail(r, message, site.id, *(o.id for o in late), at="standby", takes_s=takes_s, rto_s=a.rto_s)


def _moved(g: Ground, r: Arrangement) -> list[Activity]:
    """Return the tier-1 activities that an arrangement moves: named, or served by people or at sites that it names."""
    ids = set(r.for_)
    return [
        a
        for a in g.tier_one
        if a.id in ids or any(x.id in ids or x.site in ids for x in g.work.groups_for(a)) or ids & set(a.sites)
    ]


def _ready_s(g: Ground, r: Arrangement, site: Site | None, a: Activity) -> float:
    """Return when people can work at the site that an arrangement moves them to, on the clock of the RTO."""
    opens_s = (site.activation_time_s or 0.0) if site is not None else 0.0
    late = g.decision_s if a.rto_clock == "declaration" else 0.0
    return max(effect_s(g, r), g.decision_s + opens_s) - late


def _alone(g: Ground, r: Arrangement, a: Activity) -> bool:
    """Tell whether no other arrangement helps the same activity or its people within the RTO."""
    people = {i for x in g.work.groups_for(a) for i in (x.id, x.site) if i}
    for o in arrangements_for(g, (a.id, *a.sites, *people)):
        site = g.plan.sites.get(o.standby or "")
        if o.id != r.id and o.option not in DEFERS and _ready_s(g, o, site, a) <= (a.rto_s or 0.0):
            return False
    return True


DEFERS = ("deflection", "callback", "queue_priority", "hours_change", "spare", "refuel", "data_restore")
"""Options that bring nobody back to work."""


@rule("AR-067", "high", serves="STR-02 STR-31")
def standby_is_smaller_than_the_minimum(g: Ground) -> Verdicts:
    """A standby is too small for the minimum.

    Why: limited back-up resources must still reach the minimum [limited back-up resources].
    Computed: the standby's agents, licences or calls at once < agents of the minimum of the tier-1 activities that need
    the primary in the same half hour, or the calls that these hold; an arrangement's capacity below the minimum's
    share, or (of a standby, or of sites to move to taken together) below its agents.
    Fix: size it up: licences, ports or seats for the minimum.

        systems:
          - {id: acd-standby, kind: acd, capacity: {agents: 260, concurrent_calls: 240}, licences: 260}
    """
    yield from untiered(g)
    for p in g.pairs:
        if isinstance(p.primary, System) and isinstance(p.standby, System) and g.matters(p.primary):
            yield from _small_standby(g, p, p.primary, p.standby)
    yield from _small_arrangements(g)


def _small_standby(g: Ground, p: Pair, primary: System, s: System) -> Verdicts:
    served = [a for a in g.tier_one if primary.id in g.closure_of(a.id)]
    called = [a for a in served if a.channel == "voice"]
    if not served or g.is_composite(s):
        return
    parts = _parts_of_choice(p)
    agents, calls = _agents_at_once(g, served, parts, s), math.ceil(_calls_at_once(g, called) / parts - 1e-9)
    sized = {
        "agents": (s.capacity.agents, agents),
        "licences": (s.licences, agents),
        "calls at once": (s.capacity.concurrent_calls, calls),
    }
    small = [f"{have} {what} for {need}" for what, (have, need) in sized.items() if have is not None and have < need]
    unsaid = [a for a in called if g.work.minimum(a) is None]
    if small:
        at = "licences" if s.capacity.agents is None and s.capacity.concurrent_calls is None else "capacity"
        yield fail(s, f"{s.title} has {names(small)}", primary.id, at=at, agents_needed=agents, calls_needed=calls)
    elif unsaid:
        yield unknown(unsaid[0], "minimum_capacity", "volumes")
    elif all(have is None for have, _ in sized.values()):
        if called and s.kind in ("acd", "pbx", "ccaas", "sbc", "ivr", "vpn", "vdi"):
            yield unknown(s, "capacity", "licences")
    else:
        yield ok(s)


def _agents_at_once(g: Ground, served: list[Activity], parts: int, s: System) -> int:
    """Return the agents of the minima together: of their busiest intervals, or where that is too many for a standby
    the most of any one interval.
    """
    total = sum(n.agents for a in served if (n := g.work.minimum(a)) is not None)
    have = [h for h in (s.capacity.agents, s.licences) if h is not None]
    if have and min(have) < math.ceil(total / parts) and len(served) > 1:
        total = min(total, _most_at_once(g, served))
    return math.ceil(total / parts)


def _most_at_once(g: Ground, served: list[Activity]) -> int:
    """Return the most agents that the minima need in the same half hour; of dates, the busiest intervals count."""
    together: dict[tuple[str, float], int] = {}
    dated = 0
    for a in served:
        need = g.work.minimum(a)
        mine: dict[tuple[str, float], int] = {}
        for (day, second), agents in g.work.minima(a, ()):
            slot = (day, second // 1800)
            mine[slot] = max(mine.get(slot, 0), agents)
        if need is not None and need.agents > max(mine.values(), default=0):
            dated += need.agents
            continue
        for slot, agents in mine.items():
            together[slot] = together.get(slot, 0) + agents
    return dated + max(together.values(), default=0)


def _calls_at_once(g: Ground, called: Iterable[Activity]) -> float:
    """Return the erlang of the minima of activities that customers call."""
    load = 0.0
    for a in called:
        need = g.work.minimum(a)
        share = a.minimum_capacity.share if a.minimum_capacity else 1.0
        load += 0.0 if need is None else need.contacts_per_h / 3600 * share * (a.aht_s or 0.0)
    return load


def _parts_of_choice(p: Pair) -> int:
    """Return among how many the load is shared where k of n are needed, 1 where one stands by for the other."""
    needs = (n for n in getattr(p.source, "needs", ()) if n.mode == "k_of_n")
    return next((n.k or 1 for n in needs if {p.primary.id, p.standby.id} <= set(n.to)), 1)


def _small_arrangements(g: Ground) -> Verdicts:
    """Yield the arrangements of tier-1 activities, and standbys of their systems, that give less than the minimum."""
    for r in g.plan.arrangements.values():
        own = [a for a in g.tier_one if a.id in r.for_]
        systems = [s for i in r.for_ if (s := g.plan.systems.get(i)) is not None and g.matters(s)]
        if r.option in TECHNICAL:
            own += [a for s in systems for a in g.hit_by(s.id) if a not in own]
        shares = [a.minimum_capacity.share for a in own if a.minimum_capacity]
        if r.capacity is None or not shares:
            continue
        needs = [n.agents for a in own if a.channel == "voice" and (n := g.work.minimum(a)) is not None]
        given = sum(o.capacity or 0.0 for o in _same_for(g, r)) if r.capacity <= 1 else r.capacity
        if r.capacity <= 1 and given < max(shares):
            message = f"{r.title} gives {r.capacity:.0%} where {max(shares):.0%} is needed"
            yield fail(r, message, *r.for_, at="capacity", share=r.capacity, minimum=max(shares))
        elif r.capacity > 1 and _counted(g, r, systems) < max(needs, default=0):
            message = f"{r.title} takes {r.capacity:g} where {max(needs)} agents are needed"
            yield fail(r, message, *r.for_, at="capacity", capacity=r.capacity, agents_needed=max(needs))
        else:
            yield ok(r)


def _counted(g: Ground, r: Arrangement, systems: list[System]) -> float:
    """Return the agents that an arrangement gives; with others where people move; inf when they are not said."""
    if systems and r.option in TECHNICAL:
        return r.capacity or math.inf
    same = [o for o in arrangements_for(g, r.for_) if o.option not in DEFERS]
    if r.option not in MOVES or any(o.capacity is None or o.capacity <= 1 for o in same):
        return math.inf
    return sum(o.capacity or 0.0 for o in same)


def _same_for(g: Ground, r: Arrangement) -> list[Arrangement]:
    """Return the arrangements that help the same; one that states no share is taken to give all of it."""
    return [
        o if o.capacity is not None else o.model_copy(update={"capacity": 1.0}) for o in arrangements_for(g, r.for_)
    ]


@rule("AR-068", "medium", serves="TST-04 MNT-01")
def standby_has_drifted(g: Ground) -> Verdicts:
    """A standby is configured as the primary used to be.

    Why: old versions, prompts and routing are the classic cause of a failed failover [practice].
    Computed: the standby's config_as_of over 30 days older than the primary's; of two that stand by for each other, the
    older one's.
    Fix: replicate versions, prompts and routing, or compare them by checklist after each change.

        systems:
          - {id: acd-standby, kind: acd, config_as_of: 2026-08-20}
    """
    yield from untiered(g)
    for p in g.pairs:
        a, b = p.primary, p.standby
        if not isinstance(a, System) or not isinstance(b, System) or g.is_composite(a) or g.is_composite(b):
            continue
        if a.config_as_of is None or b.config_as_of is None:
            if g.matters(a) or g.matters(b):
                yield unknown(b if b.config_as_of is None else a, "config_as_of")
            continue
        lag = (a.config_as_of - b.config_as_of).days
        if lag < 0 and _mutual(a, b):
            a, b, lag = b, a, -lag
        if lag > g.limits.drift_d:
            yield fail(
                b, f"{b.title} is configured {lag} days older than {a.title}", a.id, at="config_as_of", lag_d=lag
            )
        else:
            yield ok(b)


def _mutual(a: System, b: System) -> bool:
    """Tell whether each of two systems stands by for the other."""
    return a.standby_system == b.id and b.standby_system == a.id
