"""Everything a run writes to, allocated before it starts, as the tuples that the kernel takes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from openline.sim.begin import (
    BEGIN_ATTEMPT,
    BEGIN_COUNTED,
    BEGIN_DUE,
    BEGIN_FLOATS,
    BEGIN_GROUP,
    BEGIN_HANDLING,
    BEGIN_INTS,
    BEGIN_QUEUE,
    BEGIN_STATE,
    BEGIN_TRUNK,
    BEGIN_WAITED,
    Inside,
)
from openline.sim.model import GROUP_CAPACITY, I8, I64, METRICS, F, Model
from openline.sim.slots import (
    ARRIVAL,
    ATTEMPT,
    AWAY,
    COUNTED,
    DEADLINE,
    EVENT_AT,
    FREE,
    GROUP,
    HANDLING,
    NONE,
    QUEUE,
    QUEUED,
    SCALARS,
    SERVED,
    SLOT_FLOATS,
    SLOT_INTS,
    STATE,
    TRUNK,
)

MOST_BUCKETS = 1 << 13
EVENTS_A_BUCKET = 2.0
RUNS = 64


class Given(NamedTuple):
    """The model as the kernel reads it; `served` lists each group's queues, best level first."""

    edges: F
    rate_from: F
    rates: F
    service_kind: I8
    service_a: F
    service_b: F
    service_table: F
    patience_kind: I8
    patience_a: F
    patience_b: F
    patience_table: F
    delay_kind: I8
    delay_a: F
    delay_b: F
    delay_table: F
    redial_frac: F
    redial_max: I64
    level: I8
    route: I64
    wait_before: F
    overflow: I8
    factor: F
    target: F
    short: F
    c_at: F
    c_kind: I8
    c_index: I64
    c_value: F
    c_fate: I8
    served: I64
    mask: I64
    agents: I64
    channels: I64
    trunk_of: I64
    divert_to: I64
    divert_frac: F
    divert_at: F


class Begin(NamedTuple):
    """The contacts of second 0 as the kernel reads them."""

    ints: I64
    floats: F


class Work(NamedTuple):
    """What the kernel writes to."""

    si: I64
    ci: I64
    cf: F
    bucket: I64
    clock: F
    """bucket width in seconds, 1 / width"""
    runs: I64
    """firsts of ordered chains of events while a bucket is put in order: the n-th holds 2^n"""
    queue_head: I64
    queue_tail: I64
    queue_length: I64
    queue_trunk: I64
    slower: F
    patient: F
    next_at: F
    next_ordinal: I64
    segment: I64
    busy: I64
    capacity: I64
    occupied: I64
    channels: I64
    group_since: F
    queue_since: F
    counts: I64
    wait: F
    busy_s: F
    capacity_s: F
    queue_s: F


def given(model: Model) -> Given:
    """Return the model as the kernel reads it."""
    groups, queues = model.level.shape
    able = model.level >= 0
    best_first = np.argsort(np.where(able, model.level, np.int8(127)), axis=1, kind="stable")
    served = np.full((groups, queues + 1), -1, dtype=np.int64)
    served[:, :queues] = np.where(np.arange(queues) < able.sum(axis=1)[:, None], best_first, -1)
    mask = np.where(able, np.int64(1) << np.arange(queues), 0).sum(axis=1)
    can = able & ever_staffed(model)[:, None]
    overflow = np.asarray(((model.wait_before_s > 0) & can).any(axis=0), dtype=np.int8)
    service, patience, delay = model.service, model.patience, model.redial_delay
    return Given(
        edges=model.edges_s, rate_from=model.rate_from_s, rates=model.rate_per_s,
        service_kind=service.kind, service_a=service.a, service_b=service.b, service_table=service.table,
        patience_kind=patience.kind, patience_a=patience.a, patience_b=patience.b, patience_table=patience.table,
        delay_kind=delay.kind, delay_a=delay.a, delay_b=delay.b, delay_table=delay.table,
        redial_frac=model.redial_frac, redial_max=model.redial_max, level=model.level,
        route=model.route.astype(np.int64),
        wait_before=model.wait_before_s, overflow=overflow, factor=model.group_factor, target=model.target_s,
        short=model.short_s, c_at=model.control_at_s, c_kind=model.control_kind, c_index=model.control_index,
        c_value=model.control_value, c_fate=model.control_fate, served=served, mask=mask,
        agents=model.group_capacity, channels=model.trunk_capacity, trunk_of=model.queue_trunk,
        divert_to=_rows(model.divert_to, queues), divert_frac=_rows(model.divert_frac, queues),
        divert_at=_rows(model.divert_at_s, queues),
    )  # fmt: skip


def ever_staffed(model: Model) -> NDArray[np.bool_]:
    """Return which groups ever have agents: to wait for one that has none, nobody need be woken."""
    staffed = np.asarray(model.group_capacity > 0)
    comes = (model.control_kind == GROUP_CAPACITY) & (model.control_value > 0)
    staffed[model.control_index[comes]] = True
    return staffed


def bucket_width_s(model: Model) -> float:
    """Return the width of a bucket: a few events at the busiest hour."""
    peak = float(model.rate_per_s.sum(axis=0).max()) if model.rate_per_s.size else 0.0
    return float(np.clip(EVENTS_A_BUCKET / (2.0 * peak) if peak > 0 else 60.0, 0.01, 60.0))


def work(model: Model, *, slots: int, width_s: float | None = None) -> Work:
    """Return a workspace for one run at a time with room for so many contacts at once."""
    groups, queues = model.level.shape
    trunks, intervals = len(model.trunk_capacity), len(model.edges_s) - 1
    width = bucket_width_s(model) if width_s is None else width_s
    return Work(
        si=_ints(SCALARS), ci=_ints(slots, SLOT_INTS), cf=_floats(slots, SLOT_FLOATS),
        bucket=_ints(MOST_BUCKETS), clock=np.array([width, 1.0 / width]), runs=np.full(RUNS, NONE),
        queue_head=_ints(queues), queue_tail=_ints(queues), queue_length=_ints(queues),
        queue_trunk=_ints(queues), slower=_floats(queues), patient=_floats(queues), next_at=_floats(queues),
        next_ordinal=_ints(queues), segment=_ints(queues), busy=_ints(groups), capacity=_ints(groups),
        occupied=_ints(trunks), channels=_ints(trunks), group_since=_floats(groups),
        queue_since=_floats(queues), counts=_ints(queues, intervals + 1, METRICS),
        wait=_floats(queues, intervals + 1, 2), busy_s=_floats(groups, intervals),
        capacity_s=_floats(groups, intervals), queue_s=_floats(queues, intervals),
    )  # fmt: skip


def inside(space: Work, end_s: float) -> Inside:
    """Return who is in the system when a run has ended, as the beginning of another run at that second."""
    slots = np.flatnonzero(space.ci[:, STATE] != FREE)
    ci, cf, state = space.ci[slots], space.cf[slots], space.ci[slots, STATE]
    waits = state == QUEUED
    ints, floats = _ints(len(slots), BEGIN_INTS), _floats(len(slots), BEGIN_FLOATS)
    for column, name in ((BEGIN_QUEUE, QUEUE), (BEGIN_ATTEMPT, ATTEMPT), (BEGIN_STATE, STATE), (BEGIN_TRUNK, TRUNK)):
        ints[:, column] = ci[:, name]
    ints[:, BEGIN_GROUP] = np.where(state == SERVED, ci[:, GROUP], -1)
    ints[:, BEGIN_COUNTED] = np.where(state == AWAY, 0, ci[:, COUNTED])
    floats[:, BEGIN_WAITED] = np.where(waits, end_s - cf[:, ARRIVAL], 0.0)
    floats[:, BEGIN_DUE] = np.maximum(np.where(waits, cf[:, DEADLINE], cf[:, EVENT_AT]) - end_s, 0.0)
    floats[:, BEGIN_HANDLING] = np.where(waits, cf[:, HANDLING], 0.0)
    return Inside(ints, floats)


def _rows(diverted: NDArray[Any], queues: int) -> NDArray[Any]:
    """Return a field of the diversions with a row for each queue."""
    return np.ascontiguousarray(diverted) if len(diverted) else diverted.reshape(queues, 0)


def _ints(*shape: int) -> I64:
    return np.zeros(shape, dtype=np.int64)


def _floats(*shape: int) -> F:
    return np.zeros(shape, dtype=np.float64)
