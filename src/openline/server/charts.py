"""The one place that turns series into chart options for Apache ECharts.

Colours are names of the tokens in tokens.css, put in by charts.js, so that dark mode and print have their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Options = dict[str, object]


@dataclass(frozen=True, slots=True)
class Series:
    """A named row of values; `token` is its colour's name, `kind` how it is drawn."""

    name: str
    values: Sequence[float | None]
    token: str
    kind: str = "line"
    dashed: bool = False
    stack: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of an object's timeline in epoch milliseconds, with its state and its cause."""

    row: int
    start_ms: float
    end_ms: float
    state: str
    cause: str


def over_time(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    unit: str,
    percent: bool = False,
    band: tuple[int, int] | None = None,
) -> Options:
    """Return a chart of values by interval; `band` marks the intervals of the disruption."""
    drawn = [_series(s) for s in series]
    lines = [d for d in drawn if d["type"] == "line"]
    if band is not None and lines:  # on a bar series the library would widen the band
        lines[0]["markArea"] = {
            "silent": True,
            "itemStyle": {"color": "$band"},
            "data": [[{"xAxis": band[0]}, {"xAxis": min(band[1], len(labels) - 1)}]],
        }
    return {
        "aria": {"enabled": True, "decal": {"show": any(s.kind == "bar" for s in series)}},
        "animation": False,
        "grid": {"left": 8, "right": 24, "top": 56, "bottom": 8, "containLabel": True},
        "legend": {
            "top": 0,
            "left": 0,
            "type": "scroll",
            "itemWidth": 18,
            "itemHeight": 10,
            "textStyle": {"color": "$text"},
        },
        "tooltip": {"trigger": "axis", "confine": True},
        "xAxis": {
            "type": "category",
            "data": list(labels),
            "axisLabel": {"color": "$muted", "hideOverlap": True},
            "axisLine": {"lineStyle": {"color": "$line"}},
            "axisTick": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": unit,
            "nameTextStyle": {"color": "$muted", "align": "left"},
            "nameGap": 10,
            **({"max": 1, "min": 0} if percent else {}),
            "axisLabel": {"color": "$muted", **({"formatter": "$percent"} if percent else {})},
            "splitLine": {"lineStyle": {"color": "$line"}},
        },
        "series": drawn,
    }


def _series(s: Series) -> Options:
    values = [None if v is None else round(v, 4) for v in s.values]
    drawn: Options = {"name": s.name, "type": s.kind, "data": values, "itemStyle": {"color": f"${s.token}"}}
    if s.kind == "line":
        drawn |= {
            "showSymbol": False,
            "step": "middle",
            "lineStyle": {"width": 2, "type": "dashed" if s.dashed else "solid", "color": f"${s.token}"},
        }
    if s.stack is not None:
        drawn |= {"stack": s.stack, "barCategoryGap": "12%"}
    return drawn


def states(rows: Sequence[str], spans: Sequence[Span], *, start_ms: float, end_ms: float, tz: str) -> Options:
    """Return a picture of states over time: a row an object, a bar a state, the cause in the tooltip."""
    return {
        "kind": "states",
        "tz": tz,
        "rows": list(rows),
        "start": start_ms,
        "end": end_ms,
        "spans": [[s.row, s.start_ms, s.end_ms, s.state, s.cause] for s in spans],
    }
