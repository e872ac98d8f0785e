"""A forecast as JSON values; more keys may come, none is renamed."""

import math
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from openline.forecast.figures import Difference, QueueCourse
from openline.forecast.forecast import Forecast, Outlook
from openline.forecast.option import Option

Json = dict[str, object]


def forecast_json(found: Forecast) -> Json:
    """Return the forecast as JSON values; times carry their zone, unknown is null."""
    return {
        "plan_hash": found.plan_hash,
        "at": _local(found.at, found.tz),
        "until": _local(found.until, found.tz),
        "interval_s": found.interval_s,
        "seed": found.seed,
        "replications": found.replications,
        "interval": f"low and high hold {found.held} simulated courses; those of a difference hold its mean with 95 %",
        "ranking": "by contacts lost, each weighted by one over its queue's priority; then by cost per hour",
        "weights": found.weights,
        "sources": found.sources,
        "notes": list(found.notes),
        "nothing": _outlook(found.nothing, found.tz),
        "options": [_outlook(o, found.tz) for o in found.outlooks],
        "unavailable": [option_json(o) for o in found.unavailable],
    }


def option_json(option: Option) -> Json:
    """Return an option as JSON values, without what it changes inside the simulator."""
    return {
        "id": option.id,
        "kind": option.kind,
        "title": option.title,
        "available": option.available,
        "under_way": option.under_way,
        "reason": option.reason,
        "arrangement": option.arrangement,
        "procedure": option.procedure,
        "step": option.step,
        "lead_s": option.lead_s,
        "assumptions": [asdict(a) for a in option.assumptions],
        "cost_per_h": None if option.cost_per_h is None else str(option.cost_per_h),
        "fee": None if option.fee is None else str(option.fee),
    }


def _outlook(found: Outlook, tz: str) -> Json:
    return {
        **option_json(found.option),
        "rank": found.rank,
        "lost": asdict(found.lost),
        "weighted_lost": asdict(found.weighted_lost),
        "put_off": asdict(found.put_off),
        "lost_difference": _difference(found.lost_difference),
        "weighted_difference": _difference(found.weighted_difference),
        "queues": [_queue(q, tz) for q in found.queues],
    }


def _difference(found: Difference) -> Json:
    """Return a difference; the range of a single course is unknown."""
    return {
        "mean": found.mean,
        "low": found.low if math.isfinite(found.low) else None,
        "high": found.high if math.isfinite(found.high) else None,
        "clear": found.clear,
    }


def _queue(queue: QueueCourse, tz: str) -> Json:
    document = asdict(queue)
    document["rows"] = [asdict(r) | {"start": _local(r.start, tz)} for r in queue.rows]
    return document


def _local(moment: datetime, tz: str) -> str:
    return moment.astimezone(ZoneInfo(tz)).isoformat()
