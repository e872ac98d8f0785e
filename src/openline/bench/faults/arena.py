"""Where faults happen: a database, engine processes that can be killed, and a control that declares and counts."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Self

from openline.bench.faults.gateway import arrivals_of
from openline.bench.faults.ledger import LEDGER, Entry, read
from openline.bench.faults.node import CUT_OFF, DOMAIN, SEAM
from openline.bench.postgres import Postgres

TOY = "openline.bench.faults.toy.TOY"
HARBOR = "openline.bench.faults.harbor.HARBOR"
START_S = 60.0
FILE = "openline.sqlite3"
Environment = dict[str, str]
MIGRATED: list[bytes] = []
"""One empty file with every table: making the tables takes longer than most experiments."""

MADE: dict[int, str] = {}
"""The database with every table that others are copied from, by the port of its server."""

MAKING = threading.Lock()
NUMBERS = count(1)


class Broken(AssertionError):
    """Something did not come within its time; the message says what, and what the processes said."""


class Process:
    """A process of the tests, with the lines that it says."""

    def __init__(self, role: str, environment: dict[str, str], log: Path, module: str = "node") -> None:
        self._path = log
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"openline.bench.faults.{module}", role],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.name = ""

    def ask(self, *command: Any, within_s: float = 60.0) -> Any:
        """Send a command; returns the answer."""
        self.send(*command)
        return self.answer(command[0], within_s)

    def send(self, *command: Any) -> None:
        """Send a command, and leave its answer for later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        self._process.stdin.flush()

    def answer(self, command: str, within_s: float = 60.0) -> Any:
        """Return the answer of the command that was sent."""
        answer = json.loads(self.line(within_s))
        if isinstance(answer, dict) and "error" in answer:
            raise Broken(f"{command}: {answer['error']}")
        return answer

    def line(self, within_s: float = START_S) -> str:
        """Return the next line that the process says."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within_s)[0]:
            raise Broken(f"process {self.pid} said nothing for {within_s:.0f} s: {self.said()}")
        found = self._process.stdout.readline().decode().strip()
        if not found:
            raise Broken(f"process {self.pid} ended with {self.ended()}: {self.said()}")
        return found

    def said(self) -> str:
        """Return the end of what the processes here wrote as errors."""
        return self._path.read_text()[-1500:]

    def ready(self) -> Self:
        """Wait until the process is up."""
        self.line()
        return self

    def ended(self, within_s: float = 30.0) -> int:
        """Return the exit status, which must come within a time."""
        try:
            status = self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise Broken(f"process {self.pid} did not end: {self.said()}") from None
        self._close()
        return status

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def has_stopped(self) -> bool:
        """Tell whether the process came to stand still since this was asked last."""
        return os.WIFSTOPPED(os.waitpid(self.pid, os.WUNTRACED | os.WNOHANG)[1])

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def kill(self) -> float:
        """End the process as a power cut would; returns the time of it."""
        self._process.kill()
        self._process.wait(10)
        self._close()
        return time.monotonic()

    def stop(self) -> None:
        """Let the process end in its own way."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        if self.is_alive:
            self._process.kill()
            self._process.wait(10)
        self._close()

    def _close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._log):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()


def migrated() -> bytes:
    """Return an empty SQLite file with every table of every domain."""
    with MAKING:
        if not MIGRATED:
            with tempfile.TemporaryDirectory(prefix="olfault-") as home:
                _migrate(Path(home), "")
                MIGRATED.append((Path(home) / FILE).read_bytes())
        return MIGRATED[0]


def database_of(server: Postgres) -> str:
    """Make a database with every table; returns its address."""
    with MAKING:
        if server.port not in MADE:
            with tempfile.TemporaryDirectory(prefix="olfault-") as home:
                _migrate(Path(home), server.new_database("every_table"))
            MADE[server.port] = "every_table"
        return server.new_database(f"faults{next(NUMBERS)}", MADE[server.port])


def _migrate(home: Path, database_url: str) -> None:
    environment = {"OPENLINE_DATA": str(home), "DATABASE_URL": database_url, DOMAIN: TOY}
    process = Process("control", environment, home / "log").ready()
    try:
        process.ask("migrate")
    finally:
        process.stop()


class Arena:
    """A database with its control; engines come and go."""

    def __init__(
        self,
        home: Path,
        *,
        database_url: str = "",
        domain: str = TOY,
        wait_s: float = 0.7,
        data: Path | None = None,
        ledger_at: Path | None = None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.log, self.ledger = home, home / "log", ledger_at or home / "ledger"
        self.data = data or home
        if not database_url and not (self.data / FILE).exists():
            (self.data / FILE).write_bytes(migrated())
        self._environment = {
            "OPENLINE_DATA": str(self.data),
            "DATABASE_URL": database_url,
            DOMAIN: domain,
            LEDGER: str(self.ledger),
            "OPENLINE_FAULT_WAIT": str(wait_s),
        }
        self.topics: list[str] = []
        self.engines: list[Process] = []
        self.outside: Process | None = None
        self._started = 0
        self.control = Process("control", self._environment, self.log).ready()
        if database_url and not self.control.ask("has_tables"):
            self.control.ask("migrate")
        if domain == HARBOR and ledger_at is None:
            self.outside = Process(str(self.ledger), self._environment, self.log, "gateway")
            self.control.ask("reach", f"http://127.0.0.1:{self.outside.line()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.engines, self.control, *([self.outside] if self.outside else [])]:
            process.signal(signal.SIGCONT) if process.is_alive else None
            process.stop()

    def process(self, role: str, environment: Environment | None = None) -> Process:
        """Start a process without waiting for it."""
        return Process(role, self._environment | (environment or {}), self.log)

    def engine(self, environment: Environment | None = None, *, wait: bool = True) -> Process:
        """Start an engine."""
        found = self.process("engine", environment)
        self.engines.append(found)
        return found.ready() if wait else found

    def engines_up(self, count: int, environment: Environment | None = None, *, named: bool = False) -> list[Process]:
        """Start several engines at once, each with a name of its own when asked for; returns them when all are up."""
        found = []
        for _ in range(count):
            self._started += 1
            name = f"node-{self._started}" if named else ""
            found.append(self.engine((environment or {}) | ({"OPENLINE_NODE": name} if name else {}), wait=False))
            found[-1].name = name
        return [process.ready() for process in found]

    def kill(self, engine: Process) -> float:
        """Kill an engine; returns the time of it."""
        self.engines.remove(engine)
        return engine.kill()

    def declare(self, count: int, kind: str = "process") -> list[str]:
        """Begin processes."""
        fresh = [f"t{len(self.topics) + n}" for n in range(count)]
        self.topics += fresh
        self.control.ask("declare", fresh, kind)
        return fresh

    def cut_at(self, seam: str, kind: str = "process") -> str:
        """Declare in a process that ends at a seam; returns the topic, which may not be there."""
        topic = f"cut-at-{seam}"
        declaring = self.process("control", {SEAM: seam}).ready()
        with contextlib.suppress(Broken):
            declaring.ask("declare", [topic], kind)
        assert declaring.ended() == CUT_OFF
        return topic

    def wait_until_over(self, within_s: float = 60.0) -> float:
        """Wait until every process is over; returns how long that took."""
        start = time.monotonic()
        self.wait_for(lambda: not self.control.ask("open", self.topics), "the end of every process", within_s)
        return time.monotonic() - start

    def wait_for(self, claim: Callable[[], object], what: str, within_s: float) -> Any:
        """Wait until something is so; returns what the claim gave."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if found := claim():
                return found
            time.sleep(0.2)
        last = self.control.ask("status")
        raise Broken(f"{what} did not come within {within_s:.0f} s: {last} {self.control.said()}")

    def wait_for_effects(self, least: int, begin: str = "", within_s: float = 30.0) -> None:
        """Wait until there are so many effects whose keys begin like this."""
        what = f"{least} effects"
        self.wait_for(lambda: sum(e.key.startswith(begin) for e in self.effects()) >= least, what, within_s)

    def wait_for_events(self, topic: str, least: int, within_s: float = 60.0) -> list[list[Any]]:
        """Wait until the record of a process is so long; returns it."""
        self.wait_for(lambda: len(self.control.ask("events", topic)) >= least, f"{least} events", within_s)
        return list(self.control.ask("events", topic))

    def wait_for_alarms(self, code: str, least: int, within_s: float = 30.0) -> None:
        """Wait until there are so many alarms of a code."""
        self.wait_for(lambda: len(self.alarms(code)) >= least, f"{least} alarms {code}", within_s)

    def arrivals(self) -> list[Entry]:
        """Return everything that arrived at the gateway, taken or not."""
        return read(arrivals_of(self.ledger))

    def effects(self) -> list[Entry]:
        """Return every effect."""
        return read(self.ledger)

    def counts(self) -> dict[str, int]:
        """Compare the record with the ledger."""
        had = Counter(e.key for e in self.effects())
        expected = self.control.ask("expected", self.topics)
        once = set(self.control.ask("said_once", self.topics))
        for key in sorted(k for k in expected if k not in had):
            sys.stderr.write(f"lost: {key}\n")
        for wrong in (found := self.control.ask("wrong", self.topics)):
            sys.stderr.write(f"{wrong}\n")
        sequences = [[e[0] for e in self.control.ask("events", t)] for t in self.topics]
        return {
            "open": len(self.control.ask("open", self.topics)),
            "lost effects": sum(1 for key in expected if key not in had),
            "gaps": sum(1 for s in sequences if s != list(range(1, len(s) + 1))),
            "effects": len(expected),
            "repeated": sum(n - 1 for n in had.values()),
            "repeated unsaid": sum(1 for key, n in had.items() if n > 1 and key in once),
            "disagreeing": len(found),
        }

    def alarms(self, code: str) -> list[list[Any]]:
        """Return the alarms of a code."""
        return [a for a in self.control.ask("status")["alarms"] if a[0] == code]
