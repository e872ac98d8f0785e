"""An answer as what the page shows: a sentence, key figures, pictures and the tables beside them."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from openline.impact.course import ChangePoint
from openline.impact.graph import PLACE
from openline.impact.power import IDLE
from openline.impact.why import chain
from openline.queueing import SERVICE_LEVELS
from openline.server.charts import Options, Series, Span, over_time, states
from openline.sim.results import Estimate, QueueTotals, Run
from openline.sim.simulation import Simulation
from openline.units import format_duration

COUNTED = ("attempts", "offered", "answered", "abandoned", "blocked", "cut_off", "answered_in_target")


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of the table beside the pictures: counts of all queues, normal and disrupted."""

    start: datetime
    normal: dict[str, float]
    disrupted: dict[str, float]
    normal_agents: float
    agents: float
    normal_level: float | None
    level: float | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the timeline's table."""

    at: datetime
    title: str
    state: str
    capacity: float
    cause: str
    root: str = ""
    """Where the chain of causes begins, when that is further than the cause itself."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of the answer, ready for the template."""

    label: str
    ids: dict[str, str]
    found: Simulation
    sentence: str
    more_lost: Estimate
    more_unserved: Estimate
    agents_least: tuple[float, float]
    outcome_chart: Options
    agents_chart: Options
    level_chart: Options
    timeline_chart: Options | None
    timeline_rows: int
    intervals: list[Interval]
    changes: list[Change]
    queues: list[tuple[str, QueueTotals, QueueTotals]]
    formula: str


def variant(found: Simulation, label: str, number: int) -> Variant:
    """Return everything that the page shows of one simulation; `number` tells the variants of a page apart."""
    rows = intervals(found)
    changes = _changes(found)
    shown = _shown_objects(found)
    titles = found.timeline.titles
    pairs = zip(found.baseline.queues, found.disrupted.queues, strict=True)
    return Variant(
        label=label,
        ids={name: f"{name}-{number}" for name in ("timeline", "outcome", "agents", "level")},
        found=found,
        sentence=sentence(found),
        more_lost=found.difference["lost"],
        more_unserved=found.difference["not_served"],
        agents_least=_least_agents(found, rows),
        outcome_chart=_outcome_chart(found, rows),
        agents_chart=_agents_chart(found, rows),
        level_chart=_level_chart(found, rows),
        timeline_chart=_timeline_chart(found, shown) if shown else None,
        timeline_rows=len(shown),
        intervals=rows,
        changes=changes,
        queues=[(titles.get(n.queue, n.queue), n, d) for n, d in pairs],
        formula=SERVICE_LEVELS["SL3"],
    )


def sentence(found: Simulation) -> str:
    """Return the answer in one sentence with numbers in it."""
    lost, unserved = found.difference["lost"].mean, found.difference["not_served"].mean
    if lost < 0.5 and unserved < 0.5:
        return "Customers would notice nothing: no more contacts than usual come to nothing."
    told = f"About {unserved:,.0f} customers would not be served"
    if unserved < 0.5:
        told = "Every customer would be served in the end"
    told += f", and {lost:,.0f} more calls and chats than usual would come to nothing"
    recovery = found.time_to_recover_s
    if recovery is None:
        return f"{told}; service is not normal again within the days shown."
    return f"{told}; service is normal again {format_duration(round(recovery.mean / 60) * 60)} after it begins."


def intervals(found: Simulation) -> list[Interval]:
    """Return the counts of all queues by interval."""
    normal, disrupted = _summed(found.baseline), _summed(found.disrupted)
    before = {s.start: s.agents for s in found.baseline.staff}
    after = {s.start: s.agents for s in found.disrupted.staff}
    return [
        Interval(t, normal[t], disrupted[t], before[t], after[t], _level(normal[t]), _level(disrupted[t]))
        for t in normal
    ]


def _summed(run: Run) -> dict[datetime, dict[str, float]]:
    sums: dict[datetime, dict[str, float]] = {}
    for row in run.intervals:
        into = sums.setdefault(row.start, dict.fromkeys(COUNTED, 0.0))
        for name in COUNTED:
            into[name] += row.counts[name]
    return sums


def _level(counts: dict[str, float]) -> float | None:
    """Return SL3 over all queues, each with its own threshold; None where hardly anybody called."""
    base = counts["answered"] + counts["abandoned"]
    return counts["answered_in_target"] / base if base >= 0.5 else None


def _least_agents(found: Simulation, rows: list[Interval]) -> tuple[float, float]:
    """Return the fewest agents able to work while it lasts, and those of a normal day at the same time."""
    over = found.window.onset + timedelta(seconds=max(found.disruption.duration_s, found.window.interval_s))
    during = [r for r in rows if r.normal_agents > 0 and found.window.onset <= r.start < over]
    worst = min(during, key=lambda r: r.agents / r.normal_agents, default=None)
    return (worst.agents, worst.normal_agents) if worst else (0.0, 0.0)


def _labels(found: Simulation, rows: list[Interval]) -> list[str]:
    zone = ZoneInfo(found.window.tz)
    several = found.window.length_s > 86400 * 1.5
    return [r.start.astimezone(zone).strftime("%a %H:%M" if several else "%H:%M") for r in rows]


def _band(found: Simulation) -> tuple[int, int]:
    first = int(found.window.onset_s // found.window.interval_s)
    last = int((found.window.onset_s + found.disruption.duration_s) // found.window.interval_s)
    return first, max(last, first)


def _outcome_chart(found: Simulation, rows: list[Interval]) -> Options:
    parts = (
        ("answered", "Answered", "good"),
        ("abandoned", "Gave up waiting", "warn"),
        ("blocked", "Could not get in", "bad"),
    )
    stacks = [Series(title, [r.disrupted[n] for r in rows], token, "bar", stack="outcome") for n, title, token in parts]
    normal = Series("Answered on a normal day", [r.normal["answered"] for r in rows], "text", dashed=True)
    return over_time(_labels(found, rows), [*stacks, normal], unit="contacts", band=_band(found))


def _agents_chart(found: Simulation, rows: list[Interval]) -> Options:
    now = Series("Able to work", [r.agents for r in rows], "accent")
    normal = Series("Normal day", [r.normal_agents for r in rows], "text", dashed=True)
    return over_time(_labels(found, rows), [now, normal], unit="agents", band=_band(found))


def _level_chart(found: Simulation, rows: list[Interval]) -> Options:
    now = Series("Service level (SL3)", [r.level for r in rows], "accent")
    tried = Series("Of all who tried", [_of_all(r.disrupted) for r in rows], "bad", dashed=True)
    normal = Series("Normal day", [r.normal_level for r in rows], "text", dashed=True)
    labels, band = _labels(found, rows), _band(found)
    return over_time(labels, [now, tried, normal], unit="answered in time", percent=True, band=band)


def _of_all(counts: dict[str, float]) -> float | None:
    """Return the share of all attempts that were answered within their queue's threshold."""
    return counts["answered_in_target"] / counts["attempts"] if counts["attempts"] >= 0.5 else None


def on_one_scale(variants: list[Variant]) -> list[Variant]:
    """Give the pictures of variants that stand side by side the same scale."""
    contacts = max(max(r.disrupted["attempts"], r.normal["attempts"]) for v in variants for r in v.intervals)
    agents = max(max(r.agents, r.normal_agents) for v in variants for r in v.intervals)
    for v in variants:
        v.outcome_chart["yAxis"] |= {"max": round_up(contacts)}  # type: ignore[operator]
        v.agents_chart["yAxis"] |= {"max": round_up(agents)}  # type: ignore[operator]
    return variants


def round_up(value: float) -> float:
    """Return the next number of two digits that is not below."""
    size = 10.0 ** max(math.floor(math.log10(value)) - 1, 0) if value > 0 else 1.0
    return math.ceil(value / size) * size


def _shown_objects(found: Simulation) -> list[str]:
    """Return the objects that something happens to, in the order in which it does."""
    return list(dict.fromkeys(n for n, _ in found.timeline.changes() if not n.startswith(PLACE)))


def _changes(found: Simulation) -> list[Change]:
    titles = found.timeline.titles
    changes = [
        Change(
            _moment(found, p.at_s), titles.get(n, n), p.state, p.capacity, p.cause or "works again", _root(found, n, p)
        )
        for n, p in found.timeline.changes()
        if not n.startswith(PLACE)
    ]
    started = [Change(_moment(found, r.start_s), "Response", "response", 1.0, r.why) for r in found.responses]
    return sorted(changes + started, key=lambda c: c.at)


def _root(found: Simulation, name: str, p: ChangePoint) -> str:
    """Return the first cause of a change in words, empty when it is the stated one."""
    causes = chain(found.timeline, name, p.at_s)
    if len(causes) < 2 or p.capacity >= 1:
        return ""
    first, began = causes[-1]
    return f"{found.timeline.titles.get(first, first)}: {began.cause}"


def _moment(found: Simulation, at_s: float) -> datetime:
    return found.window.onset + timedelta(seconds=at_s)


def _timeline_chart(found: Simulation, shown: list[str]) -> Options:
    start, end = found.window.onset.timestamp() * 1000, found.window.end.timestamp() * 1000
    end = min(end, start + (found.disruption.duration_s * 1.15 + 1800) * 1000)
    spans = []
    for row, name in enumerate(shown):
        points = found.timeline.objects[name]
        for n, p in enumerate(points):
            until = start + points[n + 1].at_s * 1000 if n + 1 < len(points) else end
            working = p.state if p.state != "up" or p.cause in ("", IDLE) else "bridged"
            spans.append(Span(row, start + p.at_s * 1000, min(until, end), working, p.cause))
    titles = [found.timeline.titles.get(n, n) for n in shown]
    return states(titles, spans, start_ms=start, end_ms=end, tz=found.window.tz)
