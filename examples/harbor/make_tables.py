"""Write the volume and roster tables of Harbor Mutual from a few shapes.

The centre is invented: the shapes and totals here are the authors' choice. Run `python make_tables.py` in this
folder after a change.
"""

import math
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK = (1.18, 1.05, 1.0, 0.97, 0.92, 0.45, 0.0)
"""Volume of each day over a usual one."""

Shape = Callable[[float], float]


def office(hour: float, opens: float = 8.0, closes: float = 20.0) -> float:
    """Return two humps, in the morning and after lunch, inside the opening hours."""
    if not opens <= hour < closes:
        return 0.0
    return math.exp(-0.5 * ((hour - 10.5) / 1.6) ** 2) + 0.75 * math.exp(-0.5 * ((hour - 14.8) / 2.2) ** 2) + 0.12


def all_day(hour: float) -> float:
    """Return a night floor and a broad hump: accidents happen at any hour."""
    return 0.12 + math.exp(-0.5 * ((hour - 14.5) / 4.5) ** 2)


VOLUMES: dict[str, tuple[float, Shape, tuple[float, ...]]] = {
    "accidents": (1150.0, all_day, (1.05, 1.0, 1.0, 1.0, 1.1, 0.9, 0.7)),
    "claims": (2150.0, office, WEEK),
    "policy": (3000.0, office, WEEK),
    "billing": (1400.0, office, WEEK),
    "sales": (900.0, office, WEEK),
    "brokers": (330.0, office, (1.1, 1.0, 1.0, 1.0, 0.9, 0.0, 0.0)),
    "chat": (640.0, office, WEEK),
    "renewals": (260.0, office, (1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0)),
    "mail": (240.0, office, WEEK),
}
"""Contacts of a usual day, their shape over the day, and each weekday's factor."""


def _half_hours() -> list[float]:
    return [n / 2 for n in range(48)]


def volume_rows(total: float, shape: Shape, week: tuple[float, ...]) -> list[str]:
    """Return the rows of a volume table; each day's contacts add up to total times the day's factor."""
    weights = [shape(h + 0.25) for h in _half_hours()]
    rows = []
    for day, factor in zip(DAYS, week, strict=True):
        for hour, weight in zip(_half_hours(), weights, strict=True):
            rows.append(f"{day},{_clock(hour)},{total * factor * weight / sum(weights):.2f}")
    return rows


def roster_rows(most: float, shape: Shape, week: tuple[float, ...], least: int) -> list[str]:
    """Return the rows of a roster: people follow the shape of the work, rounded up to whole ones."""
    top = max(shape(h + 0.25) for h in _half_hours())
    rows = []
    for day, factor in zip(DAYS, week, strict=True):
        for hour in _half_hours():
            weight = shape(hour + 0.25) / top
            agents = max(math.ceil(most * factor * weight - 1e-9), least) if weight * factor > 0 else 0
            rows.append(f"{day},{_clock(hour)},{agents}")
    return rows


def _clock(hour: float) -> str:
    return f"{int(hour):02}:{int(hour * 60) % 60:02}"


ROSTERS: dict[str, tuple[float, Shape, tuple[float, ...], int]] = {
    "quay-claims": (48.0, office, WEEK, 3),
    "quay-service": (34.0, office, WEEK, 3),
    "quay-brokers": (9.0, office, (1.1, 1.0, 1.0, 1.0, 0.9, 0.0, 0.0), 2),
    "hill-service": (19.0, office, WEEK, 2),
    "hill-sales": (26.0, office, WEEK, 3),
    "home-team": (20.0, all_day, (1.1, 1.05, 1.05, 1.05, 1.1, 1.1, 0.95), 5),
    "chat-team": (15.0, office, WEEK, 2),
}
"""Agents at the busiest half hour of a usual day, shape, weekday factors, least number while open."""


def main() -> None:
    for name, (total, shape, week) in VOLUMES.items():
        _write(HERE / "volumes" / f"{name}.csv", "contacts", volume_rows(total, shape, week))
    for name, (most, shape, week, least) in ROSTERS.items():
        _write(HERE / "rosters" / f"{name}.csv", "agents", roster_rows(most, shape, week, least))


def _write(path: Path, column: str, rows: list[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([f"day,start,{column}", *rows]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
