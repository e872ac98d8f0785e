"""What a change does not reach is not simulated again: the same bytes as when all of it is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openline.sim.apart import completed, only, only_there, reached, there_at
from openline.sim.begin import BEGIN_GROUP, BEGIN_QUEUE, BEGIN_STATE, BEGIN_TRUNK, Beginning, Inside, beginning
from openline.sim.inputs import Inputs
from openline.sim.model import GROUP_CAPACITY, QUEUE_TRUNK, TRUNK_CAPACITY, Laws, Model
from openline.sim.reshape import NOBODY, diverted, held, moved, with_agents
from openline.sim.run import simulate
from openline.sim.slots import SERVED
from tests.sim.models import one_queue
from tests.sim.test_begin import begun, together

FIELDS = ("counts", "carried", "wait_s", "busy_s", "capacity_s", "queue_s")


def apart(left: np.ndarray, right: np.ndarray, empty: int) -> np.ndarray:
    """Return the two tables corner to corner, `empty` elsewhere."""
    found = np.full(np.add(left.shape, right.shape), empty, dtype=left.dtype)
    found[: left.shape[0], : left.shape[1]] = left
    found[left.shape[0] :, left.shape[1] :] = right
    return found


def both_laws(a: Laws, b: Laws) -> Laws:
    return Laws(*(np.concatenate([getattr(a, f), getattr(b, f)]) for f in ("kind", "a", "b", "table")))


def controls_of(m: Model, queues: int, groups: int, trunks: int) -> dict[str, np.ndarray]:
    """Return the controls with their rows moved on by so many."""
    kind, value = m.control_kind, m.control_value
    by = np.where(kind == GROUP_CAPACITY, groups, np.where(kind == TRUNK_CAPACITY, trunks, queues))
    value = np.where((kind == QUEUE_TRUNK) & (value >= 0), value + trunks, value)
    return {"at_s": m.control_at_s, "kind": kind, "index": m.control_index + by, "value": value,
            "fate": m.control_fate}  # fmt: skip


def side_by_side(a: Model, b: Model) -> Model:
    """Return one centre of two that have nothing to do with each other."""
    queues, groups, trunks = len(a.target_s), len(a.group_factor), len(a.trunk_capacity)
    edges = np.union1d(a.rate_from_s, b.rate_from_s)
    rates = [m.rate_per_s[:, np.searchsorted(m.rate_from_s, edges, side="right") - 1] for m in (a, b)]
    columns = [controls_of(a, 0, 0, 0), controls_of(b, queues, groups, trunks)]
    controls = {f: np.concatenate([c[f] for c in columns]) for f in columns[0]}
    order = np.argsort(controls["at_s"], kind="stable")
    route = apart(a.route, np.where(b.route >= 0, b.route + groups, -1).astype(b.route.dtype), -1)
    route[queues:] = np.roll(route[queues:], -groups, axis=1)  # it is read up to the first -1
    joined = {
        f: np.concatenate([getattr(a, f), getattr(b, f)])
        for f in (
            "redial_frac",
            "redial_max",
            "group_factor",
            "group_capacity",
            "trunk_capacity",
            "target_s",
            "short_s",
        )
    }
    return Model(
        edges_s=a.edges_s, rate_from_s=edges, rate_per_s=np.concatenate(rates),
        service=both_laws(a.service, b.service), patience=both_laws(a.patience, b.patience),
        redial_delay=both_laws(a.redial_delay, b.redial_delay), level=apart(a.level, b.level, -1), route=route,
        wait_before_s=apart(a.wait_before_s, b.wait_before_s, 0),
        queue_trunk=np.concatenate([a.queue_trunk, b.queue_trunk + trunks]), **joined,
        **{f"control_{f}": c[order] for f, c in controls.items()},
    )  # fmt: skip


def moved_on(there: Inside, by: Model) -> Inside:
    """Return those who are there in the second of two centres."""
    ints = there.ints.copy()
    ints[:, BEGIN_QUEUE] += len(by.target_s)
    ints[:, BEGIN_TRUNK] += len(by.trunk_capacity)
    ints[ints[:, BEGIN_STATE] == SERVED, BEGIN_GROUP] += len(by.group_factor)
    return Inside(ints, there.floats)


def named(m: Model) -> Inputs:
    return Inputs(
        m,
        tuple(f"q{k}" for k in range(len(m.target_s))),
        tuple(f"g{g}" for g in range(len(m.group_factor))),
        tuple(f"t{h}" for h in range(len(m.trunk_capacity))),
    )


CHANGES: dict[str, Callable[[Inputs], Inputs]] = {
    "held": lambda i: held(i, "q0", 300.0),
    "sent away": lambda i: diverted(i, "q0", "q0>away", 0.5, 200.0, trunk=NOBODY),
    "over other lines": lambda i: diverted(i, "q0", "q0>t0", 0.5, 200.0, trunk=0),
    "to one group": lambda i: diverted(i, "q0", "q0>g0", 0.5, 200.0, trunk=0, group=0),
    "moved": lambda i: moved(i, "g0", "g0>q0", ["q0"], 0.5, 400.0),
    "more agents": lambda i: replace(i, model=with_agents(i.model, 0, [(0.0, 1, 0), (500.0, 5, 0)])),
}


@st.composite
def two(draw: st.DrawFn) -> tuple[Model, Beginning, int]:
    """Return two centres side by side, who is there, and how many queues the first has."""
    (a, in_a), (b, in_b) = draw(begun()), draw(begun())
    a, b = (replace(m, divert_to=m.divert_to[:0], edges_s=np.array([0.0, 900.0, 1800.0])) for m in (a, b))
    there = together(in_a, moved_on(in_b, a))
    return side_by_side(a, b), beginning([there, there]), len(a.target_s)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(centre=two(), change=st.sampled_from(sorted(CHANGES)))
def test_completes_a_part_to_the_bytes_of_the_whole(centre: tuple[Model, Beginning, int], change: str) -> None:
    model, begin, first = centre
    changed = CHANGES[change](named(model)).model
    run: dict[str, Any] = {"seed": 7, "replications": 2, "threads": 1}
    reach = reached(model, changed, there_at(begin))

    found = completed(
        simulate(only(changed, reach), begin=only_there(begin, reach), **run),
        simulate(model, begin=begin, **run),
        reach,
    )

    assert not reach.queues[first : len(model.target_s)].any()
    whole = simulate(changed, begin=begin, **run)
    for name in FIELDS:
        assert getattr(found, name).tobytes() == getattr(whole, name).tobytes(), name


def test_reaches_all_that_share_an_agent_or_a_line_or_are_with_one() -> None:
    one = one_queue(arrivals_per_s=0.01, aht_s=60.0, agents=2, lines=5)
    four = side_by_side(side_by_side(one, one), side_by_side(one, one))
    agents = four.level.copy()
    agents[1, 0] = 0  # the second team can serve the first queue too
    lines = four.queue_trunk.copy()
    lines[2] = 1  # the third queue comes over the second one's lines
    model = replace(four, level=agents, queue_trunk=lines)
    nobody, guest = (
        beginning([Inside(np.zeros((0, 7), np.int64), np.zeros((0, 3)))]),
        beginning([Inside(np.array([[3, 0, 0, SERVED, 0, 3, 1]]), np.array([[0.0, 50.0, 0.0]]))]),
    )
    changed = held(named(model), "q0", 10.0).model

    assert reached(model, model).queues.tolist() == [False] * 4
    assert reached(model, changed, there_at(nobody)).queues.tolist() == [True, True, True, False]
    assert reached(model, changed, there_at(guest)).queues.tolist() == [True] * 4
