"""The CSV files of a plan: volumes and rosters by day and interval, and tables of random times."""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from openline.plan.problem import Problem

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_SETS = {"all": WEEKDAYS, "weekday": WEEKDAYS[:5], "weekend": WEEKDAYS[5:]}
SLOTS_S = (900, 1800)
MAX_VALUE = 1e7
MAX_ROWS = 400_000


@dataclass(frozen=True, slots=True)
class Profile:
    """Values by day and equal interval of the local clock.

    `days` maps mon..sun or a date (2026-12-24) to one value per interval from 00:00; a day that is not
    given has no value at all, which is not zero.
    """

    slot_s: int
    days: dict[str, tuple[float, ...]]

    def on(self, day: date) -> tuple[float, ...] | None:
        """Return the values of a calendar day, None when the table does not say."""
        return self.days.get(day.isoformat()) or self.days.get(WEEKDAYS[day.weekday()])

    def as_json(self) -> dict[str, object]:
        """Return the content for hashing."""
        return {"slot_s": self.slot_s, "days": {k: list(v) for k, v in self.days.items()}}


@dataclass(frozen=True, slots=True)
class Quantiles:
    """A random time by its quantiles: `share` ascends from 0 to 1, `seconds` never falls."""

    share: tuple[float, ...]
    seconds: tuple[float, ...]

    def as_json(self) -> list[tuple[float, float]]:
        """Return the content for hashing."""
        return list(zip(self.share, self.seconds, strict=True))


class _Rows:
    """The rows of one CSV as text by column, with their lines and the problems met."""

    def __init__(self, file: str, text: str, columns: tuple[str, ...]) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self.rows: list[tuple[int, tuple[str, ...]]] = []
        self._read(text, columns)

    def tell(self, line: int, message: str, hint: str = "") -> None:
        self.problems.append(Problem(self.file, line, "", message, hint))

    def _read(self, text: str, columns: tuple[str, ...]) -> None:
        reader = csv.reader(_data_lines(text))
        try:
            header = next(reader, None)
            if header is None or tuple(h.strip() for h in header) != columns:
                self.tell(1, f"the first line must be {','.join(columns)}")
                return
            for row in reader:
                self._row(row, columns, reader.line_num)
        except csv.Error as error:
            self.tell(reader.line_num, f"not readable as CSV: {error}")

    def _row(self, row: list[str], columns: tuple[str, ...], line: int) -> None:
        if not row or row[0].lstrip().startswith("#"):
            return
        if len(row) != len(columns):
            self.tell(line, f"{len(row)} values where {len(columns)} are expected")
        elif len(self.rows) >= MAX_ROWS:
            raise csv.Error(f"more than {MAX_ROWS} rows")
        else:
            self.rows.append((line, tuple(v.strip() for v in row)))


def _data_lines(text: str) -> Iterable[str]:
    return io.StringIO(text.removeprefix("\ufeff"), newline="")


@lru_cache(maxsize=64)
def read_profile(file: str, text: str, column: str) -> tuple[Profile | None, tuple[Problem, ...]]:
    """Return a volume (`contacts`) or roster (`agents`) table and what is wrong with it.

    Each day must be tiled from 00:00 to 24:00 without gap or overlap by intervals of 15 or 30 minutes
    (invariant 21).
    """
    table = _Rows(file, text, ("day", "start", column))
    cells: dict[str, dict[int, tuple[float, int]]] = {}
    for line, (day, start, value) in table.rows:
        at, number = _minute(start), _number(value)
        days = _days(day)
        if days is None:
            table.tell(line, f"day {day!r} is not known", "mon..sun, all, weekday, weekend or 2026-12-24")
        elif at is None:
            table.tell(line, f"start {start!r} is not a time of day", "write 09:30")
        elif number is None:
            table.tell(
                line,
                f"{column} {value!r} is not a number from 0",
                "leave no cell empty: write 0 or drop the day",
            )
        else:
            _place(table, cells, days, at, number, line)
    slot = _slot(cells)
    for day, found in cells.items():
        _tile(table, day, found, slot)
    if not cells and not table.problems:
        table.tell(1, "the table has no rows")
    if table.problems:
        return None, tuple(table.problems)
    return Profile(slot * 60, {d: tuple(v for _, (v, _) in sorted(c.items())) for d, c in cells.items()}), ()


def _place(
    table: _Rows,
    cells: dict[str, dict[int, tuple[float, int]]],
    days: tuple[str, ...],
    at: int,
    value: float,
    line: int,
) -> None:
    for day in days:
        found = cells.setdefault(day, {})
        if at in found:
            table.tell(line, f"{day} {at // 60:02}:{at % 60:02} stands twice", f"see line {found[at][1]}")
        found[at] = (value, line)


def _slot(cells: dict[str, dict[int, tuple[float, int]]]) -> int:
    """Return the interval in minutes: 30 when every time is a half hour, else 15."""
    times = {at for found in cells.values() for at in found}
    half_hours = all(at % 30 == 0 for at in times) and all(len(f) <= 48 for f in cells.values())
    return 30 if half_hours else 15


def _tile(table: _Rows, day: str, found: dict[int, tuple[float, int]], slot: int) -> None:
    """Tell the first interval of the day that is missing or out of step."""
    last = max(line for _, line in found.values())
    for at in sorted(found):
        if at % slot:
            table.tell(found[at][1], f"{day} {at // 60:02}:{at % 60:02} is not on a quarter hour")
            return
    for at in range(0, 1440, slot):
        if at not in found:
            before = found.get(at - slot, (0.0, last))[1]
            gap = f"{day} has no interval at {at // 60:02}:{at % 60:02}"
            table.tell(before, gap, f"a day needs all {1440 // slot} intervals; write 0 for none")
            return


def _days(day: str) -> tuple[str, ...] | None:
    if day in WEEKDAYS:
        return (day,)
    if day in DAY_SETS:
        return DAY_SETS[day]
    try:
        return (date.fromisoformat(day).isoformat(),)
    except ValueError:
        return None


def _minute(text: str) -> int | None:
    hour, colon, minute = text.partition(":")
    if not colon or not (hour.isascii() and hour.isdigit() and minute.isascii() and minute.isdigit()):
        return None
    at = int(hour[:4]) * 60 + int(minute[:4])
    return at if at < 1440 and int(minute[:4]) < 60 and len(minute) == 2 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and 0 <= value <= MAX_VALUE else None


def read_quantiles(file: str, text: str) -> tuple[Quantiles | None, tuple[Problem, ...]]:
    """Return a table of a random time and what is wrong with it."""
    table = _Rows(file, text, ("share", "seconds"))
    points: list[tuple[float, float]] = []
    for line, (share, seconds) in table.rows:
        s, t = _number(share), _number(seconds)
        if s is None or t is None or s > 1:
            table.tell(line, "share is 0 to 1 and seconds is a number from 0")
        elif points and (s <= points[-1][0] or t < points[-1][1]):
            table.tell(line, "share must rise and seconds must not fall")
        else:
            points.append((s, t))
    if not table.problems and (len(points) < 2 or points[0][0] != 0 or points[-1][0] != 1):
        table.tell(1, "the table must go from share 0 to share 1")
    if table.problems:
        return None, tuple(table.problems)
    return Quantiles(tuple(p[0] for p in points), tuple(p[1] for p in points)), ()
