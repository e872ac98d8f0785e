"""Drawings of a report as numbers for an SVG: the clock's stamps on a line, and how a roll call was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

WIDTH = 340.0
LEFT = 16.0
NEAR = 30.0
"""Two labels closer than this stand in different rows."""
HEIGHT = 96.0

Stamp = tuple[str, str, datetime | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stamp on the line: where, in which row its short name stands, and what it is."""

    x: float
    y: float
    short: str
    name: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Line:
    """The stamps on one line, from the first to the last."""

    marks: tuple[Mark, ...]
    height: float
    axis_y: float


def line_of(stamps: Sequence[Stamp]) -> Line:
    """Return the stamps that are set at their distance in time; those that fall together stand above each other."""
    there = sorted(((at, short, name) for short, name, at in stamps if at is not None), key=lambda s: s[0])
    if not there:
        return Line((), 0.0, 0.0)
    first, last = there[0][0], there[-1][0]
    span = (last - first).total_seconds() or 1.0
    ends: list[float] = []
    placed = []
    for at, short, name in there:
        after = (at - first).total_seconds()
        x = LEFT + after / span * (WIDTH - 2 * LEFT)
        row = next((n for n, end in enumerate(ends) if x - end >= NEAR), len(ends))
        ends[row : row + 1] = [x]
        placed.append((x, row, short, name, after))
    axis = 20.0 + 16.0 * len(ends)
    marks = tuple(Mark(round(x, 1), axis - 14.0 - 16.0 * row, s, n, after) for x, row, s, n, after in placed)
    return Line(marks, axis + 16.0, axis)


@dataclass(frozen=True, slots=True)
class Curve:
    """The share of people accounted for over time; `points` as SVG wants them."""

    title: str
    points: str
    last_s: float
    reached: float


def curve_of(title: str, points: Sequence[tuple[float, float]]) -> Curve:
    """Return a roll call as a line of steps; the last point says how far it came."""
    last = max((t for t, _ in points), default=0.0) or 1.0
    path, before = [], 0.0
    for t, share in points:
        x = LEFT + max(0.0, t) / last * (WIDTH - 2 * LEFT)
        path += [(x, before), (x, share)]
        before = share
    text = " ".join(f"{x:.1f},{HEIGHT - 8 - share * (HEIGHT - 20):.1f}" for x, share in path)
    return Curve(title, text, last if len(points) > 1 else 0.0, before)
