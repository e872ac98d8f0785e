"""Copies of data: tried, out of reach of an attacker, fast enough, fresh."""

import math

from openline.audit.copies import copies_of, copies_used, kept
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed, untiered
from openline.plan.data import DataSet
from openline.units import format_duration as dur


@rule("AR-070", "high", serves="TEC-08 TST-06")
def restore_never_tested(g: Ground) -> Verdicts:
    """Nobody has tried lately to get the data back.

    Why: a backup is worth its last restore [HIPAA testing; DORA yearly].
    Computed: a copy without a restore test within 365 days, or whose result was not verified; that a test was never
    tried counts for data that tier 1 uses only. A replica beside other copies is proven by failover instead.
    Fix: restore a sample, compare it with the original, and note the day.

        backups:
          - {id: nightly, of: records, method: export, region: eu-north, last_restore_test: 2026-04-08,
             restore_verified: true}
    """
    yield from untiered(g)
    used = {b.id for b in copies_used(g)}
    for b in g.plan.backups.values():
        if b.id not in used and b.last_restore_test is None and b.restore_verified is not False:
            continue
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
            yield unknown(b, "restore_verified") if b.id in used else ok(b)
        else:
            yield ok(b)


@rule("AR-071", "high", serves="TEC-06")
def no_copy_out_of_reach(g: Ground) -> Verdicts:
    """No copy is offline or can not be changed.

    Why: ransomware goes for the backups first; downtime was 6 to 24 days [domain R19].
    Computed: no backup of a data set that tier 1 uses, or of the system in which it lives, is offline or immutable; the
    same for systems with backups and no data set.
    Fix: keep one copy offline, or where nobody can change it.

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
    Computed: the fastest copy's restore_s + rebuild_s > RTO of the system that holds the data (the tightest of what
    uses them when none does); data with a replica that takes over are not restored.
    Fix: a faster method, such as a snapshot or a replica, or a machine that stands ready.

        backups:
          - {id: nightly, of: records, method: export, region: eu-north, restore_s: 20m, rebuild_s: 5m}
    """
    yield from untiered(g)
    used = kept(g)
    others = [b.of for b in g.plan.backups.values() if b.restore_s is not None]
    for name in dict.fromkeys((*used, *others)):
        copies = copies_of(g, name)
        if not copies:
            continue
        if any(b.method == "sync_replica" or (b.method == "async_replica" and b.restore_s is None) for b in copies):
            continue
        subject = g.plan.data_sets.get(name) or g.plan.systems[name]
        rto = _rto_s(g, subject) if isinstance(subject, DataSet) else g.rto_of(name)
        times = [b.restore_s + (b.rebuild_s or 0.0) for b in copies if b.restore_s is not None]
        if rto is None or not times:
            if name in used:
                yield unknown(copies[0] if not times else subject, "restore_s" if not times else "rto_s")
        elif min(times) > rto:
            message = f"{subject.title} is back after {dur(min(times))}, the RTO is {dur(rto)}"
            yield fail(subject, message, *(b.id for b in copies), restore_s=min(times), rto_s=rto)
        else:
            yield ok(subject)


def _rto_s(g: Ground, data: DataSet) -> float | None:
    """Return the RTO of the system that holds data, else the tightest of what uses them."""
    if data.system is not None:
        return g.rto_of(data.system)
    return min((rto for i in data.used_by if (rto := g.rto_of(i)) is not None), default=None)


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
