"""Faults of several nodes on one PostgreSQL. Each function is one experiment and returns what it measured."""

import contextlib
import math
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from openline.bench.faults.arena import Arena, Environment, Process, database_of
from openline.bench.faults.node import CLOCK, FREEZE
from openline.bench.faults.one_machine import integrity
from openline.bench.postgres import Postgres
from openline.bench.row import Row
from openline.server.database import ENGINE_POOL_SIZE, POOL_SIZE

NODES = 3
CRON = {"OPENLINE_FAULT_CRON": "1"}


@contextlib.contextmanager
def nodes(
    server: Postgres, home: Path, domain: str, up: int = NODES, environment: Environment | None = None
) -> Iterator[Arena]:
    """Give an arena on a new database with so many engines."""
    with Arena(home, database_url=database_of(server), domain=domain) as arena:
        arena.engines_up(up, environment)
        yield arena


def dead(arena: Arena) -> int:
    """Return how many nodes were found dead so far."""
    return len(arena.alarms("node-dead"))


def kill_one(server: Postgres, home: Path, *, kills: int, bar_s: float, domain: str) -> list[Row]:
    """Kill one of three nodes again and again while it is sending, each time with a new one in its place."""
    alarmed_s, taken_s = list[float](), list[float]()
    with nodes(server, home, domain, 0) as arena:
        arena.engines_up(NODES, named=True)
        for n in range(kills):
            arena.declare(1)
            topics = arena.declare(3, "slow")
            victim, doing = _busiest(arena, topics)
            killed_at = arena.kill(victim)
            arena.wait_for_alarms("node-dead", n + 1)
            alarmed_s.append(time.monotonic() - killed_at)
            taken_s.append(_all_again(arena, doing) - killed_at)
            arena.engines_up(1, named=True)
        arena.wait_until_over(60 + 10 * kills)
        rows = integrity(arena, "kill one of three")
        taken = sum(int(message.split("; ")[1].split()[0]) for _, _, message, _ in arena.alarms("node-dead"))
    return [
        *rows,
        Row("kill one of three: jobs taken over", taken, "", kills),
        Row("kill one of three: kill to alarm, median", statistics.median(alarmed_s), "s"),
        Row("kill one of three: kill until all its work runs elsewhere, median", statistics.median(taken_s), "s"),
        Row("kill one of three: longest", max(taken_s), "s"),
        Row("kill one of three: 95 of 100", at_95(taken_s), "s", bar_s, is_limit=True),
    ]


def at_95(values: Sequence[float]) -> float:
    """Return the smallest of the values that at least 95 of 100 do not pass."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def _busiest(arena: Arena, topics: Sequence[str]) -> tuple[Process, dict[str, int]]:
    """Return the node that sends most of these processes' messages now, and how often each had arrived by then.

    Only what arrived within the last second counts: the gateway holds it for longer than the kill takes to come.
    """

    def found() -> tuple[Process, dict[str, int]] | None:
        running = arena.control.ask("running")
        arrivals, now_s = arena.arrivals(), time.monotonic()
        times = Counter(a.key for a in arrivals)
        fresh = [a.key for a in arrivals if a.key.partition("/")[0] in topics and now_s - a.at < 1.0]
        sending = {
            e.name: {k: times[k] for k in fresh if any(f"/{job}/" in k for job in running.get(e.name, ()))}
            for e in arena.engines
        }
        busiest = max(arena.engines, key=lambda e: len(sending[e.name]))
        return (busiest, sending[busiest.name]) if sending[busiest.name] else None

    return arena.wait_for(found, "a node that sends", 30)  # type: ignore[no-any-return]


def _all_again(arena: Arena, doing: dict[str, int]) -> float:
    """Wait until everything that the dead node was sending arrives from another; returns the time of the last."""

    def again() -> list[float]:
        at: dict[str, list[float]] = {}
        for a in arena.arrivals():
            at.setdefault(a.key, []).append(a.at)
        return [at[k][n] for k, n in doing.items() if len(at[k]) > n]

    arena.wait_for(lambda: len(again()) == len(doing), "the work to run elsewhere", 30)
    return max(again())


def kill_several(server: Postgres, home: Path, *, domain: str) -> list[Row]:
    """Kill one, the next while that one is being taken over, then all that is left, and start one."""
    with nodes(server, home, domain) as arena:
        arena.declare(2)
        arena.declare(2, "slow")
        time.sleep(0.5)
        arena.kill(arena.engines[0])
        time.sleep(1.3)
        arena.kill(arena.engines[0])
        time.sleep(0.5)
        arena.kill(arena.engines[0])
        arena.engine()
        arena.wait_until_over(120)
        rows = integrity(arena, "kill all, one after another")
        arena.declare(1)
        arena.engines_up(2)
        for engine in list(arena.engines)[:2]:
            arena.kill(engine)
        arena.wait_until_over(120)
        return [*rows, *integrity(arena, "kill two of three at once")]


def frozen(server: Postgres, home: Path, *, domain: str) -> list[Row]:
    """Freeze a node in the middle of an action for longer than it may be silent, then let it go on."""
    with nodes(server, home, domain, up=1) as arena:
        (sleeper,) = arena.engines
        (topic,) = arena.declare(1, "slow")
        arena.wait_for_effects(1, topic)
        sleeper.signal(signal.SIGSTOP)
        arena.engine()
        arena.wait_for_alarms("node-dead", 1)
        arena.wait_until_over(90)
        sleeper.signal(signal.SIGCONT)
        time.sleep(2.5)
        had = Counter(e.key for e in arena.effects())
        lives = len(arena.control.ask("status")["nodes"])
        arena.declare(1)
        arena.wait_until_over(90)
        rows = integrity(arena, "frozen and back")
    return [
        *rows,
        Row("frozen and back: most times that one action was done", max(had.values()), "", 2, is_limit=True),
        Row("frozen and back: nodes that work again", lives, "", 2),
    ]


def frozen_in_a_transaction(server: Postgres, home: Path, *, domain: str) -> list[Row]:
    """Freeze a node while it holds rows that the one who takes its work over must write, and let it go on later."""
    with nodes(server, home, domain, up=1, environment={FREEZE: "in-record"}) as arena:
        (sleeper,) = arena.engines
        arena.declare(1)
        arena.wait_for(sleeper.has_stopped, "a node that stands still", 30)
        arena.engine()
        arena.wait_for_alarms("node-dead", 1)
        spent_s = arena.wait_until_over(60)
        sleeper.signal(signal.SIGCONT)
        time.sleep(2.5)
        arena.declare(1)
        arena.wait_until_over(60)
        rows = integrity(arena, "frozen in a transaction")
    return [*rows, Row("frozen in a transaction: from the alarm until all was over", spent_s, "s")]


def database_crashes(server: Postgres, home: Path, *, down_s: float, domain: str, topics: int = 3) -> list[Row]:
    """Crash the database when idle, in actions, at a random moment, and while a dead node is taken over."""
    rng = random.Random(3)
    with nodes(server, home, domain) as arena:
        for kind, after_s in ((None, 0.0), ("slow", 0.8), ("process", rng.uniform(0.2, 1.5))):
            if kind:
                arena.declare(topics, kind)
            time.sleep(after_s)
            _crash(server, down_s)
        false = dead(arena)
        arena.declare(topics, "slow")
        time.sleep(0.8)
        arena.kill(arena.engines[0])
        time.sleep(1.4)
        _crash(server, down_s)
        start = time.monotonic()
        arena.wait_until_over(180)
        spent_s = time.monotonic() - start
        rows = integrity(arena, "database crashes")
        fine = ("SUCCESS", "DELAYED")  # a timer of hours waits
        lost = sum(n for status, n in arena.control.ask("engine_rows").items() if status not in fine)
    return [
        *rows,
        Row("database crashes: engine rows in error", lost, "", 0, is_limit=True),
        Row("database crashes: nodes taken for dead that lived", false, "", 0, is_limit=True),
        Row("database crashes: until all was over", spent_s, "s"),
    ]


def _crash(server: Postgres, down_s: float) -> None:
    server.crash()
    time.sleep(down_s)
    server.start()


def fail_over(home: Path, *, domain: str) -> list[Row]:
    """Lose the primary and promote a synchronous standby."""
    primary = Postgres.made()
    try:
        name = database_of(primary).rpartition("/")[2]
        standby = Postgres.standby_of(primary)
        try:
            return _fail_over(primary, standby, name, home, domain)
        finally:
            standby.stop()
    finally:
        primary.stop()


def _fail_over(primary: Postgres, standby: Postgres, name: str, home: Path, domain: str) -> list[Row]:
    hosts = f"127.0.0.1:{primary.port},127.0.0.1:{standby.port}"
    url = f"postgres://postgres@{hosts}/{name}?target_session_attrs=read-write"
    with Arena(home, database_url=url, domain=domain) as arena:
        arena.engines_up(2)
        arena.declare(2)
        arena.wait_for_effects(2)
        primary.crash()
        before = len(arena.effects())
        standby.promote()
        promoted_at = time.monotonic()
        arena.wait_for_effects(before + 1, within_s=90)
        first_s = arena.effects()[before].at - promoted_at
        arena.wait_until_over(120)
        rows = integrity(arena, "fail-over")
        false = dead(arena)
    return [
        *rows,
        Row("fail-over: nodes taken for dead that lived", false, "", 0, is_limit=True),
        Row("fail-over: promotion to next effect", first_s, "s"),
    ]


def one_name_twice(server: Postgres, home: Path, *, domain: str) -> list[Row]:
    """Start a second node with the name of a living one."""
    with nodes(server, home, domain, 1, {"OPENLINE_NODE": "left"}) as arena:
        second = arena.engine({"OPENLINE_NODE": "left"}, wait=False)
        refused = second.ended() == 1 and "is running already" in second.said()
    return [Row("a second node of the same name is refused", float(refused), "", 1)]


def recurring(server: Postgres, home: Path, *, up_s: float, down_s: float, domain: str) -> list[Row]:
    """Let a job come every two seconds on three nodes, stop all for a while, and start again."""
    with nodes(server, home, domain, NODES, CRON) as arena:
        time.sleep(up_s)
        for engine in list(arena.engines):
            arena.kill(engine)
        down_from = datetime.now(UTC).timestamp()
        time.sleep(down_s)
        down_until = datetime.now(UTC).timestamp()
        arena.engines_up(NODES, CRON)
        time.sleep(up_s)
        ticks = Counter(e.key.rpartition("/")[2] for e in arena.effects() if e.key.startswith("every/"))
    times = [datetime.fromisoformat(f"{t}+00:00").timestamp() for t in ticks]
    late = [t for t in times if down_from + 0.5 < t < down_until - 2]
    return [
        Row("every 2 s on three nodes: ticks", len(ticks), "", up_s * 2 / 2 * 0.5),
        Row("every 2 s on three nodes: ticks run twice", sum(n > 1 for n in ticks.values()), "", 1, is_limit=True),
        Row("every 2 s on three nodes: missed ticks run later", len(late), "", 0, is_limit=True),
    ]


def connection_count(server: Postgres, home: Path, *, jobs: int, domain: str) -> list[Row]:
    """Count the connections of one engine under load."""
    with nodes(server, home, domain, up=1) as arena:
        arena.control.ask("flood", jobs)
        most = 0
        for _ in range(30):
            ours = "WHERE datname = current_database() AND application_name LIKE 'openline%'"
            most = max(most, arena.control.ask("sql", f"SELECT count(*) FROM pg_stat_activity {ours}")[0][0])
            time.sleep(0.1)
    # Two for the node table; the control has one.
    return [Row("connections of one engine under load", most, "", POOL_SIZE + ENGINE_POOL_SIZE + 3, is_limit=True)]


def wrong_clocks(server: Postgres, home: Path, *, domain: str) -> list[Row]:
    """Let one of two nodes go an hour ahead and the other an hour behind."""
    wait_s = 3.0
    with Arena(home, database_url=database_of(server), domain=domain, wait_s=wait_s) as arena:
        for name, offset in (("ahead", "3600"), ("behind", "-3600")):
            (home / name).write_text(offset)
            arena.engine({CLOCK: str(home / name)})
        topics = arena.declare(3)
        arena.wait_until_over(120)
        waits = []
        for topic in topics:
            at = {key.rpartition("#")[0] or key: told for _, key, _, _, told in arena.control.ask("events", topic)}
            waits += [at[f"{topic}/timer/{n}"] - at[f"{topic}/notify/{n}"] for n in (0, 1)]
        rows = integrity(arena, "clocks 1 h ahead and behind")
    return [
        *rows,
        Row(f"clocks 1 h ahead and behind: shortest wait of {wait_s:g} s", min(waits), "s", wait_s - 0.1),
        Row("clocks 1 h ahead and behind: longest", max(waits), "s", wait_s + 8, is_limit=True),
    ]
