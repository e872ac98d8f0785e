"""How long the audit takes: harbor, the group, and whether cost grows with size and no faster."""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from openline.audit.run import audit
from openline.bench.group import REGIONS, group_plan
from openline.bench.row import PeerMissing, Row
from openline.plan.directory import read_directory
from openline.plan.load import Loaded, load_plan
from openline.plan.sections import COLLECTIONS

AS_OF = date(2026, 11, 1)
HARBOR = Path(__file__).parents[3] / "examples" / "harbor"
ROUNDS = 5
SCALES = (1, 4, 16)


def bench_audit(say: Callable[[str], None]) -> list[Row]:
    """Return the seconds of an audit after loading; the bars are most allowed, so they are given as rates."""
    rows = [_harbor(say)]
    seconds: dict[int, float] = {}
    objects: dict[int, int] = {}
    for scale in SCALES:
        say(f"group x {scale}: making the plan")
        loaded = Loaded(group_plan(REGIONS * scale), ())
        objects[scale] = _objects(loaded)
        say(f"group x {scale}: {objects[scale]} objects, auditing")
        seconds[scale] = _best(loaded, ROUNDS if scale == 1 else 1)
        rows.append(Row(f"group x {scale}: {objects[scale]} objects, audit", seconds[scale] * 1000, "ms"))
    rows.append(Row("group: audits a second", 1 / seconds[1], "1/s", bar=1.0))
    for scale in SCALES[1:]:
        each = (seconds[scale] / objects[scale]) / (seconds[1] / objects[1])
        rows.append(Row(f"cost of an object at x 1 over that at x {scale}", 1 / each, "ratio", bar=0.5))
    return rows


def _harbor(say: Callable[[str], None]) -> Row:
    if not HARBOR.is_dir():
        raise PeerMissing("harbor is not here: run the benchmark from a checkout")
    say("harbor")
    loaded = load_plan(read_directory(HARBOR)[0])
    return Row("harbor: audits in 100 ms", 0.1 / _best(loaded, ROUNDS), "ratio", bar=1.0)


def _best(loaded: Loaded, rounds: int) -> float:
    """Return the median of several audits in seconds."""
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        audit(loaded, AS_OF)
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2]


def _objects(loaded: Loaded) -> int:
    plan = loaded.plan
    return 0 if plan is None else sum(len(plan.collection(c)) for c in COLLECTIONS)
