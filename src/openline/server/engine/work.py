"""One job as a short DBOS workflow whose shape never changes: act, then record.

Acting is a DBOS step: once its row is written it is never repeated, and a node taken for dead can not write it.
Recording is a plain transaction: the job's own row tells whether it was done, and a second row would cost a commit.
"""

import functools
import json
import logging
import socket
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, ParamSpec, TypeVar

from dbos import DBOS
from django.db import Error, InterfaceError, OperationalError, connection, connections

from openline.server.engine import store
from openline.server.engine.connect import WORKFLOW
from openline.server.engine.job import Outcome, Payload, Refused, UnknownKind, Work
from openline.server.engine.models import Job, State
from openline.server.engine.nothing import WORK

log = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

UNKNOWN_KIND_WAIT_S = 60.0
RECORD_WAIT_MOST_S = 60.0
LONGEST_PAUSE_S = 5.0
MOST_TEXT = 500


class Running:
    """What this process runs: set once by start, read by the steps."""

    def __init__(self) -> None:
        self.work: Work = WORK
        self.actions: set[str] = set()
        self.trouble = ""
        """Why the database takes nothing at this moment; empty when all is well."""


RUNNING = Running()


def seam(name: str) -> None:
    """Do nothing; fault injection puts its own function here to end the process exactly at this place."""


def waiting_out_lost_database(step: Callable[P, R]) -> Callable[P, R]:
    """Repeat a step until the database takes it: DBOS does so for its own statements only, and would drop the job."""

    @functools.wraps(step)
    def patient(*args: P.args, **kwargs: P.kwargs) -> R:
        pause_s = 0.2
        while True:
            try:
                found = step(*args, **kwargs)
                _tell_trouble_over()
                return found
            except (OperationalError, InterfaceError) as error:
                RUNNING.trouble = f"the database takes nothing: {error}"[:MOST_TEXT]
                log.warning("waiting for the database: %s", error)
            finally:
                connections.close_all()
            # Leaving here would lose the step; a process that stops is cut off, and another run takes the job up.
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    return patient


def _tell_trouble_over() -> None:
    if RUNNING.trouble:
        store.raise_alarm("database-lost", socket.gethostname(), RUNNING.trouble)
        RUNNING.trouble = ""


def database_answers() -> bool:
    """Tell whether the database can be read at this moment."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


@DBOS.step(name="act")
@waiting_out_lost_database
def _act(key: str, run: int) -> dict[str, Any] | None:
    """Do the action once. Returns the outcome, or None when there is nothing to record now."""
    job = store.begin(key, run)
    if job is None:
        return None
    if job.state == State.ACTED:
        return dict(job.outcome or {})
    seam("before-effect")
    RUNNING.actions.add(key)
    try:
        outcome = _attempt(job)
    finally:
        RUNNING.actions.discard(key)
    seam("after-effect")
    return None if outcome is None else asdict(outcome)


def _attempt(job: Job) -> Outcome | None:
    """Call the action and turn whatever it raises into an outcome or into a later attempt."""
    work = RUNNING.work
    try:
        result = work.act(job.kind, job.key, job.payload, job.attempts)
        return _done(job, result or {})
    except Refused as error:
        return _outcome(job, "failed", {}, str(error))
    except UnknownKind:
        text = f"no part of this version knows jobs of kind {job.kind!r}; it waits for one that does"
        store.raise_alarm("unknown-kind", job.key, text)
        store.try_again(job.key, job.run, UNKNOWN_KIND_WAIT_S, counts=False)
        return None
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError) and not database_answers():
            raise
        return _failed(job, work, error)


def _done(job: Job, result: Payload) -> Outcome:
    try:
        json.dumps(result, allow_nan=False)
    except (TypeError, ValueError) as error:
        return _outcome(job, "done", {}, f"what the action returned was left out, being no small JSON: {error}")
    return _outcome(job, "done", result, "")


def _failed(job: Job, work: Work, error: Exception) -> Outcome | None:
    log.warning("job %s failed at attempt %d: %r", job.key, job.attempts, error)
    retry, failures = work.retry(job.kind), job.failures + 1
    job.refresh_from_db()
    if failures >= retry.attempts or job.is_cancel_asked:
        return _outcome(job, "failed", {}, f"{type(error).__name__}: {error}")
    store.try_again(job.key, job.run, retry.wait_s(failures), counts=True)
    return None


def _outcome(job: Job, status: str, result: Payload, error: str) -> Outcome:
    # An attempt that failed by itself was seen to fail; one that left no failure was cut off.
    is_cut_off = job.attempts - 1 > job.failures
    return Outcome(status, result, error[:MOST_TEXT], job.attempts, is_cut_off)


@waiting_out_lost_database
def _record(key: str, run: int, outcome: dict[str, Any]) -> None:
    """Record the outcome; when the record itself fails, keep the outcome and come back later."""
    try:
        store.finish(key, run, Outcome(**outcome), RUNNING.work.record)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("the outcome of job %s can not be recorded", key)
        _record_later(key, run, outcome, error)


def _record_later(key: str, run: int, outcome: dict[str, Any], error: Exception) -> None:
    job = Job.objects.filter(key=key, run=run).first()
    if job is None:
        return
    store.keep_outcome(job, Outcome(**outcome))
    store.raise_alarm("record-failed", key, f"{type(error).__name__}: {error}")
    store.try_again(key, run, min(RECORD_WAIT_MOST_S, 2.0 ** min(job.failures, 6)), counts=True)


@DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def run_job(key: str, run: int) -> None:
    """Carry one job through; nothing here may depend on anything but what the action gave."""
    seam("before-act")
    outcome = _act(key, run)
    seam("after-act")
    if outcome is not None:
        _record(key, run, outcome)
        seam("after-record")
