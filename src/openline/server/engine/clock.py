"""The time that jobs go by: the database server's, or on one machine a clock that nobody can move."""

import time
from datetime import UTC, datetime, timedelta

from django.db import connection


class SteadyClock:
    """The wall clock as it was when first asked, carried on by a clock that only runs forward."""

    def __init__(self) -> None:
        self._wall_at = _wall()
        self._steady_s = _steady_s()

    def now(self) -> datetime:
        """Return the time, as if nobody had moved the wall clock since the start."""
        return self._wall_at + timedelta(seconds=_steady_s() - self._steady_s)

    def moved_s(self) -> float:
        """Return how far somebody moved the wall clock since, in seconds."""
        return (_wall() - self.now()).total_seconds()


def _wall() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)


def _steady_s() -> float:
    # CLOCK_BOOTTIME goes on while a laptop sleeps; where there is none, the ordinary monotonic clock does.
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


STEADY = SteadyClock()


def database_now() -> datetime:
    """Return the time that due times are compared with, the same on all nodes."""
    if connection.vendor == "sqlite":
        return STEADY.now()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found.astimezone(UTC)
