"""A timeline as lines: what fails when and why, and what the arrangements bring."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from openline.impact.course import ChangePoint
from openline.impact.graph import PLACE
from openline.impact.response import Response
from openline.impact.timeline import Timeline
from openline.sim.window import Window


def timeline_lines(timeline: Timeline, answers: tuple[Response, ...], window: Window) -> Iterator[str]:
    """Yield a head, a line for each change and each arrangement in order of time, and the rings of needs."""
    zone = ZoneInfo(window.tz)
    told = [(p.at_s, _change(timeline, name, p)) for name, p in timeline.changes() if not name.startswith(PLACE)]
    told += [(r.start_s, r.why) for r in answers]
    yield "What fails when, and why"
    for at_s, same in groupby(sorted(told, key=lambda t: t[0]), key=lambda t: t[0]):
        moment = (window.onset + timedelta(seconds=at_s)).astimezone(zone)
        for n, (_, text) in enumerate(same):
            yield f"  {f'{moment:%a %H:%M:%S}' if n == 0 else '':<13} {text}"
    if not told:
        yield "  nothing changes"
    for ring in timeline.cycles:
        yield f"  These need each other in a ring: {', '.join(ring)}"


def _change(timeline: Timeline, name: str, point: ChangePoint) -> str:
    share = f" {point.capacity:.0%}" if point.state == "degraded" else ""
    state = point.state.replace("_", " ") + share
    return f"{timeline.titles.get(name, name):<38} {state:<14} {point.cause or 'works again'}"
