"""What holds in every run, exactly (group 19): conservation, Little's law, same bytes for any number of threads."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from openline.sim.model import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CUSTOMERS,
    DROPPED_WAITING,
    GROUP_CAPACITY,
    OFFERED,
    REDIALS,
    WAITING,
    Model,
    ModelError,
)
from openline.sim.run import Cancelled, TooMuch, simulate
from tests.sim.models import centres, one_queue

BUSY_DAY = one_queue(
    arrivals_per_s=0.1,
    aht_s=120.0,
    agents=11,
    patience_s=90.0,
    hours=8,
    intervals=16,
    redial=(0.5, 0.5, 0.9),
    lines=30,
    controls=[(7200.0, GROUP_CAPACITY, 0, 2.0, 1), (14400.0, GROUP_CAPACITY, 0, 11.0, 0)],
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=centres())
def test_conserves_every_attempt_per_queue_and_interval(model: Model) -> None:
    c = simulate(model, seed=5, replications=3, threads=1).counts

    ends = c[..., ANSWERED] + c[..., ABANDONED] + c[..., BLOCKED] + c[..., DROPPED_WAITING] + c[..., WAITING]
    np.testing.assert_array_equal(c[..., OFFERED], ends)
    np.testing.assert_array_equal(c[..., OFFERED], c[..., CUSTOMERS] + c[..., REDIALS])


def test_keeps_littles_law_when_all_waits_are_over() -> None:
    model = one_queue(
        arrivals_per_s=0.1, aht_s=120.0, agents=11, patience_s=90.0, hours=4, intervals=4, rates=[0.1, 0.1, 0.1, 0.0]
    )

    outcome = simulate(model, seed=5, replications=5)

    assert outcome.counts[..., WAITING].sum() == 0
    np.testing.assert_allclose(outcome.queue_s.sum(axis=(1, 2)), outcome.wait_s.sum(axis=(1, 2, 3)), rtol=1e-9)


def test_has_nobody_busier_than_present_when_calls_are_cut_off() -> None:
    outcome = simulate(BUSY_DAY, seed=5, replications=5)

    assert (outcome.busy_s <= outcome.capacity_s + 1e-6).all()
    assert (outcome.wait_s >= 0).all()


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_gives_the_same_bytes_for_any_number_of_threads(threads: int) -> None:
    one = simulate(BUSY_DAY, seed=8, replications=9, threads=1)
    many = simulate(BUSY_DAY, seed=8, replications=9, threads=threads)

    for name in ("counts", "wait_s", "busy_s", "capacity_s", "queue_s"):
        assert getattr(one, name).tobytes() == getattr(many, name).tobytes()


def test_gives_other_days_for_another_seed() -> None:
    first, second = (simulate(BUSY_DAY, seed=s, replications=3).counts for s in (1, 2))

    assert not np.array_equal(first, second)


def test_is_the_normal_day_bit_by_bit_until_the_outage_begins() -> None:
    calm = replace(
        BUSY_DAY, control_at_s=np.zeros(0), control_kind=np.zeros(0, np.int8), control_index=np.zeros(0, np.int64),
        control_value=np.zeros(0), control_fate=np.zeros(0, np.int8),
    )  # fmt: skip

    normal, hit = simulate(calm, seed=4, replications=4), simulate(BUSY_DAY, seed=4, replications=4)

    np.testing.assert_array_equal(normal.busy_s[:, :, :4], hit.busy_s[:, :, :4])
    np.testing.assert_array_equal(normal.counts[:, :, :3], hit.counts[:, :, :3])
    assert not np.array_equal(normal.counts, hit.counts)


def test_has_the_same_customers_in_every_variant() -> None:
    calm = replace(BUSY_DAY, group_capacity=np.array([20]))

    variants = [simulate(m, seed=4, replications=4).counts[..., CUSTOMERS] for m in (calm, BUSY_DAY)]

    np.testing.assert_array_equal(variants[0], variants[1])


def test_never_loses_more_with_one_agent_more() -> None:
    """Group 21: first come first served in one queue, with the same luck."""
    lost = []
    for agents in range(8, 16):
        model = one_queue(arrivals_per_s=0.1, aht_s=120.0, agents=agents, patience_s=90.0)
        lost.append(simulate(model, seed=6, replications=20).counts[..., ABANDONED].sum(axis=(1, 2)))

    assert (np.diff(lost, axis=0).mean(axis=1) <= 0).all()


def test_stops_when_customers_call_again_for_ever() -> None:
    model = one_queue(
        arrivals_per_s=0.01, aht_s=60.0, agents=0, lines=0, redial=(1.0, 1.0, 1.0), redial_delay_s=1e-4, hours=1
    )

    with pytest.raises(TooMuch, match="call again for ever"):
        simulate(model, seed=1, replications=1)


def test_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        simulate(BUSY_DAY, seed=1, replications=50, cancelled=lambda: True)


def test_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []

    simulate(BUSY_DAY, seed=1, replications=6, progress=lambda done, total: told.append((done, total)))

    assert sorted(told) == [(n, 6) for n in range(1, 7)]


def test_lists_all_that_is_wrong_with_a_model() -> None:
    broken = replace(BUSY_DAY, redial_frac=np.array([[0.5, 2.0, 0.0]]), group_factor=np.zeros(1))

    with pytest.raises(ModelError, match=r"redial shares must be 0 to 1.*handling factor"):
        simulate(broken, seed=1, replications=1)
