"""Changes of a model in memory: what must stay the same, stays."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openline.plan.directory import read_directory
from openline.plan.load import load_plan
from openline.sim.inputs import Inputs, build
from openline.sim.model import (
    ANSWERED,
    BLOCKED,
    DROP,
    FINISH,
    GROUP_CAPACITY,
    OFFERED,
    QUEUE_HOLD,
    QUEUE_TRUNK,
    ensure_sound,
)
from openline.sim.reshape import NOBODY, agents_over_time, diverted, held, moved, working
from openline.sim.run import simulate
from openline.sim.window import Window, onset_at
from tests.sim.models import one_queue


@pytest.fixture(scope="module")
def harbor() -> Inputs:
    plan = load_plan(read_directory(Path(__file__).parents[2] / "examples" / "harbor")[0]).plan
    assert plan is not None
    start, end = onset_at(plan, "2026-11-30T10:10"), onset_at(plan, "2026-11-30T12:10")
    return build(plan, Window(start, start, end, 900, "Europe/London"))


def counts(inputs: Inputs) -> np.ndarray:
    ensure_sound(inputs.model)
    return simulate(inputs.model, seed=3, replications=4).counts


def test_answers_all_the_same_when_calls_take_other_lines_that_have_room(harbor: Inputs) -> None:
    """With the luck kept, who talks over which lines changes nothing: call by call the same."""
    k, line = harbor.queues.index("policy"), harbor.trunks.index("trunk-hill")
    plain, sent = counts(harbor), counts(diverted(harbor, "policy", "policy>hill", 0.5, 0.0, trunk=line))

    np.testing.assert_array_equal(plain[:, :k], sent[:, :k])
    np.testing.assert_array_equal(plain[:, k], sent[:, k] + sent[:, -1])
    share = sent[:, -1, :, OFFERED].sum() / plain[:, k, :, OFFERED].sum()
    assert share == pytest.approx(0.5, abs=0.05)


def test_sends_away_for_good_from_its_time_on(harbor: Inputs) -> None:
    sent = counts(diverted(harbor, "policy", "policy>away", 1.0, 3600.0, trunk=NOBODY))
    k = harbor.queues.index("policy")

    assert sent[:, k, :4, OFFERED].sum() > 0
    assert sent[:, k, 5:, OFFERED].sum() < 0.02 * sent[:, -1, 5:, OFFERED].sum()
    assert sent[:, -1, :4].sum() == 0


def test_has_a_partner_alone_answer_what_is_sent_there(harbor: Inputs) -> None:
    g = harbor.groups.index("beacon-overflow")
    lines = len(harbor.model.trunk_capacity) - 1
    there = diverted(harbor, "policy", "policy>beacon", 0.5, 0.0, trunk=lines, group=g)
    nobody, forty = counts(there), counts(working(there, "beacon-overflow", 0, 40))

    assert nobody[:, -1, :, ANSWERED].sum() == 0
    assert forty[:, -1, :, ANSWERED].sum() > 0.9 * forty[:, -1, :, OFFERED].sum()


@pytest.mark.parametrize("closes", [True, False])
def test_keeps_those_who_are_sent_elsewhere_out_of_a_closed_queue(closes: bool) -> None:
    """Closed from 1 h to 2 h: other lines do not help, a platform of its own does."""
    model = one_queue(
        arrivals_per_s=0.05, aht_s=60.0, agents=9, hours=3, intervals=3,
        controls=[(3600.0, QUEUE_TRUNK, 0, -1.0, DROP), (7200.0, QUEUE_TRUNK, 0, 0.0, FINISH)],
    )  # fmt: skip
    inputs = Inputs(model, ("calls",), ("desk",), ("lines",))

    sent = counts(diverted(inputs, "calls", "calls>there", 0.5, 0.0, trunk=0, closes=closes))[:, 1].sum(axis=0)

    assert (sent[[0, 2], ANSWERED] > 0).all()
    assert (sent[1, BLOCKED] == sent[1, OFFERED]) == closes
    assert (sent[1, ANSWERED] == 0) == closes


def test_moves_agents_without_losing_any(harbor: Inputs) -> None:
    found = moved(harbor, "hill-service", "hill-service>claims", ["claims"], 0.5, 1800.0)
    ensure_sound(found.model)
    own, theirs = (
        agents_over_time(found.model, found.groups.index(n)) for n in ("hill-service", "hill-service>claims")
    )
    before = agents_over_time(harbor.model, harbor.groups.index("hill-service"))

    def at(steps: list[tuple[float, int, int]], t: float) -> int:
        return next(n for s, n, _ in reversed(steps) if s <= t)

    for t in (0.0, 1799.0, 1800.0, 3000.0, 7000.0):
        assert at(own, t) + at(theirs, t) == at(before, t)
    assert at(theirs, 1799.0) == 0
    assert at(theirs, 1800.0) == int(at(before, 1800.0) * 0.5 + 0.5)
    new = found.groups.index("hill-service>claims")
    assert np.flatnonzero(found.model.level[new] >= 0).tolist() == [harbor.queues.index("claims")]


def test_changes_nothing_when_nobody_is_moved(harbor: Inputs) -> None:
    found = moved(harbor, "hill-service", "none", ["claims"], 0.0, 0.0)

    np.testing.assert_array_equal(counts(harbor), counts(found))


def test_keeps_a_queue_waiting_whatever_opens_it_later() -> None:
    model = one_queue(
        arrivals_per_s=0.02, aht_s=60.0, agents=5, hours=2, intervals=2, controls=[(5000.0, QUEUE_HOLD, 0, 0.0, FINISH)]
    )
    found = held(Inputs(model, ("mail",), ("desk",), ("lines",)), "mail", 3600.0)

    answered = counts(found)[..., ANSWERED]
    assert answered[:, :, 0].sum() > 0
    assert answered[:, :, 1].sum() == 0


def test_scales_later_agents_as_those_seen_now() -> None:
    model = one_queue(arrivals_per_s=0.02, aht_s=60.0, agents=20, controls=[(600.0, GROUP_CAPACITY, 0, 10.0, FINISH)])
    inputs = Inputs(model, ("calls",), ("desk",), ("lines",))

    assert agents_over_time(working(inputs, "desk", 20, 15).model, 0) == [(0.0, 15, FINISH), (600.0, 8, FINISH)]
    assert working(inputs, "desk", 20, 20) is inputs
    none = replace(inputs, model=replace(model, group_capacity=np.array([0])))
    assert agents_over_time(working(none, "desk", 0, 12).model, 0) == [(0.0, 12, FINISH), (600.0, 12, FINISH)]


def test_reads_a_table_by_its_slots_when_the_window_begins_inside_one(harbor: Inputs) -> None:
    """10:10 lies in the half hour from 10:00, so rates change at 10:30: after 20 minutes."""
    assert harbor.model.rate_from_s[:3].tolist() == [0.0, 1200.0, 3000.0]
