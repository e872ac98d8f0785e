"""What a loss leaves of an activity, and whether the arrangements bring its minimum back in time."""

import math
from dataclasses import dataclass, field

from openline.audit.finding import Figure
from openline.audit.ground import Ground
from openline.audit.people import Need, assigned, whole
from openline.audit.remedies import arrangements_for, effect_s, switch_over_s
from openline.audit.required import is_and
from openline.impact.graph import site_of
from openline.impact.standing import WHOLE, Left
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.partners import OverflowAgreement
from openline.plan.people import AgentGroup
from openline.plan.systems import System
from openline.plan.telephony import TrunkGroup
from openline.units import format_duration as dur

COUNTED = ("remote_work", "partner_overflow", "alternate_site", "relocation")
"""Options whose people are counted one by one; the others are believed for the capacity that they state."""

LOCAL = ("lan", "sbc")
"""Kinds that serve what stands or ends beside them, whatever another place has."""


@dataclass(frozen=True, slots=True)
class Short:
    """Whether an activity stays below its minimum beyond its RTO, in words and figures."""

    lasts: bool
    told: str = ""
    figures: dict[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """One activity under one loss, and by when its minimum must be back: from when the loss is felt, or from its cause.

    A battery puts off when a loss is felt; `at_once` counts from the cause all the same.
    """

    g: Ground
    a: Activity
    lost: tuple[str, ...]
    after: dict[str, Left]
    rto_s: float
    share: float
    at_once: bool = False

    @property
    def by(self) -> str:
        """When the minimum is due, in words."""
        return f"after {dur(self.rto_s)}" if math.isfinite(self.rto_s) else "whatever time it takes"

    def restored(self, name: str) -> Left:
        """Return what is left of an object once what was tried for what failed below it helps, as far as in time."""
        left = self.after.get(name, WHOLE)
        if left is WHOLE:
            return left
        needs = self.g.closure_of(name)
        held = self._held(needs, self.rto_s + (0.0 if self.at_once else left.felt_s))
        return self.g.standing.after(self.lost, held, needs).get(name, WHOLE)

    def held_at(self, name: str) -> float:
        """Return the capacity at which something stands in for an object by the RTO."""
        return self._held({name}, self.rto_s).get(name, 0.0)

    def _held(self, names: set[str], deadline_s: float) -> dict[str, float]:
        """Return the capacity at which arrangements and workarounds hold objects by then."""
        held: dict[str, float] = {}
        for name in names & self.after.keys():
            for r in self.g.arrangements.get(name, ()):
                if r.option not in COUNTED and effect_s(self.g, r) <= deadline_s and self.stands(r, name):
                    held[name] = max(held.get(name, 0.0), 1.0 if r.capacity is None else min(r.capacity, 1.0))
            s = self.g.plan.systems.get(name)
            if s is not None and s.manual_workaround is not None:
                held[name] = max(held.get(name, 0.0), s.manual_workaround.capacity_fraction)
            if s is not None and self._taken_over(s, deadline_s):
                held[name] = 1.0
            if name in self.g.plan.trunk_groups and self._calls_go_on(self.g.plan.trunk_groups[name], deadline_s):
                held[name] = 1.0
        return held

    def _calls_go_on(self, t: TrunkGroup, deadline_s: float) -> bool:
        """Tell whether other lines take what would come over these in time."""
        if t.alt_destination is None or t.failover_s is None:
            return False
        before = self.g.plan.organization.response.detect_s if t.failover == "auto" else self.g.decision_s
        return before + t.failover_s <= deadline_s and self.after.get(t.alt_destination, WHOLE).capacity > 0

    def _taken_over(self, s: System, deadline_s: float) -> bool:
        """Tell whether the standby that a system states takes over in time; how soon a hot one does may be unknown."""
        if s.standby in ("none", "alternate_process") or (s.standby is None and s.standby_system is None):
            return False
        switch_s = switch_over_s(self.g, s)
        if switch_s is None and s.standby != "hot":
            return False
        if (switch_s or 0.0) > deadline_s:
            return False
        other = None if s.standby_system is None else self.g.plan.systems[s.standby_system]
        if other is None and self._shares_need(s):
            return False
        place = s.standby_location if other is None else other.location
        if s.kind in LOCAL and place != s.location:
            return False
        return all(i is None or self.after.get(i, WHOLE).capacity > 0 for i in (s.standby_system, place))

    def _shares_need(self, s: System) -> bool:
        """Tell whether something is gone that a system needs, and so its twin that is not listed.

        A twin in another place does not need what stands beside the system, such as its local network.
        """
        gone = (i for n in s.needs if is_and(n) for i in n.to if self.after.get(i, WHOLE).capacity <= 0)
        beside = s.location if s.standby_location not in (None, s.location) else None
        return any(beside is None or site_of(e) != beside for i in gone if (e := self.g.plan.node(i)) is not None)

    def stands(self, r: Arrangement, name: str) -> bool:
        """Tell whether what takes over still stands: the standby, else another one that the arrangement is for."""
        if r.standby is not None:
            return self.after.get(r.standby, WHOLE).capacity > 0
        if r.option == "failover" and name in self.g.plan.systems and self._shares_need(self.g.plan.systems[name]):
            return False
        others = [i for i in r.for_ if i != name]
        if r.option != "redundancy" or not others:
            return True
        return not self._counted(name) and any(self.after.get(i, WHOLE).capacity > 0 for i in others)

    def _counted(self, name: str) -> bool:
        """Tell whether an object is one of a stated number: what is left of them is counted, not believed."""
        s = self.g.standing
        return any(n.mode == "k_of_n" and name in n.to for user in s.users.get(name, ()) for n in s.needs[user])

    def home(self, group: AgentGroup) -> float:
        """Return the agents of a group who work from home by the RTO, as a share of it."""
        if group.remote is None:
            return 0.0
        kit = min((self._kit(i) for need in group.remote.needs for i in need.to), default=1.0)
        shares = [
            max((p.share for p in group.remote.ramp if p.t_s <= self.rto_s - effect_s(self.g, r)), default=0.0)
            for r in arrangements_for(self.g, [group.id, group.site or ""])
            if r.option == "remote_work"
        ]
        return max(shares, default=0.0) * group.remote.able_frac * kit / group.remote.aht_factor

    def _kit(self, name: str) -> float:
        return self.restored(name).capacity

    def moved(self, group: AgentGroup) -> float:
        """Return how many agents of a group find a seat at an alternate site by the RTO."""
        best = 0.0
        for r in arrangements_for(self.g, [group.id, group.site or ""]):
            if (
                r.option in ("alternate_site", "relocation")
                and effect_s(self.g, r) <= self.rto_s
                and self.stands(r, group.id)
            ):
                free = self.g.free_seats(r.standby or "")
                best = max(best, free if r.capacity is None else min(r.capacity, free) if r.standby else r.capacity)
        return best

    def agents(self, group: AgentGroup, need: Need) -> float:
        """Return the agents of a group that work by the RTO."""
        return self.working(group, self.g.work.agents(group, need.slot) or 0.0)

    def working(self, group: AgentGroup, people: float) -> float:
        """Return how many of these people of a group work by the RTO."""
        if not self.hits(group.id):
            return people
        elsewhere = min(people, people * self.home(group) + self.moved(group))
        return max(people * self.restored(group.id).capacity, elsewhere)

    def hits(self, name: str) -> bool:
        """Tell whether the loss takes anything from an object."""
        return name in self.after and self.after[name].capacity < 1

    def partner(self, agreement_id: str) -> float:
        """Return the agents that a partner has by the RTO after being called out."""
        agreement = self.g.plan.agreements[agreement_id]
        calls = [r for r in self.g.plan.arrangements.values() if r.agreement == agreement_id]
        works = self.restored(agreement_id).capacity
        agents = [
            max((p.agents for p in agreement.ramp if p.t_s <= self.rto_s - effect_s(self.g, r)), default=0)
            for r in calls
        ]
        return max(agents, default=0) * works / agreement.aht_factor


def reason_short(g: Ground, a: Activity) -> str:
    """Return, as the beginning of a sentence, what is not known of an activity's minimum."""
    lacks = [f for f in ("minimum_capacity", "rto_s") if getattr(a, f) is None]
    return f"{' and '.join(lacks) or 'the volume'} of {a.title} {'are' if len(lacks) > 1 else 'is'} not known,"


ANY = 1e-9
"""Share that stands for a minimum that is not known: whatever it is, nothing at all is below it."""


def below_minimum(g: Ground, a: Activity, lost: tuple[str, ...], within_s: float | None = None) -> Short | None:
    """Return whether the loss takes the activity below its minimum for longer than its RTO; None when unknowable.

    A loss that leaves nothing, and that nothing mends in any time, is one whatever minimum and RTO are. `within_s`
    stands for the RTO and counts from the cause, whatever batteries bridge.
    """
    share = ANY if a.minimum_capacity is None else a.minimum_capacity.share
    due_s = a.rto_s if within_s is None else within_s
    case = _Case(g, a, lost, g.after(lost), math.inf if due_s is None else due_s, share, within_s is not None)
    found = _technical(case) or _people(case)
    if found is None and (a.minimum_capacity is None or due_s is None or _uncounted(case)):
        return None
    return found or Short(False)


def locked_out(g: Ground, a: Activity, name: str) -> tuple[str, ...]:
    """Return the systems that an activity needs and that nobody can sign on to without an object.

    None when something stands in for it in time, such as sealed accounts.
    """
    gated = tuple(i for i in g.signed_on_through.get(name, ()) if i in g.closure_of(a.id))
    if not gated:
        return ()
    share = ANY if a.minimum_capacity is None else a.minimum_capacity.share
    case = _Case(g, a, (name,), g.after((name,)), math.inf if a.rto_s is None else a.rto_s, share)
    return () if case.held_at(name) >= share - ANY / 2 else gated


def _technical(case: _Case) -> Short | None:
    """Return the shortage that no number of people mends: systems, lines, numbers."""
    left = case.after.get(case.a.id, WHOLE)
    least = case.share - ANY / 2
    if left.capacity >= least and left.gap_s <= case.rto_s:
        return None
    kept = case.restored(case.a.id)
    if kept.capacity >= least and kept.gap_s <= case.rto_s:
        return None
    share, gap = kept.capacity, kept.gap_s
    figures: dict[str, Figure] = {"capacity_frac": round(share, 3), "gap_s": gap}
    figures |= {"minimum_frac": case.share} if case.share > ANY else {}
    figures |= {"rto_s": case.rto_s} if math.isfinite(case.rto_s) else {}
    if share >= least:
        told = f"is back only after {dur(gap)} of switching, beyond its RTO of {dur(case.rto_s)}"
    elif case.share > ANY:
        told = f"keeps {share:.0%} of its capacity {case.by}, below its minimum of {case.share:.0%}"
    else:
        told = f"keeps nothing of its capacity {case.by}"
    return Short(True, told, figures)


def _people(case: _Case) -> Short | None:
    """Return the shortage of agents, together with tier-1 activities that come before it and share its people."""
    g, a = case.g, case.a
    groups = g.work.groups_for(a)
    if not groups:
        return _bought(case) if g.bought_in(a) else _placed(case)
    if not any(case.hits(x.id) for x in groups):
        return None
    need = g.work.minimum(a)
    if need is None:
        left = _share_left(case)
        return None if left is None else _too_small(case, left)
    wants = [a, *g.company(a)]
    demand = {w.id: n.agents for w in wants if (n := g.work.minimum(w)) is not None}
    supply: dict[str, float] = {}
    able: dict[str, list[str]] = {w: [] for w in demand}
    for want in wants:
        for group in g.work.groups_for(want) if want.id in demand else ():
            supply[group.id] = case.agents(group, need)
            able[want.id].append(group.id)
        for agreement in g.plan.agreements.values() if want.id in demand else ():
            if set(agreement.skills) >= set(want.skills):
                supply[agreement.id] = case.partner(agreement.id)
                able[want.id].append(agreement.id)
    lack = min(sum(demand.values()) - assigned(supply, demand, able), need.agents)
    return _too_few(case, need, need.agents - lack)


def _too_few(case: _Case, need: Need, left: int) -> Short | None:
    """Return the shortage when fewer agents are left than the minimum needs."""
    if left >= need.agents:
        return None
    told = f"has {left} of the {need.agents} agents of its minimum {case.by}"
    return Short(True, told, {"agents_needed": need.agents, "agents_left": left})


def _too_small(case: _Case, left: float) -> Short | None:
    """Return the shortage when the share of people left is below the minimum's share of contacts."""
    if left >= case.share - ANY / 2:
        return None
    told = f"has {left:.0%} of its people {case.by}" if left else f"has nobody left {case.by}"
    return Short(True, told, {"people_frac": round(left, 3)})


def _share_left(case: _Case) -> float | None:
    """Return the share of an activity's people, partners called out included, who work by the RTO; None when unknown.

    It stands for the share of contacts where volumes are not known (assumed).
    """
    g, a = case.g, case.a
    counts = [(x, g.work.agents(x, None)) for x in g.work.groups_for(a)]
    left = sum(case.working(x, 1.0 if people is None else people) for x, people in counts)
    left += sum(case.partner(o.id) for o in g.plan.agreements.values() if set(o.skills) >= set(a.skills))
    if left <= 0:
        return 0.0
    usual = [people for _, people in counts if people is not None]
    return min(left / sum(usual), 1.0) if len(usual) == len(counts) and sum(usual) > 0 else None


def _uncounted(case: _Case) -> bool:
    """Tell whether people are lost of whom it is not known how many there are or must be."""
    g, groups = case.g, case.g.work.groups_for(case.a)
    hit = any(case.hits(x.id) for x in groups)
    return hit and g.work.minimum(case.a) is None and _share_left(case) is None


def _placed(case: _Case) -> Short | None:
    """Return the shortage of work for which no people are named, when all places where it is done are gone."""
    g, a = case.g, case.a
    places = g.work.places_of(a)
    if not places or any(case.after.get(i, WHOLE).capacity > 0 for i in places):
        return None
    ways = arrangements_for(g, [a.id, *places])
    if any(effect_s(g, r) <= case.rto_s and case.stands(r, a.id) for r in ways):
        return None
    return _too_small(case, 0.0)


def done_at_partners(g: Ground, site: str) -> list[Activity]:
    """Return the tier-1 activities that only partners do, and for which they sit at a site."""
    return [
        a
        for a in g.tier_one
        if g.bought_in(a)
        and any(site in g.plan.partners[o.partner].sites or site in g.closure_of(o.id) for o in serving(g, a))
    ]


def serving(g: Ground, a: Activity) -> list[OverflowAgreement]:
    """Return the agreements under which partners serve an activity."""
    every = g.plan.agreements.values()
    return [o for o in every if a.id in o.covers or (a.skills and not o.covers and set(a.skills) <= set(o.skills))]


def _bought(case: _Case) -> Short | None:
    """Return the shortage of work that only partners do, when a loss takes agents of theirs."""
    g, a = case.g, case.a
    shares = {o.id: _partner_share(case, o) for o in serving(g, a)}
    if all(s >= 1 for s in shares.values()):
        return None
    agents = {
        o.id: max((p.agents for p in o.ramp if p.t_s <= case.rto_s), default=0) / o.aht_factor for o in serving(g, a)
    }
    left, usual, need = sum(n * shares[i] for i, n in agents.items()), sum(agents.values()), g.work.minimum(a)
    if need is None:
        return _too_small(case, left / usual if usual else 0.0)
    return _too_few(case, need, whole(left))


def _partner_share(case: _Case, o: OverflowAgreement) -> float:
    """Return the share of a partner's agents who work after the loss; its places count alike."""
    places = case.g.plan.partners[o.partner].sites
    gone = sum(case.after.get(i, WHOLE).capacity <= 0 for i in places)
    return case.restored(o.id).capacity * (1 - gone / len(places) if places else 1.0)


def agents_lacking(g: Ground, a: Activity) -> int:
    """Return the agents that an activity lacks by its RTO when the worst of its sites is lost, partners aside.

    0 when its minimum or RTO is not known.
    """
    need, groups = g.work.minimum(a), g.work.groups_for(a)
    if need is None or a.rto_s is None or a.minimum_capacity is None:
        return 0
    lacks = [0]
    for site in sorted({x.site for x in groups if x.site and not g.at_home(x.site)}):
        case = _Case(g, a, (site,), g.after((site,)), a.rto_s, a.minimum_capacity.share)
        lacks.append(need.agents - whole(sum(case.agents(x, need) for x in groups)))
    return max(lacks)


def agents_left(g: Ground, a: Activity, lost: str) -> dict[str, float]:
    """Return by group the agents who can serve an activity by its RTO when a site is lost, partners aside.

    Those of other sites, at home and at alternate sites as arranged; whenever that helps where no RTO is known. Empty
    when the minimum is not known.
    """
    need = g.work.minimum(a)
    if need is None or a.minimum_capacity is None:
        return {}
    gone = (lost,) if lost else ()
    rto_s = math.inf if a.rto_s is None else a.rto_s
    case = _Case(g, a, gone, g.after(gone), rto_s, a.minimum_capacity.share)
    return {x.id: case.agents(x, need) for x in g.work.groups_for(a)}
