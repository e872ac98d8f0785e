"""What now? The next hours when nothing more is done, and under every option, from the state of this minute."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.forecast.figures import QueueCourse
from openline.forecast.forecast import Forecast, Outlook, available_options, forecast
from openline.forecast.option import Assumed, Option
from openline.forecast.refusals import REFUSALS
from openline.forecast.roll_call import GroupRollCall, RollCall
from openline.forecast.state import Failure, UnderWay
from openline.forecast.state import State as Minute
from openline.incident.damage import restored_by
from openline.incident.state import State
from openline.plan.document import Plan
from openline.scenarios.effects import EFFECTS
from openline.server.accounts.roles import needs
from openline.server.errors import page
from openline.server.incidents.store import incident, pinned, reading
from openline.server.incidents.views import incident_or_404
from openline.server.room.views import looking
from openline.server.security import Limit
from openline.sim.snapshot import QueueNow, Snapshot

LIMIT = Limit(most=20, window_s=60)
FRESH = timedelta(minutes=30)
"""A picture of the queues that is older says nothing of now, and is left out (assumed)."""
ROUND_S = 60
"""Who asks again within the minute is given the same answer."""
FIRST = 4
"""Options that are shown at once; the others are one press away."""
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Asked:
    """What a forecast is made from, read off the incident; `told` says what was left out."""

    failures: tuple[Failure, ...]
    invoked: tuple[tuple[str, datetime], ...]
    snapshot: Snapshot
    roll_call: RollCall
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spark:
    """Who waits in a queue by quarter hour: points for a picture of 240 by 60, and the figures beside it."""

    title: str
    band: str
    line: str
    best: str
    most: float
    queue: QueueCourse
    lost: float


@dataclass(frozen=True, slots=True)
class Answer:
    """The forecast with what it was made from."""

    forecast: Forecast
    sparks: tuple[Spark, ...]
    assumptions: tuple[tuple[str, Assumed], ...]
    told: tuple[str, ...]

    @property
    def options(self) -> list[tuple[tuple[Outlook, ...], bool]]:
        """The first of the ranking, and the others, which are folded away."""
        found = self.forecast.outlooks
        return [(part, bool(n)) for n, part in enumerate((found[:FIRST], found[FIRST:])) if part]


@needs("see_incidents")
def panel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show the next hours under every option; a part of the room, or a page of its own."""
    found = incident_or_404(slug, pk)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then ask again.")
    plan, now = pinned(found), timezone.now()
    context: dict[str, object] = {
        "incident": found,
        "revision": found.revision,
        "plan": plan,
        "tz": plan.organization.tz,
        "role": looking(request, plan).role,
        "is_open": found.phase in ("reported", "active", "restoring"),
        "queues": [a for a in plan.activities.values() if a.volumes],
    }
    try:
        minute = int(now.timestamp()) // ROUND_S * ROUND_S
        context["answer"] = answered(pk, found.last_hash, minute)
    except REFUSALS as refusal:
        context["refusal"] = str(refusal)
    is_part = request.headers.get("HX-Request") == "true"
    return render(request, "room/now.html" if is_part else "room/now_page.html", context)


@lru_cache(maxsize=16)
def answered(pk: int, last_hash: str, minute: int) -> Answer:
    """Return the answer of this minute; one at a time, since each takes all there is of the machine for a second."""
    found = incident(pk)
    plan, now = pinned(found), datetime.fromtimestamp(minute, timezone.get_default_timezone())
    with reading(found) as state:
        asked = asked_of(state, plan, now)
    with _one_at_a_time:
        told = _forecast(plan, asked, now)
    return Answer(told, tuple(_sparks(told)), tuple(_assumptions(told)), (*asked.told, *told.notes))


def _forecast(plan: Plan, asked: Asked, now: datetime) -> Forecast:
    state = Minute(now, asked.failures)
    options = available_options(plan, state, snapshot=asked.snapshot, roll_call=asked.roll_call)
    begun = dict(asked.invoked)
    under_way = tuple(
        UnderWay(o.id, min(begun[o.arrangement], now)) for o in options if o.arrangement in begun and _can_run(o)
    )
    return forecast(plan, Minute(now, asked.failures, under_way), snapshot=asked.snapshot, roll_call=asked.roll_call)


def _can_run(option: Option) -> bool:
    return option.available and option.kind in ("call_out", "send_home")


def asked_of(state: State, plan: Plan, now: datetime) -> Asked:
    """Return what a forecast is made from; `state` is held meanwhile."""
    snapshot, told = _snapshot(state, now)
    return Asked(
        failures=tuple(_failures(state, plan, now)),
        invoked=tuple((u.arrangement, u.invoked_at) for u in state.arrangements.values() if u.ended_at is None),
        snapshot=snapshot,
        roll_call=RollCall(groups=dict(_groups(state, plan))),
        told=told,
    )


def _failures(state: State, plan: Plan, now: datetime) -> Iterable[Failure]:
    kinds = EFFECTS["down"].targets
    for name, since in state.hit.items():
        if not any(name in plan.collection(c) for c in kinds):
            continue
        back = restored_by(state, name)
        begun = min(since, now)
        yield Failure(name, begun, back[0] if back is not None and back[0] > now else None)


def _snapshot(state: State, now: datetime) -> tuple[Snapshot, tuple[str, ...]]:
    if state.snapshot_at is None:
        return Snapshot(), ("No picture of the queues was fed: who waits now is taken from a simulation.",)
    if now - state.snapshot_at > FRESH:
        return Snapshot(), (
            "The picture of the queues is more than 30 minutes old, so it is left out: feed a new one.",
        )
    queues = {}
    for name, q in state.snapshot.items():
        waiting = q.get("waiting")
        if waiting is not None:
            longest = q.get("longest_wait_s") if waiting else None
            queues[name] = QueueNow(waiting=int(waiting), longest_s=longest)
    return Snapshot(queues=queues), ()


def _groups(state: State, plan: Plan) -> Iterable[tuple[str, GroupRollCall]]:
    if not state.roll_calls:
        return
    latest = next(reversed(state.roll_calls.values()))
    for name, g in latest.groups.items():
        if name in plan.agent_groups:
            able = g.safe if g.able is None else g.able
            yield name, GroupRollCall(able=able, unknown=g.unknown, unable=g.safe + g.needs_help - able)


def _sparks(told: Forecast) -> Iterable[Spark]:
    best = {q.queue: q for q in told.best.queues}
    for q in told.nothing.queues:
        other = best.get(q.queue, q)
        top = max([r.waiting.high for r in q.rows] + [r.waiting.mean for r in other.rows] + [1.0])
        xs = [round(240 * n / max(1, len(q.rows) - 1), 1) for n in range(len(q.rows))]
        highs = _points(xs, [r.waiting.high for r in q.rows], top)
        lows = _points(xs, [r.waiting.low for r in q.rows], top)
        yield Spark(
            title=q.title,
            band=" ".join([*highs, *reversed(lows)]),
            line=" ".join(_points(xs, [r.waiting.mean for r in q.rows], top)),
            best=" ".join(_points(xs, [r.waiting.mean for r in other.rows], top)),
            most=top,
            queue=q,
            lost=_lost(q),
        )


def _points(xs: Sequence[float], ys: Sequence[float], top: float) -> list[str]:
    return [f"{x},{58 - 56 * y / top:.1f}" for x, y in zip(xs, ys, strict=True)]


def _lost(q: QueueCourse) -> float:
    """Return the mean of those who give up, are blocked or cut off; their ranges can not be added up."""
    return sum(q.totals[k].mean for k in ("abandoned", "blocked", "cut_off") if k in q.totals)


def _assumptions(told: Forecast) -> Iterable[tuple[str, Assumed]]:
    seen: set[Assumed] = set()
    outlooks: tuple[Outlook, ...] = told.outlooks
    for o in outlooks:
        for a in o.option.assumptions:
            if a not in seen:
                seen.add(a)
                yield o.option.title, a
