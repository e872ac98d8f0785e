"""Systems, spares, data."""

import math

from openline.audit.copies import copies_of, copies_used, data_matter, kept, takes_all
from openline.audit.fallback import (
    TECHNICAL,
    bearable,
    by_hand,
    has_standby,
    needed_share,
    relieved,
    switch_s,
)
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground, Pair
from openline.audit.loss import arrangements_for
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import has_plant, names, nothing_listed, untiered
from openline.plan.arrangements import Arrangement
from openline.plan.systems import Component, System
from openline.units import format_duration as dur


def _judged(g: Ground) -> list[System]:
    """Return critical systems that are things, not names of a choice among others."""
    return [s for s in g.critical_systems if not g.is_composite(s)]


@rule("AR-060", "critical", serves="STR-02 STR-20 STR-27")
def critical_system_without_arrangement(g: Ground) -> Verdicts:
    """A critical system or support function has nothing to fall back on.

    Why: back-up and failover arrangements are defined for each critical system and support function [GSA].
    Computed: a system that tier 1 needs has no standby, is no one of several, has no arrangement other than by hand, no
    workaround (its own or an arrangement's) that carries the minimum, and costs more than the minimum can bear.
    Fix: define one.

        arrangements:
          - {id: local-sign-on, for: [identity], option: manual, capacity: 0.9, time_to_effect_s: 20m}
    """
    yield from untiered(g)
    for s in _judged(g):
        share, done = needed_share(g, s), by_hand(g, s)
        if relieved(g, s) or bearable(g, s):
            yield ok(s)
        elif done is not None and share is None:
            yield unknown(
                s, why=f"whether the workaround of {s.title} is enough can not be told without minimum_capacity"
            )
        elif done is not None and done >= (share or 0.0):
            yield ok(s)
        elif done is None and s.standby == "alternate_process":
            yield unknown(s, "manual_workaround")
        else:
            told = "" if done is None else f" but a workaround for {done:.0%}, where {share:.0%} is needed"
            yield fail(s, f"{s.title} has nothing to fall back on{told}", at="standby", standby=s.standby)


@rule("AR-061", "high", serves="STR-04")
def standby_is_slower_than_rto(g: Ground) -> Verdicts:
    """A standby takes over later than the RTO allows.

    Why: hot, warm and cold are words; the seconds decide [automatic failover].
    Computed: measured (else claimed) failover, or the time to effect of its arrangement (the slower where both are
    stated), plus detection (and, by hand, decision) > RTO of the system or of the tier-1 activities that need it; or
    the switch between alternatives that something names among its needs > its RTO. An RTO from the declaration leaves
    detection and decision out.
    Fix: a hotter standby, or let it take over by itself.

        systems:
          - {id: acd, kind: acd, rto_s: 30m, failover: {mode: automatic, measured_s: 215}}
    """
    yield from untiered(g)
    for s in _judged(g):
        if s.standby in (None, "none") and s.standby_system is None and not g.arrangements.get(s.id):
            continue
        rto, takes_s = g.rto_of(s.id), switch_s(g, s)
        if rto is None or takes_s is None:
            yield unknown(s, *(("rto_s",) if rto is None else ()), *(("failover",) if takes_s is None else ()))
        elif takes_s > rto:
            message = f"the standby of {s.title} carries after {dur(takes_s)}, the RTO is {dur(rto)}"
            yield fail(s, message, at="failover", takes_s=takes_s, rto_s=rto)
        else:
            yield ok(s)
    for _, entity in g.plan.nodes():
        needs = getattr(entity, "needs", ()) if entity.id in g.needed else ()
        for need in (n for n in needs if n.mode == "or" and n.to[0] in g.plan.systems):
            rto = g.rto_of(entity.id)
            if rto is not None and need.switch_s > rto:
                message = f"{entity.title} has changed over after {dur(need.switch_s)}, the RTO is {dur(rto)}"
                yield fail(entity, message, *need.to, at="needs", takes_s=need.switch_s, rto_s=rto)


@rule("AR-062", "high", serves="STR-04 TST-04 TST-06 TST-09")
def standby_never_proven(g: Ground) -> Verdicts:
    """A standby or an arrangement was not proven lately.

    Why: things that look good on paper fail real-life tests [DATAMARK].
    Computed: an arrangement or failover for what tier 1 needs without a pass within 365 days, or whose last test
    failed.
    Fix: a failover drill.

        arrangements:
          - {id: acd-failover, for: [acd], option: failover, proof: {level: proven, on: 2026-09-02, passed: true}}
    """
    yield from untiered(g)
    for r in g.plan.arrangements.values():
        if not any(_relied_on(g, name) for name in r.for_):
            continue
        if r.proof.passed is False:
            yield fail(r, f"the last test of {r.title} failed", *r.for_, at="proof", on=r.proof.on)
        elif r.proof.level == "claimed":
            yield fail(r, f"{r.title} is claimed, never tested", *r.for_, at="proof", level=r.proof.level)
        elif g.older(r.proof.on, g.limits.standby_test_d):
            told = "on no known day" if r.proof.on is None else f"{g.age_d(r.proof.on)} days ago"
            yield fail(r, f"{r.title} was last proven {told}", *r.for_, at="proof", age_d=g.age_d(r.proof.on))
        else:
            yield ok(r)
    for s in _judged(g):
        tried = s.standby == "alternate_process" and s.failover.measured_on is not None
        if s.standby not in ("hot", "warm", "cold") and s.standby_system is None and not tried:
            continue
        if s.failover.passed is False:
            yield fail(s, f"the last failover of {s.title} failed", at="failover", on=s.failover.measured_on)
        elif s.failover.measured_on is None and any(r.proof.level != "claimed" for r in g.arrangements.get(s.id, ())):
            yield ok(s)
        elif g.older(s.failover.measured_on, g.limits.standby_test_d):
            age = g.age_d(s.failover.measured_on)
            told = "never tried" if age is None else f"tried {age} days ago"
            yield fail(s, f"the failover of {s.title} was {told}", at="failover", age_d=age)
        else:
            yield ok(s)
    if not g.plan.arrangements and not any(s.standby for s in g.critical_systems):
        yield unknown(g.plan.organization, why="the plan lists neither arrangements nor standbys")


def _relied_on(g: Ground, name: str) -> bool:
    part = g.plan.components.get(name)
    return data_matter(g, name) or (part is not None and part in _parts(g))


def _parts_listed(g: Ground) -> Verdicts:
    """Yield that nothing can be said of parts when there is plant, and the plan lists none."""
    if has_plant(g):
        yield from nothing_listed(g.plan, "components")


def _parts(g: Ground) -> list[Component]:
    """Return components that are critical: called so, or of a critical system and not called otherwise."""
    systems = {s.id for s in g.critical_systems}
    return [c for c in g.plan.components.values() if c.critical or (c.critical is None and c.system in systems)]


@rule("AR-063", "critical", serves="STR-22 STR-23")
def no_spare_and_part_comes_late(g: Ground) -> Verdicts:
    """A critical part has no spare, and a new one comes after the RTO.

    Why: the centre may need to have an emergency part shipped [spare parts].
    Computed: no spare, no more in service than needed, its system has no standby, and lead time (the expedited one
    where it is promised) + fitting > RTO.
    Fix: stock one, or add redundancy.

        components:
          - {id: acd-psu, kind: psu, system: acd, critical: true, qty_needed: 1, qty_spare: 1, lead_time_s: 5d,
             fit_time_s: 40m}
    """
    yield from _parts_listed(g)
    for c in _parts(g):
        system = g.plan.systems.get(c.system or "")
        extra = c.qty_in_service is not None and c.qty_needed is not None and c.qty_in_service > c.qty_needed
        if (c.qty_spare or 0) > 0 or extra or (system is not None and has_standby(g, system)):
            yield ok(c)
            continue
        rto = (
            g.rto_of(c.system or "")
            if c.system
            else min((a.rto_s for a in g.tier_one if a.rto_s is not None), default=None)
        )
        lead = c.expedited_s if c.expedited_s is not None else c.lead_time_s
        in_time = lead is not None and rto is not None and lead + (c.fit_time_s or 0.0) <= rto
        if in_time:
            yield ok(c)
        elif c.qty_spare is None or lead is None or rto is None:
            fields = ("qty_spare",) * (c.qty_spare is None) + ("lead_time_s",) * (lead is None)
            yield unknown(c, *(fields or ("rto_s of its system",)))
        else:
            back_s = lead + (c.fit_time_s or 0.0)
            message = f"there is no spare of {c.title}; a new one works after {dur(back_s)}, the RTO is {dur(rto)}"
            yield fail(c, message, *((c.system,) if c.system else ()), at="qty_spare", takes_s=back_s, rto_s=rto)


@rule("AR-064", "medium", serves="STR-22")
def spares_only_beside_the_primary(g: Ground) -> Verdicts:
    """Spares lie beside what they replace, or nobody counts them.

    Why: what destroys the part destroys the spare; and a shelf is as good as its last count [DATAMARK; spare parts].
    Computed: spare_site is the part's site or in its building (the system's where the part states none), or the last
    count over 180 days ago or never, for critical parts with spares.
    Fix: keep them apart, count them.

        components:
          - {id: acd-psu, kind: psu, critical: true, site: quay, qty_spare: 1, spare_site: hill,
             last_stock_count: 2026-08-31}
    """
    yield from _parts_listed(g)
    for c in _parts(g):
        if not c.qty_spare:
            continue
        faults = []
        place = c.site or (g.plan.systems[c.system].location if c.system else None)
        if c.spare_site is not None and place is not None and _one_place(g, c.spare_site, place):
            faults.append("they lie where the part is")
        if g.older(c.last_stock_count, g.limits.stock_count_d):
            age = g.age_d(c.last_stock_count)
            faults.append("they were never counted" if age is None else f"they were counted {age} days ago")
        if faults:
            yield fail(
                c, f"spares of {c.title}: {'; '.join(faults)}", at="spare_site", age_d=g.age_d(c.last_stock_count)
            )
        elif c.spare_site is None or place is None:
            yield unknown(c, "spare_site" if c.spare_site is None else "site")
        else:
            yield ok(c)


def _one_place(g: Ground, a: str, b: str) -> bool:
    return g.building(g.plan.sites[a]) == g.building(g.plan.sites[b])


@rule("AR-065", "medium", serves="TEC-04 STR-22")
def component_past_its_support(g: Ground) -> Verdicts:
    """A part is past, or nearly past, its support.

    Why: spares and corrections vanish (assumed).
    Computed: end_of_support < the day of the audit + 180 days.
    Fix: replace it.

        components:
          - {id: acd-server, kind: server, end_of_support: 2029-12-31}
    """
    yield from _parts_listed(g)
    for c in g.plan.components.values():
        if c.end_of_support is None:
            if c.critical:
                yield unknown(c, "end_of_support")
        elif (left := (c.end_of_support - g.as_of).days) < g.limits.end_of_support_d:
            told = f"ended {-left} days ago" if left < 0 else f"ends in {left} days"
            yield fail(c, f"support of {c.title} {told}", at="end_of_support", days_left=left)
        else:
            yield ok(c)


@rule("AR-066", "high", serves="STR-03 PPL-02")
def arrangement_without_a_responsible_role(g: Ground) -> Verdicts:
    """Nobody is responsible for an arrangement.

    Why: define who will be responsible for implementation [GSA].
    Computed: responsible_role missing, or held by nobody active.
    Fix: assign it.

        arrangements:
          - {id: acd-failover, for: [acd], option: failover, responsible_role: telecom-engineer}
    """
    yield from nothing_listed(g.plan, "arrangements")
    for r in g.plan.arrangements.values():
        if r.responsible_role is None:
            yield fail(r, f"nobody is responsible for {r.title}", at="responsible_role")
        elif g.vacant(r.responsible_role):
            role = g.plan.roles[r.responsible_role]
            yield fail(r, f"{role.title}, responsible for {r.title}, is vacant", role.id, at="responsible_role")
        else:
            yield ok(r)


@rule("AR-067", "high", serves="STR-02 STR-31")
def standby_is_smaller_than_the_minimum(g: Ground) -> Verdicts:
    """A standby is too small for the minimum.

    Why: limited back-up resources must still reach the minimum [limited back-up resources].
    Computed: the standby's agents, licences or calls at once < agents of the minimum of the tier-1 activities that need
    the primary, or the calls that these hold; an arrangement's capacity below the minimum's share.
    Fix: size it up.

        systems:
          - {id: acd-standby, kind: acd, capacity: {agents: 260, concurrent_calls: 240}, licences: 260}
    """
    yield from untiered(g)
    for p in g.pairs:
        if not isinstance(p.primary, System) or not isinstance(p.standby, System) or not g.matters(p.primary):
            continue
        served = [a for a in g.tier_one if p.primary.id in g.closure_of(a.id) and a.channel == "voice"]
        if not served or g.is_composite(p.standby):
            continue
        needs = [g.work.minimum(a) for a in served]
        parts = _parts_of_choice(p)
        agents = math.ceil(sum(n.agents for n in needs if n is not None) / parts)
        calls = (
            sum(
                (n.contacts_per_h / 3600 * (a.minimum_capacity.share if a.minimum_capacity else 1.0) * (a.aht_s or 0.0))
                for a, n in zip(served, needs, strict=True)
                if n
            )
            / parts
        )
        s = p.standby
        sized = {
            "agents": (s.capacity.agents, agents),
            "licences": (s.licences, agents),
            "calls at once": (s.capacity.concurrent_calls, math.ceil(calls)),
        }
        small = [
            f"{have} {what} for {need}" for what, (have, need) in sized.items() if have is not None and have < need
        ]
        if None in needs:
            lacking = served[needs.index(None)]
            yield unknown(lacking, "minimum_capacity", "volumes")
        elif small:
            yield fail(
                s,
                f"{s.title} has {names(small)}",
                p.primary.id,
                at="capacity",
                agents_needed=agents,
                calls_needed=math.ceil(calls),
            )
        elif all(have is None for have, _ in sized.values()):
            if s.kind in ("acd", "pbx", "ccaas", "sbc", "ivr", "vpn", "vdi"):
                yield unknown(s, "capacity", "licences")
        else:
            yield ok(s)
    yield from _small_arrangements(g)


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
        elif r.capacity > 1 and systems and r.option in TECHNICAL and r.capacity < max(needs, default=0):
            message = f"{r.title} takes {r.capacity:g} where {max(needs)} agents are needed"
            yield fail(r, message, *r.for_, at="capacity", capacity=r.capacity, agents_needed=max(needs))
        else:
            yield ok(r)


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
    Fix: replicate, or compare by checklist.

        systems:
          - {id: acd-standby, kind: acd, config_as_of: 2026-08-20}
    """
    yield from untiered(g)
    for p in g.pairs:
        a, b = p.primary, p.standby
        if not isinstance(a, System) or not isinstance(b, System) or not (g.matters(a) or g.matters(b)):
            continue
        if g.is_composite(a) or g.is_composite(b):
            continue
        if a.config_as_of is None or b.config_as_of is None:
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


@rule("AR-069", "medium", serves="TEC-04")
def maintenance_is_overdue(g: Ground) -> Verdicts:
    """Maintenance is overdue, or failed last time.

    Why: system maintenance keeps infrastructure events away [seed 004].
    Computed: day of the audit > last_done + 1.1 x interval, or the last result failed.
    Fix: do it.

        maintenance_tasks:
          - {id: generator-run, object: quay-generator, kind: load run, interval_d: 31, last_done: 2026-10-05}
    """
    if has_plant(g):
        yield from nothing_listed(g.plan, "maintenance_tasks")
    for t in g.plan.maintenance_tasks.values():
        if t.result == "failed":
            yield fail(t, f"{t.title} failed last time", t.object, at="result", last_done=t.last_done)
        elif t.interval_d is None or t.last_done is None:
            yield unknown(t, *(f for f in ("interval_d", "last_done") if getattr(t, f) is None))
        elif g.older(t.last_done, t.interval_d * g.limits.maintenance_slack):
            age = g.age_d(t.last_done)
            told = f"was done {age} days ago, every {t.interval_d} is planned"
            yield fail(t, f"{t.title} {told}", t.object, at="last_done", age_d=age, interval_d=t.interval_d)
        else:
            yield ok(t)


@rule("AR-070", "high", serves="TEC-08 TST-06")
def restore_never_tested(g: Ground) -> Verdicts:
    """Nobody has tried lately to get the data back.

    Why: a backup is worth its last restore [HIPAA testing; DORA yearly].
    Computed: a copy of data that tier 1 uses without a restore test within 365 days, or whose result was not verified.
    A replica beside other copies is proven by failover instead.
    Fix: restore a sample and compare.

        backups:
          - {id: nightly, of: records, method: export, region: eu-north, last_restore_test: 2026-04-08,
             restore_verified: true}
    """
    yield from untiered(g)
    for b in copies_used(g):
        # A replica is proven by its failover; where there is another copy, nobody restores from it.
        replica = b.method in ("sync_replica", "async_replica") and b.last_restore_test is None
        if replica and any(o.id != b.id for o in copies_of(g, b.of)):
            continue
        if g.older(b.last_restore_test, g.limits.restore_test_d):
            age = g.age_d(b.last_restore_test)
            told = "was never tried" if age is None else f"was tried {age} days ago"
            yield fail(b, f"restoring from {b.title} {told}", b.of, at="last_restore_test", age_d=age)
        elif b.restore_verified is False:
            yield fail(b, f"what was restored from {b.title} was not compared", b.of, at="restore_verified")
        elif b.restore_verified is None:
            yield unknown(b, "restore_verified")
        else:
            yield ok(b)


@rule("AR-071", "high", serves="TEC-06")
def no_copy_out_of_reach(g: Ground) -> Verdicts:
    """No copy is offline or can not be changed.

    Why: ransomware goes for the backups first; downtime was 6 to 24 days [domain R19].
    Computed: no backup of a data set that tier 1 uses, or of the system in which it lives, is offline or immutable; the
    same for systems with backups and no data set.
    Fix: add one.

        backups:
          - {id: vault, of: records, method: export, region: eu-north, offline_or_immutable: true}
    """
    yield from untiered(g)
    for name in kept(g):
        data = g.plan.data_sets.get(name) or g.plan.systems[name]
        copies = copies_of(g, name)
        states = [b.offline_or_immutable for b in copies]
        if any(states):
            yield ok(data)
        elif not copies and not g.plan.backups:
            yield unknown(data, why=f"the plan lists no backups, so what copies there are of {data.title} is not known")
        elif None in states:
            yield unknown(next(b for b in copies if b.offline_or_immutable is None), "offline_or_immutable")
        else:
            told = f"every copy of {data.title} can be reached and changed" if copies else f"{data.title} has no copy"
            yield fail(data, told, *(b.id for b in copies), copies=len(states))


@rule("AR-072", "high", serves="TEC-08")
def restore_is_slower_than_rto(g: Ground) -> Verdicts:
    """Getting the data back takes longer than the RTO.

    Why: the application is up when its data are [NIST SP 800-34].
    Computed: the fastest copy's restore_s + rebuild_s > RTO of the system that holds the data (of the data's tier-1
    activities when it states none); data with a replica that takes over are not restored.
    Fix: a faster method.

        backups:
          - {id: nightly, of: records, method: export, region: eu-north, restore_s: 20m, rebuild_s: 5m}
    """
    yield from untiered(g)
    for name in kept(g):
        copies = copies_of(g, name)
        if not copies:
            continue
        if any(b.method == "sync_replica" or (b.method == "async_replica" and b.restore_s is None) for b in copies):
            continue
        data = g.plan.data_sets.get(name)
        holder = (data.system if data is not None else name) or ""
        rto = (
            g.rto_of(holder)
            if holder
            else min((a.rto_s for a in g.tier_one if data and a.id in data.used_by and a.rto_s), default=None)
        )
        times = [b.restore_s + (b.rebuild_s or 0.0) for b in copies if b.restore_s is not None]
        subject = data or g.plan.systems[name]
        if rto is None or not times:
            yield unknown(copies[0] if not times else subject, "restore_s" if not times else "rto_s")
        elif min(times) > rto:
            message = f"{subject.title} is back after {dur(min(times))}, the RTO is {dur(rto)}"
            yield fail(subject, message, *(b.id for b in copies), restore_s=min(times), rto_s=rto)
        else:
            yield ok(subject)


@rule("AR-073", "medium", serves="TEC-08")
def backup_is_stale(g: Ground) -> Verdicts:
    """The last backup is older than it should be.

    Why: a job that fails silently is found on the day it is needed (assumed).
    Computed: last_success older than 2 x interval, at least one day (dates have no hours).
    Fix: mend the job, and watch it.

        backups:
          - {id: nightly, of: records, method: full, interval_s: 24h, region: eu-north, last_success: 2026-10-31}
    """
    yield from nothing_listed(g.plan, "backups")
    for b in g.plan.backups.values():
        if b.method in ("sync_replica", "async_replica") and b.last_success is None:
            continue
        interval_s = 0.0 if b.interval_s is None and b.method in ("sync_replica", "async_replica") else b.interval_s
        if b.last_success is None or interval_s is None:
            yield unknown(b, *(f for f in ("last_success", "interval_s") if getattr(b, f) is None))
            continue
        most_d = max(1.0, math.ceil(g.limits.backup_intervals * interval_s / 86400))
        if g.older(b.last_success, most_d):
            age = g.age_d(b.last_success)
            yield fail(
                b, f"the last success of {b.title} is {age} days old", b.of, at="last_success", age_d=age, most_d=most_d
            )
        else:
            yield ok(b)


@rule("AR-074", "critical", serves="TEC-06 COM-05")
def plan_out_of_reach_when_needed(g: Ground) -> Verdicts:
    """The plan or the contact list can not be reached in the scenario it is for.

    Why: the plan must survive what it is for: printed and off-site copies [domain R52].
    Computed: for each plan and contact list and each scenario: every copy lies on a system or site that the scenario
    takes down, and no offline copy lies elsewhere.
    Fix: offline copies at other places.

        documents:
          - {id: printed-plan, kind: plan, stored_on: [file-share],
             offline_copies: [{place: At home with each commander}]}
    """
    papers = [d for d in g.plan.documents.values() if d.kind in ("plan", "contact_list")]
    if not papers:
        yield unknown(
            g.plan.organization, why="where the plan and the contact list are kept is not in the plan (documents)"
        )
    for d in papers:
        if not d.stored_on and not d.offline_copies:
            yield unknown(d, "stored_on", "offline_copies")
            continue
        drowned = [
            s for s in g.plan.scenarios.values() if takes_all(g, s, d.stored_on, [c.site for c in d.offline_copies])
        ]
        if not drowned and d.offline_copies:
            yield ok(d)
        elif drowned:
            message = f"in {names(list(drowned))} no copy of {d.title} can be reached"
            yield fail(d, message, *(s.id for s in drowned), at="offline_copies", copies=len(d.offline_copies))
        elif not g.plan.scenarios:
            yield unknown(d, why="the plan lists no scenarios, so what takes the copies away is not known")
        else:
            yield ok(d)
