"""Nodes on PostgreSQL: each shows that it lives, and takes over the work of one that does not.

A node counts its own beat up each second. The others watch that number by their own monotonic clocks, so that no two
clocks are ever compared. A lock of the session tells sooner: the server frees it when the dead process's socket closes.
"""

import hashlib
import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from dbos import DBOS

from openline.server.engine.connect import APP, QUEUE, libpq_settings
from openline.server.engine.refusals import NodeTaken

log = logging.getLogger(__name__)
NODE_LOCK, TAKE_LOCK = 0x0E11, 0x0E12
BEAT_S = 1.0
LIFE_S = 5.0
"""A node whose beat stood still for so long is dead."""

Connection = psycopg.Connection[tuple[Any, ...]]


def new_name() -> str:
    """Return a name that no other start of any process has."""
    return f"{socket.gethostname()[:60]}-{secrets.token_hex(6)}"


def lock_key(name: str) -> int:
    """Return the number that stands for a name in the server's locks, the same in every process."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") >> 1


def connect(name: str) -> Connection:
    """Return a connection whose statements commit at once and do not hang."""
    found = psycopg.connect(autocommit=True, **libpq_settings(name))
    found.execute("SET statement_timeout = '5s'")
    return found


class Pulse:
    """Shows that this node lives. Runs in a thread of its own, so that nothing else makes it late."""

    def __init__(self, name: str, beat_s: float = BEAT_S) -> None:
        self.name, self.beat_s = name, beat_s
        self.rejoined = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-pulse", daemon=True)
        self._connection: Connection | None = None

    def join(self) -> None:
        """Enter the table and begin to beat, before any work is taken. Raises NodeTaken."""
        self._connection = connect(self.name)
        if not self._lock(self._connection):
            self._connection.close()
            raise NodeTaken(f"a node named {self.name} is running already: give each node its own name, or none")
        self._enter(self._connection)
        self._thread.start()

    def leave(self) -> None:
        """Stop beating, and go from the table when the database can be reached."""
        self._stop.set()
        self._thread.join(10)
        try:
            with connect(self.name) as connection:
                connection.execute("DELETE FROM engine_node WHERE id = %s", (self.name,))
        except psycopg.Error as error:
            log.warning("the others will find out that this node has gone: %s", error)
        if self._connection is not None:
            self._connection.close()

    def _lock(self, connection: Connection) -> bool:
        row = connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (NODE_LOCK, lock_key(self.name))).fetchone()
        return bool(row and row[0])

    def _enter(self, connection: Connection) -> None:
        connection.execute(
            "INSERT INTO engine_node (id, beat, lock_key, started_at, seen_at) VALUES (%s, 1, %s, now(), now())"
            " ON CONFLICT (id) DO UPDATE SET beat = engine_node.beat + 1",
            (self.name, lock_key(self.name)),
        )

    def _run(self) -> None:
        while not self._stop.wait(self.beat_s):
            try:
                self._beat()
            except Exception as error:
                log.warning("this node can not show that it lives: %s", error)
                if self._connection is not None:
                    self._connection.close()
                self._connection = None

    def _beat(self) -> None:
        if self._connection is None:
            self._connection = connect(self.name)
            # An old session may hold the lock for a while yet; it only makes finding a death quicker.
            self._lock(self._connection)
        changed = self._connection.execute(
            "UPDATE engine_node SET beat = beat + 1, seen_at = now() WHERE id = %s", (self.name,)
        ).rowcount
        if changed == 0:
            # The others took this node for dead. What it was doing is fenced off by DBOS, so it may take new work.
            log.warning("node %s was taken for dead and comes back", self.name)
            self.rejoined += 1
            self._enter(self._connection)


class Watch:
    """Watches the other nodes, and hands the work of dead ones to the queue. Not safe for several threads."""

    def __init__(
        self,
        name: str,
        beat_s: float = BEAT_S,
        life_s: float = LIFE_S,
        steady_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self.beat_s, self.life_s, self._steady_s = name, beat_s, life_s, steady_s
        self._seen: dict[str, tuple[int, float]] = {}
        self._orphaned_s: dict[str, float] = {}
        self._connection: Connection | None = None

    def look(self) -> dict[str, int]:
        """Look once at every node; returns how many jobs were taken over from whom."""
        connection = self._open()
        dead = [name for name in self._stale(connection) if name != self.name]
        dead += self._orphans(connection)
        return {name: n for name in dead if (n := self._take(connection, name)) is not None}

    def close(self) -> None:
        """Close the connection; the next look opens another and begins every observation anew."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self.name)
            self._seen, self._orphaned_s = {}, {}
        return self._connection

    def _stale(self, connection: Connection) -> list[str]:
        now_s, dead = self._steady_s(), []
        rows = connection.execute("SELECT id, beat, lock_key FROM engine_node").fetchall()
        for name, beat, key in rows:
            last = self._seen.get(name)
            if last is None or last[0] != beat:
                self._seen[name] = (beat, now_s)
            elif self._is_dead(connection, key, now_s - last[1]):
                dead.append(name)
        return dead

    def _is_dead(self, connection: Connection, key: int, still_s: float) -> bool:
        if still_s > self.life_s:
            return True
        if still_s < self.beat_s * 1.5:
            return False
        held = connection.execute(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND granted",
            (NODE_LOCK, key),
        ).fetchone()
        return held is None

    def _orphans(self, connection: Connection) -> list[str]:
        """Return owners of running jobs that have had no node row for a whole life."""
        known = {row[0] for row in connection.execute("SELECT id FROM engine_node").fetchall()}
        owners = {w.executor_id or "" for w in pending()} - known
        now_s = self._steady_s()
        self._orphaned_s = {name: self._orphaned_s.get(name, now_s) for name in owners}
        return [name for name, since_s in self._orphaned_s.items() if now_s - since_s > self.life_s]

    def _take(self, connection: Connection, name: str) -> int | None:
        """Hand a dead node's jobs to the queue, then forget it; None when another node is doing so at this moment."""
        with connection.transaction():
            row = connection.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", (TAKE_LOCK, lock_key(name))).fetchone()
            if not row or not row[0]:
                return None
            ids = [w.workflow_id for w in pending(name)]
            if ids:
                DBOS.resume_workflows(ids, queue_name=QUEUE)
            # Last, so that dying before this line only means that somebody does the same once more.
            gone = connection.execute("DELETE FROM engine_node WHERE id = %s", (name,)).rowcount
        self._seen.pop(name, None)
        self._orphaned_s.pop(name, None)
        # Another node may have done all of it between the look and the lock: then there is nothing to tell.
        return len(ids) if ids or gone else None


def pending(name: str | None = None) -> list[Any]:
    """Return the engine rows that are being run, by one node or by all."""
    return DBOS.list_workflows(
        status=["PENDING"], executor_id=name, application_name=APP, load_input=False, load_output=False
    )
