"""The stretch of time that is simulated, on the local clock and in UTC."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from openline.plan.document import Plan

TAIL_S = 6 * 3600.0
LONGEST_S = 7 * 86400.0
"""What is wanted beyond this is cut, so that at most 8 whole days are simulated."""
FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end`, both UTC, cut into equal output intervals; the disruption begins at `onset`."""

    start: datetime
    onset: datetime
    end: datetime
    interval_s: int
    tz: str

    @property
    def length_s(self) -> float:
        return (self.end - self.start).total_seconds()

    @property
    def onset_s(self) -> float:
        """Seconds from the start of the window until the onset."""
        return (self.onset - self.start).total_seconds()

    @property
    def starts(self) -> list[datetime]:
        """Start of every output interval, UTC."""
        count = round(self.length_s / self.interval_s)
        return [self.start + timedelta(seconds=self.interval_s * n) for n in range(count)]


class BadOnset(ValueError):
    """A text that is not a time that can be simulated."""


def onset_at(plan: Plan, text: str) -> datetime:
    """Return a time such as 1999-02-03T12:51 as UTC, on the organization's clock when it names no zone.

    Raises BadOnset for another text, or a year outside 1970 to 2100.
    """
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadOnset(f"{text!r} is not a time: write 2026-11-23T09:00") from error
    if not FIRST_YEAR <= local.year <= LAST_YEAR:
        raise BadOnset(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    if local.tzinfo is None:
        local = local.replace(tzinfo=ZoneInfo(plan.organization.tz))
    return local.astimezone(UTC)


def window_around(plan: Plan, onset: datetime, duration_s: float, *, interval_s: int = 1800) -> Window:
    """Return whole local days from the onset's midnight until the disruption and 6 hours after it are over.

    At most 8 days are simulated; what is longer is cut at a midnight.
    """
    zone = ZoneInfo(plan.organization.tz)
    start = onset.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    wanted = min((onset - start).total_seconds() + duration_s + TAIL_S, LONGEST_S)
    last = (start + timedelta(seconds=wanted)).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    end = (last + timedelta(days=1)).astimezone(UTC)
    count = math.ceil((end - start).total_seconds() / interval_s)
    return Window(start, onset, start + timedelta(seconds=count * interval_s), interval_s, plan.organization.tz)
