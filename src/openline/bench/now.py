"""How long the incident room waits for the next four hours under every option: harbor without its main site, and in a
flood of calls with the partner at work, when most options can be chosen; both with 9,000 customers waiting as well; and
the group of 5,000 agents without a site."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from openline.bench.group import group_plan
from openline.bench.row import PeerMissing, Row
from openline.forecast.forecast import Forecast, forecast
from openline.forecast.state import Failure, State, UnderWay
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.sim.snapshot import QueueNow, Snapshot
from openline.sim.window import onset_at

HARBOR = Path(__file__).parents[3] / "examples" / "harbor"
ROUNDS = 5
MOST_S = 2.0
WAITING = 9_000
ONSET = "2026-11-30T10:00"


@dataclass(frozen=True, slots=True)
class Case:
    """One moment that is measured."""

    name: str
    plan: Plan
    state: State
    snapshot: Snapshot


def bench_now(say: Callable[[str], None]) -> list[Row]:
    """Return the median seconds of a forecast, the simulator compiled before."""
    if not HARBOR.is_dir():
        raise PeerMissing("harbor is not here: run the benchmark from a checkout")
    plan = load_plan(read_directory(HARBOR)[0]).plan
    if plan is None:
        raise PeerMissing("harbor is not well formed: run the benchmark from a sound checkout")
    return [row for case in cases(plan) for row in _timed(case, say)]


def states(plan: Plan) -> dict[str, State]:
    """Return the two moments of harbor that are measured."""
    onset, hour = onset_at(plan, ONSET), timedelta(hours=1)
    flood = tuple(Failure(i, onset, effect="demand", factor=3.0) for i in ("accidents", "claims"))
    return {
        "Quay House lost": State(onset + hour, (Failure("quay", onset),)),
        "flood of calls, partner at work": State(onset + hour, flood, (UnderWay("call-out-beacon-overflow", onset),)),
    }


def cases(harbor: Plan) -> list[Case]:
    """Return all that is measured."""
    moments = [Case(f"harbor, {n}", harbor, s, Snapshot()) for n, s in states(harbor).items()]
    crowded = [Case(f"{c.name}, {WAITING:,} waiting", harbor, c.state, all_wait(harbor, WAITING)) for c in moments]
    group = group_plan()
    onset = onset_at(group, ONSET)
    lost = State(onset + timedelta(hours=1), (Failure("r001-a", onset),))
    return [
        *moments,
        *crowded,
        Case("group, a site lost", group, lost, Snapshot()),
        Case(f"group, a site lost, {WAITING:,} waiting", group, lost, all_wait(group, WAITING)),
    ]


def all_wait(plan: Plan, customers: int) -> Snapshot:
    """Return so many waiting customers, as many in each queue."""
    queues = [a.id for a in plan.activities.values() if a.countable]
    return Snapshot(queues={q: QueueNow(waiting=customers // len(queues)) for q in queues})


def _timed(case: Case, say: Callable[[str], None]) -> list[Row]:
    say(f"{case.name}: compiling, or reading what was compiled before")
    found = forecast(case.plan, case.state, replications=1)
    taken, processor = [], []
    for n in range(ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        found = forecast(case.plan, case.state, snapshot=case.snapshot)
        taken.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
        say(f"{case.name}: round {n + 1} of {ROUNDS}: {taken[-1]:.2f} s")
    return [
        Row(f"{case.name}: forecast", sorted(taken)[ROUNDS // 2], "s", MOST_S, is_limit=True),
        Row(f"{case.name}: processor time of it", sorted(processor)[ROUNDS // 2], "s"),
        Row(f"{case.name}: courses compared", float(_courses(found)), "courses"),
        Row(f"{case.name}: simulations of each", float(found.replications), "times"),
    ]


def _courses(found: Forecast) -> int:
    """Return how many options were simulated, doing nothing among them."""
    return len(found.outlooks)
