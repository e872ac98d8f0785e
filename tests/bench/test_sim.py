"""The benchmark's own parts: same day, sound figures. Its bars are measured by `openline bench sim`."""

import json
import subprocess
import sys

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


def test_writes_the_comparison_as_json() -> None:
    """The contract of `openline bench`; the bar itself depends on the machine and is not asserted here."""
    found = subprocess.run(
        [sys.executable, "-m", "openline", "bench", "sim", "--format", "json"],
        capture_output=True,
        text=True,
        timeout=300,
    )

    rows = {row["name"]: row for row in json.loads(found.stdout)}
    assert all(set(row) == {"name", "value", "unit", "bar", "ok"} for row in rows.values())
    against = rows["openline, 1 thread, over simpy"]
    assert against["bar"] == 100
    assert against["ok"] == (against["value"] >= 100)
    assert found.returncode == (0 if against["ok"] else 1)
    assert against["value"] > 20
