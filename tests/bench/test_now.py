"""The benchmark of the incident room: its states, its rows. The bar itself depends on the machine."""

from openline.bench.now import HARBOR, states
from openline.bench.row import Row
from openline.forecast.forecast import available_options, forecast
from openline.plan.directory import read_directory
from openline.plan.load import load_plan


def test_measures_states_in_which_most_options_can_be_chosen() -> None:
    plan = load_plan(read_directory(HARBOR)[0]).plan
    assert plan is not None
    lost, flood = (available_options(plan, s) for s in states(plan).values())

    kinds = {o.kind for o in (*lost, *flood) if o.available}
    assert kinds == {"call_out", "send_home", "announce", "defer", "move_skills", "shift"}
    assert sum(o.available for o in flood) >= 10


def test_simulates_fewer_courses_when_there_are_more_options() -> None:
    plan = load_plan(read_directory(HARBOR)[0]).plan
    assert plan is not None
    state = states(plan)["Quay House lost"]

    alone, all_ = forecast(plan, state, options=()), forecast(plan, state)

    assert alone.replications == 100
    assert 20 <= all_.replications < 100


def test_says_that_a_time_within_its_bar_is_met() -> None:
    assert [Row("x", v, "s", 2.0, is_limit=True).ok for v in (1.5, 2.5)] == [True, False]
    assert set(Row("x", 1.0, "s", 2.0, is_limit=True).as_dict()) == {"name", "value", "unit", "bar", "ok"}
