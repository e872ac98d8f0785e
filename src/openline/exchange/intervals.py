"""Interval exports of a telephone system (ACD) as volume tables: long or wide, decimal commas, local time with DST.

Long: a row an interval, columns for its start (or date and time), perhaps a queue, and the count. Wide: a row a day
(or an interval), a column an interval (or a day). Days are averaged by day of the week; an interval that is missing
on a day is missing, never zero, and a day with gaps is left out. On the two days when clocks change a local interval
that stands twice is added up, and one that does not exist is not missed.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from openline.exchange.tables import profile_text
from openline.plan.problem import Problem
from openline.plan.tables import WEEKDAYS, Profile

MOST_ROWS = 400_000
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d")
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d\d)(?::\d\d)?\s*(am|pm)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what. `start` holds date and time, or only the time beside `day`; `queue` chooses rows."""

    start: str = "start"
    count: str = "offered"
    day: str = ""
    queue: str = ""
    only: str = ""
    wide: bool = False
    date_format: str = ""


@dataclass
class Counted:
    """Counts by local day and minute, what is wrong, and the interval in minutes."""

    days: dict[date, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    problems: list[Problem] = field(default_factory=list)


def read_intervals(file: str, text: str, mapping: Mapping) -> Counted:
    """Return the counts of an export."""
    found = Counted()
    lines = text.removeprefix("\ufeff")
    head = lines.partition("\n")[0]
    mark = max(";\t,", key=head.count)
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=mark)
    try:
        names = [n.strip() for n in next(rows, [])]
        reader = _wide if mapping.wide else _long
        for line, row in enumerate(rows, 2):
            if line > MOST_ROWS:
                found.problems.append(Problem(file, line, "", f"more than {MOST_ROWS:,} rows", "split the file"))
                break
            if any(c.strip() for c in row):
                reader(found, file, line, dict(zip(names, row, strict=False)), mapping)
    except csv.Error as error:
        found.problems.append(Problem(file, rows.line_num, "", f"not readable as CSV: {error}"))
    if not found.days and not found.problems:
        found.problems.append(Problem(file, 1, "", "no interval was found", f"columns are {', '.join(names)[:200]}"))
    return found


def _long(found: Counted, file: str, line: int, row: dict[str, str], m: Mapping) -> None:
    for needed in filter(None, (m.start, m.count, m.day, m.queue)):
        if needed not in row:
            hint = f"columns are {', '.join(row)[:200]}"
            _once(found, Problem(file, 1, "", f"there is no column {needed!r}", hint))
            return
    if m.queue and m.only and row[m.queue].strip() != m.only:
        return
    day, minute = _moment(row[m.day] if m.day else "", row[m.start], m.date_format)
    count = number(row[m.count])
    if day is None or minute is None:
        told = f"{row[m.day] if m.day else ''} {row[m.start]}".strip()
        found.problems.append(Problem(file, line, m.start, f"{told!r} is not a date and time", "2026-11-02 09:30"))
    elif count is None:
        found.problems.append(Problem(file, line, m.count, f"{row[m.count]!r} is not a count", "write 0 for none"))
    else:
        found.days[day][minute] = found.days[day].get(minute, 0.0) + count


def _wide(found: Counted, file: str, line: int, row: dict[str, str], m: Mapping) -> None:
    """Take in a row that is a day with a column an interval, or an interval with a column a day."""
    first = m.day or m.start
    if first not in row:
        _once(found, Problem(file, 1, "", f"there is no column {first!r}", f"columns are {', '.join(row)[:200]}"))
        return
    if m.queue and m.only and row.get(m.queue, "").strip() != m.only:
        return
    day, own = _day(row[first], m.date_format), _minute(row[first])
    for name, value in row.items():
        if name in (first, m.queue) or not value.strip():
            continue
        minute = _minute(name) if day is not None else own
        on = day if day is not None else _day(name, m.date_format)
        if minute is None or on is None:
            continue
        count = number(value)
        if count is None:
            found.problems.append(Problem(file, line, name, f"{value!r} is not a count", "write 0 for none"))
        else:
            found.days[on][minute] = found.days[on].get(minute, 0.0) + count
    if day is None and own is None:
        found.problems.append(Problem(file, line, first, f"{row[first]!r} is neither a day nor a time", "2026-11-02"))


def _once(found: Counted, problem: Problem) -> None:
    if problem not in found.problems:
        found.problems.append(problem)


def number(text: str) -> float | None:
    """Return 1234.5 for `1234.5`, `1234,5`, `1.234,5` and `1,234.5`; None for what is no number from 0."""
    text = text.strip().replace("\u00a0", "").replace(" ", "")
    if "," in text and "." in text:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    elif text.count(",") == 1:
        text = text.replace(",", ".")
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def _moment(day: str, start: str, form: str) -> tuple[date | None, int | None]:
    if day:
        return _day(day, form), _minute(start)
    parts = re.split(r"[ T]+", start.strip(), maxsplit=1)
    return (_day(parts[0], form), _minute(parts[1])) if len(parts) == 2 else (None, None)


def _day(text: str, form: str) -> date | None:
    for pattern in (form,) if form else DATES:
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007, a day has no zone
        except ValueError:
            continue
    return None


def _minute(text: str) -> int | None:
    match = _CLOCK.match(re.split(r"[-+Z]", text.strip())[0].strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2])
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "pm" else 0)
    return hour * 60 + minute if hour < 24 and minute < 60 else None


@dataclass(frozen=True, slots=True)
class Week:
    """A usual week: its table as CSV, the days that went into it, and those that were left out with the reason."""

    text: str
    used: int
    left_out: tuple[str, ...]


def usual_week(counted: Counted, zone: str, column: str = "contacts") -> Week | None:
    """Return the mean of each day of the week over the complete days; None when a day of the week has none."""
    slot = _slot(counted)
    by_day: dict[int, list[dict[int, float]]] = defaultdict(list)
    left_out = []
    for day, counts in sorted(counted.days.items()):
        lacking = [m for m in expected(day, slot, zone) if m not in counts]
        if lacking:
            left_out.append(f"{day}: {len(lacking)} intervals are missing, the first at {_clock(lacking[0])}")
        else:
            by_day[day.weekday()].append(counts)
    if len(by_day) < 7:
        return None
    days = {WEEKDAYS[n]: tuple(_means(by_day[n], slot)) for n in range(7)}
    used = sum(map(len, by_day.values()))
    return Week(profile_text(Profile(slot * 60, days), column), used, tuple(left_out))


def _slot(counted: Counted) -> int:
    minutes = {m for counts in counted.days.values() for m in counts}
    return 30 if all(m % 30 == 0 for m in minutes) else 15


def _means(days: list[dict[int, float]], slot: int) -> Iterator[float]:
    for minute in range(0, 1440, slot):
        values = [d[minute] for d in days if minute in d]
        yield round(sum(values) / len(values), 4) if values else 0.0


def expected(day: date, slot: int, zone: str) -> list[int]:
    """Return the local minutes at which intervals of a day start; an hour that the clocks skip is not among them."""
    tz = ZoneInfo(zone)
    at = datetime.combine(day, time(), tz).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tz).astimezone(UTC)
    found: dict[int, None] = {}
    while at < end:
        local = at.astimezone(tz)
        found[local.hour * 60 + local.minute] = None
        at += timedelta(minutes=slot)
    return list(found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
