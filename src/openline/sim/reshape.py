"""Changes of a model in memory: what an option would do to the arrays, without another plan.

Each returns new inputs; rows that exist keep their places, so that contact j of queue k keeps its luck.
"""

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from openline.sim.inputs import Inputs
from openline.sim.model import (
    FINISH,
    GROUP_CAPACITY,
    PATIENCE_FACTOR,
    QUEUE_HOLD,
    QUEUE_TRUNK,
    SERVICE_FACTOR,
    Laws,
    Model,
)

NOBODY = -1
FOLLOWED = (QUEUE_HOLD, SERVICE_FACTOR, PATIENCE_FACTOR)
"""Controls of a queue that hold for those who are sent elsewhere too."""
Steps = list[tuple[float, int, int]]
"""(second, agents from then on, fate of contacts in progress)"""
T = TypeVar("T", bound=np.generic)


def held(inputs: Inputs, queue: str, from_s: float) -> Inputs:
    """Return the inputs with a queue kept waiting from a time on, whatever opens or closes it later."""
    k, m = inputs.queues.index(queue), inputs.model
    kept = ~((m.control_kind == QUEUE_HOLD) & (m.control_index == k) & (m.control_at_s >= from_s))
    return replace(inputs, model=_with_controls(_kept(m, kept), [(max(from_s, 0.0), QUEUE_HOLD, k, 1.0, FINISH)]))


def diverted(
    inputs: Inputs,
    queue: str,
    name: str,
    share: float,
    from_s: float,
    *,
    trunk: int,
    group: int | None = None,
    closes: bool = True,
) -> Inputs:
    """Return the inputs with a share of a queue's new customers sent to a row of their own.

    They use the trunk group `trunk`, NOBODY when they are sent away; `group` serves them alone and at once when it is
    given, else all who serve the queue. While the queue is closed, nobody gets in there either, unless `closes` is
    False. The row is called `name`.
    """
    k, m = inputs.queues.index(queue), inputs.model
    new = len(inputs.queues)
    level, route, wait = _grown(m.level, k, 1), _grown(m.route, k, 0), _grown(m.wait_before_s, k, 1)
    if group is not None:
        level[:, new] = np.where(np.arange(len(level)) == group, level[group, k], NOBODY)
        route[new] = NOBODY
        route[new, 0] = group
        wait[:, new] = 0.0
    again = _grown(m.redial_frac, k, 0)
    if trunk == NOBODY:
        again[new] = 0.0
    rates = _grown(m.rate_per_s, k, 0)
    rates[new] = 0.0
    model = replace(
        m, rate_per_s=rates, service=_laws(m.service, [k]), patience=_laws(m.patience, [k]),
        redial_delay=_laws(m.redial_delay, [3 * k, 3 * k + 1, 3 * k + 2]), redial_frac=again,
        redial_max=_grown(m.redial_max, k, 0), level=level, route=route, wait_before_s=wait,
        queue_trunk=np.append(m.queue_trunk, _open_row(m.queue_trunk[k], trunk, closes)),
        target_s=_grown(m.target_s, k, 0), short_s=_grown(m.short_s, k, 0),
    )  # fmt: skip
    model = _diverting(model, k, new, share, from_s)
    followed = (*FOLLOWED, QUEUE_TRUNK) if closes and trunk != NOBODY else FOLLOWED
    copies = []
    for c in np.flatnonzero(np.isin(m.control_kind, followed) & (m.control_index == k)):
        kind, value = int(m.control_kind[c]), float(m.control_value[c])
        value = float(_open_row(value, trunk, closes)) if kind == QUEUE_TRUNK else value
        copies.append((float(m.control_at_s[c]), kind, new, value, int(m.control_fate[c])))
    return replace(inputs, model=_with_controls(model, copies), queues=(*inputs.queues, name))


def _open_row(usual: float, trunk: int, closes: bool) -> int:
    """Return the trunk group of those who are diverted while the queue has its `usual` one, NOBODY when closed."""
    return NOBODY if closes and usual < 0 else trunk


def moved(inputs: Inputs, group: str, name: str, queues: list[str], share: float, from_s: float) -> Inputs:
    """Return the inputs with a share of a group's agents kept for these queues from a time on, as a group of their own.

    Agents who are busy then finish their contact first.
    """
    g, m = inputs.groups.index(group), inputs.model
    own, theirs = _split(agents_over_time(m, g), share, max(from_s, 0.0))
    rows = [inputs.queues.index(q) for q in queues]
    level, wait = _grown(m.level, g, 0), _grown(m.wait_before_s, g, 0)
    barred = np.setdiff1d(np.arange(len(inputs.queues)), rows)
    level[-1, barred] = NOBODY
    route = np.full((m.route.shape[0], m.route.shape[1] + 1), NOBODY, dtype=m.route.dtype)
    for k, tried in enumerate(m.route):
        order = [r for r in tried if r >= 0]
        if g in order and level[-1, k] >= 0:
            order.insert(order.index(g), len(m.group_factor))
        route[k, : len(order)] = order
    model = replace(
        m, level=level, wait_before_s=wait, route=route, group_factor=_grown(m.group_factor, g, 0),
        group_capacity=_grown(m.group_capacity, g, 0),
    )  # fmt: skip
    model = with_agents(with_agents(model, g, own), len(m.group_factor), theirs)
    return replace(inputs, model=model, groups=(*inputs.groups, name))


def working(inputs: Inputs, group: str, modelled: int, seen: int) -> Inputs:
    """Return the inputs with a group's agents as seen now, where the model has `modelled`; later in proportion.

    Where the model has nobody now, those who are seen stay, or as many as the model has later when they are more.
    """
    g = inputs.groups.index(group)
    if modelled == seen:
        return inputs
    steps = [
        (t, int(n * seen / modelled + 0.5) if modelled > 0 else max(n, seen), fate)
        for t, n, fate in agents_over_time(inputs.model, g)
    ]
    return replace(inputs, model=with_agents(inputs.model, g, steps))


def agents_over_time(m: Model, g: int) -> Steps:
    """Return a group's agents over the window."""
    rows = np.flatnonzero((m.control_kind == GROUP_CAPACITY) & (m.control_index == g))
    changes = [(float(m.control_at_s[c]), int(m.control_value[c]), int(m.control_fate[c])) for c in rows]
    return [(0.0, int(m.group_capacity[g]), FINISH), *changes]


def with_agents(m: Model, g: int, steps: Steps) -> Model:
    """Return the model with a group's agents over the window; the first step is the start."""
    capacity = m.group_capacity.copy()
    capacity[g] = steps[0][1]
    kept = ~((m.control_kind == GROUP_CAPACITY) & (m.control_index == g))
    changes = [(t, GROUP_CAPACITY, g, float(n), fate) for t, n, fate in steps[1:]]
    return _with_controls(_kept(replace(m, group_capacity=capacity), kept), changes)


def _split(steps: Steps, share: float, from_s: float) -> tuple[Steps, Steps]:
    """Return the steps of those who stay and of those who move."""
    moments = sorted({t for t, _, _ in steps} | {from_s})
    stay: Steps = []
    move: Steps = []
    for t in moments:
        _, n, fate = next(s for s in reversed(steps) if s[0] <= t)
        gone = int(n * share + 0.5) if t >= from_s else 0
        new = t if t == from_s and from_s > 0 else None
        stay.append((t, n - gone, FINISH if new is not None and all(s[0] != t for s in steps) else fate))
        move.append((t, gone, fate))
    return stay, move


def _with_controls(m: Model, added: list[tuple[float, int, int, float, int]]) -> Model:
    """Return the model with further controls, each after those of its moment that were there."""
    if not added:
        return m
    columns = [np.array(c) for c in zip(*added, strict=True)]
    names = ("control_at_s", "control_kind", "control_index", "control_value", "control_fate")
    joined = [
        np.concatenate([getattr(m, n), c]).astype(getattr(m, n).dtype) for n, c in zip(names, columns, strict=True)
    ]
    order = np.argsort(joined[0], kind="stable")
    at_s, kind, index, value, fate = (column[order] for column in joined)
    return replace(m, control_at_s=at_s, control_kind=kind, control_index=index, control_value=value, control_fate=fate)


def _kept(m: Model, kept: NDArray[np.bool_]) -> Model:
    return replace(
        m, control_at_s=m.control_at_s[kept], control_kind=m.control_kind[kept], control_index=m.control_index[kept],
        control_value=m.control_value[kept], control_fate=m.control_fate[kept],
    )  # fmt: skip


def _diverting(m: Model, k: int, new: int, share: float, from_s: float) -> Model:
    """Return the model with a column of diversions more, in which only queue k is diverted, and a row for it."""
    columns, rows = m.divert_to.shape[1], len(m.divert_to)
    to = np.full((new + 1, columns + 1), NOBODY, dtype=np.int64)
    part, at_s = np.zeros((new + 1, columns + 1)), np.zeros((new + 1, columns + 1))
    to[:rows, :columns], part[:rows, :columns], at_s[:rows, :columns] = m.divert_to, m.divert_frac, m.divert_at_s
    to[k, columns], part[k, columns], at_s[k, columns] = new, share, from_s
    return replace(m, divert_to=to, divert_frac=part, divert_at_s=at_s)


def _grown(array: NDArray[T], row: int, axis: int) -> NDArray[T]:
    """Return an array with a copy of one of its rows at the end."""
    return np.concatenate([array, array.take([row], axis=axis)], axis=axis)


def _laws(laws: Laws, rows: list[int]) -> Laws:
    """Return the laws with copies of some rows at the end."""
    return Laws(*(np.concatenate([c := getattr(laws, f.name), c[rows]]) for f in fields(laws)))
