"""Faults of one machine with one SQLite file. Each function is one experiment and returns what it measured."""

import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from openline.bench.faults.arena import Arena, Broken
from openline.bench.faults.node import CLOCK, CUT_OFF, DECLARING_SEAMS, RECONCILE, SEAM, SEAMS
from openline.bench.row import Row


def integrity(arena: Arena, name: str) -> list[Row]:
    """Return what must be so after any fault: everything over, nothing lost, no gap, nothing twice without a word."""
    found = arena.counts()
    limits = ("open", "lost effects", "gaps", "repeated unsaid", "disagreeing")
    rows = [Row(f"{name}: {what}", found[what], "", 0, is_limit=True) for what in limits]
    return [
        *rows,
        Row(f"{name}: effects", found["effects"], ""),
        Row(f"{name}: effects repeated", found["repeated"], ""),
    ]


def random_kills(home: Path, *, kills: int, topics: int, domain: str, seed: int = 1) -> list[Row]:
    """Kill the only engine again and again while processes run."""
    rng, gaps_s = random.Random(seed), list[float]()
    with Arena(home, domain=domain) as arena:
        engine = arena.engine()
        for _ in range(kills):
            arena.declare(topics)
            time.sleep(rng.uniform(0.5, 2.0))
            killed_at, before = arena.kill(engine), len(arena.effects())
            engine = arena.engine()
            arena.wait_for_effects(before + 1)
            gaps_s.append(arena.effects()[before].at - killed_at)
        arena.wait_until_over(90 + kills * topics * 5)
        rows = integrity(arena, "SQLite, random kills")
        ok = arena.control.ask("sql", "PRAGMA integrity_check") == [["ok"]]
    return [
        *rows,
        Row("SQLite, random kills: file is sound", float(ok), "", 1),
        Row("SQLite: kill to next effect, median", statistics.median(gaps_s), "s"),
        Row("SQLite: kill to next effect, longest", max(gaps_s), "s"),
    ]


def every_seam(home: Path, *, domain: str, kind: str = "process", seams: Sequence[str] = SEAMS) -> list[Row]:
    """End a process exactly before and after each commit and effect, then let another finish."""
    with Arena(home, domain=domain) as arena:
        before, after = (arena.cut_at(seam, kind) for seam in DECLARING_SEAMS)
        is_nothing = arena.control.ask("events", before) == []
        arena.topics += [after]
        cut = 0
        for seam in seams:
            arena.declare(1, kind)
            engine = arena.engine({SEAM: seam}, wait=False)
            cut += engine.ended() == CUT_OFF
        arena.engine()
        arena.wait_until_over(120)
        rows = integrity(arena, "every seam")
    return [
        *rows,
        Row("every seam: nothing is left of what was not committed", float(is_nothing), "", 1),
        Row("every seam: processes ended there", cut, "", len(seams)),
    ]


def two_engines(home: Path, *, domain: str) -> list[Row]:
    """Start a second engine on the same file."""
    with Arena(home, domain=domain) as arena:
        arena.engine()
        second = arena.engine(wait=False)
        refused = second.ended() not in (0, CUT_OFF) and "One process at a time" in second.said()
    return [Row("second engine on one file is refused", float(refused), "", 1)]


def competing_writers(home: Path, *, times: int, domain: str) -> list[Row]:
    """Let three processes read and then write the same row."""
    with Arena(home, domain=domain) as arena:
        writers = [arena.process("control").ready() for _ in range(3)]
        for writer in writers:
            writer.send("compete", times)
        failed = sum(writer.answer("compete", 120) for writer in writers)
        counted = arena.control.ask("sql", "SELECT count FROM toy_count")[0][0]
        for writer in writers:
            writer.stop()
    return [
        Row("three writers: lock errors", failed, "", 0, is_limit=True),
        Row("three writers: lost updates", 3 * times - counted, "", 0, is_limit=True),
    ]


def bad_providers(home: Path, *, domain: str) -> list[Row]:
    """Let providers time out, answer 500, refuse, and accept while the process dies."""
    with Arena(home, domain=domain) as arena:
        engine = arena.engine()
        flaky, broken, refused, slow = (arena.declare(1, kind)[0] for kind in ("flaky", "broken", "refused", "slow"))
        arena.wait_for_effects(1, slow)
        arena.kill(engine)
        arena.engine()
        arena.wait_until_over(120)
        last = {t: arena.control.ask("events", t)[-1] for t in (flaky, broken, refused, slow)}
    ends = {flaky: ("flaky.done", 3), broken: ("broken.failed", 3), refused: ("refused.failed", 1)}
    right = sum((last[t][2], last[t][3]) == end for t, end in ends.items())
    return [
        Row("providers: time-out, 500 and refusal end as they should", right, "of 3", 3),
        Row("providers: one that accepts and dies is said to be tried twice", last[slow][3], "attempts", 2),
    ]


def bad_gateways(home: Path, *, domain: str) -> list[Row]:
    """Let the gateway of real incidents refuse, answer 500 to what it took, take and hang up, and be slow in a kill."""
    with Arena(home, domain=domain) as arena:
        engine = arena.engine()
        kinds = ("broken", "refused", "flaky", "doubt", "dies", "slow")
        broken, refused, flaky, doubt, dies, slow = (arena.declare(1, kind)[0] for kind in kinds)
        arena.wait_for_effects(1, f"{slow}/")
        arena.kill(engine)
        arena.engine()
        arena.wait_until_over(120)
        rows = integrity(arena, "gateways")
        kept = {t: Counter(e[2] for e in arena.control.ask("events", t)) for t in (broken, refused)}
        had = Counter(e.key for e in arena.effects())
        twice = {t for t in (flaky, doubt, dies, slow) if any(n > 1 and k.startswith(f"{t}/") for k, n in had.items())}
    climbed = sum(k["page.climbed"] >= 2 and k["page.exhausted"] >= 1 for k in kept.values())
    return [
        *rows,
        Row("gateways: that refuse everybody make calls climb to the end", climbed, "of 2", 2),
        Row("gateways: fewest alarms where nobody could be sent", min(k["alarm.raised"] for k in kept.values()), "", 2),
        Row("gateways: kinds of four that took something twice", len(twice), ""),
    ]


def unknown_kind(home: Path, *, domain: str) -> list[Row]:
    """Run a version that lacks a kind of job, then one that has it."""
    with Arena(home, domain=domain) as arena:
        engine = arena.engine({"OPENLINE_FAULT_DROP": "step"})
        arena.declare(2)
        arena.wait_for_alarms("unknown-kind", 2)
        arena.kill(engine)
        arena.engine()
        arena.wait_until_over(120)
        return integrity(arena, "renamed kind")


def spoiled_rows(home: Path, *, domain: str) -> list[Row]:
    """Damage the engine's own rows by hand."""
    hows = ("ERROR", "CANCELLED", "deleted")
    with Arena(home, domain=domain, wait_s=2.0) as arena:
        arena.engine({RECONCILE: "1"})
        topics = arena.declare(len(hows))
        spoiled = 0
        for topic, how in zip(topics, hows, strict=True):
            spoiled += _spoil(arena, topic, how)
        arena.wait_until_over(120)
        alarms = len(arena.alarms("engine-row"))
        rows = integrity(arena, "spoiled rows")
    return [*rows, Row("spoiled rows: alarms", alarms, "", spoiled)]


def _spoil(arena: Arena, topic: str, how: str) -> int:
    """Damage the row of a timer as soon as there is one; returns 1."""
    return int(arena.wait_for(lambda: arena.control.ask("spoil", f"{topic}/timer/%", how), f"a timer to be {how}", 30))


def moved_clock(home: Path, *, wait_s: float = 4.0, domain: str) -> list[Row]:
    """Move the wall clock by an hour, forth and back, while timers run."""
    clock, waits = home / "clock", list[float]()
    with Arena(home, domain=domain, wait_s=wait_s) as arena:
        arena.engine({CLOCK: str(clock)})
        for offset in ("3600", "-3600"):
            (topic,) = arena.declare(1)
            arena.wait_for_events(topic, 2)
            clock.write_text(offset)
            events = arena.wait_for_events(topic, 3)
            waits.append(events[2][4] - events[1][4])
        alarmed = bool(arena.alarms("clock-moved"))
    return [
        Row(f"clock moved by 1 h: shortest of two waits of {wait_s:g} s", min(waits), "s", wait_s - 0.1),
        Row("clock moved by 1 h: longest", max(waits), "s", wait_s + 8, is_limit=True),
        Row("clock moved by 1 h: alarm", float(alarmed), "", 1),
    ]


def full_disk(home: Path, *, domain: str) -> list[Row]:
    """Fill the disk of the data, then free it. Needs root, for a small disk of its own."""
    disk = home / "disk"
    disk.mkdir(parents=True)
    mount = shutil.which("mount")
    if os.geteuid() != 0 or mount is None:
        return [Row("full disk: left out, since only root can make a small disk", 0, "")]
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk], capture_output=True).returncode:
        return [Row("full disk: left out, since no disk can be mounted here", 0, "")]
    try:
        return _full_disk(home, disk, domain)
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def _full_disk(home: Path, disk: Path, domain: str) -> list[Row]:
    with Arena(home, domain=domain, data=disk) as arena:
        arena.engine()
        arena.declare(3)
        filler = disk / "filler"
        _fill(filler)
        refused = _is_refused(arena)
        time.sleep(3)
        filler.unlink()
        arena.wait_until_over(120)
        said = "full" in arena.log.read_text()
        alarms = len(arena.alarms("disk-full"))
        rows = integrity(arena, "full disk")
        sound = arena.control.ask("sql", "PRAGMA integrity_check") == [["ok"]]
    return [
        *rows,
        Row("full disk: a new process is refused with a clear error", float(refused), "", 1),
        Row("full disk: the log says so", float(said), "", 1),
        Row("full disk: alarms when it is over", alarms, "", 1),
        Row("full disk: file is sound", float(sound), "", 1),
    ]


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as out:
        try:
            while True:
                out.write(b"\0" * 4096)
        except OSError:
            return


def _is_refused(arena: Arena) -> bool:
    try:
        arena.control.ask("declare", ["never"], "process")
    except Broken as error:
        return "full" in str(error)
    return False


def backup(home: Path, *, topics: int, domain: str) -> list[Row]:
    """Copy the file while the engine runs, and go on with the copy elsewhere."""
    with Arena(home / "here", domain=domain) as arena:
        engine = arena.engine()
        arena.declare(topics)
        arena.wait_for_effects(topics)
        (home / "there").mkdir()
        source, copy = (sqlite3.connect(home / part / "openline.sqlite3") for part in ("here", "there"))
        source.backup(copy)
        source.close()
        copy.close()
        arena.kill(engine)
        with Arena(home / "there", domain=domain, ledger_at=arena.ledger) as other:
            other.topics = list(arena.topics)
            other.engine()
            other.wait_until_over(120)
            # What went out between the copy and the kill goes out again, and nothing in the copy can know of it.
            return [r for r in integrity(other, "backup restored elsewhere") if "unsaid" not in r.name]


def costs(home: Path, *, jobs: int, domain: str, url: str = "") -> list[Row]:
    """Measure what a job costs its cause, and how many jobs a second one engine does."""
    where = "PostgreSQL" if url else "SQLite"
    with Arena(home, domain=domain, database_url=url) as arena:
        without_s, with_s = arena.control.ask("cost", 50)
        arena.engine()
        start = time.monotonic()
        arena.control.ask("flood", jobs)
        is_done = "SELECT count(*) FROM engine_job WHERE topic = 'flood' AND state <> 'done'"
        arena.wait_for(lambda: arena.control.ask("sql", is_done) == [[0]], "the end of the jobs", 30 + jobs)
        spent_s = time.monotonic() - start
    return [
        Row(f"{where}: a commit without a job", without_s / 50 * 1000, "ms"),
        Row(f"{where}: a commit with a job", with_s / 50 * 1000, "ms"),
        Row(f"{where}: jobs a second, one engine", jobs / spent_s, "1/s"),
    ]


def graceful_stop(home: Path, *, domain: str) -> list[Row]:
    """Stop an engine in order, in the middle of things."""
    with Arena(home, domain=domain) as arena:
        engine = arena.engine()
        arena.declare(2)
        arena.wait_for_effects(1)
        arena.engines.remove(engine)
        start = time.monotonic()
        engine.stop()
        spent_s = time.monotonic() - start
        arena.engine()
        arena.wait_until_over(120)
        rows = integrity(arena, "stopped in order")
    return [*rows, Row("stopped in order: time", spent_s, "s", 10, is_limit=True)]
