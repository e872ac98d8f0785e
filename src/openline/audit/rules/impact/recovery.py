"""Whether what has to come back can be back in time: needs, procedures, data, rings."""

import math
from collections import defaultdict
from statistics import NormalDist

from openline.audit.copies import copies_of, data_matter
from openline.audit.fallback import has_standby
from openline.audit.finding import Severity, fail, ok, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.loss import ANY
from openline.audit.paths import Way, occasions, response_ways
from openline.audit.required import is_and, required
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.audit.storage import beside
from openline.impact.components import components
from openline.impact.graph import needs_of
from openline.plan.activities import Activity
from openline.plan.data import Backup, DataSet
from openline.plan.systems import System
from openline.units import format_duration as dur

RECORDS = ("crm", "ticketing", "email", "payment", "storage", "database", "hr", "payroll", "other")
"""Kinds of system that hold the records of work; a copy of any other holds its configuration."""

P90 = NormalDist().inv_cdf(0.9)


@rule("AR-006", "critical", serves="REC-03 IMP-05")
def rto_tighter_than_a_need(g: Ground) -> Verdicts:
    """An RTO is tighter than that of something it can not do without.

    Why: nothing returns before what it needs [ISO 22301 8.2.2, dependencies].
    Computed: a system or activity that can not be done without (needed in mode `and`, or by all its lines or agents,
    straight or through others) with rto_s (+ wrt_s) > rto_s + the time that is done without it (grace_s); what costs
    only a share that the minimum can spare, or has a manual workaround for the minimum that can be kept up until then,
    does not count.
    Fix: bring the two RTOs together, or add another way.

        systems:
          - {id: acd, kind: acd, rto_s: 30m}
        activities:
          - {id: claims, kind: inbound_queue, rto_s: 1h, needs: [{to: [acd]}]}
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    for e in things:
        if e.rto_s is None:
            if e.id in g.plan.activities and any(n.mode == "and" for n in e.needs):
                yield unknown(e, "rto_s")
            continue
        spare = _spare(e)
        slow, blind = _slow_needs(g, e, e.rto_s, 0.0 if spare is None else spare)
        sure = slow if spare is not None else _slow_needs(g, e, e.rto_s, 1.0 - ANY)[0]
        titles = [t.title for _, i in slow if (t := g.plan.node(i)) is not None]
        if sure:
            back_s, need = max(sure)
            title = getattr(g.plan.node(need), "title", need)
            message = f"{e.title} is to be back after {dur(e.rto_s)}, but needs {title}, back after {dur(back_s)}"
            late = [name for _, name in sorted(sure, reverse=True)]
            yield fail(e, message, *late, at="rto_s", rto_s=e.rto_s, need_back_s=back_s)
        elif slow:
            yield unknown(e, why=f"whether {e.title} can do without {names(titles)} hangs on its minimum_capacity")
        elif blind and e.id in g.plan.activities:
            yield unknown(e, why=f"when {names(blind)} is back, which {e.title} can not do without, is not known")
        else:
            yield ok(e)


def _spare(e: Activity | System) -> float | None:
    """Return the share of its capacity that an object can lose: a system none, an activity down to its minimum."""
    if isinstance(e, System):
        return 0.0
    return None if e.minimum_capacity is None else 1.0 - e.minimum_capacity.share


def _slow_needs(
    g: Ground, e: Activity | System, rto_s: float, spare: float
) -> tuple[list[tuple[float, str]], list[str]]:
    """Return what an object can not do without and is back too late, and of what is not known when it is back."""
    slow: list[tuple[float, str]] = []
    blind: list[str] = []
    for target, grace_s in required(g, e.id, spare).items():
        found = g.plan.systems.get(target) or g.plan.activities.get(target)
        if found is None:
            continue
        if isinstance(found, System) and _bridged(found, 1.0 - spare):
            continue
        if found.rto_s is None:
            blind += [found.title] if isinstance(found, System) and not g.is_composite(found) else []
        elif found.rto_s + (found.wrt_s or 0.0) > rto_s + grace_s:
            slow.append((found.rto_s + (found.wrt_s or 0.0), target))
    return slow, blind


def _bridged(s: System, least: float) -> bool:
    """Tell whether people can do without a system by hand, at this share, until it is back."""
    way = s.manual_workaround
    if way is None or way.capacity_fraction < least - 1e-9:
        return False
    return None in (way.max_duration_s, s.rto_s) or (way.max_duration_s or 0.0) >= (s.rto_s or 0.0)


@rule("AR-007", "critical", serves="REC-01")
def rto_shorter_than_its_procedures(g: Ground) -> Verdicts:
    """An RTO is shorter than the way through its procedures.

    Why: steps take the time they take; a target below it is a wish [GSA contact center guidance, goals and timelines].
    Computed: detection to decision (from procedures of those phases, else the organization's response times; not for an
    rto_clock that starts at the declaration) plus the longest chain of steps of the procedures that cover the object,
    each phase after the one before, without steps that come after the minimum is reached (roll back, reconcile,
    backlog); in the worst scenario that procedures are for, with those that are for none in particular. PERT mean
    (o + 4m + p) / 6 and variance ((p - o) / 6)^2. P50 > rto_s is critical; P50 <= rto_s < P90 is high. A system without
    an RTO must meet that of the activities that can not do without it.
    Fix: cut steps, do them side by side, stage what is needed beforehand, or change the RTO.

        procedures:
          - id: move-calls
            phase: recover
            covers: [acd]
            steps: [{id: go, text: Start the failover, duration: {optimistic_s: 2m, likely_s: 4m, pessimistic_s: 10m}}]
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    when = occasions(g)
    for e in things:
        ways = response_ways(g, e.id, when, e.rto_clock)
        if not ways:
            continue
        rto_s = e.rto_s if e.rto_s is not None else _rto_from_above(g, e.id)
        if rto_s is None:
            yield unknown(e, *("rto_s", *("duration of steps",) * (not all(w.timed for w in ways))))
            continue
        sure = [w for w in ways if w.timed or w.mean_s > rto_s]
        path = max(sure or ways, key=_p90)
        p50, p90 = path.mean_s, _p90(path)
        figures = {"rto_s": rto_s, "p50_s": round(p50), "p90_s": round(p90), "procedures": path.procedures}
        told = f"{e.title}: half of the time recovery takes {dur(p50)}, one time in ten over {dur(p90)}"
        if sure and p90 > rto_s:
            worst: Severity = "critical" if p50 > rto_s else "high"
            message = f"{told}; the RTO is {dur(rto_s)}"
            yield fail(e, message, *path.procedures, severity=worst, at="rto_s", figures=figures)
        elif len(sure) < len(ways):
            yield unknown(e, "duration of steps")
        else:
            yield ok(e)


def _p90(way: Way) -> float:
    """Return the seconds that a way takes no longer than nine times in ten."""
    return way.mean_s + P90 * math.sqrt(way.variance_s2)


def _rto_from_above(g: Ground, name: str) -> float | None:
    """Return the tightest RTO of the activities that can not do without an object."""
    users = (a for a in g.dependents.get(name, ()) if a.rto_s is not None and name in required(g, a.id))
    return min((a.rto_s for a in users if a.rto_s is not None), default=None)


@rule("AR-008", "high", serves="MON-03 REC-01")
def detection_not_in_the_budget(g: Ground) -> Verdicts:
    """The RTO counts from the onset, but nobody has counted the time to notice and decide.

    Why: detection, notification and assessment come before recovery and use the same time [GSA; domain 2.1].
    Computed: rto_clock onset on tier 1, and neither the organization's response times are stated (all zero is not
    stated) nor do procedures of the phases detect, assess or activate that cover the activity, what it needs, or
    everything have durations.
    Fix: state the times, or give those procedures' steps durations.

        organization:
          response: {detect_s: 3m, decide_s: 12m}
    """
    yield from untiered(g)
    stated = {"detect_s", "decide_s"} <= g.plan.organization.response.model_fields_set and g.decision_s > 0
    for a in g.tier_one:
        if a.rto_s is None:
            yield unknown(a, "rto_s")
        elif a.rto_clock == "onset" and not stated and not _early_phases_are_timed(g, a.id):
            message = f"{a.title} counts from the onset, but the time to notice and decide is not stated"
            yield fail(a, message, at="rto_clock", rto_s=a.rto_s)
        else:
            yield ok(a)


def _early_phases_are_timed(g: Ground, name: str) -> bool:
    about = g.closure_of(name)
    timed = {
        p.phase
        for p in g.plan.procedures.values()
        if (not p.covers or about & set(p.covers)) and all(s.duration is not None for s in p.steps)
    }
    return bool(timed & {"detect", "assess"}) and bool(timed & {"activate", "assess"})


@rule("AR-009", "high", serves="TEC-08")
def data_loss_exceeds_rpo(g: Ground) -> Verdicts:
    """More data can be lost than may be, or data of tier 1 have no backup.

    Why: what was not copied is gone [NIST SP 800-34, RPO].
    Computed: the least worst-case loss of its backups and those of its system (interval + duration + lag; the lag of
    a replica, one that lies beside its source apart) > rpo_s (of the data, else their system, else the activities
    that use them; of a system that holds no records, only its own; or a system's own, which none of its data meets);
    or data that tier 1 uses, or whose rpo_s is stated, have none. Lost prompts and recordings count like any other
    data. What a system loses of which the plan lists neither data nor copies, while a standby or a provider stands
    behind it, is not known.
    Fix: copy more often, or replicate.

        backups:
          - {id: nightly, of: records, method: export, interval_s: 3h, duration_s: 20m, lag_s: 10m, region: eu-north}
    """
    yield from untiered(g)
    copied = {b.of for b in g.plan.backups.values()}
    holding = {i for d in g.plan.data_sets.values() for i in (d.system, *d.used_by)}
    limited = [s for s in g.plan.systems.values() if s.rpo_s is not None]
    others = (g.plan.systems[i] for i in g.plan.systems if i in copied - holding)
    limited += [s for s in others if s.rpo_s is None and _rpo_s(g, s) is not None]
    things: list[DataSet | System] = [*g.plan.data_sets.values(), *limited]
    for e in things:
        copies, rpo_s = copies_of(g, e.id), _rpo_s(g, e)
        if not copies and isinstance(e, System):
            own = [b for d in g.plan.data_sets.values() if d.system == e.id for b in copies_of(g, d.id)]
            if e.id in holding and (e.rpo_s is None or not own):
                continue
            copies = own or [b for i in required(g, e.id) if i in g.plan.systems for b in copies_of(g, i)]
        losses = [b.loss_s for b in _apart(g, e, copies) if b.loss_s is not None]
        if not copies and isinstance(e, System) and data_matter(g, e.id) and _kept_elsewhere(g, e):
            yield unknown(e, why=f"what {e.title} loses when it fails is not known; the plan lists no copies of it")
        elif not copies and data_matter(g, e.id):
            yield fail(e, f"{e.title} is used by tier 1 and has no backup", at="rpo_s")
        elif not copies and rpo_s is not None and isinstance(e, DataSet):
            yield fail(e, f"{e.title} may lose {dur(rpo_s)} of data and has no backup", at="rpo_s", rpo_s=rpo_s)
        elif not copies:
            yield ok(e)
        elif rpo_s is None or not losses:
            yield unknown(e, "rpo_s" if rpo_s is None else "interval_s of its backups")
        elif min(losses) > rpo_s:
            message = f"{e.title} may lose {dur(rpo_s)} of data, but its copies may be {dur(min(losses))} old"
            yield fail(e, message, *(b.id for b in copies), at="rpo_s", rpc_s=min(losses), rpo_s=rpo_s)
        else:
            yield ok(e)


def _kept_elsewhere(g: Ground, s: System) -> bool:
    """Tell whether a standby or a provider may hold what a system holds."""
    return s.deployment in OFF_SITE or has_standby(g, s)


def _rpo_s(g: Ground, e: DataSet | System) -> float | None:
    """Return the RPO of data: their own, else their system's, else that of the activities that use them."""
    home = g.plan.systems.get(e.system or "") if isinstance(e, DataSet) else None
    for stated in (e, home):
        if stated is not None and stated.rpo_s is not None:
            return stated.rpo_s
    users = [a for a in g.plan.activities.values() if isinstance(e, DataSet) and a.id in e.used_by]
    users += g.dependents.get(e.id, []) if isinstance(e, System) and e.kind in RECORDS else []
    return min((a.rpo_s for a in users if a.rpo_s is not None), default=None)


def _apart(g: Ground, e: DataSet | System, copies: list[Backup]) -> list[Backup]:
    """Return the copies that count: a replica beside its source goes with it, when there are others."""
    replicas = ("sync_replica", "async_replica")
    apart = [b for b in copies if b.method not in replicas or not beside(g, b, e)]
    return apart or copies


@rule("AR-018", "high", serves="REC-03 IMP-05")
def recovery_goes_in_a_ring(g: Ground) -> Verdicts:
    """Things need each other to come back.

    Why: each waits for the other: a runbook on the failed share, sign-on that needs the VPN that needs sign-on
    [NIST SP 800-34, order of recovery].
    Computed: objects that need each other in a ring through needs in mode `and` and login_path; a procedure stored on,
    or on what can not do without, what it is for, without an offline copy; procedures that need, straight or through
    others, what each other recover.
    Fix: a way in that needs neither, and a copy on paper.

        procedures:
          - {id: share-back, covers: [file-share], stored_on: [file-share], offline_location: Command bag}
    """
    graph = {e.id: [t for need in needs_of(e) if is_and(need) for t in need.to] for _, e in g.plan.nodes()}
    for s in g.plan.systems.values():
        graph[s.id] = [*graph.get(s.id, ()), *s.login_path]
    for name in [t for targets in graph.values() for t in targets]:
        graph.setdefault(name, [])
    rings = [r for r in components(graph) if len(r) > 1]
    for ring in rings:
        first = g.plan.node(min(ring)) or g.plan.organization
        yield fail(first, f"these need each other to work: {names(sorted(ring))}", *sorted(ring), at="needs")
    recovers: dict[str, list[str]] = defaultdict(list)
    for p in g.plan.procedures.values():
        if p.phase == "recover":
            for name in p.covers:
                recovers[name].append(p.id)
    waits = {
        p.id: [q for first in p.prerequisites for need in (first, *_way_in(g, first)) for q in recovers.get(need, ())]
        for p in g.plan.procedures.values()
    }
    for ring in components(waits):
        alone = len(ring) == 1 and ring[0] in waits[ring[0]]
        if len(ring) > 1 or alone:
            first = g.plan.procedures[min(ring)]
            yield fail(
                first, f"can not be done before itself: {names(sorted(ring))}", *sorted(ring), at="prerequisites"
            )
    for p in g.plan.procedures.values():
        beside = [s for s in p.stored_on if {s, *_way_in(g, s)} & set(p.covers)]
        if p.phase not in ("prevent", "validate", "stand_down") and beside and not p.offline_location:
            yield fail(p, f"{p.title} lies on what it recovers: {names(beside)}", *beside, at="stored_on")
        else:
            yield ok(p)
    if not g.edges and not g.plan.procedures:
        yield unknown(g.plan.organization, why="the plan has neither needs nor procedures")


def _way_in(g: Ground, name: str) -> set[str]:
    """Return what an object can not do without, signing on included."""
    found = set(required(g, name))
    for at in (name, *found):
        system = g.plan.systems.get(at)
        for first in system.login_path if system is not None else ():
            found |= {first, *required(g, first)}
    return found - {name}
