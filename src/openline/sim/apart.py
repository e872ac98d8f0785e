"""What a change does not reach: queues that share no agent, no line and no customer with what it changes.

Luck is keyed by contact, so their contacts fare alike with and without the change, and need not be simulated again.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openline.sim.begin import BEGIN_GROUP, BEGIN_QUEUE, BEGIN_STATE, BEGIN_TRUNK, Beginning
from openline.sim.capacity import NO_LIMIT
from openline.sim.model import GROUP_CAPACITY, QUEUE_TRUNK, TRUNK_CAPACITY, Laws, Model, Outcome
from openline.sim.slots import AWAY, SERVED
from openline.sim.workspace import ever_staffed

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
CONTROLS = ("control_at_s", "control_kind", "control_index", "control_value", "control_fate")


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change reaches: queues bool[K], groups bool[G] and trunk groups bool[H] of the changed model."""

    queues: Bools
    groups: Bools
    trunks: Bools


@dataclass(frozen=True, slots=True)
class There:
    """Who is with whom at the beginning: pairs of group and queue, and of trunk group and queue, int64[2, *]."""

    served: NDArray[np.int64]
    inside: NDArray[np.int64]


def there_at(begin: Beginning) -> There:
    """Return who is with whom at the beginning of any replication."""
    state, queue = begin.ints[:, BEGIN_STATE], begin.ints[:, BEGIN_QUEUE]
    pairs = [
        np.unique(np.stack([begin.ints[rows, column], queue[rows]]), axis=1)
        for rows, column in ((state == SERVED, BEGIN_GROUP), (state != AWAY, BEGIN_TRUNK))
    ]
    return There(pairs[0], pairs[1])


def reached(plain: Model, changed: Model, there: There | None = None) -> Reach:
    """Return what may fare otherwise in the changed model, whose first rows are those of the plain one."""
    found = _differing(plain, changed)
    serves, uses = _joined(plain, changed, there)
    near = _sent(plain, changed)
    queues, groups, trunks = found.queues, found.groups, found.trunks
    while True:
        groups = groups | serves[:, queues].any(axis=1)
        trunks = trunks | uses[:, queues].any(axis=1)
        more = queues | serves[groups].any(axis=0) | uses[trunks].any(axis=0) | near[queues].any(axis=0)
        if (more == queues).all():
            return Reach(queues, groups, trunks)
        queues = more


def only(model: Model, reach: Reach) -> Model:
    """Return the model in which nobody calls the other queues and nothing else changes."""
    kind, row = model.control_kind, model.control_index
    kept = np.zeros(len(kind), dtype=np.bool_)
    of_group, of_trunk = kind == GROUP_CAPACITY, kind == TRUNK_CAPACITY
    for chosen, rows in ((of_group, reach.groups), (of_trunk, reach.trunks), (~of_group & ~of_trunk, reach.queues)):
        kept[chosen] = rows[row[chosen]]
    return replace(
        model,
        rate_per_s=np.where(reach.queues[:, None], model.rate_per_s, 0.0),
        **{f: getattr(model, f)[kept] for f in CONTROLS},
    )


def only_there(begin: Beginning, reach: Reach) -> Beginning:
    """Return those at the beginning who are in the reached queues, with the numbers that they have."""
    kept = reach.queues[begin.ints[:, BEGIN_QUEUE]]
    counted = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
    return Beginning(counted[begin.offset], begin.ints[kept], begin.floats[kept])


def completed(found: Outcome, plain: Outcome, reach: Reach) -> Outcome:
    """Return the outcome of what was reached, with the plain one of all else written into it."""
    queues, groups = np.flatnonzero(~reach.queues), np.flatnonzero(~reach.groups)
    for name, rows in (("counts", queues), ("carried", queues), ("wait_s", queues), ("queue_s", queues),
                       ("busy_s", groups), ("capacity_s", groups)):  # fmt: skip
        getattr(found, name)[:, rows] = getattr(plain, name)[:, rows]
    return found


def _differing(plain: Model, changed: Model) -> Reach:
    """Return the rows that are new or not as they were."""
    queues = _unlike(_queue_rows(plain, changed), _queue_rows(changed, changed))
    groups = _unlike(
        np.column_stack([plain.group_factor, plain.group_capacity]),
        np.column_stack([changed.group_factor, changed.group_capacity]),
    )
    trunks = _unlike(plain.trunk_capacity[:, None], changed.trunk_capacity[:, None])
    if not (np.array_equal(plain.edges_s, changed.edges_s) and np.array_equal(plain.rate_from_s, changed.rate_from_s)):
        queues[:] = True
    before, after = _controls(plain), _controls(changed)
    for kind, row in before.keys() | after.keys():
        if before.get((kind, row)) != after.get((kind, row)):
            {GROUP_CAPACITY: groups, TRUNK_CAPACITY: trunks}.get(kind, queues)[row] = True
    return Reach(queues, groups, trunks)


def _unlike(before: NDArray[np.generic], after: NDArray[np.generic]) -> Bools:
    """Return which rows are new or differ; all do when they do not say the same things."""
    found = np.ones(len(after), dtype=np.bool_)
    if before.shape[1] == after.shape[1]:
        found[: len(before)] = (before != after[: len(before)]).any(axis=1)
    return found


def _controls(m: Model) -> dict[tuple[int, int], list[tuple[float, float, int]]]:
    found: dict[tuple[int, int], list[tuple[float, float, int]]] = {}
    for at, kind, row, value, fate in zip(*(getattr(m, f).tolist() for f in CONTROLS), strict=True):
        found.setdefault((kind, row), []).append((at, value, fate))
    return found


def _queue_rows(m: Model, size: Model) -> Floats:
    """Return all that is said of each queue as one row of numbers; rows of groups are as many as `size` has."""
    count, groups, wide = len(m.target_s), len(size.group_factor), size.divert_to.shape[1]
    return np.column_stack([
        m.rate_per_s, m.redial_frac, m.redial_max, m.queue_trunk, m.target_s, m.short_s,
        _law(m.service, count), _law(m.patience, count), _law(m.redial_delay, count),
        _wide(m.route, groups), _wide(m.level.T, groups),
        _wide(np.where(m.level >= 0, m.wait_before_s, -1.0).T, groups),
        *(_diverted(m, name, wide) for name in ("divert_to", "divert_frac", "divert_at_s")),
    ]).astype(np.float64)  # fmt: skip


def _law(laws: Laws, count: int) -> Floats:
    return np.column_stack([laws.kind, laws.a, laws.b, laws.table]).astype(np.float64).reshape(count, -1)


def _wide(rows: NDArray[np.generic], width: int) -> Floats:
    """Return rows with as many columns as asked for, -1 where there were none."""
    found = np.full((len(rows), width), -1.0)
    found[:, : rows.shape[1]] = rows
    return found


def _diverted(m: Model, name: str, width: int) -> Floats:
    """Return a field of the diversions with a row for each queue, -1 where nobody is diverted."""
    if not len(m.divert_to):
        return np.full((len(m.target_s), width), -1.0)
    return _wide(np.where(m.divert_to >= 0, getattr(m, name), -1.0), width)


def _joined(plain: Model, changed: Model, there: There | None) -> tuple[Bools, Bools]:
    """Return which groups may serve, and which lines may carry, contacts of which queues, in either model."""
    serves = np.zeros(changed.level.shape, dtype=np.bool_)
    uses = np.zeros((len(changed.trunk_capacity), len(changed.target_s)), dtype=np.bool_)
    for m in (plain, changed):
        groups, queues = m.level.shape
        able = m.level >= 0
        _mark(able, m.route.ravel(), np.repeat(np.arange(queues), m.route.shape[1]))  # tried whatever their level
        serves[:groups, :queues] |= able & ever_staffed(m)[:, None]
        moved = m.control_kind == QUEUE_TRUNK
        _mark(uses, m.queue_trunk, np.arange(queues))
        _mark(uses, m.control_value[moved].astype(np.int64), m.control_index[moved])
    if there is not None:
        _mark(serves, *there.served)
        _mark(uses, *there.inside)
    uses[changed.trunk_capacity >= NO_LIMIT] = False  # never full, so they join nobody
    return serves, uses


def _mark(pairs: Bools, rows: NDArray[np.integer], columns: NDArray[np.int64]) -> None:
    there = rows >= 0
    pairs[rows[there], columns[there]] = True


def _sent(plain: Model, changed: Model) -> Bools:
    """Return between which queues customers are diverted."""
    near = np.zeros((len(changed.target_s),) * 2, dtype=np.bool_)
    for m in (plain, changed):
        for column in m.divert_to.T:
            _mark(near, column, np.arange(len(column)))
    return near | near.T
