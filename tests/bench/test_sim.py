"""The benchmark's own parts: same day, sound figures. Its bars are measured by `openline bench sim`."""

import pytest

from openline.bench.row import Row
from openline.bench.sim import ciw_day, day_rates, openline_days, simpy_day


def test_runs_a_day_of_20_000_calls() -> None:
    assert sum(day_rates()) * 1800 == pytest.approx(20_000)


def test_gives_up_as_often_in_all_three_engines() -> None:
    """One day of SimPy and Ciw is noisy: within a factor of two and a half."""
    days = [openline_days(1), simpy_day(1), ciw_day(1)]
    shares = [d.abandoned / d.calls for d in days]

    assert all(19_000 < d.calls / n < 21_000 for d, n in zip(days, (40, 1, 1), strict=True))
    assert max(shares) < 2.5 * min(shares)


def test_says_whether_a_bar_is_met() -> None:
    assert [Row("x", 2.0, "times", bar).ok for bar in (None, 1.0, 3.0)] == [None, True, False]
