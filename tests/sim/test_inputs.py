"""From plan and timeline to arrays: agents, lines, open queues, arrivals, the local clock."""

from datetime import UTC, datetime

import numpy as np
import pytest

from openline.impact.response import responses
from openline.impact.timeline import Timeline, timeline
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.scenarios.binding import bind, strike
from openline.sim.capacity import CLOSED, Capacity
from openline.sim.inputs import build, busyness
from openline.sim.model import GROUP_CAPACITY, LOGNORMAL, QUEUE_TRUNK
from openline.sim.places import places, routing
from openline.sim.recovery import time_to_recover
from openline.sim.simulation import Simulation, compare
from openline.sim.steps import UnknownVolume, profile_steps
from openline.sim.window import Window, onset_at, window_around
from tests.examples.test_harbor import harbor
from tests.plan.small import FILES

H = 3600.0


def small(**files: str) -> Plan:
    loaded = load_plan({**FILES, **files})
    assert loaded.plan is not None, loaded.problems
    return loaded.plan


def hit(plan: Plan, *ids: str, hours: float = 2.0) -> tuple[Window, Timeline]:
    disruption = strike(plan, ids, duration_s=hours * H)
    window = window_around(plan, onset_at(plan, "2026-11-30T10:00"), disruption.duration_s)
    return window, timeline(plan, disruption, horizon_s=window.length_s)


def test_simulates_whole_local_days_until_six_hours_after_the_end() -> None:
    plan = small()

    window = window_around(plan, onset_at(plan, "2026-11-30T10:00"), 2 * H)

    assert (window.start, window.end) == (datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert window.onset_s == 10 * H
    assert window_around(plan, window.onset, 9 * H).length_s == 2 * 86400


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_reads_tables_by_the_local_clock_on_days_when_clocks_change(day: str, hours: int) -> None:
    """Invariant 21: 92, 100 or 96 quarter hours."""
    plan = small()
    window = window_around(plan, onset_at(plan, f"{day}T12:00"), 0.0)
    profile = plan.profiles["orders.csv"]

    steps = profile_steps(profile, window, "Europe/London", what="it")

    assert window.length_s == hours * H
    assert steps == ((0.0, 6.0),)


def test_says_which_day_a_table_does_not_cover() -> None:
    only_monday = FILES["orders.csv"].replace("all,", "mon,")
    plan = small(**{"orders.csv": only_monday})
    window = window_around(plan, onset_at(plan, "2026-12-01T12:00"), 0.0)

    with pytest.raises(UnknownVolume, match="volume table of orders"):
        build(plan, window)


def test_closes_a_queue_and_sends_its_team_away_when_the_site_is_lost() -> None:
    plan = small()
    window, course = hit(plan, "shop")

    model = build(plan, window, course).model

    at_onset = [
        (int(k), float(v))
        for t, k, v in zip(model.control_at_s, model.control_kind, model.control_value, strict=True)
        if t == 10 * H
    ]
    assert (QUEUE_TRUNK, float(CLOSED)) in at_onset
    assert (GROUP_CAPACITY, 0.0) in at_onset
    assert set(model.control_at_s) == {10 * H, 12 * H}


def test_gives_both_variants_the_same_queues_and_groups() -> None:
    plan = harbor()
    window, course = hit(plan, "quay")

    normal, disrupted = build(plan, window), build(plan, window, course, responses(plan, course))

    assert (normal.queues, normal.groups) == (disrupted.queues, disrupted.groups)
    np.testing.assert_array_equal(normal.model.rate_per_s[:, 0], disrupted.model.rate_per_s[:, 0])


def test_brings_people_back_from_home_along_the_ramp() -> None:
    """Decided after 15 min; 60 % are able; 30 % of them work after 45 min, 70 % after 90 min, all after 2 h."""
    plan = harbor()
    window, course = hit(plan, "quay", hours=6)
    capacity = Capacity(plan, window, course, responses(plan, course))
    home = next(p for p in places(plan) if p.name == "quay-claims@home")
    roster = plan.profiles["rosters/quay-claims.csv"].days["mon"]

    steps = capacity.agents(home)

    at_eleven, at_half_past_twelve = (next(v for t, v in reversed(steps) if t <= h * H) for h in (11.01, 12.5))
    assert at_eleven == round(roster[22] * 0.6 * 0.3)
    assert at_half_past_twelve == round(roster[25] * 0.6 * 1.0)
    assert steps[-1][1] == 0.0


def test_calls_the_partner_out_and_lets_go_when_it_is_over() -> None:
    plan = harbor()
    _, course = hit(plan, "quay", hours=6)

    found = next(r for r in responses(plan, course) if r.kind == "partner_overflow")

    assert found.start_s == 15 * 60
    assert found.points == ((15 * 60 + H, 10.0), (15 * 60 + 2 * H, 25.0), (15 * 60 + 4 * H, 40.0))
    assert found.end_s == 6 * H


def test_calls_nobody_out_for_a_loss_that_is_over_before_anyone_decides() -> None:
    plan = harbor()
    _, course = hit(plan, "quay", hours=0.2)

    assert responses(plan, course) == ()


def test_sends_nobody_home_who_is_struck_himself() -> None:
    plan = harbor()
    _, course = hit(plan, "quay-claims", hours=6)

    assert [r.kind for r in responses(plan, course)] == ["partner_overflow"]


def test_tries_specialists_before_those_who_can_do_more() -> None:
    plan = harbor()
    queues, groups = tuple(plan.activities.values()), places(plan)

    way = routing(queues, groups)

    policy = [q.id for q in queues].index("policy")
    tried = [groups[g].name for g in way.route[policy] if g >= 0]
    assert tried[0] == "quay-service"
    assert tried[-1] == "beacon-overflow"


def test_multiplies_demand_and_handling_only_while_it_lasts() -> None:
    text = (
        "scenarios:\n  - id: rush\n    duration: {min_s: 1h, typical_s: 1h, max_s: 1h}\n    effects:\n"
        "      - {selector: {ids: [orders]}, type: demand, factor: 3}\n"
        "      - {selector: {ids: [orders]}, type: aht, factor: 1.5}\n"
    )
    plan = small(**{"scenarios.yaml": text})
    disruption = bind(plan, "rush")
    window = window_around(plan, onset_at(plan, "2026-11-30T10:00"), disruption.duration_s)
    course = timeline(plan, disruption, horizon_s=window.length_s)

    model = build(plan, window, course).model

    assert list(model.rate_from_s) == [0.0, 10 * H, 11 * H]
    assert list(model.rate_per_s[0] * 1800) == pytest.approx([6, 18, 6])
    assert list(model.control_value) == [1.5, 1.0]


def test_turns_a_lognormal_mean_into_the_mean_of_the_log() -> None:
    plan = small(
        **{
            "activities.yaml": FILES["activities.yaml"].replace(
                "aht_s: 5m", "aht_s: 5m\n    aht_law: {kind: lognormal, cv: 1}"
            )
        }
    )
    window = window_around(plan, onset_at(plan, "2026-11-30T10:00"), 0.0)

    laws = build(plan, window).model.service

    assert laws.kind[0] == LOGNORMAL
    assert np.exp(laws.a[0] + laws.b[0] ** 2 / 2) == pytest.approx(300.0)


def test_spreads_days_by_the_stated_variation() -> None:
    """Group 15: the factor has mean 1 and the stated standard deviation, the same luck for all queues of a day."""
    plan = small(**{"activities.yaml": FILES["activities.yaml"].replace("aht_s", "volume_cv: 0.2\n    aht_s")})

    found = busyness(plan, seed=3, replications=20_000)

    assert found is not None
    assert found.mean() == pytest.approx(1.0, abs=4 * 0.2 / 20_000**0.5)
    assert found.std() == pytest.approx(0.2, rel=0.03)


def run(plan: Plan, *ids: str, hours: float) -> Simulation:
    window, _ = hit(plan, *ids, hours=hours)
    return compare(plan, strike(plan, ids, duration_s=hours * H), window, seed=1, replications=30)


def test_recovers_at_once_from_what_nobody_notices() -> None:
    found = run(harbor(), "recording", hours=1.0)

    assert found.difference["lost"].mean == 0
    assert found.time_to_recover_s is not None
    assert found.time_to_recover_s.mean == 0


def test_takes_at_least_as_long_to_recover_as_the_queues_are_closed() -> None:
    found = run(harbor(), "acd-quay", "acd-standby", hours=2.0)

    assert found.time_to_recover_s is not None
    assert found.time_to_recover_s.low >= 2 * H - 1800
    assert time_to_recover(found.window, found.baseline, found.baseline) is not None


def test_keeps_work_that_can_wait_when_nobody_can_do_it() -> None:
    found = run(harbor(), "dialler", hours=3.0)

    renewals = next(q for q in found.disrupted.queues if q.queue == "renewals")
    assert renewals.totals["blocked"].mean == 0
    assert renewals.totals["answered"].mean == pytest.approx(renewals.totals["customers"].mean, rel=0.01)
