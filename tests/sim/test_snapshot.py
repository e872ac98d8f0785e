"""From a wallboard to the contacts of second 0."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.sim.begin import BEGIN_DUE, BEGIN_GROUP, BEGIN_QUEUE, BEGIN_STATE, BEGIN_WAITED, Beginning
from openline.sim.inputs import Inputs
from openline.sim.run import simulate
from openline.sim.slots import AWAY, QUEUED, SERVED
from openline.sim.snapshot import BadSnapshot, ensure_fits, read_snapshot
from openline.sim.warm import AGES_DRAWN, EMPTY, SIMULATED, TIMES_DRAWN, TOLD, warm_start
from tests.oracles.transient import distribution
from tests.sim.models import one_queue, twice

NOW = datetime(2026, 11, 30, 10, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def harbor() -> Plan:
    plan = load_plan(read_directory(Path(__file__).parents[2] / "examples" / "harbor")[0]).plan
    assert plan is not None
    return plan


def centre(**changes: float) -> Inputs:
    stated = {"arrivals_per_s": 0.1, "aht_s": 100.0, "agents": 10, "patience_s": 200.0} | changes
    return Inputs(one_queue(**stated), ("calls",), ("desk",), ("lines",))  # type: ignore[arg-type]


def rows(begin: Beginning, n: int, state: int) -> np.ndarray:
    part = slice(begin.offset[n], begin.offset[n + 1])
    return np.asarray(begin.floats[part][begin.ints[part, BEGIN_STATE] == state])


def test_begins_with_the_waits_that_are_told_longest_first() -> None:
    snapshot = read_snapshot('{"queues": {"calls": {"waited_s": [5, "1m30s", 20]}}}')

    found = warm_start(centre(), snapshot, seed=1, replications=3)

    for n in range(3):
        assert rows(found.begin, n, QUEUED)[:, BEGIN_WAITED].tolist() == [90.0, 20.0, 5.0]
    assert found.sources["queue.calls.waiting"] == TOLD
    assert found.sources["group.desk.busy"] == EMPTY


def test_keeps_the_longest_wait_that_is_told() -> None:
    snapshot = read_snapshot('{"queues": {"calls": {"waiting": 6, "longest_s": 80}}}')

    found = warm_start(centre(), snapshot, seed=1, replications=500)

    waits = np.array([rows(found.begin, n, QUEUED)[:, BEGIN_WAITED] for n in range(500)])
    assert (waits[:, 0] == 80.0).all()
    assert (waits[:, 1:] < 80.0).all()
    exact = (200.0 - (80.0 + 200.0) * np.exp(-0.4)) / (1 - np.exp(-0.4))  # mean of exp(mean 200) cut at 80
    assert waits[:, 1:].mean() == pytest.approx(exact, abs=2.0)
    assert found.sources["queue.calls.waiting"] == AGES_DRAWN


@pytest.mark.simulation
def test_draws_ages_as_an_overloaded_queue_has_them_for_the_same_number() -> None:
    inputs = centre(agents=10, arrivals_per_s=0.14)
    model = replace(inputs.model, edges_s=np.array([0.0, 3600.0]))
    ends: list = []  # type: ignore[type-arg]
    simulate(model, seed=5, replications=6000, ends=ends)
    waits = [e.floats[e.ints[:, BEGIN_STATE] == QUEUED, BEGIN_WAITED] for e in ends]
    real = np.array([w.mean() for w in waits if len(w) == 8])

    found = warm_start(inputs, read_snapshot('{"queues": {"calls": {"waiting": 8}}}'), seed=3, replications=4000)

    drawn = np.array([rows(found.begin, n, QUEUED)[:, BEGIN_WAITED].mean() for n in range(4000)])
    assert len(real) > 200
    assert drawn.mean() == pytest.approx(real.mean(), rel=0.1)


@pytest.mark.simulation
def test_settles_from_a_count_as_erlang_a_does_from_that_state() -> None:
    """Exponential all over: a count of busy and waiting is all that the chain needs to know."""
    inputs = centre(agents=10)
    model = replace(inputs.model, edges_s=np.array([0.0, 120.0]))
    snapshot = read_snapshot('{"queues": {"calls": {"waiting": 8}}, "groups": {"desk": {"busy": 10, "available": 0}}}')
    found = warm_start(replace(inputs, model=model), snapshot, seed=2, replications=4000)
    ends: list = []  # type: ignore[type-arg]

    simulate(model, seed=2, replications=4000, begin=found.begin, ends=ends)

    n = np.array([len(e.ints) for e in ends], float)
    exact = distribution(
        start=18, until=120.0, most=150, births=lambda _: 0.1, deaths=lambda k: min(k, 10) / 100 + max(k - 10, 0) / 200
    )
    assert abs(n.mean() - exact @ np.arange(151)) < 4 * n.std() / 4000**0.5


def test_draws_the_time_left_of_calls_in_progress() -> None:
    text = '{"groups": {"desk": {"busy": 4, "available": 6, "elapsed_s": [30, 200], "by_queue": {"calls": 1}}}}'

    found = warm_start(centre(), read_snapshot(text), seed=1, replications=2000)

    left = np.array([rows(found.begin, n, SERVED)[:, BEGIN_DUE] for n in range(2000)])
    assert left.shape == (2000, 4)
    assert left.mean() == pytest.approx(100.0, rel=0.05)
    assert found.sources["group.desk.busy"] == TIMES_DRAWN


def test_lets_those_who_will_call_again_call_again() -> None:
    found = warm_start(centre(), read_snapshot('{"queues": {"calls": {"redialing": 5}}}'), seed=1, replications=1000)

    left = np.array([rows(found.begin, n, AWAY)[:, BEGIN_DUE] for n in range(1000)])
    assert left.mean() == pytest.approx(600.0, rel=0.05)


def test_takes_from_the_simulation_only_what_is_not_told() -> None:
    inputs = centre()
    before: list = []  # type: ignore[type-arg]
    simulate(inputs.model, seed=9, replications=5, ends=before)

    found = warm_start(
        inputs, read_snapshot('{"queues": {"calls": {"waiting": 0}}}'), seed=1, replications=5, before=before
    )

    assert found.sources == {
        "queue.calls.waiting": TOLD,
        "queue.calls.redialing": SIMULATED,
        "group.desk.busy": SIMULATED,
    }
    talking = [(e.ints[:, BEGIN_STATE] == SERVED).sum() for e in before]
    assert [len(rows(found.begin, n, SERVED)) for n in range(5)] == talking
    assert not (found.begin.ints[:, BEGIN_STATE] == QUEUED).any()


def test_shares_calls_of_an_unknown_queue_out_by_load() -> None:
    model = one_queue(arrivals_per_s=0.1, aht_s=100.0, agents=10)
    both = replace(
        model,
        rate_per_s=np.array([[0.3], [0.1]]),
        service=twice(model.service),
        patience=twice(model.patience),
        redial_delay=twice(model.redial_delay),
        level=np.zeros((1, 2), np.int8),
        queue_trunk=np.zeros(2, np.int64),
        target_s=np.full(2, 20.0),
    )
    inputs = Inputs(both, ("calls", "chats"), ("desk",), ("lines",))

    found = warm_start(inputs, read_snapshot('{"groups": {"desk": {"busy": 8}}}'), seed=1, replications=1)

    assert np.bincount(found.begin.ints[:, BEGIN_QUEUE]).tolist() == [6, 2]
    assert (found.begin.ints[:, BEGIN_GROUP] == 0).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"queues": {"calls": {"waiting": -1}}}', "queues.calls.waiting"),
        ('{"queues": {"calls": {"waiting": 3, "waited_s": [1]}}}', "waiting is 3, but waited_s lists 1"),
        ('{"queues": {"calls": {"longest_s": 9}}}', "longest_s goes with waiting"),
        ('{"groups": {"desk": {"busy": 1, "elapsed_s": [1, 2]}}}', "elapsed_s lists 2"),
        ('{"groups": {"desk": {"busy": 1, "by_queue": {"calls": 2}}}}', "by_queue adds up to 2"),
        ('{"colour": 1}', "colour"),
        ('{"at": "2026-11-30T10:25"}', "at"),
    ],
)
def test_says_what_is_wrong_with_a_snapshot(text: str, says: str) -> None:
    with pytest.raises(BadSnapshot, match=says):
        read_snapshot(text)


def test_says_all_that_the_plan_does_not_have(harbor: Plan) -> None:
    text = {
        "queues": {"claim": {"waiting": 1}},
        "groups": {"quay-claims@hom": {"busy": 1}},
        "at": "2026-11-30T10:00:00Z",
    }

    with pytest.raises(BadSnapshot) as refused:
        ensure_fits(harbor, read_snapshot(json.dumps(text)), NOW)

    assert "did you mean 'claims'" in str(refused.value)
    assert "did you mean 'quay-claims@home'" in str(refused.value)
    assert "it was taken at 2026-11-30T10:00:00+00:00" in str(refused.value)
