"""How long the incident room waits for the next four hours under every option: harbor without its main site, and in a
flood of calls with the partner at work, when most options can be chosen."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from openline.bench.row import PeerMissing, Row
from openline.forecast.forecast import Forecast, forecast
from openline.forecast.state import Failure, State, UnderWay
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.sim.window import onset_at

HARBOR = Path(__file__).parents[3] / "examples" / "harbor"
ROUNDS = 5
MOST_S = 2.0


def bench_now(say: Callable[[str], None]) -> list[Row]:
    """Return the median seconds of a forecast, the simulator compiled before."""
    if not HARBOR.is_dir():
        raise PeerMissing("harbor is not here: run the benchmark from a checkout")
    plan = load_plan(read_directory(HARBOR)[0]).plan
    if plan is None:
        raise PeerMissing("harbor is not well formed: run the benchmark from a sound checkout")
    return [row for name, state in states(plan).items() for row in _timed(plan, name, state, say)]


def states(plan: Plan) -> dict[str, State]:
    """Return the two moments that are measured."""
    onset, hour = onset_at(plan, "2026-11-30T10:00"), timedelta(hours=1)
    flood = tuple(Failure(i, onset, effect="demand", factor=3.0) for i in ("accidents", "claims"))
    return {
        "Quay House lost": State(onset + hour, (Failure("quay", onset),)),
        "flood of calls, partner at work": State(onset + hour, flood, (UnderWay("call-out-beacon-overflow", onset),)),
    }


def _timed(plan: Plan, name: str, state: State, say: Callable[[str], None]) -> list[Row]:
    say(f"{name}: compiling, or reading what was compiled before")
    found = forecast(plan, state, replications=1)
    taken, processor = [], []
    for n in range(ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        found = forecast(plan, state)
        taken.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
        say(f"{name}: round {n + 1} of {ROUNDS}: {taken[-1]:.2f} s")
    return [
        Row(f"harbor, {name}: forecast", sorted(taken)[ROUNDS // 2], "s", MOST_S, is_limit=True),
        Row(f"harbor, {name}: processor time of it", sorted(processor)[ROUNDS // 2], "s"),
        Row(f"harbor, {name}: courses compared", float(_courses(found)), "courses"),
        Row(f"harbor, {name}: simulations of each", float(found.replications), "times"),
    ]


def _courses(found: Forecast) -> int:
    """Return how many options were simulated, doing nothing among them."""
    return len(found.outlooks)
