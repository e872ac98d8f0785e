"""Runs that begin with contacts in the system: against nobody, the slow twin and exact transients."""

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.sim.begin import BEGIN_DUE, BEGIN_STATE, Inside, beginning, nobody
from openline.sim.model import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CUSTOMERS,
    DROPPED_WAITING,
    EXPONENTIAL,
    LOGNORMAL,
    OFFERED,
    REDIALS,
    WAITING,
    Model,
    ModelError,
    Outcome,
)
from openline.sim.run import simulate
from openline.sim.slots import AWAY, QUEUED, SERVED
from tests.oracles.contact_centre import counts_from
from tests.oracles.transient import distribution, drain_time
from tests.sim.models import centres, one_queue, twice
from tests.sim.test_invariants import BUSY_DAY

AHT_S = 300.0


def talking(n: int, luck: np.ndarray) -> Inside:
    """Return n contacts in service by group 0, each with an exponential rest of AHT_S."""
    ints = np.tile(np.array([0, 0, 0, SERVED, 0, 0, 1], np.int64), (n, 1))
    return Inside(ints, np.column_stack([np.zeros(n), -AHT_S * np.log(luck[:n]), np.zeros(n)]))


def queued(n: int, luck: np.ndarray) -> Inside:
    """Return n contacts who wait and never give up."""
    ints = np.tile(np.array([0, 0, 0, QUEUED, -1, 0, 0], np.int64), (n, 1))
    handling = -AHT_S * np.log(luck[:n])
    return Inside(ints, np.column_stack([np.arange(n, 0, -1.0), np.full(n, np.inf), handling]))


def together(*parts: Inside) -> Inside:
    return Inside(np.concatenate([p.ints for p in parts]), np.concatenate([p.floats for p in parts]))


def ensure_near(values: np.ndarray, exact: float) -> None:
    """Fail when the mean is more than 4 standard errors from the exact value."""
    se = values.std(ddof=1) / len(values) ** 0.5
    assert abs(values.mean() - exact) < 4 * se, (values.mean(), exact, se)


def in_system(ends: list[Inside]) -> np.ndarray:
    return np.array([(e.ints[:, BEGIN_STATE] != AWAY).sum() for e in ends], float)


def test_gives_the_same_bytes_when_nobody_is_there() -> None:
    empty, begun = (
        simulate(BUSY_DAY, seed=8, replications=5),
        simulate(BUSY_DAY, seed=8, replications=5, begin=nobody(5)),
    )

    for name in ("counts", "wait_s", "busy_s", "capacity_s", "queue_s", "carried"):
        assert getattr(empty, name).tobytes() == getattr(begun, name).tobytes()
    assert not empty.carried.any()


@st.composite
def begun(draw: st.DrawFn) -> tuple[Model, Inside]:
    """Return a small centre, sometimes with customers diverted, and who is there at its beginning."""
    model = draw(centres())
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    queues, groups, trunks = len(model.target_s), len(model.group_factor), len(model.trunk_capacity)
    if rng.random() < 0.5:
        shape = (queues, int(rng.integers(1, 3)))
        model = replace(
            model,
            divert_to=rng.integers(-1, queues, shape),
            divert_frac=rng.choice([0.0, 0.2, 0.5], shape),
            divert_at_s=rng.choice([0.0, 600.0], shape),
        )
    n = int(rng.integers(0, 9))
    state = rng.integers(QUEUED, AWAY + 1, n)
    ints = np.column_stack([
        rng.integers(0, queues, n), np.zeros(n), np.where(state == AWAY, 1, 0), state,
        np.where(state == SERVED, rng.integers(0, groups, n), -1), rng.integers(0, trunks, n), state == SERVED,
    ]).astype(np.int64)  # fmt: skip
    waits = state == QUEUED
    waited, due, handling = rng.uniform(0, 200, n), rng.uniform(0, 300, n), rng.uniform(1, 200, n)
    floats = np.column_stack([np.where(waits, waited, 0.0), due, np.where(waits, handling, 0.0)])
    return model, Inside(ints, floats)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(centre=begun())
def test_counts_as_its_twin_from_any_beginning(centre: tuple[Model, Inside]) -> None:
    model, there = centre
    begin = beginning([there, there])
    outcome = simulate(model, seed=11, replications=2, threads=1, begin=begin)

    for n in range(2):
        rows = slice(begin.offset[n], begin.offset[n + 1])
        twin = counts_from(model, Inside(begin.ints[rows], begin.floats[rows]), seed=11, replication=n)
        np.testing.assert_array_equal(outcome.counts[n], twin[:, :-1])
        np.testing.assert_array_equal(outcome.carried[n], twin[:, -1])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(centre=begun())
def test_conserves_those_who_were_there(centre: tuple[Model, Inside]) -> None:
    model, there = centre
    c = simulate(model, seed=5, replications=1, begin=beginning([there])).carried

    assert c[..., OFFERED].sum() == (there.ints[:, BEGIN_STATE] == QUEUED).sum()
    ends = c[..., ANSWERED] + c[..., ABANDONED] + c[..., BLOCKED] + c[..., DROPPED_WAITING] + c[..., WAITING]
    np.testing.assert_array_equal(c[..., OFFERED], ends)
    np.testing.assert_array_equal(c[..., OFFERED], c[..., CUSTOMERS] + c[..., REDIALS])


def test_sees_a_beginner_who_is_forgotten() -> None:
    """The twin without the last contact must differ, or the comparison above would see nothing."""
    model = one_queue(arrivals_per_s=0.02, aht_s=100.0, agents=2, hours=1)
    there = beginning([queued(4, np.full(4, 0.5))])
    outcome = simulate(model, seed=2, replications=1, begin=there)

    twin = counts_from(model, Inside(there.ints[:-1], there.floats[:-1]), seed=2)
    assert not np.array_equal(outcome.carried[0], twin[:, -1])


def seconds_from(waiting: int) -> float:
    """Return how long a run takes in which so many give up at one moment; the quickest of three."""
    model = one_queue(arrivals_per_s=0.001, aht_s=AHT_S, agents=1, hours=1)
    there = queued(waiting, np.full(waiting, 0.5))
    there.floats[:, BEGIN_DUE] = 600.0
    begin, took = beginning([there]), []
    for _ in range(3):
        start = time.perf_counter()
        simulate(model, seed=1, replications=1, threads=1, begin=begin)
        took.append(time.perf_counter() - start)
    return min(took)


def test_takes_time_in_proportion_to_those_who_wait() -> None:
    """Eight times as many in eight times the time, and some more for memory; 64 times where each looks at all."""
    seconds_from(10)

    few, many = seconds_from(4_000), seconds_from(32_000)

    assert many < 24 * few


@pytest.mark.simulation
@pytest.mark.parametrize("start", [0, 10, 80])
def test_settles_from_n_in_service_as_m_m_infinity(start: int) -> None:
    """Mean number in the system: n e^(-mu t) + rho (1 - e^(-mu t)); mu = 1/300, rho = 30, t = 400 s."""
    model = one_queue(arrivals_per_s=0.1, aht_s=AHT_S, agents=10_000, hours=400 / 3600)
    luck = 1 - np.random.default_rng(1).random((2000, 80))
    ends: list[Inside] = []

    simulate(model, seed=4, replications=2000, begin=beginning([talking(start, u) for u in luck]), ends=ends)

    stays = np.exp(-400 / AHT_S)
    ensure_near(in_system(ends), start * stays + 30 * (1 - stays))


@pytest.mark.simulation
@pytest.mark.parametrize(("agents", "start", "patience_s"), [(1, 6, np.inf), (5, 12, np.inf), (5, 12, 200.0)])
def test_has_the_exact_law_of_the_number_in_a_queue_that_begins_full(
    agents: int, start: int, patience_s: float
) -> None:
    """M/M/n and M/M/n+M from `start` in the system, 500 s later, against uniformisation."""
    rate = 0.8 * agents / AHT_S
    model = one_queue(arrivals_per_s=rate, aht_s=AHT_S, agents=agents, patience_s=patience_s, hours=500 / 3600)
    rng = np.random.default_rng(3)
    there = []
    for _ in range(4000):
        luck = 1 - rng.random(3 * start)
        wait = queued(start - agents, luck[agents:])
        if np.isfinite(patience_s):
            wait.floats[:, BEGIN_DUE] = -patience_s * np.log(luck[2 * start : 3 * start - agents])
        there.append(together(talking(agents, luck), wait))
    ends: list[Inside] = []

    simulate(model, seed=6, replications=4000, begin=beginning(there), ends=ends)

    exact = distribution(
        start=start,
        until=500.0,
        most=200,
        births=lambda n: rate,
        deaths=lambda n: min(n, agents) / AHT_S + max(n - agents, 0) / patience_s,
    )
    found = in_system(ends)
    ensure_near(found, float(exact @ np.arange(201)))
    ensure_near((found > agents).astype(float), float(exact[agents + 1 :].sum()))
    ensure_near(found**2, float(exact @ np.arange(201) ** 2))


@pytest.mark.simulation
def test_drains_a_backlog_as_a_pure_death_process() -> None:
    """20 contacts, 4 agents, nobody calls: the integral of the busy agents is the work, and the last one leaves at
    the sum of 1 / (mu min(k, n))."""
    model = one_queue(arrivals_per_s=0.0, aht_s=AHT_S, agents=4, hours=6, intervals=2160)
    rng = np.random.default_rng(5)
    there = []
    for _ in range(3000):
        luck = 1 - rng.random(24)
        there.append(together(talking(4, luck), queued(16, luck[4:])))

    outcome = simulate(model, seed=1, replications=3000, begin=beginning(there))

    last = last_busy_s(outcome, 10.0)
    ensure_near(outcome.busy_s.sum(axis=(1, 2)), 20 * AHT_S)
    ensure_near(last, drain_time(20, 4, 1 / AHT_S))


def last_busy_s(outcome: Outcome, interval_s: float) -> np.ndarray:
    """Return when the last agent was done: at the end one is busy alone, so its part of the interval tells."""
    busy = outcome.busy_s[:, 0]
    last = busy.shape[1] - 1 - np.argmax(busy[:, ::-1] > 0, axis=1)
    alone = np.minimum(busy[np.arange(len(busy)), last], interval_s)
    return np.asarray(last * interval_s + alone)


@pytest.mark.simulation
@pytest.mark.parametrize("service", [(EXPONENTIAL, AHT_S, 0.0), (LOGNORMAL, 5.4, 0.8)])
def test_goes_on_from_its_own_end_as_if_it_had_not_stopped(service: tuple[int, float, float]) -> None:
    """A day cut in two at a busy moment counts, in the mean, what the whole day counts after it."""
    whole = one_queue(
        arrivals_per_s=0.04, aht_s=AHT_S, agents=10, patience_s=150.0, hours=2, intervals=2, service=service,
        redial=(0.5, 0.5, 0.5), redial_delay_s=300.0,
    )  # fmt: skip
    half = replace(whole, edges_s=np.array([0.0, 3600.0]))
    ends: list[Inside] = []
    simulate(half, seed=21, replications=1500, ends=ends)

    second = simulate(half, seed=22, replications=1500, begin=beginning(ends))

    at_once = simulate(whole, seed=23, replications=1500)
    for metric in (OFFERED, ANSWERED, ABANDONED):
        parts, all_ = second.counts[:, 0, 0, metric].astype(float), at_once.counts[:, 0, 1, metric].astype(float)
        se = np.hypot(parts.std(ddof=1), all_.std(ddof=1)) / 1500**0.5
        assert abs(parts.mean() - all_.mean()) < 4 * se


def test_diverts_the_share_and_keeps_the_luck_of_all_others() -> None:
    """Two rows of one queue: those diverted and those left are the customers of the undivided queue."""
    model = one_queue(arrivals_per_s=0.05, aht_s=60.0, agents=50, hours=6)
    doubled = replace(
        model,
        rate_per_s=np.vstack([model.rate_per_s, 0 * model.rate_per_s]),
        service=twice(model.service), patience=twice(model.patience), redial_delay=twice(model.redial_delay),
        redial_frac=np.tile(model.redial_frac, (2, 1)), redial_max=np.zeros(2, np.int64),
        level=np.zeros((1, 2), np.int8), route=np.zeros((2, 1), np.int16), wait_before_s=np.zeros((1, 2)),
        queue_trunk=np.zeros(2, np.int64), target_s=np.full(2, 20.0), short_s=np.full(2, 5.0),
        divert_to=np.array([[1], [-1]]),
        divert_frac=np.array([[0.3], [0.0]]), divert_at_s=np.zeros((2, 1)),
    )  # fmt: skip

    plain = simulate(model, seed=9, replications=20)
    split = simulate(doubled, seed=9, replications=20)

    np.testing.assert_array_equal(plain.counts[:, 0], split.counts.sum(axis=1))
    np.testing.assert_allclose(plain.busy_s, split.busy_s)
    sent = split.counts[:, 1, :, OFFERED].sum() / split.counts[..., OFFERED].sum()
    assert abs(sent - 0.3) < 0.02


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ints": np.array([[3, 0, 0, QUEUED, -1, 0, 0]])}, "no queue"),
        ({"ints": np.array([[0, 0, 0, SERVED, 5, 0, 1]])}, "no group"),
        ({"ints": np.array([[0, 0, 0, QUEUED, -1, 7, 0]])}, "no line"),
        ({"ints": np.array([[0, 0, 0, 9, -1, 0, 0]])}, "no state"),
        ({"floats": np.array([[-1.0, 1.0, 1.0]])}, "negative"),
        ({"offset": np.array([0, 2])}, "offset"),
    ],
)
def test_refuses_a_beginning_that_it_can_not_start_from(change: dict[str, np.ndarray], says: str) -> None:
    model = one_queue(arrivals_per_s=0.01, aht_s=60.0, agents=1)
    sound = beginning([queued(1, np.array([0.5]))])

    with pytest.raises(ModelError, match=says):
        simulate(model, seed=1, replications=1, begin=replace(sound, **change))
