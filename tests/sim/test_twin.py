"""The kernel against its slow twin: the same contacts, the same counts, event by event."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from openline.sim.model import EXPONENTIAL, GROUP_CAPACITY, LOGNORMAL, Model
from openline.sim.run import simulate
from tests.oracles.contact_centre import counts_of
from tests.sim.models import centres, one_queue


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=centres())
def test_counts_as_its_twin_on_small_centres(model: Model) -> None:
    counts = simulate(model, seed=11, replications=2, threads=1).counts

    np.testing.assert_array_equal(counts[0], counts_of(model, seed=11, replication=0))
    np.testing.assert_array_equal(counts[1], counts_of(model, seed=11, replication=1))


def test_counts_as_its_twin_when_nobody_calls() -> None:
    model = one_queue(arrivals_per_s=0.0, aht_s=60.0, agents=1)

    assert simulate(model, seed=1, replications=1).counts.sum() == 0
    assert counts_of(model, seed=1).sum() == 0


STORMY = one_queue(
    arrivals_per_s=0.05,
    aht_s=60.0,
    agents=3,
    hours=2,
    intervals=4,
    rates=[0.02, 0.09, 0.05, 0.01],
    service=(LOGNORMAL, 3.8, 0.9),
    patience=(EXPONENTIAL, 60.0, 0.0),
    redial=(0.6, 0.6, 0.9),
    redial_delay_s=90.0,
    controls=[(2000.0, GROUP_CAPACITY, 0, 0.0, 1), (4000.0, GROUP_CAPACITY, 0, 3.0, 0)],
)


@pytest.mark.parametrize(
    "mutant",
    [
        "patience clock not stopped at answer",
        "redial counted as new demand",
        "agent freed twice at the end of an outage",
        "rate interval off by one",
        "one stream for two purposes",
        "lognormal mean taken for the median",
    ],
)
def test_tells_a_mutant_from_the_kernel(mutant: str) -> None:
    """Group 24 of the validity suite: the comparison above must see each of these faults."""
    counts = simulate(STORMY, seed=3, replications=1).counts[0]

    np.testing.assert_array_equal(counts, counts_of(STORMY, seed=3))
    assert not np.array_equal(counts, counts_of(STORMY, seed=3, mutant=mutant))
