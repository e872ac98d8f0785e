"""Models for the simulator's tests: one queue in a steady state, and small random centres."""

from typing import Any

import numpy as np
from hypothesis import strategies as st

from openline.sim.model import CONSTANT, EXPONENTIAL, LOGNORMAL, TABLE, Laws, Model

NEVER = 1 << 40


def laws(*stated: tuple[int, float, float]) -> Laws:
    kind, a, b = zip(*stated, strict=True)
    return Laws(
        np.array(kind, dtype=np.int8),
        np.array(a, float),
        np.array(b, float),
        np.tile([0.0, 60.0, 90.0, 400.0], (len(a), 1)),
    )


def twice(stated: Laws) -> Laws:
    """Return the laws of two queues alike."""
    return Laws(*(np.concatenate([getattr(stated, f)] * 2) for f in ("kind", "a", "b", "table")))


def one_queue(
    *,
    arrivals_per_s: float,
    aht_s: float,
    agents: int,
    patience_s: float = np.inf,
    hours: float = 6.0,
    intervals: int = 1,
    lines: int = NEVER,
    service: tuple[int, float, float] | None = None,
    patience: tuple[int, float, float] | None = None,
    redial: tuple[float, float, float] = (0.0, 0.0, 0.0),
    redial_delay_s: float = 600.0,
    target_s: float = 20.0,
    rates: list[float] | None = None,
    controls: list[tuple[float, int, int, float, int]] | None = None,
) -> Model:
    """Return one queue before one group; `rates` replaces the arrival rate by equal segments of the window."""
    end = hours * 3600
    segments = rates or [arrivals_per_s]
    found = controls or []
    columns = list(zip(*found, strict=True)) if found else [(), (), (), (), ()]
    never = (CONSTANT, np.inf, 0.0)
    return Model(
        edges_s=np.linspace(0, end, intervals + 1),
        rate_from_s=np.linspace(0, end, len(segments) + 1)[:-1],
        rate_per_s=np.array([segments], float),
        service=laws(service or (EXPONENTIAL, aht_s, 0.0)),
        patience=laws(patience or ((EXPONENTIAL, patience_s, 0.0) if np.isfinite(patience_s) else never)),
        redial_delay=laws(*[(EXPONENTIAL, redial_delay_s, 0.0)] * 3),
        redial_frac=np.array([redial], float),
        redial_max=np.zeros(1, np.int64),
        level=np.zeros((1, 1), np.int8),
        route=np.zeros((1, 1), np.int16),
        wait_before_s=np.zeros((1, 1)),
        group_factor=np.ones(1),
        group_capacity=np.array([agents]),
        trunk_capacity=np.array([lines]),
        queue_trunk=np.zeros(1, np.int64),
        target_s=np.array([target_s]),
        short_s=np.array([5.0]),
        control_at_s=np.array(columns[0], float),
        control_kind=np.array(columns[1], np.int8),
        control_index=np.array(columns[2], np.int64),
        control_value=np.array(columns[3], float),
        control_fate=np.array(columns[4], np.int8),
    )


@st.composite
def centres(draw: Any) -> Model:
    """Return a small centre: up to three queues, three groups and two trunk groups, with controls of every kind."""
    queues, groups, trunks = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 2))
    segments, intervals = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    end = 1800.0
    level = rng.integers(-1, 3, (groups, queues)).astype(np.int8)
    route = np.full((queues, groups), -1, np.int16)
    for k in range(queues):
        able = [g for g in rng.permutation(groups) if level[g, k] >= 0]
        route[k, : len(able)] = able
    some = [(EXPONENTIAL, 90.0, 0.0), (LOGNORMAL, 4.0, 0.8), (CONSTANT, 60.0, 0.0), (TABLE, 100.0, 0.0)]

    def law(count: int) -> Laws:
        return laws(*(some[rng.integers(0, len(some))] for _ in range(count)))

    controls = sorted(float(t) for t in rng.uniform(0, end, rng.integers(0, 7)))
    kinds = rng.integers(0, 6, len(controls)).astype(np.int8)
    rows = [[groups, trunks, queues, queues, queues, queues][k] for k in kinds]
    ranges = {0: (0, 4), 1: (0, 5), 2: (-1, trunks), 3: (1, 3), 4: (1, 3), 5: (0, 2)}
    return Model(
        edges_s=np.linspace(0, end, intervals + 1),
        rate_from_s=np.linspace(0, end, segments + 1)[:-1],
        rate_per_s=rng.uniform(0, 0.05, (queues, segments)) * rng.integers(0, 2, (queues, segments)),
        service=law(queues),
        patience=law(queues),
        redial_delay=law(3 * queues),
        redial_frac=rng.choice([0.0, 0.5, 0.9], (queues, 3)),
        redial_max=rng.integers(0, 4, queues),
        level=level,
        route=route,
        wait_before_s=rng.choice([0.0, 0.0, 30.0], (groups, queues)),
        group_factor=rng.choice([1.0, 1.2], groups),
        group_capacity=rng.integers(0, 4, groups),
        trunk_capacity=rng.integers(1, 8, trunks),
        queue_trunk=rng.integers(0, trunks, queues),
        target_s=np.full(queues, 20.0),
        short_s=np.full(queues, 5.0),
        control_at_s=np.array(controls),
        control_kind=kinds,
        control_index=np.array([rng.integers(0, n) for n in rows], np.int64),
        control_value=np.array([rng.integers(*ranges[int(k)]) for k in kinds], float),
        control_fate=rng.integers(0, 3, len(controls)).astype(np.int8),
    )
