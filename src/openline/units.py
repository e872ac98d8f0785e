"""Durations, fractions and money: the only conversions between what people write and numbers."""

import math
import re

YEAR_S = 365 * 86400
_UNITS_S = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_SHORT = re.compile(r"(\d+(?:\.\d+)?)\s*(min|[smhdw])\s*", re.IGNORECASE)
_ISO = re.compile(
    r"P(?:(?P<w>\d+)W)?(?:(?P<d>\d+)D)?(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?", re.IGNORECASE
)


class DurationError(ValueError):
    """A text that is not a duration that Openline accepts."""


def parse_duration(value: object) -> float:
    """Return seconds for 90, "90s", "15m", "4h", "2d", "1h30m" or "PT4H"; raises DurationError."""
    seconds = _seconds(value)
    if seconds is None:
        raise DurationError(f"{_shown(value)} is not a duration: write 90s, 15m, 4h, 1h30m or PT4H")
    if not math.isfinite(seconds) or seconds < 0 or seconds > 10 * YEAR_S:
        raise DurationError(f"{_shown(value)} is outside 0 s to 10 years")
    return seconds


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _seconds(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e300 else math.inf
    if not isinstance(value, str) or len(value) > 40:
        return None
    return _plain(value.strip()) if value.strip() else None


def _plain(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        pass
    parts = _SHORT.findall(text)
    if parts and _SHORT.sub("", text) == "":
        return sum(float(n) * _UNITS_S[u.lower()] for n, u in parts)
    iso = _ISO.fullmatch(text)
    if iso and any(iso.groupdict().values()):
        return sum(float(n) * _UNITS_S[u] for u, n in iso.groupdict().items() if n)
    return None


def duration_text(seconds: float) -> str:
    """Return a duration as a plan writes it, which parses to exactly the same: 5400 gives 1h30m, 0.25 gives 0.25s."""
    if seconds != int(seconds) or seconds == 0:
        return f"{seconds!r}s" if seconds else "0s"
    left, parts = int(seconds), []
    for name, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{name}")
    return "".join(parts)


def format_duration(seconds: float) -> str:
    """Return a duration as people read it: 5400 gives 1 h 30 min; the two largest units that are not zero."""
    left = round(seconds)
    if left == 0:
        return "0 s"
    parts = []
    for name, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:3])
