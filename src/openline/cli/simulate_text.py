"""A simulation as a compact text: what fails when and why, service by half hour, totals."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from openline.cli.timeline_text import timeline_lines
from openline.plan.document import Plan
from openline.queueing import SERVICE_LEVELS
from openline.sim.replay import Replay
from openline.sim.results import Estimate, Run
from openline.sim.simulation import Simulation
from openline.units import format_duration

COUNTED = ("attempts", "answered", "abandoned", "blocked", "cut_off")
TOTALS = {
    "customers": "customers who call or write",
    "attempts": "attempts, calling again included",
    "answered": "answered",
    "abandoned": "abandoned (gave up waiting)",
    "blocked": "blocked (could not get in)",
    "cut_off": "cut off",
    "redials": "attempts that were calling again",
    "not_served": "customers not served by the end",
}
QUIET_BEFORE = timedelta(hours=1)
QUIET_AFTER = timedelta(hours=2)


def told(plan: Plan, found: Simulation, real: Replay | None) -> str:
    """Return the whole text."""
    parts = [
        *_head(plan, found),
        "",
        *timeline_lines(found.timeline, found.responses, found.window),
        "",
        *_intervals(found),
        "",
        *_totals(found),
        "",
        *_queues(found),
    ]
    if real is not None:
        parts += ["", *_replay(found, real)]
    return "\n".join(parts)


def _head(plan: Plan, found: Simulation) -> Iterator[str]:
    zone = ZoneInfo(found.window.tz)
    yield f"{plan.organization.title}: {found.disruption.title}"
    yield (
        f"from {found.window.onset.astimezone(zone):%A %d %B %Y %H:%M} ({found.window.tz}) "
        f"for {format_duration(found.disruption.duration_s)}"
    )
    yield (
        f"{found.replications} simulated days, seed {found.seed}, tier: {found.tier}, plan {found.plan_hash[:12]}. "
        "Ranges hold 95 of 100 days."
    )
    for note in found.notes:
        yield f"Note: {note}"


def _half_hours(run: Run) -> dict[datetime, dict[str, float]]:
    """Return counts summed over the queues by start of interval."""
    sums: dict[datetime, dict[str, float]] = {}
    for row in run.intervals:
        into = sums.setdefault(row.start, dict.fromkeys((*COUNTED, "answered_in_target"), 0.0))
        for name in into:
            into[name] += row.counts[name]
    return sums


def _level(counts: dict[str, float]) -> str:
    base = counts["answered"] + counts["abandoned"]
    return f"{counts['answered_in_target'] / base:.0%}" if base >= 0.05 else "-"


def _intervals(found: Simulation) -> Iterator[str]:
    zone = ZoneInfo(found.window.tz)
    normal, disrupted = _half_hours(found.baseline), _half_hours(found.disrupted)
    normal_staff = {s.start: s.agents for s in found.baseline.staff}
    staff = {s.start: s.agents for s in found.disrupted.staff}
    over = found.window.onset + timedelta(seconds=found.disruption.duration_s)
    yield f"Service by {found.window.interval_s // 60} minutes: normal day | disrupted (means; all queues)"
    yield (
        f"  {'':<9} {'agents':>13} {'attempts':>13} {'answered':>13} {'abandoned':>13} {'blocked':>9} {'cut off':>8} "
        f"{'SL3*':>10}"
    )
    for start in normal:
        if not found.window.onset - QUIET_BEFORE <= start < over + QUIET_AFTER:
            continue
        n, d = normal[start], disrupted[start]
        pairs = [f"{n[c]:>5.0f} | {d[c]:>5.0f}" for c in ("attempts", "answered", "abandoned")]
        yield (
            f"  {start.astimezone(zone):%a %H:%M} {normal_staff[start]:>5.0f} | {staff[start]:>5.0f} {' '.join(pairs)} "
            f"{d['blocked']:>9.0f} {d['cut_off']:>8.0f} {_level(n):>4} | {_level(d):>4}"
        )
    yield "  * " + SERVICE_LEVELS["SL3"] + ", each queue with its own threshold"


def _range(e: Estimate) -> str:
    return f"{e.mean:>9,.0f} ({e.low:,.0f} to {e.high:,.0f})"


def _totals(found: Simulation) -> Iterator[str]:
    yield f"{'Totals over the window':<36} {'normal day':<32} disrupted"
    for name, label in TOTALS.items():
        yield f"  {label:<34} {_range(found.baseline.totals[name]):<32} {_range(found.disrupted.totals[name])}"
    more = found.difference
    yield f"  {'more contacts that came to nothing':<34} {_range(more['lost'])}"
    yield f"  {'more customers not served':<34} {_range(more['not_served'])}"
    recovery = found.time_to_recover_s
    if recovery is None:
        yield "  Service is not back to normal inside the simulated window on most days."
    else:
        spread = f"{format_duration(recovery.low)} to {format_duration(recovery.high)}"
        yield f"  {'time to recover, from the onset':<34} {format_duration(recovery.mean)} ({spread})"


def _queues(found: Simulation) -> Iterator[str]:
    yield f"{'By queue':<24} {'service level':<30} {'normal':>8} {'disrupted':>10} {'time below target':>20}"
    for n, d in zip(found.baseline.queues, found.disrupted.queues, strict=True):
        t = d.target
        promise = f"{t.formula_id} {t.x:.0%} in {format_duration(t.t_s)}"
        levels = [f"{q.service_level:.1%}" if q.service_level is not None else "-" for q in (n, d)]
        yield (
            f"  {found.timeline.titles.get(n.queue, n.queue):<22} {promise:<30} {levels[0]:>8} {levels[1]:>10} "
            f"{format_duration(d.below_target_s.mean):>20}"
        )


def _replay(found: Simulation, real: Replay) -> Iterator[str]:
    zone = ZoneInfo(found.window.tz)
    yield "Beside the day that really happened (attempts entering; abandoned by time of entry)"
    yield f"  {'':<6} {'really':>7} {'simulated':>24} {'normal':>8}   {'abandoned really':>17} {'simulated':>24}"
    for r in real.rows:
        mark = " " if r.attempts.low <= r.real_attempts <= r.attempts.high else "!"
        yield (
            f"  {r.start.astimezone(zone):%H:%M} {mark}{r.real_attempts:>7.0f} {_range(r.attempts):>24} "
            f"{r.normal_attempts:>8.1f}   {r.real_abandoned:>17.0f} {_range(r.abandoned):>24}"
        )
    yield f"  attempts in all: really {real.real_attempts:.0f}, simulated {_range(real.attempts).strip()}"
    yield f"  abandoned in all: really {real.real_abandoned:.0f}, simulated {_range(real.abandoned).strip()}"
    back = (
        "not inside this stretch" if real.real_back_to_normal_s is None else format_duration(real.real_back_to_normal_s)
    )
    yield f"  entries back to normal after the onset: really {back}, simulated {_times(real.back_to_normal_s)}"
    yield f"  {real.inside} of {len(real.rows)} intervals lie inside the simulated 95 % range (! marks the others)"


def _times(e: Estimate | None) -> str:
    if e is None:
        return "not inside this stretch on most days"
    return f"{format_duration(e.mean)} ({format_duration(e.low)} to {format_duration(e.high)})"
