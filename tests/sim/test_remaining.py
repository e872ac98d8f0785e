"""What is left of a random time, against closed forms and plain integrals."""

import numpy as np
import pytest
from scipy.stats import lognorm

from openline.sim.model import CONSTANT, EXPONENTIAL, LOGNORMAL, TABLE
from openline.sim.remaining import area, lasting, mean, remaining, residual, spread, survival
from tests.sim.models import laws

LAWS = laws((EXPONENTIAL, 120.0, 0.0), (CONSTANT, 60.0, 0.0), (LOGNORMAL, 5.0, 0.7), (TABLE, 100.0, 0.0))
EXPO, CONST, LOGN, TABLED = range(4)
SHARES = (np.arange(20_000) + 0.5) / 20_000


def test_forgets_what_has_passed_when_exponential() -> None:
    np.testing.assert_allclose(remaining(LAWS, EXPO, SHARES, 700.0), -120.0 * np.log(SHARES), rtol=1e-9)
    np.testing.assert_allclose(residual(LAWS, EXPO, SHARES), -120.0 * np.log1p(-SHARES), rtol=1e-3)


def test_leaves_the_rest_when_constant() -> None:
    np.testing.assert_allclose(remaining(LAWS, CONST, SHARES, 25.0), 35.0)
    np.testing.assert_allclose(residual(LAWS, CONST, SHARES), 60.0 * SHARES)
    assert residual(LAWS, CONST, np.array(0.5)) == 30.0


@pytest.mark.parametrize("row", [CONST, TABLED])
def test_ends_at_once_what_can_not_have_lasted_so_long(row: int) -> None:
    assert (remaining(LAWS, row, SHARES, 500.0) == 0.0).all()


@pytest.mark.parametrize("elapsed", [0.0, 50.0, 400.0, 3000.0])
def test_leaves_as_much_of_a_lognormal_time_as_its_tail_says(elapsed: float) -> None:
    law = lognorm(s=0.7, scale=np.exp(5.0))
    exact = law.expect(lambda x: x - elapsed, lb=elapsed, conditional=True)

    assert remaining(LAWS, LOGN, SHARES, elapsed).mean() == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize(
    ("row", "second_moment"), [(EXPO, 2 * 120.0**2), (CONST, 60.0**2), (LOGN, np.exp(10 + 2 * 0.49))]
)
def test_leaves_the_mean_residual_of_renewal_theory(row: int, second_moment: float) -> None:
    """E[X^2] / (2 E[X])."""
    exact = second_moment / (2 * mean(LAWS, row))

    assert residual(LAWS, row, SHARES).mean() == pytest.approx(exact, rel=5e-3)


@pytest.mark.parametrize("row", range(4))
def test_inverts_survival_and_area(row: int) -> None:
    if row != CONST:
        np.testing.assert_allclose(survival(LAWS, row, lasting(LAWS, row, SHARES)), SHARES, atol=1e-9)
    for seconds in (1.0, 30.0, 55.0):
        assert float(spread(LAWS, row, area(LAWS, row, seconds))) == pytest.approx(seconds, rel=1e-3)


def test_has_the_mean_of_a_table_of_quantiles() -> None:
    assert mean(LAWS, TABLED) == pytest.approx((30.0 + 75.0 + 245.0) / 3, rel=1e-3)


def test_never_ends_what_never_ends() -> None:
    never = laws((CONSTANT, np.inf, 0.0))

    assert np.isinf(remaining(never, 0, SHARES, 1e6)).all()
    assert float(spread(never, 0, 77.0)) == 77.0
