"""Where faults happen: a database, engine processes that can be killed, and a control that declares and counts."""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from openline.bench.faults import ledger
from openline.bench.faults.node import CUT_OFF, DOMAIN, SEAM

TOY = "openline.bench.faults.toy.TOY"
START_S = 60.0
FILE = "openline.sqlite3"
Environment = dict[str, str]
MIGRATED: dict[str, bytes] = {}
"""An empty file with every table, by domain: making the tables takes longer than most experiments."""


class Broken(AssertionError):
    """Something did not come within its time; the message says what, and what the processes said."""


class Process:
    """A process of the tests, with the lines that it says."""

    def __init__(self, role: str, environment: dict[str, str], log: Path) -> None:
        self._path = log
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "openline.bench.faults.node", role],
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        self.pid = self._process.pid

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


class Arena:
    """A database with its control; engines come and go."""

    def __init__(
        self, home: Path, *, database_url: str = "", domain: str = TOY, wait_s: float = 0.7, data: Path | None = None
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.home, self.log, self.ledger = home, home / "log", home / "ledger"
        self.data = data or home
        is_made = domain in MIGRATED and not database_url and not (self.data / FILE).exists()
        if is_made:
            (self.data / FILE).write_bytes(MIGRATED[domain])
        self._environment = {
            "OPENLINE_DATA": str(self.data),
            "DATABASE_URL": database_url,
            DOMAIN: domain,
            ledger.LEDGER: str(self.ledger),
            "OPENLINE_FAULT_WAIT": str(wait_s),
        }
        self.topics: list[str] = []
        self.engines: list[Process] = []
        self.control = Process("control", self._environment, self.log).ready()
        if not is_made:
            self.control.ask("migrate")
        if not database_url and domain not in MIGRATED:
            MIGRATED[domain] = (self.data / FILE).read_bytes()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.engines, self.control]:
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

    def engines_up(self, count: int, environment: Environment | None = None) -> list[Process]:
        """Start several engines at once; returns them when all are up."""
        found = [self.engine(environment, wait=False) for _ in range(count)]
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
            time.sleep(0.1)
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

    def effects(self) -> list[ledger.Entry]:
        """Return every effect."""
        return ledger.read(self.ledger)

    def counts(self) -> dict[str, int]:
        """Compare the record with the ledger."""
        had = Counter(e.key for e in self.effects())
        told = [event for t in self.topics for event in self.control.ask("events", t)]
        attempts = {key.removesuffix("#over"): n for _, key, _, n, _ in told}
        expected = self.control.ask("expected", self.topics)
        sequences = [[e[0] for e in self.control.ask("events", t)] for t in self.topics]
        return {
            "open": len(self.control.ask("open", self.topics)),
            "lost effects": sum(1 for key in expected if key not in had),
            "gaps": sum(1 for s in sequences if s != list(range(1, len(s) + 1))),
            "effects": len(expected),
            "repeated": sum(n - 1 for n in had.values()),
            "repeated unsaid": sum(1 for key, n in had.items() if n > 1 and attempts.get(key, 2) < 2),
        }

    def continue_in(self, other: Self) -> None:
        """Let another arena, made of a copy of this one's data, go on with the same processes and ledger."""
        other.topics = list(self.topics)
        other.ledger.write_text(self.ledger.read_text() if self.ledger.exists() else "")

    def alarms(self, code: str) -> list[list[Any]]:
        """Return the alarms of a code."""
        return [a for a in self.control.ask("status")["alarms"] if a[0] == code]
