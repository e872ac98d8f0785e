"""Validity against closed forms and exact values (groups 1 to 4, 9 and 20 of the suite).

Rule: |estimate - exact| <= 4 standard errors, and a standard error small enough that the test has power. The unit
of time of each case is whatever its rates are in; seeds are fixed.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from openline.queueing import blocking, erlang_a, erlang_c
from openline.sim.model import (
    ABANDONED,
    ANSWERED,
    ANSWERED_IN_TARGET,
    BLOCKED,
    CONSTANT,
    DROPPED_TALKING,
    EXPONENTIAL,
    GROUP_CAPACITY,
    LOGNORMAL,
    OFFERED,
    REQUEUE,
    Laws,
    Model,
    Outcome,
)
from openline.sim.run import simulate
from tests.oracles.chain import abandons_of_outage
from tests.sim.models import one_queue

pytestmark = pytest.mark.simulation
REPLICATIONS = 40


def steady(*, lam: float, arrivals: float, warm: float = 40.0, **queue: object) -> tuple[Outcome, NDArray[np.int64]]:
    """Return the outcome and its counts [replications, METRICS], first (warm-up) and last part left out."""
    length = max(arrivals / lam / REPLICATIONS, warm)
    parts = math.ceil(length / warm)
    model = one_queue(arrivals_per_s=lam, hours=(parts + 2) * warm / 3600, intervals=parts + 2, **queue)  # type: ignore[arg-type]
    outcome = simulate(model, seed=2026, replications=REPLICATIONS)
    return outcome, outcome.counts[:, 0, 1:-1].sum(axis=1)


def middle(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return figures [replications, 1, parts] summed over the parts that count."""
    return np.asarray(figures[:, 0, 1:-1].sum(axis=1), dtype=np.float64)


def assert_agrees(
    over: NDArray[np.int64] | NDArray[np.float64],
    under: NDArray[np.int64] | NDArray[np.float64],
    exact: float,
    *,
    power: float,
) -> None:
    """Compare a ratio of counts with its exact value; the error is the delta method's over replications."""
    ratio = over.sum() / under.sum()
    residual = over - ratio * under
    se = residual.std(ddof=1) / under.mean() / math.sqrt(len(over))
    assert abs(ratio - exact) <= 4 * se, f"{ratio} is {(ratio - exact) / se:.1f} standard errors from {exact}"
    assert se <= power * exact, f"standard error {se / exact:.2%} of the value: no power"


def counts_of_waiting(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return those who were not answered at once, from a run with a target of 0."""
    return np.asarray(counts[:, OFFERED] - counts[:, ANSWERED_IN_TARGET], dtype=np.int64)


def power_for(exact: float) -> float:
    """Return the largest standard error over the value that a comparison may have: half a percent.

    Events rarer than 3 in 100 may have 2 %, rarer than 6 in 1,000 5 %: more would cost minutes.
    """
    return 0.05 if exact < 0.006 else 0.02 if exact < 0.03 else 0.005


@pytest.mark.parametrize(
    ("agents", "load", "exact"),
    [(15, 8.108, 0.00999963194259878), (30, 25, 0.0526031722281406), (100, 100, 0.0757004527108610)],
)
@pytest.mark.parametrize(
    "law", [(EXPONENTIAL, 1.0, 0.0), (CONSTANT, 1.0, 0.0), (LOGNORMAL, -0.5 * math.log(5), 1.2686)]
)
def test_blocks_as_erlang_b_whatever_the_service_law(
    agents: int, load: float, exact: float, law: tuple[int, float, float]
) -> None:
    _, counts = steady(lam=load, arrivals=1.5e7, aht_s=1.0, agents=agents, lines=agents, service=law)

    assert_agrees(counts[:, BLOCKED], counts[:, OFFERED], exact, power=0.008)


@pytest.mark.parametrize(
    ("agents", "lam", "mu", "target", "wait", "level"),
    [
        (13, 3.5, 1 / 3, 1 / 3, 0.368845636158893, 0.720612292848243),
        (14, 10 / 3, 1 / 3, 1 / 3, 0.174131933595050, 0.888350019179467),
        (12, 4.2, 0.5, 1 / 3, 0.183888630393500, 0.899079779894654),
    ],
)
def test_waits_as_erlang_c(agents: int, lam: float, mu: float, target: float, wait: float, level: float) -> None:
    outcome, counts = steady(lam=lam, arrivals=3e7, warm=200.0, aht_s=1 / mu, agents=agents, target_s=target)
    exact = erlang_c(arrivals_per_s=lam, aht_s=1 / mu, agents=agents)
    assert exact.asa_s is not None
    assert_agrees(middle(outcome.wait_s[..., 0]), counts[:, ANSWERED], exact.asa_s, power=0.008)
    _, at_once = steady(lam=lam, arrivals=1.5e7, warm=200.0, aht_s=1 / mu, agents=agents, target_s=0.0)

    assert_agrees(counts[:, ANSWERED_IN_TARGET], counts[:, ANSWERED], level, power=0.005)
    assert_agrees(at_once[:, ANSWERED] - at_once[:, ANSWERED_IN_TARGET], at_once[:, ANSWERED], wait, power=0.005)


@pytest.mark.parametrize("target", [0.5, 1.0, 2.0])
def test_has_the_tail_of_waits_of_erlang_c(target: float) -> None:
    exact = erlang_c(arrivals_per_s=4.2, aht_s=2.0, agents=12, target_s=target).service_level

    _, counts = steady(lam=4.2, arrivals=1.5e7, warm=200.0, aht_s=2.0, agents=12, target_s=target)

    assert exact is not None
    assert_agrees(counts[:, ANSWERED] - counts[:, ANSWERED_IN_TARGET], counts[:, ANSWERED], 1 - exact, power=0.05)


@pytest.mark.parametrize(
    ("agents", "lam", "mu", "theta", "target", "abandon", "level"),
    [
        (14, 10 / 3, 1 / 3, 0.2, 1 / 3, 0.0139837441224, 0.916792091864),
        (13, 3.5, 1 / 3, 0.2, 1 / 3, 0.0330426753638, 0.816309501899),
        (9, 3.5, 1 / 3, 0.2, 1 / 3, 0.188728118319, 0.302079451768),
        (12, 4.2, 0.5, 1, 1 / 3, 0.0296789055424, 0.945269575559),
        (50, 48, 1, 0.5, 1 / 3, 0.0309122491622, 0.943018954747),
        (100, 100, 1, 1, 0.1, 0.0398609968091, 0.813654534930),
        (100, 120, 1, 1, 0.1, 0.167692955688, 0.183052701087),
        (100, 120, 1, 0.5, 0.1, 0.166790630955, 0.0253951351475),
        (100, 102, 1, 1, 0.1, 0.0499179759998, 0.758777298109),
        (400, 500, 1, 1, 0.1, 0.200000015252, 0.00522594119291),
        (1000, 1000, 1, 0.5, 0.05, 0.0104505428962, 0.837739774976),
        (20, 10, 1, 1, 0.1, 0.000277820652141, 0.998782217637),
    ],
)
def test_abandons_as_erlang_a(
    agents: int, lam: float, mu: float, theta: float, target: float, abandon: float, level: float
) -> None:
    """P(W > 0), P(Ab), E[W], service level and occupancy; theta E[W] = P(Ab)."""
    queue = {"aht_s": 1 / mu, "agents": agents, "patience_s": 1 / theta}
    outcome, counts = steady(lam=lam, arrivals=3e7, target_s=target, **queue)
    _, at_once = steady(lam=lam, arrivals=1.5e7, target_s=0.0, **queue)
    exact = erlang_a(arrivals_per_s=lam, aht_s=1 / mu, agents=agents, patience_s=1 / theta)
    assert exact.p_wait is not None
    assert exact.occupancy is not None

    assert_agrees(counts[:, ABANDONED], counts[:, OFFERED], abandon, power=power_for(abandon))
    assert_agrees(counts[:, ANSWERED_IN_TARGET], counts[:, OFFERED], level, power=power_for(level))
    waited = middle(outcome.wait_s.sum(axis=3))
    assert_agrees(waited, counts[:, OFFERED], abandon / theta, power=power_for(abandon))
    had_to = counts_of_waiting(at_once)
    slow = 0.01 if agents >= 1000 else 0.0  # waits of so large a group stay alike for long
    assert_agrees(had_to, at_once[:, OFFERED], exact.p_wait, power=max(power_for(exact.p_wait), slow))
    assert_agrees(middle(outcome.busy_s), middle(outcome.capacity_s), exact.occupancy, power=0.005)


@pytest.mark.parametrize(
    ("agents", "lam", "mu", "theta", "lines", "block", "abandon"),
    [
        (10, 12, 1, 0.5, 15, 0.13074245664347, 0.082821367768491),
        (12, 50 / 60, 0.1, 0.5, 24, 3.1389981445522e-10, 0.039174372388029),
    ],
)
def test_blocks_and_abandons_with_finite_lines(
    agents: int, lam: float, mu: float, theta: float, lines: int, block: float, abandon: float
) -> None:
    """Shares of all attempts."""
    _, counts = steady(lam=lam, arrivals=1e7, aht_s=1 / mu, agents=agents, patience_s=1 / theta, lines=lines)

    assert_agrees(counts[:, ABANDONED], counts[:, OFFERED], abandon, power=0.005)
    if block > 1e-6:
        assert_agrees(counts[:, BLOCKED], counts[:, OFFERED], block, power=0.005)
    else:
        assert counts[:, BLOCKED].sum() == 0


def outage(
    *, agents: int, left: int, lam: float, theta: float, rates: list[float] | None, hours: tuple[float, ...]
) -> Model:
    """Return a window in which only `left` agents work in [hours[0], hours[1]), calls going back to the queue."""
    controls = [(hours[0], GROUP_CAPACITY, 0, float(left), REQUEUE), (hours[1], GROUP_CAPACITY, 0, float(agents), 0)]
    return one_queue(
        arrivals_per_s=lam, aht_s=1.0, agents=agents, patience_s=1 / theta, hours=hours[2] / 3600, rates=rates,
        controls=controls,
    )  # fmt: skip


def test_has_an_oracle_that_gives_the_published_abandons() -> None:
    """Before, during and after the outage, from a start with Poisson(100) in the system: 103.029, 197.435, 0.0018."""
    cells = 24 * 240
    rates = [100 + 40 * math.sin(2 * math.pi * (n + 0.5) / cells) for n in range(cells)]

    parts = abandons_of_outage(
        rates=rates, horizon=24.0, agents=lambda t: 60 if 10 <= t < 14 else 120, start=100.0, until=(10.0, 14.0, 24.0)
    )

    assert parts == pytest.approx((103.029356, 197.434972, 0.001788), abs=2e-3)


def test_agrees_with_the_outage_oracle() -> None:
    """Group 8: with theta = mu the system is M_t/M/infinity whatever the agents do.

    lam(t) = 100 + 40 sin(2 pi t / 24), 120 agents, 60 in [10, 14), preemptive, from empty. The exact abandons follow
    from m' = lam - m, abandoned = integral of E[(X - n)+] with X Poisson(m); a contact that has been answered and
    gives up after it lost its agent counts as cut off here.
    """
    cells = 24 * 60
    rates = [100 + 40 * math.sin(2 * math.pi * (n + 0.5) / cells) for n in range(cells)]
    model = outage(agents=120, left=60, lam=100, theta=1.0, rates=rates, hours=(10.0, 14.0, 24.0))
    exact = sum(
        abandons_of_outage(rates=rates, horizon=24.0, agents=lambda t: 60 if 10 <= t < 14 else 120, until=(24.0,))
    )

    outcome = simulate(model, seed=7, replications=1200)

    lost = outcome.counts[:, 0].sum(axis=1)
    days = lost[:, ABANDONED] + lost[:, DROPPED_TALKING]
    se = days.std(ddof=1) / math.sqrt(len(days))
    assert abs(days.mean() - exact) <= 4 * se
    assert se <= 0.005 * exact


def test_agrees_with_the_published_abandons_of_an_outage() -> None:
    """Group 9: n = 100, lam = 90, theta = .5, half out on [2, 4), horizon 8, stationary start: 65.135 abandons.

    The window starts 30 mean handling times earlier, so that the start is stationary.
    """
    model = one_queue(
        arrivals_per_s=90.0, aht_s=1.0, agents=100, patience_s=2.0, hours=38.0 / 3600, intervals=38,
        controls=[(32.0, GROUP_CAPACITY, 0, 50.0, REQUEUE), (34.0, GROUP_CAPACITY, 0, 100.0, 0)],
    )  # fmt: skip

    outcome = simulate(model, seed=9, replications=4000)

    lost = outcome.counts[:, 0]
    days = lost[:, 30:, ABANDONED].sum(axis=1) + lost[:, :, DROPPED_TALKING].sum(axis=1)
    se = days.std(ddof=1) / math.sqrt(len(days))
    assert abs(days.mean() - 65.135) <= 4 * se
    assert se <= 0.005 * 65.135


def pooled(*, rates: tuple[float, float], agents: tuple[int, int], parts: int) -> Model:
    """Return two queues and two groups that all serve both."""
    one = one_queue(arrivals_per_s=1.0, aht_s=1.0, agents=1, patience_s=2.0, hours=parts * 40.0 / 3600, intervals=parts)

    def twice(law: Laws) -> Laws:
        return Laws(*(np.repeat(getattr(law, name), 2, axis=0) for name in ("kind", "a", "b", "table")))

    return replace(
        one, rate_per_s=np.array(rates)[:, None], service=twice(one.service), patience=twice(one.patience),
        redial_delay=twice(one.redial_delay), redial_frac=np.zeros((2, 3)), redial_max=np.zeros(2, np.int64),
        level=np.zeros((2, 2), np.int8), route=np.array([[0, 1], [1, 0]], np.int16), wait_before_s=np.zeros((2, 2)),
        group_factor=np.ones(2), group_capacity=np.array(agents), queue_trunk=np.zeros(2, np.int64),
        target_s=np.full(2, 20.0), short_s=np.full(2, 5.0),
    )  # fmt: skip


class TestLimits:
    """Group 20: what becomes of the model at its ends."""

    def test_is_erlang_b_when_nobody_waits(self) -> None:
        _, counts = steady(lam=25.0, arrivals=1e7, aht_s=1.0, agents=30, patience_s=1e-7)

        assert_agrees(counts[:, ABANDONED], counts[:, OFFERED], blocking(25.0, 30), power=0.008)

    def test_is_erlang_c_when_nobody_gives_up(self) -> None:
        exact = erlang_c(arrivals_per_s=4.2, aht_s=2.0, agents=12, target_s=1 / 3).service_level

        _, counts = steady(lam=4.2, arrivals=2e6, warm=200.0, aht_s=2.0, agents=12, patience_s=1e9, target_s=1 / 3)

        assert exact is not None
        assert_agrees(counts[:, ANSWERED_IN_TARGET], counts[:, OFFERED], exact, power=0.005)

    def test_is_erlang_a_with_very_many_lines(self) -> None:
        exact = erlang_a(arrivals_per_s=48.0, aht_s=1.0, agents=50, patience_s=2.0).p_abandon

        _, counts = steady(lam=48.0, arrivals=1.5e7, aht_s=1.0, agents=50, patience_s=2.0, lines=100_000)

        assert exact is not None
        assert_agrees(counts[:, ABANDONED], counts[:, OFFERED], exact, power=0.006)

    def test_is_one_pooled_queue_when_everybody_can_do_everything(self) -> None:
        exact = erlang_a(arrivals_per_s=48.0, aht_s=1.0, agents=50, patience_s=2.0).p_abandon
        model = pooled(rates=(30.0, 18.0), agents=(20, 30), parts=200)

        counts = simulate(model, seed=4, replications=REPLICATIONS).counts[:, :, 1:-1].sum(axis=(1, 2))

        assert exact is not None
        assert_agrees(counts[:, ABANDONED], counts[:, OFFERED], exact, power=0.006)

    def test_changes_nothing_in_an_outage_of_no_length(self) -> None:
        calm = one_queue(arrivals_per_s=0.1, aht_s=60.0, agents=8, patience_s=60.0)
        blip = one_queue(
            arrivals_per_s=0.1, aht_s=60.0, agents=8, patience_s=60.0,
            controls=[(3600.0, GROUP_CAPACITY, 0, 8.0, 1), (3600.0, GROUP_CAPACITY, 0, 8.0, 0)],
        )  # fmt: skip

        same = [simulate(m, seed=3, replications=3).counts for m in (calm, blip)]

        np.testing.assert_array_equal(same[0], same[1])

    def test_answers_nobody_when_everybody_is_out(self) -> None:
        model = one_queue(arrivals_per_s=0.1, aht_s=60.0, agents=0, patience_s=60.0)

        counts = simulate(model, seed=3, replications=3).counts.sum(axis=(0, 1, 2))

        assert counts[ANSWERED] == 0
        assert counts[ABANDONED] > 0
