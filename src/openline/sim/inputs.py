"""From the plan and the timeline to the arrays that the kernel runs on.

One queue per activity; one group per agent group, one more for its people at home, one per overflow agreement.
Both variants of a comparison have the same queues and groups, so that contact j of queue k has the same luck.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openline.impact.response import Response
from openline.impact.timeline import Timeline
from openline.plan.activities import Activity, Law
from openline.plan.document import Plan
from openline.sim.capacity import Capacity, control_arrays
from openline.sim.model import CONSTANT, EXPONENTIAL, LOGNORMAL, TABLE, Laws, Model
from openline.sim.places import places, routing
from openline.sim.steps import Steps, combined, constant, profile_steps, shifted, value_at
from openline.sim.window import Window

QUANTILE_POINTS = 1025


@dataclass(frozen=True, slots=True)
class Inputs:
    """A model and the names of its rows."""

    model: Model
    queues: tuple[str, ...]
    groups: tuple[str, ...]
    trunks: tuple[str, ...]


class NothingToSimulate(ValueError):
    """A plan without any activity: nobody calls, so there is nothing to simulate."""


def build(plan: Plan, window: Window, timeline: Timeline | None = None, responses: Sequence[Response] = ()) -> Inputs:
    """Return the kernel's arrays for the window; without a timeline, those of the normal day.

    Raises UnknownVolume when a volume or roster table does not cover a day of the window, NothingToSimulate when the
    plan has no activities.
    """
    plan = countable(plan)
    queues = tuple(plan.activities.values())
    if not queues:
        raise NothingToSimulate(
            "no activity has volumes, aht_s, sl and skills, so nobody calls: add them in activities.yaml"
        )
    groups = places(plan)
    capacity = Capacity(plan, window, timeline, tuple(responses))
    way = routing(queues, groups)
    rate_from_s, rate_per_s = _rates(plan, queues, window, timeline)
    start, controls = capacity.at_start(groups), control_arrays(capacity.controls(groups))
    model = Model(
        edges_s=np.arange(len(window.starts) + 1, dtype=np.float64) * window.interval_s,
        rate_from_s=rate_from_s,
        rate_per_s=rate_per_s,
        service=_laws([(a.aht_law, a.aht_s, a.concurrency) for a in queues], plan),
        patience=_laws([(a.patience_law, a.patience_s, 1) for a in queues], plan),
        redial_delay=_laws([law for a in queues for law in _redial_delays(a)], plan),
        redial_frac=np.array([_redial_shares(a) for a in queues], dtype=np.float64).reshape(-1, 3),
        redial_max=np.array([a.redial.max_attempts or 0 for a in queues], dtype=np.int64),
        level=way.level,
        route=way.route,
        wait_before_s=way.wait_before_s,
        group_factor=np.array([g.factor for g in groups], dtype=np.float64),
        group_capacity=start.agents,
        trunk_capacity=start.channels,
        queue_trunk=start.trunk_of,
        target_s=np.array([a.sl.t_s for a in queues if a.sl is not None], dtype=np.float64),
        short_s=np.array([a.short_s for a in queues], dtype=np.float64),
        control_at_s=controls.at_s,
        control_kind=controls.kind,
        control_index=controls.index,
        control_value=controls.value,
        control_fate=controls.fate,
    )
    return Inputs(model, tuple(a.id for a in queues), tuple(g.name for g in groups), tuple(plan.trunk_groups))


def countable(plan: Plan) -> Plan:
    """Return the plan with those activities and agent groups only of which enough is known to simulate them."""
    activities = {i: a for i, a in plan.activities.items() if a.countable}
    groups = {i: g for i, g in plan.agent_groups.items() if g.roster is not None}
    if len(activities) == len(plan.activities) and len(groups) == len(plan.agent_groups):
        return plan
    return replace(plan, activities=activities, agent_groups=groups)


def busyness(plan: Plan, *, seed: int, replications: int) -> NDArray[np.float64] | None:
    """Return how busy each simulated day is, float64[N, K]: gamma with mean 1 and each activity's volume_cv.

    All queues of a day share their luck: a busy day is busy for all. None when no activity varies.
    Source: Avramidis, Deslauriers, L'Ecuyer 2004 (gamma busyness factor).
    """
    spread = [a.volume_cv for a in plan.activities.values()]
    if not any(spread):
        return None
    from scipy.special import gammaincinv

    luck = np.random.Generator(np.random.Philox(key=seed)).random(replications)
    factors = np.ones((replications, len(spread)))
    for k, cv in enumerate(spread):
        if cv > 0:
            shape = 1.0 / cv**2
            factors[:, k] = gammaincinv(shape, luck) / shape
    return factors


def _redial_shares(activity: Activity) -> tuple[float, float, float]:
    again = activity.redial
    return again.after_abandoned, again.after_blocked, again.after_dropped


def _redial_delays(activity: Activity) -> list[tuple[Law, float | None, int]]:
    """Return the laws of the time until another call: after giving up, after being blocked, after being cut off."""
    again = activity.redial
    waited = (again.delay_law, again.delay_s, 1)
    shut_out = waited if again.unreached_delay_s is None else (again.unreached_delay_law, again.unreached_delay_s, 1)
    return [waited, shut_out, shut_out]


def _rates(
    plan: Plan, queues: tuple[Activity, ...], window: Window, timeline: Timeline | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return segment starts and arrival rates per queue, volumes times the disruption's demand factor."""
    flows = [_flow(plan, a, window, timeline) for a in queues]
    times = sorted({t for flow in flows for t, _ in flow} | {0.0})
    rates = [[value_at(flow, t) for t in times] for flow in flows]
    return np.array(times), np.array(rates, dtype=np.float64).reshape(len(queues), len(times))


def _flow(plan: Plan, activity: Activity, window: Window, timeline: Timeline | None) -> Steps:
    profile = plan.profiles[activity.volumes or ""]
    normal = profile_steps(profile, window, window.tz, what=f"the volume table of {activity.title}")
    demand = constant(1.0)
    if timeline is not None and activity.id in timeline.demand:
        demand = shifted(timeline.demand[activity.id], window.onset_s, before=1.0)
    return combined(lambda contacts, factor: contacts * factor / profile.slot_s, normal, demand)


def _laws(stated: list[tuple[Law, float | None, int]], plan: Plan) -> Laws:
    """Return the laws of a random time per queue; a missing mean is a time that never ends."""
    kind = np.zeros(len(stated), dtype=np.int8)
    a, b = np.zeros(len(stated)), np.zeros(len(stated))
    table = np.zeros((len(stated), QUANTILE_POINTS if any(s[0].quantiles for s in stated) else 1))
    for k, (law, mean, split) in enumerate(stated):
        kind[k], a[k], b[k] = _law(law, math.inf if mean is None else mean / split)
        if kind[k] == TABLE and law.quantiles is not None:
            points = plan.quantiles[law.quantiles]
            table[k] = np.interp(np.linspace(0, 1, QUANTILE_POINTS), points.share, points.seconds) / split
    return Laws(kind, a, b, table)


def _law(law: Law, mean: float) -> tuple[int, float, float]:
    """Return (kind, a, b): a lognormal's log mean is log(mean) - sigma^2/2, never log of the mean itself."""
    if math.isinf(mean):
        return CONSTANT, math.inf, 0.0
    if law.kind == "lognormal":
        variance = math.log1p((law.cv or 0.0) ** 2)
        return LOGNORMAL, math.log(mean) - variance / 2, math.sqrt(variance)
    kinds = {"exponential": EXPONENTIAL, "constant": CONSTANT, "table": TABLE}
    return kinds[law.kind], mean, 0.0
