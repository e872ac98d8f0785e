"""The engine as others see it: enqueue, cancel, start, stop and status."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper

MIGRATE_LOCK = 0x0E10
MIGRATE_PAUSE_S = 0.2

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
        # Asking again and again, since waiting inside a statement would block the indexes that the other one builds.
        while not _is_locked(cursor):
            time.sleep(MIGRATE_PAUSE_S)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, 0)", (MIGRATE_LOCK,))


def _is_locked(cursor: "CursorWrapper") -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s, 0)", (MIGRATE_LOCK,))
    return bool(cursor.fetchone()[0])


def migrate() -> None:
    """Make the engine's tables that Django's migrations do not know; the start of an engine keeps them up to date."""
    if _has_tables():
        return  # importing DBOS would make every start slower
    from openline.server.engine import lifecycle

    lifecycle.migrate()


def _has_tables() -> bool:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'dbos_migrations'")
            return cursor.fetchone() is not None
        cursor.execute("SELECT to_regclass('engine.dbos_migrations')")
        return cursor.fetchone()[0] is not None
