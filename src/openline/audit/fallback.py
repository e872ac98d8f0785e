"""What a system falls back on: company, arrangements, workarounds; how much they carry and how soon."""

import math

from openline.audit.ground import Ground
from openline.audit.remedies import effect_s
from openline.plan.arrangements import Arrangement
from openline.plan.systems import System

TECHNICAL = ("redundancy", "failover")
"""Options that are a standby, and not a way of working without the system."""


def spared(g: Ground, s: System) -> bool:
    """Tell whether a system has company: a standby, or a place among alternatives."""
    return any(s.id in (p.primary.id, p.standby.id) for p in g.pairs)


def has_standby(g: Ground, s: System) -> bool:
    """Tell whether another machine does a system's work within minutes or hours."""
    ways = (r for r in g.arrangements.get(s.id, ()) if r.option in TECHNICAL)
    return spared(g, s) or s.standby in ("hot", "warm") or any(ways)


def needed_share(g: Ground, s: System) -> float | None:
    """Return the largest minimum of the tier-1 activities that need a system, None when none states one."""
    hit = g.hit_by(s.id)
    return max((a.minimum_capacity.share for a in hit if a.minimum_capacity is not None), default=None)


def by_hand(g: Ground, s: System) -> float | None:
    """Return the share that is done without a system, by its workaround or a manual arrangement; None when unsaid."""
    shares = [r.capacity for r in g.arrangements.get(s.id, ()) if r.option == "manual"]
    stated = [c for c in shares if c is not None and c <= 1]
    if s.manual_workaround is not None:
        stated.append(s.manual_workaround.capacity_fraction)
    return max(stated, default=None)


def relieved(g: Ground, s: System) -> bool:
    """Tell whether something other than work by hand stands in for a system, or by hand with no share stated."""
    if spared(g, s) or s.standby in ("hot", "warm", "cold"):
        return True
    others = [r for r in g.arrangements.get(s.id, ()) if r.option != "manual"]
    unbounded = [r for r in g.arrangements.get(s.id, ()) if r.option == "manual"] and by_hand(g, s) is None
    return bool(others or unbounded)


def bearable(g: Ground, s: System) -> bool:
    """Tell whether tier 1 keeps its minimum when a system is gone: it costs a part only, or calls go another way.

    What is only signed on through is not felt by this count, so it is never bearable.
    """
    after = g.after((s.id,))
    for a in g.hit_by(s.id):
        felt = [after[n] for n in (a.id, *g.group_ids(a)) if n in after]
        least = a.minimum_capacity
        if not felt or least is None or any(f.capacity < least.share for f in felt):
            return False
        if any(f.gap_s > (math.inf if a.rto_s is None else a.rto_s) for f in felt):
            return False
    return bool(g.hit_by(s.id))


def switch_s(g: Ground, s: System, *, automatic: bool = False) -> float | None:
    """Return the seconds from the failure until a standby carries, detection included; None when unknown.

    Measured counts more than claimed. Of a standby that the system and an arrangement both time, the slower time is
    believed; of other arrangements the fastest, when there is no standby. An RTO that counts from the declaration
    leaves out what comes before it. A failover of which nobody says that it is `automatic` waits for a decision.
    """
    f = s.failover
    own = f.measured_s if f.measured_s is not None else f.claimed_s
    times = [before_s(g, s, by_hand=not automatic and f.mode != "automatic") + own] if own is not None else []
    ways = [r for r in g.arrangements.get(s.id, ()) if r.option != "data_restore"]
    late = g.decision_s if s.rto_clock == "declaration" else 0.0
    timed = {r.id: _measured_s(g, r) - (late if r.option != "redundancy" else 0.0) for r in ways}
    times += [timed[r.id] for r in ways if r.option in TECHNICAL]
    return max(times) if times else min(timed.values(), default=None)


def before_s(g: Ground, s: System, *, by_hand: bool) -> float:
    """Return the seconds that pass before a standby starts: detection, and by hand the decision too."""
    if s.rto_clock == "declaration":
        return 0.0
    return g.decision_s if by_hand else g.plan.organization.response.detect_s


def _measured_s(g: Ground, r: Arrangement) -> float:
    """Return when an arrangement helps: what was measured where that is longer than what is stated."""
    longer = max((r.proof.measured_s or 0.0) - r.time_to_effect_s, 0.0)
    return effect_s(g, r) + (longer if r.option in TECHNICAL else 0.0)
