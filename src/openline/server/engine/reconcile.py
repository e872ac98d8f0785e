"""Compares the jobs that are open with what DBOS has, and repairs: nothing that was asked for is ever forgotten."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from dbos import DBOS
from django.db import transaction

from openline.server.engine import store
from openline.server.engine.clock import database_now
from openline.server.engine.connect import APP
from openline.server.engine.models import OPEN, Job, State

T = TypeVar("T")

LATE_S = 1.0
"""A job due so long ago whose engine row still waits is woken: some node's wall clock was wrong."""

OVERDUE_S = 60.0
"""A job due so long ago that has not begun is an alarm."""

AT_ONCE = 200
KEPT_ROWS = timedelta(hours=1)
KEPT_JOBS = timedelta(days=400)
"""A key is known for so long after its job was over; asking for it again later would be a new job."""


def wake_late() -> int:
    """Let jobs run that are due while their engine rows wait by a wrong clock; returns how many."""
    late = Job.objects.filter(state=State.WAITING, due_at__lt=database_now() - timedelta(seconds=LATE_S))
    ids = [job.run_id for job in late[:AT_ONCE]]
    waiting = [w.workflow_id for w in _rows(ids) if w.status == "DELAYED"] if ids else []
    for row_id in waiting:
        DBOS.set_workflow_delay(row_id, delay_until_epoch_ms=0)
    return len(waiting)


def reconcile() -> list[str]:
    """Carry every open job that DBOS has lost anew, with an alarm for each; returns their keys."""
    repaired = []
    for jobs in _batches(list(Job.objects.filter(state__in=OPEN))):
        statuses = {w.workflow_id: w.status for w in _rows([j.run_id for j in jobs])}
        repaired += [j.key for j in jobs if _is_repaired(j, statuses.get(j.run_id))]
    return repaired


def _is_repaired(job: Job, status: str | None) -> bool:
    now = database_now()
    if status in ("PENDING", "DELAYED", "ENQUEUED"):
        _tell_overdue(job, status, now)
        return False
    with transaction.atomic():
        before = job.run
        store.rearm(job, now, max(job.due_at, now))
        if job.run == before:
            return False  # it went on by itself since the two were read
        what = "is missing" if status is None else f"is {status}"
        store.raise_alarm("engine-row", job.key, f"the engine's row of this open job {what}; it is carried anew")
    return True


def _tell_overdue(job: Job, status: str, now: datetime) -> None:
    late_s = (now - job.due_at).total_seconds()
    if job.state == State.WAITING and late_s > OVERDUE_S:
        store.raise_alarm("overdue", job.key, f"was due {late_s:.0f} s ago and has not begun ({status.lower()})")


def tidy() -> int:
    """Delete engine rows that have served, and jobs over for longer than their keys are kept; returns how many rows."""
    now = database_now()
    over = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=(now - KEPT_ROWS).isoformat(),
        application_name=APP,
        limit=5000,
        load_input=False,
        load_output=False,
    )
    called_off = Job.objects.filter(state=State.CANCELLED, over_at__gt=now - timedelta(days=1))
    useless = {w.workflow_id for w in over} - _carrying_open_jobs()
    useless |= {w.workflow_id for w in _rows([j.run_id for j in called_off]) if w.status == "DELAYED"}
    for ids in _batches(sorted(useless)):
        DBOS.delete_workflows(list(ids))
    Job.objects.filter(over_at__lt=now - KEPT_JOBS).delete()
    return len(useless)


def _carrying_open_jobs() -> set[str]:
    return {job.run_id for job in Job.objects.filter(state__in=OPEN)}


def _rows(ids: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for some in _batches(ids):
        found += DBOS.list_workflows(workflow_ids=list(some), load_input=False, load_output=False)
    return found


def _batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
