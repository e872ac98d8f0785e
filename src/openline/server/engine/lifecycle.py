"""Starting and stopping the engine in this process, in the right order."""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig
from django.db import connections

from openline.server.engine import file_lock
from openline.server.engine.connect import APP, JSON, QUEUE, SCHEMA, is_sqlite, own_engine, sqlalchemy_url
from openline.server.engine.housekeeping import Housekeeping, Pace
from openline.server.engine.job import Work
from openline.server.engine.nodes import Pulse, Watch, new_name
from openline.server.engine.recurring import Recurring
from openline.server.engine.refusals import AlreadyRunning
from openline.server.engine.work import RUNNING

log = logging.getLogger(__name__)
VERSION = "jobs-1"
"""Of the two steps of a job, not of Openline: changed only when engine rows that lie there could not be carried on."""

WORKERS = 16
POLL_S = 0.2
LEAVE_S = 3


@dataclass(slots=True)
class Engine:
    """What was started, to be stopped in the opposite order."""

    name: str
    connections: sa.Engine
    housekeeping: Housekeeping
    pulse: Pulse | None = None
    lock: IO[str] | None = None


_engine: Engine | None = None


def current() -> Engine | None:
    """Return the engine of this process, or None."""
    return _engine


def start(work: Work, *, node: str = "", pace: Pace | None = None) -> None:
    """Start the engine here. Raises AlreadyRunning, file_lock.EngineTaken, nodes.NodeTaken."""
    global _engine
    if _engine is not None:
        raise AlreadyRunning(AlreadyRunning.__doc__)
    with contextlib.ExitStack() as undo:
        lock = pulse = watch = None
        if is_sqlite():
            name = "local"
            lock = undo.enter_context(file_lock.take(Path(connections["default"].settings_dict["NAME"])))
        else:
            name = node or new_name()
            pulse, watch = Pulse(name), Watch(name)
            pulse.join()  # before any work is taken, or the others could take this node's work for a dead one's
            undo.callback(pulse.leave)
        RUNNING.work = work
        own = own_engine(name)
        undo.callback(own.dispose)
        undo.callback(DBOS.destroy)
        _launch(name, own)
        housekeeping = Housekeeping(watch, Recurring(work.schedules), pace or Pace())
        housekeeping.start()
        undo.pop_all()
    _engine = Engine(name, own, housekeeping, pulse, lock)


def _launch(name: str, own: sa.Engine) -> None:
    config = DBOSConfig(
        name=APP,
        system_database_engine=own,
        dbos_system_schema=SCHEMA,
        executor_id=name,
        application_version=VERSION,
        serializer=JSON,
        log_level="WARNING",
        console_log_level="WARNING",
        enable_otlp=False,
    )
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(QUEUE, worker_concurrency=WORKERS, polling_interval_sec=POLL_S)


def stop() -> None:
    """Stop the engine, if it runs: first our own threads, then DBOS, then leave the table of nodes."""
    global _engine
    if _engine is None:
        return
    engine, _engine = _engine, None
    engine.housekeeping.stop()
    DBOS.destroy(workflow_completion_timeout_sec=LEAVE_S if RUNNING.actions else 0)
    engine.connections.dispose()
    if engine.pulse is not None:
        engine.pulse.leave()
    if engine.lock is not None:
        engine.lock.close()
    connections.close_all()


def migrate() -> None:
    """Make or update DBOS's tables, so that jobs can be kept before any engine has run."""
    DBOS.migrate(sqlalchemy_url(), schema=SCHEMA)
