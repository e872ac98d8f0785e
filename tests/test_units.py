"""Durations in and out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.units import DurationError, format_duration, parse_duration


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (90, 90), ("90", 90), ("90s", 90), ("15m", 900), ("15min", 900), ("4h", 14400), ("2d", 172800), ("1w", 604800),
        ("1h30m", 5400), ("1h 30m", 5400), ("PT4H", 14400), ("P1DT2H", 93600), ("pt90s", 90), ("0", 0), ("1.5h", 5400),
    ],
)  # fmt: skip
def test_reads_what_people_write(written: object, seconds: float) -> None:
    assert parse_duration(written) == seconds


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "-5m",
        -1,
        "5 parsecs",
        "P",
        "PT",
        None,
        True,
        [],
        "nan",
        float("nan"),
        "inf",
        "11y",
        "4000d",
        "1h-5m",
        "9" * 50,
    ],
)
def test_refuses_the_rest_and_says_how_to_write_it(written: object) -> None:
    with pytest.raises(DurationError):
        parse_duration(written)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.6, "1 min"), (5400, "1 h 30 min"), (86400, "1 d"), (93784, "1 d 2 h 3 min"), (15, "15 s")],
)
def test_shows_durations_in_their_three_largest_units(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(0, 10 * 365 * 86400))
def test_reads_back_whole_seconds(seconds: int) -> None:
    assert parse_duration(f"{seconds}s") == seconds
