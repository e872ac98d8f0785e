"""Hours of the week in which something is open, staffed or promised."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

WEEK_MIN = 7 * 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMED = {"24x7": "mon-sun 00:00-24:00", "12x7": "mon-sun 08:00-20:00", "8x5": "mon-fri 09:00-17:00", "none": ""}
"""Short forms; 12x7 and 8x5 say no times by themselves, so these are assumed: write the times where they differ."""

_PART = re.compile(r"(?:([a-z]{3})(?:-([a-z]{3}))?) +(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)")

Spans = tuple[tuple[int, int], ...]
"""(first minute of the week, minute after the last), ascending, not touching; Monday 00:00 is 0."""


@lru_cache(maxsize=1024)
def spans(hours: str) -> Spans:
    """Return the open stretches of `mon-fri 08:00-20:00, sat 09:00-13:00`, `24x7`, `8x5` or `none`.

    A stretch that ends before it starts runs into the next day. Raises ValueError for any other text.
    """
    text = NAMED.get(hours.strip().lower(), hours.strip().lower())
    found = [s for part in text.split(",") if part.strip() for s in _part(part.strip(), hours)]
    return joined(found)


def joined(found: list[tuple[int, int]]) -> Spans:
    """Return stretches in order, those that touch or overlap made one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def on_duty(hours: str, at: datetime, tz: str) -> bool:
    """Tell whether a moment lies in these hours on the clock of a zone."""
    local = at.astimezone(ZoneInfo(tz))
    minute = local.weekday() * 1440 + local.hour * 60 + local.minute
    return any(start <= minute < end for start, end in spans(hours))


def uncovered_min(needed: Spans, given: Spans) -> int:
    """Return how many minutes of the week are needed and not given."""
    return sum(end - start for start, end in needed) - sum(
        max(0, min(e, end) - max(s, start)) for start, end in needed for s, e in given
    )


def _part(text: str, whole: str) -> list[tuple[int, int]]:
    match = _PART.fullmatch(text)
    if match is None or match[1] not in DAYS or (match[2] and match[2] not in DAYS):
        raise ValueError(f"{whole[:60]!r} are not hours: write mon-fri 08:00-20:00, sat 09:00-13:00 or 24x7")
    first = DAYS.index(match[1])
    last = DAYS.index(match[2]) if match[2] else first
    start, end = int(match[3]) * 60 + int(match[4]), int(match[5]) * 60 + int(match[6])
    if max(start, end) > 1440 or int(match[4]) > 59 or int(match[6]) > 59:
        raise ValueError(f"{whole[:60]!r}: times of day are 00:00 to 24:00")
    length = end - start if end > start else end + 1440 - start
    days = [(first + n) % 7 for n in range((last - first) % 7 + 1)]
    return [s for day in days for s in _wrapped(day * 1440 + start, length)]


def _wrapped(start: int, length: int) -> list[tuple[int, int]]:
    end = start + length
    return [(start, end)] if end <= WEEK_MIN else [(start, WEEK_MIN), (0, end - WEEK_MIN)]


def _valid(hours: str) -> str:
    spans(hours)
    return hours


Hours = Annotated[str, AfterValidator(_valid)]
