"""One process of the fault tests: `python -m openline.bench.faults.node engine|control`.

What it is given comes by the environment: DATABASE_URL or OPENLINE_DATA, OPENLINE_FAULT_DOMAIN, and for an engine
OPENLINE_FAULT_SEAM (where to end), OPENLINE_FAULT_CLOCK (a file with seconds that its wall clock is off by),
OPENLINE_FAULT_RECONCILE (seconds between two comparisons) and OPENLINE_NODE.
"""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

SEAM, CLOCK, DOMAIN = "OPENLINE_FAULT_SEAM", "OPENLINE_FAULT_CLOCK", "OPENLINE_FAULT_DOMAIN"
FREEZE = "OPENLINE_FAULT_FREEZE"
RECONCILE = "OPENLINE_FAULT_RECONCILE"
SEAMS = ("before-act", "before-effect", "after-effect", "after-act", "in-record", "after-record")
DECLARING_SEAMS = ("before-commit", "after-commit")
PEOPLE_S = 0.25
"""How long the people of the processes wait before they look again."""

CUT_OFF = 77
"""Exit status of a process that ended at its seam."""


def main(role: str) -> None:
    """Be an engine or the control, until told otherwise."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "openline.server.settings"
    if clock := os.environ.get(CLOCK):
        _move_clock(Path(clock))
    import django

    django.setup()
    from django.utils.module_loading import import_string

    from openline.server.engine import work

    domain = import_string(os.environ[DOMAIN])
    domain.hurry()
    if seam := os.environ.get(SEAM):
        work.seam = _end_at(seam)
    if seam := os.environ.get(FREEZE):
        work.seam = _freeze_at(seam)
    if role == "engine":
        _engine(domain)
    else:
        Control(domain).obey()


def _move_clock(offset: Path) -> None:
    """Let this process see another wall clock than the machine's, changed while it runs."""
    right = time.time
    time.time = lambda: right() + (float(offset.read_text() or 0) if offset.exists() else 0.0)


def _end_at(wanted: str) -> Any:
    def seam(name: str) -> None:
        if name == wanted:
            os._exit(CUT_OFF)

    return seam


def _freeze_at(wanted: str) -> Any:
    """Return a seam at which this process stands still once, until it is told to go on."""
    left = [wanted]

    def seam(name: str) -> None:
        if name in left:
            left.clear()
            os.kill(os.getpid(), signal.SIGSTOP)

    return seam


def _engine(domain: Any) -> None:
    from openline.server.engine import lifecycle, work
    from openline.server.engine.housekeeping import Pace
    from openline.server.engine.refusals import EngineRefused

    work.UNKNOWN_KIND_WAIT_S = 2.0
    pace = Pace(reconcile_s=float(os.environ.get(RECONCILE, "60")), tidy_s=5.0)
    try:
        lifecycle.start(domain.work, node=os.environ.get("OPENLINE_NODE", ""), pace=pace)
    except EngineRefused as error:
        sys.exit(str(error))
    _say("ready")
    for _ in sys.stdin:  # until the harness closes the pipe, by will or by dying
        break
    lifecycle.stop()


class Control:
    """Declares processes and reads the record, in a process beside the engine; a command and an answer a line."""

    def __init__(self, domain: Any) -> None:
        self.domain = domain
        self.alive: set[str] = set()
        """Processes whose people have still something to do."""

    def obey(self) -> None:
        """Answer commands until the pipe is closed."""
        _say("ready")
        threading.Thread(target=self._live, name="people", daemon=True).start()
        for line in sys.stdin:
            command, *words = json.loads(line)
            try:
                answer = getattr(self, command)(*words)
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            finally:
                from django.db import connections

                connections.close_all()
            _say(json.dumps(answer))

    def _live(self) -> None:
        """Let people act beside everything else, and act again after any error, as people do."""
        from django.db import connections

        while True:
            time.sleep(PEOPLE_S)
            for topic in sorted(self.alive):
                try:
                    self.domain.live(topic)
                except Exception as error:
                    sys.stderr.write(f"people of {topic} try again: {error!r}\n")
                    time.sleep(PEOPLE_S)
            connections.close_all()

    def migrate(self) -> str:
        """Make every table."""
        from openline.server.start import make_tables

        make_tables()
        self.domain.set_up()
        return "done"

    def has_tables(self) -> bool:
        """Tell whether every table is there; the toy's come last."""
        from django.db import connection

        return "toy_count" in connection.introspection.table_names()

    def declare(self, topics: list[str], kind: str) -> int:
        """Begin processes, one after another."""
        for topic in topics:
            self.domain.declare(topic, kind)
            self.alive.add(topic)
        return len(topics)

    def reach(self, url: str) -> str:
        """Tell the domain where the gateway is."""
        self.domain.reach(url)
        return "done"

    def open(self, topics: list[str]) -> list[str]:
        """Return those that are not over."""
        found = [t for t in topics if not self.domain.is_over(t)]
        self.alive = set(found)
        return found

    def said_once(self, topics: list[str]) -> list[str]:
        """Return the keys of all effects that happened once by the record."""
        return [key for t in topics for key in self.domain.said_once(t)]

    def wrong(self, topics: list[str]) -> list[str]:
        """Return what does not agree with itself."""
        return [w for t in topics for w in self.domain.wrong(t)]

    def running(self) -> dict[str, list[str]]:
        """Return the keys of the jobs that each node runs at this moment."""
        found: dict[str, list[str]] = {}
        for node, row_id in self.sql(f"SELECT executor_id, workflow_uuid FROM {_rows()} WHERE status = 'PENDING'"):
            found.setdefault(node, []).append(row_id.partition("~")[0])
        return found

    def events(self, topic: str) -> list[list[Any]]:
        """Return a record as (seq, key, kind, attempts, at)."""
        return [[e.seq, e.key, e.kind, e.attempts, e.at] for e in self.domain.events(topic)]

    def expected(self, topics: list[str]) -> list[str]:
        """Return the keys of all effects that the record tells of."""
        return [key for t in topics for key in self.domain.expected_effects(t)]

    def status(self) -> dict[str, Any]:
        """Return what the engine says of itself, seen from outside."""
        from openline.server.engine import port

        found = port.status()
        return {
            "open": found.open_jobs,
            "overdue": found.overdue_jobs,
            "nodes": list(found.nodes),
            "alarms": [[a.code, a.about, a.message, a.count] for a in found.alarms],
        }

    def engine_rows(self) -> dict[str, int]:
        """Return how many engine rows have which status."""
        return dict(self.sql(f"SELECT status, count(*) FROM {_rows()} GROUP BY status"))

    def spoil(self, like: str, how: str) -> int:
        """Set the engine rows whose id matches to ERROR or CANCELLED, or delete them; returns how many."""
        where = "WHERE workflow_uuid LIKE %s AND status IN ('DELAYED', 'ENQUEUED')"
        change = f"UPDATE {_rows()} SET status = '{how}'"
        return self._execute(f"{'DELETE FROM ' + _rows() if how == 'deleted' else change} {where}", [like])

    def compete(self, times: int) -> int:
        """Read and then write so many times in one transaction each; returns how often that failed."""
        from django.db import OperationalError, connection, transaction

        failed = 0
        for _ in range(times):
            try:
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SELECT count FROM toy_count")
                    cursor.execute("UPDATE toy_count SET count = %s", [cursor.fetchone()[0] + 1])
            except OperationalError:
                failed += 1
        return failed

    def cost(self, times: int) -> list[float]:
        """Return the seconds of so many transactions without a job, and of as many with one."""
        return [self._timed(times, with_job=False), self._timed(times, with_job=True)]

    def _timed(self, times: int, *, with_job: bool) -> float:
        from django.db import connection, transaction

        from openline.server.engine.port import NewJob, enqueue

        start = time.perf_counter()
        for n in range(times):
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("UPDATE toy_count SET count = count + 1")
                if with_job:
                    enqueue([NewJob(f"cost/{os.getpid()}/{n}", "timer", "cost", {}, delay_s=36000)])
        return time.perf_counter() - start

    def flood(self, count: int) -> int:
        """Ask for so many jobs without an effect of their own, in one transaction."""
        from django.db import transaction

        from openline.server.engine.port import NewJob, enqueue

        with transaction.atomic():
            return len(enqueue([NewJob(f"flood/{os.getpid()}/{n}", "tick", "flood") for n in range(count)]))

    def sql(self, statement: str) -> list[Any]:
        """Run a statement; returns its rows."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement)
            return [list(row) for row in cursor.fetchall()] if cursor.description else []

    def _execute(self, statement: str, words: list[Any]) -> int:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(statement, words)
            return int(cursor.rowcount)


def _rows() -> str:
    from django.db import connection

    return "workflow_status" if connection.vendor == "sqlite" else "engine.workflow_status"


_OUT = threading.Lock()


def _say(line: str) -> None:
    with _OUT:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
