"""The engine as others see it: enqueue, cancel, start, stop and status."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import connection

from openline.server.engine import store
from openline.server.engine.clock import database_now as now
from openline.server.engine.job import (
    Act,
    BadJob,
    NewJob,
    Outcome,
    Record,
    Refused,
    Retry,
    Schedule,
    UnknownKind,
    Work,
)
from openline.server.engine.state import Status, status
from openline.server.engine.store import NotInTransaction

MIGRATE_LOCK = 0x0E10

__all__ = [
    "Act",
    "BadJob",
    "NewJob",
    "NotInTransaction",
    "Outcome",
    "Record",
    "Refused",
    "Retry",
    "Schedule",
    "Status",
    "UnknownKind",
    "Work",
    "cancel",
    "enqueue",
    "migrate",
    "now",
    "one_at_a_time",
    "start",
    "status",
    "stop",
]


def enqueue(jobs: Sequence[NewJob]) -> list[str]:
    """Keep jobs in the transaction that is open, or none when it rolls back; returns the keys that are new.

    Raises NotInTransaction outside transaction.atomic(), and BadJob.
    """
    return store.enqueue(jobs)


def cancel(keys: Iterable[str]) -> list[str]:
    """Call jobs off in the transaction that is open; returns those that will not run (again).

    A job whose action runs at this moment ends as it ends, and its outcome is recorded. Raises NotInTransaction.
    """
    return store.cancel(keys)


def start(
    *,
    act: Act,
    record: Record,
    retries: Mapping[str, Retry] | None = None,
    schedules: Sequence[Schedule] = (),
    node: str = "",
) -> None:
    """Start the engine in this process; `act` and `record` are called from its threads.

    Raises EngineTaken when another process has the SQLite file, NodeTaken when a living node has this name.
    """
    # DBOS takes half a second to import, which only a process that runs the engine should pay.
    from openline.server.engine import lifecycle

    lifecycle.start(Work(act, record, retries or {}, tuple(schedules)), node=node)


def stop() -> None:
    """Stop the engine in this process, if it runs; what is left is carried on by the next start or another node."""
    from openline.server.engine import lifecycle

    lifecycle.stop()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep other nodes from changing the tables at the same moment; on SQLite there are none."""
    if connection.vendor == "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, 0)", (MIGRATE_LOCK,))
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", (MIGRATE_LOCK,))


def migrate() -> None:
    """Make or update the engine's tables that Django's migrations do not know."""
    from openline.server.engine import lifecycle

    lifecycle.migrate()
