"""A forecast as a compact text: the ranking, then the queues when nothing more is done."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from openline.forecast.figures import Band, QueueCourse
from openline.forecast.forecast import Forecast, Outlook
from openline.plan.document import Plan
from openline.units import format_duration


def told(plan: Plan, found: Forecast) -> str:
    """Return the whole text."""
    parts = [*_head(plan, found), "", *_ranking(found), "", *_queues(found), "", *_hours(found), "", *_not_now(found)]
    return "\n".join([*parts, "", *_known(found)])


def _head(plan: Plan, found: Forecast) -> Iterator[str]:
    zone = ZoneInfo(found.tz)
    best = found.best
    yield f"{plan.organization.title}: what now, {found.at.astimezone(zone):%A %d %B %Y %H:%M} ({found.tz})"
    until = f"until {found.until.astimezone(zone):%H:%M}"
    if best.option.id == found.nothing.option.id:
        yield f"Nothing is better than doing nothing more: {found.nothing.lost.mean:,.0f} contacts are lost {until}."
    else:
        yield (
            f"Best: {best.option.title}. {best.lost.mean:,.0f} contacts are lost {until} "
            f"instead of {found.nothing.lost.mean:,.0f}."
        )
    yield (
        f"{found.replications} simulations of each option, seed {found.seed}, plan {found.plan_hash[:12]}. "
        f"Ranges hold {found.held} of them."
    )
    yield from found.notes


def _ranking(found: Forecast) -> Iterator[str]:
    yield "Options, by contacts lost (each weighted by one over its queue's priority)"
    yield f"{'':>3} {'lost':>18} {'against nothing':>24} {'put off':>8}  option"
    for outlook in found.outlooks:
        yield _ranked(outlook)


def _ranked(outlook: Outlook) -> str:
    option, less = outlook.option, outlook.lost_difference
    against = "" if option.kind == "nothing" else f"{less.mean:+,.0f} ({less.low:+,.0f} to {less.high:+,.0f})"
    started = f" [{option.procedure}, step {option.step}]" if option.procedure else ""
    cost = f", {option.cost_per_h} an hour" if option.cost_per_h else ""
    figures = f"{outlook.rank:>3} {_range(outlook.lost):>18} {against:>24} {outlook.put_off.mean:>8,.0f}"
    return f"{figures}  {option.title}{cost}{started}"


def _range(band: Band) -> str:
    return f"{band.mean:,.0f} ({band.low:,.0f}-{band.high:,.0f})"


def _queues(found: Forecast) -> Iterator[str]:
    yield "Queues when nothing more is done"
    yield f"{'queue':<22} {'waiting now':>11} {'offered':>8} {'answered':>8} {'lost':>18} {'service level':>22}"
    for q in found.nothing.queues:
        gone = sum(q.totals[n].mean for n in ("abandoned", "blocked", "cut_off"))
        yield (
            f"{q.title[:22]:<22} {q.there_already['waiting'].mean:>11,.0f} {q.totals['offered'].mean:>8,.0f} "
            f"{q.totals['answered'].mean:>8,.0f} {gone:>18,.0f} {_level(q.service_level):>22}  "
            f"{q.formula_id}, {q.target:.0%} in {format_duration(q.within_s)}"
        )


def _level(band: Band | None) -> str:
    return "-" if band is None else f"{band.mean:.0%} ({band.low:.0%}-{band.high:.0%})"


def _hours(found: Forecast) -> Iterator[str]:
    zone = ZoneInfo(found.tz)
    best = found.best
    yield f"Mean number waiting by quarter hour: nothing more / {best.option.title}"
    busiest = sorted(found.nothing.queues, key=lambda q: -max(r.waiting.mean for r in q.rows))[:4]
    chosen: dict[str, QueueCourse] = {q.queue: q for q in best.queues}
    yield f"{'':<6}" + "".join(f"{q.title[:16]:>18}" for q in busiest)
    for b, row in enumerate(busiest[0].rows):
        cells = (f"{q.rows[b].waiting.mean:,.0f} / {chosen[q.queue].rows[b].waiting.mean:,.0f}" for q in busiest)
        yield f"{row.start.astimezone(zone):%H:%M} " + "".join(f"{c:>18}" for c in cells)


def _not_now(found: Forecast) -> Iterator[str]:
    yield "Not to be chosen now"
    for option in found.unavailable:
        yield f"  {option.title}: {option.reason}"


def _known(found: Forecast) -> Iterator[str]:
    yield "What is known of now"
    kinds: dict[str, list[str]] = {}
    for name, source in found.sources.items():
        kinds.setdefault(source, []).append(name)
    for source, names in kinds.items():
        more = ", ..." if len(names) > 4 else ""
        yield f"  {source}: {len(names)} figures ({', '.join(names[:4])}{more})"
    yield "What was assumed, by option"
    for outlook in found.outlooks:
        for a in outlook.option.assumptions:
            yield f"  {outlook.option.id}: {a.what}: {a.value} ({a.source})"
