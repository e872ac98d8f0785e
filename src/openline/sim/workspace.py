"""Everything a run writes to, allocated before it starts, as the tuples that the kernel takes."""

from typing import NamedTuple

import numpy as np

from openline.sim.kernel import SCALARS, SLOT_FLOATS, SLOT_INTS
from openline.sim.model import METRICS, F, I8, I16, I64, Model

MOST_BUCKETS = 1 << 13
EVENTS_A_BUCKET = 2.0


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
    route: I16
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


class Work(NamedTuple):
    """What the kernel writes to."""

    si: I64
    ci: I64
    cf: F
    bucket: I64
    clock: F
    """bucket width in seconds, 1 / width"""
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
    served = np.full((groups, queues + 1), -1, dtype=np.int64)
    mask = np.zeros(groups, dtype=np.int64)
    for g in range(groups):
        able = sorted((k for k in range(queues) if model.level[g, k] >= 0), key=lambda k: (model.level[g, k], k))
        served[g, : len(able)] = able
        mask[g] = sum(1 << k for k in able)
    can = model.level >= 0
    overflow = ((model.wait_before_s > 0) & can).any(axis=0).astype(np.int8)
    c = np.ascontiguousarray
    laws = [c(x) for law in (model.service, model.patience, model.redial_delay) for x in (law.kind, law.a, law.b, law.table)]
    return Given(
        c(model.edges_s), c(model.rate_from_s), c(model.rate_per_s), *laws, c(model.redial_frac), c(model.redial_max),
        c(model.level), c(model.route), c(model.wait_before_s), overflow, c(model.group_factor), c(model.target_s),
        c(model.short_s), c(model.control_at_s), c(model.control_kind), c(model.control_index),
        c(model.control_value), c(model.control_fate), served, mask,
        c(model.group_capacity), c(model.trunk_capacity), c(model.queue_trunk),
    )  # fmt: skip


def bucket_width_s(model: Model) -> float:
    """Return the width of a bucket: a few events at the busiest hour."""
    peak = float(model.rate_per_s.sum(axis=0).max()) if model.rate_per_s.size else 0.0
    return float(np.clip(EVENTS_A_BUCKET / (2.0 * peak) if peak > 0 else 60.0, 0.01, 60.0))


def work(model: Model, *, slots: int, width_s: float | None = None) -> Work:
    """Return a workspace for one run at a time with room for so many contacts at once."""
    groups, queues = model.level.shape
    trunks, intervals = len(model.trunk_capacity), len(model.edges_s) - 1
    width = bucket_width_s(model) if width_s is None else width_s
    ints = lambda *shape: np.zeros(shape, dtype=np.int64)  # noqa: E731
    floats = lambda *shape: np.zeros(shape, dtype=np.float64)  # noqa: E731
    return Work(
        si=ints(SCALARS), ci=ints(slots, SLOT_INTS), cf=floats(slots, SLOT_FLOATS), bucket=ints(MOST_BUCKETS),
        clock=np.array([width, 1.0 / width]), queue_head=ints(queues), queue_tail=ints(queues),
        queue_length=ints(queues), queue_trunk=ints(queues), slower=floats(queues), patient=floats(queues),
        next_at=floats(queues), next_ordinal=ints(queues), segment=ints(queues), busy=ints(groups),
        capacity=ints(groups), occupied=ints(trunks), channels=ints(trunks), group_since=floats(groups),
        queue_since=floats(queues), counts=ints(queues, intervals, METRICS), wait=floats(queues, intervals, 2),
        busy_s=floats(groups, intervals), capacity_s=floats(groups, intervals), queue_s=floats(queues, intervals),
    )  # fmt: skip
