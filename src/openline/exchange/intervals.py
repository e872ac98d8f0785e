"""Interval exports of a telephone system (ACD) as volume tables: long or wide, decimal commas, local time with DST.

Long: a row an interval, columns for its start (or date and time), perhaps a queue, and the count. Wide: a row a day
(or an interval), a column an interval (or a day). Days are averaged by day of the week; an interval that is missing
on a day is missing, never zero, and a day with gaps is left out. On the two days when clocks change (92 or 100 quarter
hours) an interval of the local clock that comes twice counts half, since it holds two, and one that does not exist is
not missed. A start with an offset, such as 2026-06-01T08:30:00Z, is put on the zone's clock.
"""

import csv
import io
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from openline.exchange.tables import profile_text
from openline.plan.problem import Problem
from openline.plan.tables import WEEKDAYS, Profile

MOST_ROWS = 400_000
MOST_PROBLEMS = 1_000
YEARS = range(1990, 2101)
"""Years in which contacts were counted; at the ends of the calendar there is no day after."""
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d")
_OFFSET = re.compile(r"\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[-+]\d\d:?\d\d)\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"^(\d{1,2})[:.](\d\d)(?::\d\d)?\s*(am|pm)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Which column holds what. `start` holds date and time, or only the time beside `day`; `queue` chooses rows.

    `zone` is the clock on which starts are told, and onto which those with an offset are put.
    """

    start: str = "start"
    count: str = "offered"
    day: str = ""
    queue: str = ""
    only: str = ""
    wide: bool = False
    date_format: str = ""
    zone: str = "UTC"


@dataclass
class Counted:
    """Counts by local day and minute, what is wrong, and the interval in minutes."""

    days: dict[date, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    problems: list[Problem] = field(default_factory=list)


def read_intervals(file: str, text: str, mapping: Mapping) -> Counted:
    """Return the counts of an export."""
    found = Counted()
    lines = text.removeprefix("\ufeff")
    rows = csv.reader(io.StringIO(lines, newline=""), delimiter=_mark(lines))
    try:
        names = [n.strip() for n in next(rows, [])]
        reader = _wide if mapping.wide else _long
        for line, row in enumerate(rows, 2):
            if line > MOST_ROWS or len(found.problems) > MOST_PROBLEMS:
                found.problems.append(Problem(file, line, "", "too many rows or problems", "split the file"))
                break
            if any(c.strip() for c in row):
                reader(found, file, line, dict(zip(names, row, strict=False)), mapping)
    except csv.Error as error:
        found.problems.append(Problem(file, rows.line_num, "", f"not readable as CSV: {error}"))
    if not found.days and not found.problems:
        found.problems.append(Problem(file, 1, "", "no interval was found", f"columns are {', '.join(names)[:200]}"))
    return found


def decoded(data: bytes) -> str:
    """Return the text of an export: UTF-8 or UTF-16 by its mark, else as Windows writes it in the west."""
    for mark, name in ((BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"), (b"", "utf-8-sig")):
        if data.startswith(mark):
            with suppress(UnicodeDecodeError):
                return data.decode(name)
    return data.decode("cp1252", errors="replace")


def names_of(text: str) -> list[str]:
    """Return the names of an export's columns; none when it is no CSV."""
    try:
        return [n.strip() for n in next(csv.reader(io.StringIO(text, newline=""), delimiter=_mark(text)), [])]
    except csv.Error:
        return []


def _mark(text: str) -> str:
    """Return what stands between cells: the sign that the first line has most of."""
    return max(";\t,", key=text.partition("\n")[0].count)


def guessed(names: list[str], zone: str) -> Mapping:
    """Return the mapping that names of columns suggest, for people to put right."""
    if sum(_minute(n) is not None or _day(n, "") is not None for n in names) > len(names) / 2:
        first = next((n for n in names if _minute(n) is None and _day(n, "") is None), "")
        return Mapping(start=first, wide=True, zone=zone)
    start = _named(names, ("interval", "start", "begin", "time", "zeit", "heure", "hora")) or "".join(names[:1])
    rest = [n for n in names if n != start]
    count = _named(rest, ("offered", "contacts", "calls", "anrufe", "appels", "llamadas")) or "".join(rest[-1:])
    rest = [n for n in rest if n != count]
    day = _named(rest, ("date", "day", "datum", "tag", "jour", "fecha"))
    return Mapping(start, count, day, queue=_named(rest, ("queue", "skill", "split", "vdn")), zone=zone)


def _named(names: list[str], words: tuple[str, ...]) -> str:
    return next((n for w in words for n in names if w in n.lower()), "")


def _long(found: Counted, file: str, line: int, row: dict[str, str], m: Mapping) -> None:
    for needed in filter(None, (m.start, m.count, m.day, m.queue)):
        if needed not in row:
            hint = f"columns are {', '.join(row)[:200]}"
            _once(found, Problem(file, 1, "", f"there is no column {needed!r}", hint))
            return
    if m.queue and m.only and row[m.queue].strip() != m.only:
        return
    day, minute = _moment(row[m.day] if m.day else "", row[m.start], m)
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


def _moment(day: str, start: str, m: Mapping) -> tuple[date | None, int | None]:
    if day:
        return _day(day, m.date_format), _minute(start)
    if _OFFSET.search(start):
        return _on_the_clock(start.strip(), m.zone)
    parts = re.split(r"[ T]+", start.strip(), maxsplit=1)
    return (_day(parts[0], m.date_format), _minute(parts[1])) if len(parts) == 2 else (None, None)


def _on_the_clock(start: str, zone: str) -> tuple[date | None, int | None]:
    """Return day and minute of a moment with an offset on the zone's clock."""
    try:
        at = datetime.fromisoformat(start).astimezone(ZoneInfo(zone))
    except (ValueError, OverflowError):
        return None, None
    return (at.date(), at.hour * 60 + at.minute) if at.year in YEARS else (None, None)


def _day(text: str, form: str) -> date | None:
    for pattern in (form,) if form else DATES:
        try:
            found = datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007, a day has no zone
        except (ValueError, re.error):
            continue
        if found.year in YEARS:
            return found
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
            twice = repeated(day, slot, zone)
            by_day[day.weekday()].append({m: n / 2 if m in twice else n for m, n in counts.items()})
    if len(by_day) < 7:
        return None
    days = {WEEKDAYS[n]: tuple(_means(by_day[n], slot)) for n in range(7)}
    used = sum(map(len, by_day.values()))
    return Week(profile_text(Profile(slot * 60, days), column), used, tuple(left_out))


def _slot(counted: Counted) -> int:
    minutes = {m for counts in counted.days.values() for m in counts}
    return 30 if all(m % 30 == 0 for m in minutes) else 15


def _means(days: list[dict[int, float]], slot: int) -> Iterator[float]:
    """Yield the mean of each interval; one that no day has, since clocks skipped it on the only one, as its neighbours.

    The interval is missing, not empty, so it must not become zero.
    """
    found = {m: [d[m] for d in days if m in d] for m in range(0, 1440, slot)}
    known = {m: sum(values) / len(values) for m, values in found.items() if values}
    for minute in found:
        before = [v for m, v in known.items() if m < minute][-1:]
        after = [v for m, v in known.items() if m > minute][:1]
        near = before + after
        yield round(known[minute] if minute in known else sum(near) / len(near), 4)


def expected(day: date, slot: int, zone: str) -> list[int]:
    """Return the local minutes at which intervals of a day start; an hour that the clocks skip is not among them."""
    return list(dict.fromkeys(starts(day, slot, zone)))


def repeated(day: date, slot: int, zone: str) -> set[int]:
    """Return the local minutes that come twice on a day, since clocks go back."""
    return {m for m, n in Counter(starts(day, slot, zone)).items() if n > 1}


def starts(day: date, slot: int, zone: str) -> Iterator[int]:
    """Yield the local minute of every interval of a day in the order of time: 92, 96 or 100 quarter hours."""
    tz = ZoneInfo(zone)
    at = datetime.combine(day, time(), tz).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), tz).astimezone(UTC)
    while at < end:
        local = at.astimezone(tz)
        yield local.hour * 60 + local.minute
        at += timedelta(minutes=slot)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
