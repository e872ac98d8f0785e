"""Interval exports of telephone systems: long and wide, decimal commas, clocks that change."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.exchange.intervals import Mapping, expected, number, read_intervals, starts, usual_week
from openline.plan.tables import read_profile

DAYS = [date(2026, 11, d) for d in range(2, 9)]
TIMES = [f"{m // 60:02}:{m % 60:02}" for m in range(0, 1440, 30)]


def long_form(mark: str = ",", comma: bool = False) -> str:
    rows = [mark.join(("Interval", "Queue", "Offered"))]
    for d in DAYS:
        for n, t in enumerate(TIMES):
            count = f"{n + 0.5:.1f}".replace(".", ",") if comma else f"{n + 0.5:.1f}"
            rows += [mark.join((f"{d} {t}", "claims", count)), mark.join((f"{d} {t}", "sales", "99"))]
    return "\n".join(rows) + "\n"


LONG = Mapping(start="Interval", count="Offered", queue="Queue", only="claims")


@pytest.mark.parametrize(("mark", "comma"), [(",", False), (";", True), ("\t", True)])
def test_reads_the_long_form(mark: str, comma: bool) -> None:
    counted = read_intervals("x.csv", long_form(mark, comma), LONG)

    week = usual_week(counted, "UTC")

    assert not counted.problems
    assert week is not None
    assert week.used == 7
    profile, problems = read_profile("x", week.text, "contacts")
    assert not problems
    assert profile is not None
    assert profile.days["mon"] == tuple(n + 0.5 for n in range(48))


def test_reads_the_wide_form_with_a_row_a_day_and_with_a_row_an_interval() -> None:
    across = [",".join(("Day", *TIMES))] + [",".join((str(d), *map(str, range(48)))) for d in DAYS]
    down = [",".join(("Time", *map(str, DAYS)))] + [",".join((t, *[str(n)] * 7)) for n, t in enumerate(TIMES)]

    one = read_intervals("a.csv", "\n".join(across), Mapping(day="Day", wide=True))
    two = read_intervals("b.csv", "\n".join(down), Mapping(start="Time", wide=True))

    assert not one.problems
    assert one.days == two.days
    week = usual_week(one, "UTC")
    assert week is not None
    assert week.text.splitlines()[48] == "mon,23:30,47"


def test_leaves_out_a_day_with_a_gap_and_says_so_since_missing_is_not_zero() -> None:
    text = long_form().replace("2026-11-02 10:30,claims,21.5\n", "")
    text += "\n".join(f"2026-11-09 {t},claims,7" for t in TIMES) + "\n"

    week = usual_week(read_intervals("x.csv", text, LONG), "UTC")

    assert week is not None
    assert week.left_out == ("2026-11-02: 1 intervals are missing, the first at 10:30",)
    assert "mon,10:30,7" in week.text


def test_makes_no_week_of_six_days() -> None:
    text = "\n".join(line for line in long_form().splitlines() if "2026-11-08" not in line)

    assert usual_week(read_intervals("x.csv", text, LONG), "UTC") is None


@pytest.mark.parametrize(("day", "quarters"), [("2026-03-29", 92), ("2026-10-25", 96), ("2026-06-01", 96)])
def test_misses_no_interval_that_the_clock_skips(day: str, quarters: int) -> None:
    """Domain 7.1: DST days have 92 or 100 quarter-hours; in local time the hour that stands twice is one."""
    found = expected(date.fromisoformat(day), 15, "Europe/London")

    assert len(found) == quarters
    assert (75 in found) == (day != "2026-03-29")


@pytest.mark.parametrize(("day", "quarters"), [("2026-03-29", 92), ("2026-10-25", 100), ("2026-06-01", 96)])
def test_counts_92_96_or_100_quarter_hours(day: str, quarters: int) -> None:
    assert len(list(starts(date.fromisoformat(day), 15, "Europe/London"))) == quarters


def week_around(sunday: str, rows: list[str]) -> str:
    """A week of 4 contacts a quarter hour whose Sunday has the rows given."""
    last = date.fromisoformat(sunday)
    days = [last - timedelta(days=n) for n in range(1, 7)]
    return "\n".join(
        ["start,offered", *(f"{d} {m // 60:02}:{m % 60:02},4" for d in days for m in range(0, 1440, 15)), *rows]
    )


def utc_rows(sunday: str) -> list[str]:
    at = datetime.fromisoformat(f"{sunday}T00:00").replace(tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
    count = len(list(starts(date.fromisoformat(sunday), 15, "Europe/London")))
    return [f"{at + timedelta(minutes=15 * n):%Y-%m-%dT%H:%M:%SZ},4" for n in range(count)]


@pytest.mark.parametrize(("sunday", "quarters"), [("2026-10-25", 100), ("2026-03-29", 92)])
@pytest.mark.parametrize("form", ["utc", "local"])
def test_takes_days_of_92_and_100_quarter_hours_for_usual_ones(sunday: str, quarters: int, form: str) -> None:
    """The hour that comes twice holds two hours of contacts; one usual hour holds half of them."""
    local = [f"{sunday} {m // 60:02}:{m % 60:02},4" for m in starts(date.fromisoformat(sunday), 15, "Europe/London")]
    rows = utc_rows(sunday) if form == "utc" else local
    assert len(rows) == quarters

    found = read_intervals("x.csv", week_around(sunday, rows), Mapping(zone="Europe/London"))
    week = usual_week(found, "Europe/London")

    assert not found.problems
    assert week is not None
    assert (week.used, week.left_out) == (7, ())
    profile, problems = read_profile("x", week.text, "contacts")
    assert not problems
    assert profile is not None
    assert len(profile.days["sun"]) == 96
    assert set(profile.days["sun"]) == {4.0}, "an hour that was skipped is not one without contacts"


def test_puts_moments_with_an_offset_on_the_zones_clock() -> None:
    text = "start,offered\n2026-06-01T08:30:00Z,1\n2026-06-01 08:45+00:00,2\n2026-06-01T23:30:00Z,3\n"

    found = read_intervals("x.csv", text, Mapping(zone="Europe/London"))

    assert found.days == {date(2026, 6, 1): {570: 1, 585: 2}, date(2026, 6, 2): {30: 3}}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1234.5", 1234.5), ("1234,5", 1234.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("0", 0), ("-1", None),
     ("", None), ("n/a", None), ("1e9", None), ("\u00a012", 12)],
)  # fmt: skip
def test_reads_numbers_as_people_write_them(text: str, value: float | None) -> None:
    assert number(text) == value


def test_says_which_column_is_not_there_and_which_there_are() -> None:
    found = read_intervals("x.csv", long_form(), Mapping(start="Start", count="Offered"))

    assert [(p.line, p.message, p.hint) for p in found.problems] == [
        (1, "there is no column 'Start'", "columns are Interval, Queue, Offered")
    ]


@given(st.text(max_size=300))
def test_answers_any_text_with_counts_or_problems(text: str) -> None:
    found = read_intervals("x.csv", text, Mapping())

    assert bool(found.days) or found.problems
