"""What now, on harbor: the same bytes, paired options, what is told of now, and what is refused."""

import itertools
import json
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from openline.forecast.figures import band
from openline.forecast.forecast import Forecast, available_options, forecast
from openline.forecast.roll_call import GroupRollCall, RollCall, able_by_place, able_by_skill
from openline.forecast.setting import BadRollCall
from openline.forecast.state import BadState, Failure, State, UnderWay
from openline.forecast.wire import forecast_json
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.scenarios.binding import UnboundScenario
from openline.sim.inputs import build, busyness
from openline.sim.results import lost
from openline.sim.run import simulate
from openline.sim.snapshot import BadSnapshot, GroupNow, QueueNow, Snapshot
from openline.sim.window import Window, onset_at

N = 12


@pytest.fixture(scope="module")
def harbor() -> Plan:
    plan = load_plan(read_directory(Path(__file__).parents[2] / "examples" / "harbor")[0]).plan
    assert plan is not None
    return plan


@pytest.fixture(scope="module")
def onset(harbor: Plan) -> datetime:
    return onset_at(harbor, "2026-11-30T10:00")


@pytest.fixture(scope="module")
def fire(harbor: Plan, onset: datetime) -> State:
    """Quay House can not be used since 10:00; it is 10:25."""
    return State(onset + timedelta(minutes=25), (Failure("quay", onset),))


@pytest.fixture(scope="module")
def burnt(harbor: Plan, fire: State) -> Forecast:
    return forecast(harbor, fire, replications=N)


def outlook(found: Forecast, name: str):  # type: ignore[no-untyped-def]
    return next(o for o in found.outlooks if o.option.id == name)


def reason(found: Forecast, name: str) -> str:
    return next(o.reason for o in found.unavailable if o.id == name)


def test_gives_the_same_bytes_for_the_same_seed_and_any_number_of_threads(harbor: Plan, fire: State) -> None:
    one, two = (json.dumps(forecast_json(forecast(harbor, fire, replications=5, threads=t))) for t in (1, 2))
    other = json.dumps(forecast_json(forecast(harbor, fire, replications=5, seed=2)))

    assert one == two
    assert one != other


def test_is_the_plain_simulation_when_nothing_has_failed_and_nobody_is_there(harbor: Plan, onset: datetime) -> None:
    found = forecast(harbor, State(onset), unknown="empty", options=(), replications=N)

    window = Window(onset, onset, onset + timedelta(hours=4), 900, "Europe/London")
    plain = simulate(
        build(harbor, window).model, seed=1, replications=N, busyness=busyness(harbor, seed=1, replications=N)
    ).counts.astype(float)
    assert found.nothing.lost.mean == lost(plain.sum(axis=1)).sum(axis=1).mean()
    assert set(found.sources.values()) == {"unknown, taken as nobody"}


def test_ranks_by_weighted_loss_and_compares_with_doing_nothing(burnt: Forecast) -> None:
    weighted = [o.weighted_lost.mean for o in burnt.outlooks]

    assert [o.rank for o in burnt.outlooks] == list(range(1, len(burnt.outlooks) + 1))
    assert all(a <= b + 0.1 for a, b in itertools.pairwise(weighted))
    for o in burnt.outlooks:
        assert o.lost_difference.mean == pytest.approx(o.lost.mean - burnt.nothing.lost.mean)
        assert o.lost_difference.low <= o.lost_difference.mean <= o.lost_difference.high
    assert burnt.nothing.lost_difference.mean == 0.0
    assert outlook(burnt, "send-home-quay-home").lost_difference.high < -500


def test_pairs_options_call_by_call(burnt: Forecast) -> None:
    """The range of a difference with the same luck is far narrower than that of the figure itself."""
    home = outlook(burnt, "send-home-quay-home")

    assert home.lost_difference.high - home.lost_difference.low < 0.3 * (home.lost.high - home.lost.low)


def test_counts_everybody_who_waits_now_once(burnt: Forecast) -> None:
    for o in burnt.outlooks:
        for q in o.queues:
            gone = sum(q.totals[n].mean for n in ("answered", "abandoned", "cut_off"))
            there = (
                q.there_already["waiting"].mean - q.there_already["answered"].mean - q.there_already["abandoned"].mean
            )
            assert q.totals["offered"].mean - gone + there == pytest.approx(q.still_waiting.mean)
            assert len(q.rows) == 16
            assert sum(r.offered.mean for r in q.rows) == pytest.approx(q.totals["offered"].mean)


def test_begins_every_option_with_the_same_contacts(burnt: Forecast) -> None:
    first = [q.there_already["waiting"] for q in burnt.nothing.queues]

    assert all([q.there_already["waiting"] for q in o.queues] == first for o in burnt.outlooks)
    assert sum(w.mean for w in first) > 20


def test_puts_off_those_whom_an_announcement_turns_away(burnt: Forecast) -> None:
    told = outlook(burnt, "announce-delay-notice")
    put_off = {q.queue: q.put_off.mean for q in told.queues}

    assert put_off["accidents"] == 0.0
    assert put_off["policy"] > 200
    assert told.put_off.mean == pytest.approx(sum(put_off.values()))
    assert any(a.source.startswith("plan, contact types") for a in told.option.assumptions)
    assert burnt.nothing.put_off.mean == 0.0


def test_names_the_arrangement_and_the_step_that_start_an_option(burnt: Forecast) -> None:
    home, partner = (outlook(burnt, n).option for n in ("send-home-quay-home", "call-out-beacon-overflow"))

    assert (home.arrangement, home.procedure, home.step) == ("quay-home", "accidents-elsewhere", "home")
    assert (partner.arrangement, partner.procedure) == ("call-beacon", "accidents-elsewhere")
    assert str(partner.cost_per_h) == "775.0 GBP"
    assert all(a.source == "assumed" or a.source.startswith(("plan", "roll call")) for a in home.assumptions)


def test_says_why_an_option_can_not_be_chosen(burnt: Forecast) -> None:
    assert "they can work where they are" in reason(burnt, "send-home-hill-home")
    assert reason(burnt, "defer-chat") == "those who do it can do nothing else"
    assert "do not work" in reason(burnt, "shift-main-line-to-trunk-quay")
    assert reason(burnt, "shift-main-line-to-beacon-overflow") == "Beacon Assist has not been called out"
    assert reason(burnt, "announce-closed-notice") == "no number of a queue plays it"


def test_has_what_is_under_way_in_every_course(harbor: Plan, fire: State, burnt: Forecast) -> None:
    begun = State(fire.at, fire.failures, (UnderWay("call-out-beacon-overflow", fire.onset),))

    found = forecast(harbor, begun, replications=N)

    assert reason(found, "call-out-beacon-overflow") == "under way"
    assert found.nothing.lost.mean < burnt.nothing.lost.mean - 500
    assert outlook(found, "shift-main-line-to-beacon-overflow").option.available


def test_loses_nothing_by_sending_half_over_lines_that_have_room(harbor: Plan, onset: datetime) -> None:
    state = State(onset + timedelta(minutes=25))
    options = [o for o in available_options(harbor, state) if o.kind == "shift" and o.available]

    found = forecast(harbor, state, options=options, replications=N)

    assert {o.id for o in options} >= {"shift-main-line-to-trunk-hill", "shift-sales-line-to-trunk-quay"}
    assert all(o.lost_difference.mean == o.lost_difference.high == 0.0 for o in found.outlooks)
    assert found.best.option.id == "do-nothing"


def test_does_not_get_round_a_dead_telephone_system_by_other_lines(harbor: Plan, onset: datetime) -> None:
    dead = tuple(Failure(i, onset, onset + timedelta(hours=2)) for i in ("acd-quay", "acd-standby"))
    options = [o for o in available_options(harbor, State(onset, dead)) if o.kind == "shift" and o.available]

    found = forecast(harbor, State(onset, dead), options=options, replications=N)

    assert found.nothing.lost.mean > 500
    assert len(found.outlooks) > 4
    assert all(abs(o.lost_difference.mean) < 1e-9 for o in found.outlooks)


def test_recovers_when_the_place_is_back(harbor: Plan, fire: State, burnt: Forecast) -> None:
    soon = State(fire.at, (Failure("quay", fire.onset, fire.at + timedelta(minutes=30)),))

    found = forecast(harbor, soon, options=(), replications=N)

    assert found.nothing.lost.mean < 0.5 * burnt.nothing.lost.mean
    assert burnt.notes[-1] == "Taken to be down for all of the time, as no end is known: quay."


def test_believes_the_wallboard(harbor: Plan, fire: State, burnt: Forecast) -> None:
    snapshot = Snapshot(
        at=fire.at,
        queues={"claims": QueueNow(waiting=90, longest_s=600.0), "mail": QueueNow(waiting=300)},
        groups={"hill-service": GroupNow(busy=10, available=0)},
    )

    found = forecast(harbor, fire, snapshot=snapshot, options=(), replications=N)

    waiting = {q.queue: q.there_already["waiting"] for q in found.nothing.queues}
    assert (waiting["claims"].low, waiting["claims"].high, waiting["mail"].mean) == (90.0, 90.0, 300.0)
    assert found.sources["queue.claims.waiting"] == "snapshot, waits so far drawn"
    assert found.sources["queue.policy.waiting"] == "simulated until now"
    seen, rostered = (next(q for q in f.nothing.queues if q.queue == "claims") for f in (found, burnt))
    assert seen.totals["answered"].mean < 0.5 * rostered.totals["answered"].mean  # 10 people, more by the roster


def test_believes_the_roll_call(harbor: Plan, fire: State) -> None:
    """Fewer with kit, fewer at home: the option is worth less than the plan hopes."""
    call = RollCall(
        groups={
            "quay-claims": GroupRollCall(able=40, with_kit=4, unknown=10, unable=5),
            "quay-service": GroupRollCall(able=20, with_kit=0),
            "hill-service": GroupRollCall(able=30),
        }
    )
    hoped = forecast(harbor, fire, replications=N)

    found = forecast(harbor, fire, roll_call=call, replications=N)

    home, better = (outlook(f, "send-home-quay-home") for f in (found, hoped))
    assert home.lost_difference.mean > better.lost_difference.mean + 200
    assert "roll call" in {a.source for a in home.option.assumptions}
    assert able_by_place(harbor, call) == {"home": 0.0, "quay": 65.0, "hill": 30.0}
    assert able_by_skill(harbor, call)["claims"] == 75.0


def test_has_those_at_home_already_at_work(harbor: Plan, fire: State, burnt: Forecast) -> None:
    call = RollCall(groups={"quay-claims": GroupRollCall(able=30, at_home=30)})

    found = forecast(harbor, fire, roll_call=call, options=(), replications=N)

    assert found.nothing.weighted_lost.mean < burnt.nothing.weighted_lost.mean - 20


@pytest.mark.parametrize(
    ("failures", "under_way", "says"),
    [
        ((("quay", 60, None, "down"),), (), "after now"),
        ((("quay", -60, -90, "down"),), (), "before it failed"),
        ((("quay", -60, None, "sunk"),), (), "no effect 'sunk'"),
        ((("quay", -60, None, "demand"),), (), "demand can not hit 'quay'"),
        ((), (("call-out-nobody", -60),), "no option of this plan"),
        ((), (("call-out-beacon-overflow", 60),), "after now"),
    ],
)
def test_refuses_a_state_that_can_not_be(harbor: Plan, onset: datetime, failures, under_way, says: str) -> None:  # type: ignore[no-untyped-def]
    def moment(s: float | None) -> datetime | None:
        return None if s is None else onset + timedelta(seconds=s)

    struck = tuple(Failure(i, moment(a), moment(b), e) for i, a, b, e in failures)  # type: ignore[arg-type]
    begun = tuple(UnderWay(i, moment(s)) for i, s in under_way)  # type: ignore[arg-type]

    with pytest.raises(BadState, match=says):
        forecast(harbor, State(onset, struck, begun), replications=1)


def test_refuses_a_time_without_a_zone(harbor: Plan) -> None:
    with pytest.raises(BadState, match="zone"):
        forecast(harbor, State(datetime(2026, 11, 30, 10)), replications=1)  # noqa: DTZ001 - that is what is refused


def test_refuses_names_that_the_plan_does_not_have(harbor: Plan, onset: datetime) -> None:
    with pytest.raises(UnboundScenario, match="did you mean 'quay'"):
        forecast(harbor, State(onset, (Failure("quai", onset),)), replications=1)
    with pytest.raises(BadRollCall, match="nobody"):
        forecast(harbor, State(onset), roll_call=RollCall(groups={"nobody": GroupRollCall(able=1)}), replications=1)
    with pytest.raises(BadSnapshot, match="no such queue"):
        forecast(harbor, State(onset), snapshot=Snapshot(queues={"x": QueueNow(waiting=1)}), replications=1)


def test_covers_the_truth_with_its_interval_of_a_difference(harbor: Plan, fire: State) -> None:
    """Eight courses of each of 20 seeds: the 95 % interval holds their mean in most of them."""
    options = [o for o in available_options(harbor, fire) if o.id == "call-out-beacon-overflow"]
    found = [outlook(forecast(harbor, fire, options=options, replications=8, seed=s), options[0].id) for s in range(20)]

    truth = np.mean([o.lost_difference.mean for o in found])
    assert sum(o.lost_difference.low <= truth <= o.lost_difference.high for o in found) >= 16


def test_moves_people_towards_more_urgent_queues_only(harbor: Plan, fire: State) -> None:
    moves = {o.id for o in available_options(harbor, fire) if o.kind == "move_skills"}

    assert moves == {"move-claims-to-accidents", "move-policy-to-accidents", "move-policy-to-claims"}


def test_simulates_fewer_courses_when_thousands_wait_already(harbor: Plan, fire: State) -> None:
    waiting = Snapshot(queues={q: QueueNow(waiting=4500) for q in ("claims", "policy")})

    few = forecast(harbor, fire, snapshot=Snapshot(), unknown="empty", options=())
    many = forecast(harbor, fire, snapshot=waiting, unknown="empty", options=())

    assert few.replications == 100
    assert many.replications < 80


def test_simulates_ten_courses_and_says_so_when_thousands_wait_under_many_options(harbor: Plan, fire: State) -> None:
    waiting = Snapshot(queues={q: QueueNow(waiting=4500) for q in ("claims", "policy")})

    found = forecast(harbor, fire, snapshot=waiting, unknown="empty")

    assert found.replications == 10
    assert str(forecast_json(found)["interval"]).startswith("low and high hold all 10 simulated courses")


def test_ranges_over_all_of_few_courses_and_over_95_of_100_of_many() -> None:
    few, many = np.arange(10.0), np.arange(101.0)

    assert (band(few).low, band(few).high) == (0.0, 9.0)
    assert (band(many).low, band(many).high) == (2.5, 97.5)


def test_refuses_a_snapshot_that_would_keep_the_room_waiting_for_minutes(harbor: Plan, fire: State) -> None:
    absurd = Snapshot(queues={q: QueueNow(waiting=100_000) for q in ("claims", "policy")})

    with pytest.raises(BadSnapshot, match="200,000 customers in all are more than"):
        forecast(harbor, fire, snapshot=absurd)
