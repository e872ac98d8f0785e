"""A simulation as the JSON of the command line's contract (more keys may come, none is renamed)."""

from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

from openline.impact.wire import timeline_json
from openline.sim.replay import Replay
from openline.sim.results import Estimate, IntervalRow, QueueTotals, Run
from openline.sim.simulation import Simulation

Json = dict[str, object]


def simulation_json(found: Simulation) -> Json:
    """Return the simulation as JSON values; times carry their zone, unknown is null."""
    window = found.window
    return {
        "plan_hash": found.plan_hash,
        "scenario": found.disruption.id,
        "title": found.disruption.title,
        "at": _local(window.onset, window.tz),
        "duration_s": found.disruption.duration_s,
        "window": {
            "start": _local(window.start, window.tz),
            "end": _local(window.end, window.tz),
            "interval_s": window.interval_s,
        },
        "seed": found.seed,
        "replications": found.replications,
        "tier": found.tier,
        "interval": "low and high hold 95 of 100 simulated days; se is the standard error of the mean",
        **timeline_json(found.timeline, found.responses, window.onset, window.tz),
        "notes": list(found.notes),
        "baseline": _run(found.baseline, window.tz),
        "disrupted": _run(found.disrupted, window.tz) | {"time_to_recover_s": _estimate(found.time_to_recover_s)},
        "difference": {name: _estimate(e) for name, e in found.difference.items()},
    }


def _run(run: Run, tz: str) -> Json:
    return {
        "totals": {name: _estimate(e) for name, e in run.totals.items()},
        "queues": [_queue(q) for q in run.queues],
        "intervals": [_row(r, tz) for r in run.intervals],
        "staff": [{"start": _local(s.start, tz), "agents": s.agents, "occupancy": s.occupancy} for s in run.staff],
        "time_to_recover_s": None,
    }


def _queue(queue: QueueTotals) -> Json:
    return {
        "queue": queue.queue,
        "service_level": {
            "formula": queue.target.formula_id,
            "within_s": queue.target.t_s,
            "target": queue.target.x,
            "value": queue.service_level,
        },
        "service_levels": queue.service_levels,
        "asa_s": queue.asa_s,
        "abandonment": queue.abandonment,
        "blockage": queue.blockage,
        "below_target_s": _estimate(queue.below_target_s),
        "totals": {name: _estimate(e) for name, e in queue.totals.items()},
    }


def _row(row: IntervalRow, tz: str) -> Json:
    return {
        "start": _local(row.start, tz),
        "queue": row.queue,
        **row.counts,
        "service_level": row.service_level,
        "asa_s": row.asa_s,
    }


def _estimate(figure: Estimate | None) -> Json | None:
    return None if figure is None else asdict(figure)


def _local(moment: datetime, tz: str) -> str:
    return moment.astimezone(ZoneInfo(tz)).isoformat()


def replay_json(found: Replay, tz: str) -> Json:
    """Return a comparison with a real day as JSON values."""
    document = asdict(found)
    document["rows"] = [asdict(r) | {"start": _local(r.start, tz)} for r in found.rows]
    return document
