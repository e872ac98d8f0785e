"""A timeline as the JSON of the command line's contract."""

from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from openline.impact.response import Response
from openline.impact.timeline import Timeline

Json = dict[str, object]


def timeline_json(timeline: Timeline, answers: tuple[Response, ...], onset: datetime, tz: str) -> Json:
    """Return every change with its cause, and what the arrangements bring, as JSON values; times carry their zone."""
    zone = ZoneInfo(tz)
    return {
        "timeline": [
            {
                "object": name,
                "at": (onset + timedelta(seconds=p.at_s)).astimezone(zone).isoformat(),
                "at_s": p.at_s,
                "state": p.state,
                "capacity": p.capacity,
                "cause": p.cause,
                "cause_object": p.cause_id,
            }
            for name, p in timeline.changes()
        ],
        "responses": [asdict(r) for r in answers],
    }
