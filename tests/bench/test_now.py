"""The benchmark of the incident room: its states, its rows. The bar itself depends on the machine."""

import time
from pathlib import Path

from openline.bench.now import HARBOR, WAITING, cases, states
from openline.bench.row import Row
from openline.forecast.forecast import available_options, forecast
from openline.forecast.state import State
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.sim.snapshot import QueueNow, Snapshot
from openline.sim.window import onset_at

BANK = Path(__file__).parents[2] / "examples" / "anonymous-bank"


def test_measures_states_in_which_most_options_can_be_chosen() -> None:
    plan = load_plan(read_directory(HARBOR)[0]).plan
    assert plan is not None
    lost, flood = (available_options(plan, s) for s in states(plan).values())

    kinds = {o.kind for o in (*lost, *flood) if o.available}
    assert kinds == {"call_out", "send_home", "announce", "defer", "move_skills", "shift"}
    assert sum(o.available for o in flood) >= 10


def test_simulates_fewer_courses_when_there_are_more_options() -> None:
    plan = load_plan(read_directory(HARBOR)[0]).plan
    assert plan is not None
    state = states(plan)["Quay House lost"]

    alone, all_ = forecast(plan, state, options=()), forecast(plan, state)

    assert alone.replications == 100
    assert 20 <= all_.replications < 100


def test_measures_a_crowd_and_a_large_group_too() -> None:
    plan = load_plan(read_directory(HARBOR)[0]).plan
    assert plan is not None

    found = cases(plan)

    assert sorted({round(c.snapshot.customers, -3) for c in found}) == [0, WAITING]
    assert max(sum(g.headcount or 0 for g in c.plan.agent_groups.values()) for c in found) == 5000


def seconds_with(plan: Plan, waiting: int) -> float:
    """Return how long a forecast takes with so many in a queue, longer than anybody waits; the quickest of three."""
    state, queue = State(onset_at(plan, "1999-02-03T12:51")), next(iter(plan.activities))
    crowd, took = Snapshot(queues={queue: QueueNow(waited_s=(6000.0,) * waiting)}), []
    for _ in range(3):
        start = time.perf_counter()
        forecast(plan, state, snapshot=crowd, options=(), replications=4, unknown="empty", threads=1)
        took.append(time.perf_counter() - start)
    return min(took)


def test_takes_time_in_proportion_to_those_who_wait() -> None:
    """Four times as many: four times the time at most, and some for memory; eighteen times where each looks at all."""
    plan = load_plan(read_directory(BANK)[0]).plan
    assert plan is not None
    seconds_with(plan, 10)

    assert seconds_with(plan, 9_000) < 6 * seconds_with(plan, 2_250)


def test_says_that_a_time_within_its_bar_is_met() -> None:
    assert [Row("x", v, "s", 2.0, is_limit=True).ok for v in (1.5, 2.5)] == [True, False]
    assert set(Row("x", 1.0, "s", 2.0, is_limit=True).as_dict()) == {"name", "value", "unit", "bar", "ok"}
