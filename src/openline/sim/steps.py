"""Values that hold from a time until the next: (second of the window, value) pairs in order."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from openline.plan.tables import Profile
from openline.sim.window import Window

Steps = tuple[tuple[float, float], ...]


class UnknownVolume(ValueError):
    """A table of the plan says nothing about a day that is to be simulated; unknown is never zero."""


def constant(value: float) -> Steps:
    """Return a value that never changes."""
    return ((0.0, value),)


def value_at(steps: Steps, at_s: float) -> float:
    """Return the value in force at a time; the first one also holds before its time."""
    return steps[max(bisect_right(steps, at_s, key=lambda s: s[0]) - 1, 0)][1]


def combined(rule: Callable[..., float], *parts: Steps) -> Steps:
    """Return rule(values...) over the times at which any part changes, without repeats."""
    times = sorted({max(t, 0.0) for part in parts for t, _ in part})
    found: list[tuple[float, float]] = []
    for t in times:
        value = rule(*(value_at(part, t) for part in parts))
        if not found or found[-1][1] != value:
            found.append((t, value))
    return tuple(found)


def shifted(points: Iterable[tuple[float, float]], by_s: float, *, before: float | None = None) -> Steps:
    """Return points given from the onset as steps of the window; `before` holds until the first of them."""
    moved = [(max(t + by_s, 0.0), v) for t, v in points]
    if before is not None and (not moved or moved[0][0] > 0):
        moved.insert(0, (0.0, before))
    return tuple(moved)


def profile_steps(profile: Profile, window: Window, tz: str, *, what: str) -> Steps:
    """Return a table's values over the window, read by the local clock of `tz`.

    A window may begin inside a slot.
    Steps in UTC, so a day on which clocks change has 92 or 100 quarter hours (invariant 21).
    Raises UnknownVolume for a day that the table does not give.
    """
    zone = ZoneInfo(tz)
    known: dict[date, tuple[float, ...]] = {}
    found: list[tuple[float, float]] = []
    local = window.start.astimezone(zone)
    into_s = (local.hour * 3600 + local.minute * 60 + local.second) % profile.slot_s + local.microsecond / 1e6
    for n in range(int(window.length_s + into_s) // profile.slot_s + 1):
        at_s = max(n * profile.slot_s - into_s, 0.0)
        if at_s >= window.length_s:
            break
        local = (window.start + timedelta(seconds=at_s)).astimezone(zone)
        value = _slot_value(profile, local, known, what)
        if not found or found[-1][1] != value:
            found.append((at_s, value))
    return tuple(found)


def _slot_value(profile: Profile, local: datetime, known: dict[date, tuple[float, ...]], what: str) -> float:
    day = local.date()
    if day not in known:
        values = profile.on(day)
        if values is None:
            raise UnknownVolume(f"{what} says nothing about {local:%A %d %B %Y}: add the day to its table")
        known[day] = values
    return known[day][(local.hour * 3600 + local.minute * 60) // profile.slot_s]
