"""The generator: uniform, and independent between contacts, purposes and replications; several seeds."""

import numpy as np
import pytest
from scipy import stats

from openline.sim import draws
from openline.sim.model import LOGNORMAL

pytestmark = pytest.mark.simulation
COUNT = 20_000


def uniforms(
    seed: int, *, replication: int = 0, queue: int = 0, purpose: int = draws.SERVICE, attempt: int = 0
) -> np.ndarray:
    key = np.uint64(draws.replication_key(seed, replication))
    return np.array(
        [draws.uniform(np.uint64(draws.contact_key(key, queue, n)), attempt, purpose, 0) for n in range(COUNT)]
    )


@pytest.mark.parametrize("seed", [0, 1, 2, 12345, 2**62])
def test_draws_are_uniform(seed: int) -> None:
    found = uniforms(seed)

    assert stats.kstest(found, "uniform").pvalue > 1e-4
    assert 0 < found.min() < found.max() < 1


@pytest.mark.parametrize(
    "other",
    [{"purpose": draws.PATIENCE}, {"replication": 1}, {"queue": 1}, {"attempt": 1}, {"seed": 2}],
    ids=lambda o: next(iter(o)),
)
def test_draws_for_others_are_not_related(other: dict[str, int]) -> None:
    first = uniforms(1)
    second = uniforms(**{"seed": 1, **other})

    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / COUNT**0.5


def test_draws_of_contacts_in_a_row_are_not_related() -> None:
    found = uniforms(1)

    assert abs(np.corrcoef(found[:-1], found[1:])[0, 1]) < 4 / COUNT**0.5


def test_draws_lognormal_times_with_the_stated_mean() -> None:
    key = np.uint64(draws.replication_key(3, 0))
    table = np.zeros(1)
    times = np.array(
        [
            draws.random_time(
                np.uint64(draws.contact_key(key, 0, n)), 0, draws.SERVICE, LOGNORMAL, 5.0 - 0.32, 0.8, table
            )
            for n in range(COUNT)
        ]
    )

    assert abs(times.mean() - np.exp(5.0)) < 4 * times.std() / COUNT**0.5
