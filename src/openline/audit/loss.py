"""What a loss leaves of an activity, and whether the arrangements bring its minimum back in time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from openline.audit.finding import Figure
from openline.audit.ground import Ground
from openline.audit.people import Need, assigned
from openline.impact.standing import WHOLE, Left
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.people import AgentGroup
from openline.plan.systems import System
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
    """One activity under one loss."""

    g: Ground
    a: Activity
    lost: tuple[str, ...]
    after: dict[str, Left]
    rto_s: float
    share: float

    def restored(self, name: str) -> Left:
        """Return what is left of an object once what was tried for what failed below it helps, as far as in time."""
        left = self.after.get(name, WHOLE)
        if left is WHOLE:
            return left
        needs = self.g.closure_of(name)
        held = self._held(needs, self.rto_s + left.felt_s)
        return self.g.standing.after(self.lost, held, needs).get(name, WHOLE)

    def _held(self, names: set[str], deadline_s: float) -> dict[str, float]:
        """Return the capacity at which arrangements and workarounds hold objects by then."""
        held: dict[str, float] = {}
        for name in names & self.after.keys():
            for r in self.g.arrangements.get(name, ()):
                if r.option not in COUNTED and effect_s(self.g, r) <= deadline_s and self._stands(r, name):
                    held[name] = max(held.get(name, 0.0), 1.0 if r.capacity is None else min(r.capacity, 1.0))
            s = self.g.plan.systems.get(name)
            if s is not None and s.manual_workaround is not None:
                held[name] = max(held.get(name, 0.0), s.manual_workaround.capacity_fraction)
            if s is not None and self._taken_over(s, deadline_s):
                held[name] = 1.0
        return held

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
        place = s.standby_location if other is None else other.location
        if s.kind in LOCAL and place != s.location:
            return False
        return all(i is None or self.after.get(i, WHOLE).capacity > 0 for i in (s.standby_system, place))

    def _stands(self, r: Arrangement, name: str) -> bool:
        """Tell whether what takes over still stands: the standby, else another one that the arrangement is for."""
        if r.standby is not None:
            return self.after.get(r.standby, WHOLE).capacity > 0
        others = [i for i in r.for_ if i != name]
        return r.option != "redundancy" or not others or any(self.after.get(i, WHOLE).capacity > 0 for i in others)

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
                and self._stands(r, group.id)
            ):
                free = self.g.free_seats(r.standby or "")
                best = max(best, free if r.capacity is None else min(r.capacity, free) if r.standby else r.capacity)
        return best

    def agents(self, group: AgentGroup, need: Need) -> int:
        """Return the agents of a group that work by the RTO."""
        people = self.g.work.agents(group, need.slot) or 0.0
        if group.id not in self.after or self.after[group.id].capacity >= 1:
            return int(people)
        return int(
            max(people * self.restored(group.id).capacity, min(people, people * self.home(group) + self.moved(group)))
        )

    def partner(self, agreement_id: str) -> int:
        """Return the agents that a partner has by the RTO after being called out."""
        agreement = self.g.plan.agreements[agreement_id]
        calls = [r for r in self.g.plan.arrangements.values() if r.agreement == agreement_id]
        works = self.restored(agreement_id).capacity
        agents = [
            max((p.agents for p in agreement.ramp if p.t_s <= self.rto_s - effect_s(self.g, r)), default=0)
            for r in calls
        ]
        return int(max(agents, default=0) * works / agreement.aht_factor)


def reason_short(g: Ground, a: Activity) -> str:
    """Return, as the beginning of a sentence, what is not known of an activity's minimum."""
    lacks = [f for f in ("minimum_capacity", "rto_s") if getattr(a, f) is None]
    return f"{' and '.join(lacks) or 'the volume'} of {a.title} {'are' if len(lacks) > 1 else 'is'} not known,"


ANY = 1e-9
"""Share that stands for a minimum that is not known: whatever it is, nothing at all is below it."""


def below_minimum(g: Ground, a: Activity, lost: tuple[str, ...]) -> Short | None:
    """Return whether the loss takes the activity below its minimum for longer than its RTO; None when unknowable.

    A loss that leaves nothing, and that nothing mends in any time, is one whatever minimum and RTO are.
    """
    share = ANY if a.minimum_capacity is None else a.minimum_capacity.share
    case = _Case(g, a, lost, g.after(lost), math.inf if a.rto_s is None else a.rto_s, share)
    found = _technical(case) or _people(case)
    if found is None and (a.minimum_capacity is None or a.rto_s is None):
        return None
    return found or Short(False)


def _technical(case: _Case) -> Short | None:
    """Return the shortage that no number of people mends: systems, lines, numbers."""
    left = case.after.get(case.a.id, WHOLE)
    if left.capacity >= case.share and left.gap_s <= case.rto_s:
        return None
    kept = case.restored(case.a.id)
    if kept.capacity >= case.share and kept.gap_s <= case.rto_s:
        return None
    share, gap = kept.capacity, kept.gap_s
    figures: dict[str, Figure] = {"capacity_frac": round(share, 3), "gap_s": gap}
    figures |= {"minimum_frac": case.share} if case.share > ANY else {}
    figures |= {"rto_s": case.rto_s} if math.isfinite(case.rto_s) else {}
    after = f"after {dur(case.rto_s)}" if math.isfinite(case.rto_s) else "whatever time it takes"
    if share >= case.share:
        told = f"is back only after {dur(gap)} of switching, beyond its RTO of {dur(case.rto_s)}"
    elif case.share > ANY:
        told = f"keeps {share:.0%} of its capacity {after}, below its minimum of {case.share:.0%}"
    else:
        told = f"keeps nothing of its capacity {after}"
    return Short(True, told, figures)


def _people(case: _Case) -> Short | None:
    """Return the shortage of agents, together with tier-1 activities that come before it and share its people."""
    g, a = case.g, case.a
    groups = g.work.groups_for(a)
    if not any(x.id in case.after and case.after[x.id].capacity < 1 for x in groups):
        return None
    need = g.work.minimum(a)
    if need is None:
        return None
    wants = [a, *g.company(a)]
    demand = {w.id: n.agents for w in wants if (n := g.work.minimum(w)) is not None}
    supply: dict[str, int] = {}
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
    if lack <= 0:
        return None
    after = f"after {dur(case.rto_s)}" if math.isfinite(case.rto_s) else "whatever time it takes"
    told = f"has {need.agents - lack} of the {need.agents} agents of its minimum {after}"
    return Short(True, told, {"agents_needed": need.agents, "agents_left": need.agents - lack})


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
        lacks.append(need.agents - sum(case.agents(x, need) for x in groups))
    return max(lacks)


def agents_left(g: Ground, a: Activity, lost: str) -> dict[str, int]:
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


def arrangements_for(g: Ground, names: Iterable[str]) -> list[Arrangement]:
    """Return the arrangements for any of these objects."""
    found = {r.id: r for name in names for r in g.arrangements.get(name, ())}
    return list(found.values())


def switch_over_s(g: Ground, s: System) -> float | None:
    """Return the seconds from the onset until a system's own standby carries, None when unknown."""
    f = s.failover
    own = f.measured_s if f.measured_s is not None else f.claimed_s
    before = g.plan.organization.response.detect_s if f.mode == "automatic" else g.decision_s
    return None if own is None else before + own


def effect_s(g: Ground, r: Arrangement) -> float:
    """Return the time from the loss until an arrangement helps; a redundancy waits for nobody's decision."""
    return r.time_to_effect_s + (0.0 if r.option == "redundancy" else g.decision_s)
