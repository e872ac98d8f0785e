"""The jobs' rows: how they come in, move on and end. Each function is one transaction, or part of the caller's."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet

from openline.server.engine.clock import database_now
from openline.server.engine.job import BadJob, NewJob, Outcome, Record
from openline.server.engine.models import OPEN, EngineAlarm, Job, State

MOST_PAYLOAD_BYTES = 4096
EARLY_S = 0.05
"""A timer may fire this much before its time, so that a rounded millisecond does not arm it again."""
SKEW_S = 2.0
BEYOND_S = 86400.0


class NotInTransaction(RuntimeError):
    """Jobs are written together with their cause: call enqueue and cancel inside transaction.atomic()."""


def enqueue(jobs: Sequence[NewJob]) -> list[str]:
    """Keep jobs in the open transaction; returns the keys that are new. Raises NotInTransaction, BadJob."""
    _ensure_in_transaction()
    for job in jobs:
        _ensure_good(job)
    known = set(Job.objects.filter(key__in=[j.key for j in jobs]).values_list("key", flat=True))
    fresh = {j.key: j for j in jobs if j.key not in known}
    if not fresh:
        return []
    now = database_now()
    rows = [_row(job, now) for job in fresh.values()]
    Job.objects.bulk_create(rows, ignore_conflicts=True)
    _carry(rows, now)
    return list(fresh)


def _row(job: NewJob, now: datetime) -> Job:
    due_at = job.due_at or now + timedelta(seconds=job.delay_s or 0.0)
    expires_at = None if job.expires_s is None else due_at + timedelta(seconds=job.expires_s)
    return Job(
        key=job.key,
        topic=job.topic,
        kind=job.kind,
        payload=job.payload,
        due_at=due_at,
        expires_at=expires_at,
        made_at=now,
    )


def _ensure_in_transaction() -> None:
    if not connection.in_atomic_block:
        raise NotInTransaction(NotInTransaction.__doc__)


def _ensure_good(job: NewJob) -> None:
    if not job.key.strip() or len(job.key) > 180 or "~" in job.key:
        raise BadJob(f"a job's key has 1 to 180 characters and no ~: {job.key[:40]!r}")
    if job.delay_s is not None and job.due_at is not None:
        raise BadJob(f"job {job.key} has both delay_s and due_at; give one")
    if job.due_at is not None and job.due_at.tzinfo is None:
        raise BadJob(f"job {job.key}: due_at needs a time zone")
    try:
        size = len(json.dumps(job.payload, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise BadJob(f"job {job.key}: the payload must be small JSON: {error}") from None
    if size > MOST_PAYLOAD_BYTES:
        raise BadJob(f"job {job.key}: the payload has {size} bytes; keep it in a table, pass its id")


def _carry(rows: Iterable[Job], now: datetime) -> None:
    from openline.server.engine.connect import carry  # DBOS and SQLAlchemy, only where jobs are really written

    carry([(r.run_id, r.key, r.run, (r.due_at - now).total_seconds(), bool(r.payload.get("bulk"))) for r in rows])


def cancel(keys: Iterable[str]) -> list[str]:
    """Call off jobs in the open transaction; returns those that will not run.

    A job whose action runs at this moment ends as it ends and is recorded, but is not tried again.
    """
    _ensure_in_transaction()
    wanted, now = list(keys), database_now()
    waiting = list(_locked(Job.objects.filter(key__in=wanted, state=State.WAITING)).values_list("key", flat=True))
    Job.objects.filter(key__in=waiting).update(state=State.CANCELLED, over_at=now)
    Job.objects.filter(key__in=wanted, state=State.RUNNING).update(is_cancel_asked=True)
    return waiting


def _locked(jobs: "QuerySet[Job]") -> "QuerySet[Job]":
    """Lock rows on PostgreSQL; in SQLite the transaction has the whole file already."""
    return jobs.select_for_update() if connection.vendor == "postgresql" else jobs


def begin(key: str, run: int) -> Job | None:
    """Count an attempt and return the job, or None when this engine row has nothing to do (any more, or yet).

    A job that is not due yet is armed again, and one that came too late gets its outcome.
    """
    with transaction.atomic():
        job = _locked(Job.objects.filter(key=key, run=run)).first()
        if job is None or job.state in (State.DONE, State.CANCELLED):
            return None
        now = database_now()
        if job.state == State.ACTED:
            return job
        if (job.due_at - now).total_seconds() > EARLY_S:
            _rearm_early(job, now)
            return None
        if job.attempts == 0 and job.expires_at is not None and now > job.expires_at:
            keep_outcome(job, Outcome("expired", {}, "it was due and nothing was running", 0, False))
            return job
        job.state, job.attempts = State.RUNNING, job.attempts + 1
        job.save(update_fields=["state", "attempts"])
        return job


def _rearm_early(job: Job, now: datetime) -> None:
    """Arm a timer again that some node's wall clock let go too soon.

    A clock that is wrong by much would do so each second; then the engine row waits far beyond its time, and is woken
    by the database's clock instead (reconcile.wake_late).
    """
    early_s = (job.due_at - now).total_seconds()
    if early_s > SKEW_S:
        raise_alarm("early", "timers", f"the clock of a node is ahead: {job.key} was let go {early_s:.0f} s early")
    rearm(job, now, job.due_at, beyond_s=BEYOND_S if early_s > SKEW_S else 0.0)


def rearm(job: Job, now: datetime, at: datetime, beyond_s: float = 0.0) -> None:
    """Let a new engine row carry the job, due at a time; part of the caller's transaction."""
    changed = Job.objects.filter(key=job.key, run=job.run, state__in=OPEN).update(run=F("run") + 1, due_at=at)
    if changed:
        job.run, job.due_at = job.run + 1, at
        _carry([job], now - timedelta(seconds=beyond_s))


def keep_outcome(job: Job, outcome: Outcome) -> None:
    """Write down how the action ended, before it is recorded."""
    job.state, job.outcome = State.ACTED, asdict(outcome)
    job.save(update_fields=["state", "outcome"])


def try_again(key: str, run: int, wait_s: float, *, counts: bool) -> None:
    """Let a job wait for its next attempt, in one transaction; an attempt that does not count did nothing at all."""
    with transaction.atomic():
        job = _locked(Job.objects.filter(key=key, run=run, state__in=OPEN)).first()
        if job is None:
            return
        now = database_now()
        job.state = State.WAITING if job.state == State.RUNNING else job.state
        job.failures, job.attempts = job.failures + int(counts), job.attempts - int(not counts)
        job.save(update_fields=["state", "failures", "attempts"])
        rearm(job, now, now + timedelta(seconds=wait_s))


def finish(key: str, run: int, outcome: Outcome, record: Record) -> None:
    """Record an outcome and close the job in one transaction; does nothing when that was done before."""
    with transaction.atomic():
        job = _locked(Job.objects.filter(key=key, state__in=OPEN)).first()
        if job is None or job.run != run:
            return
        record(job.topic, job.kind, job.key, job.payload, outcome)
        job.state, job.outcome, job.over_at = State.DONE, asdict(outcome), database_now()
        job.save(update_fields=["state", "outcome", "over_at"])


def raise_alarm(code: str, about: str, message: str) -> None:
    """Keep an alarm, counted when it is known; part of the caller's transaction or one of its own."""
    with transaction.atomic():
        now = database_now()
        alarm, is_new = EngineAlarm.objects.get_or_create(
            code=code, about=about[:220], defaults={"message": message[:500], "first_at": now, "last_at": now}
        )
        if not is_new:
            EngineAlarm.objects.filter(pk=alarm.pk).update(count=F("count") + 1, last_at=now, message=message[:500])
