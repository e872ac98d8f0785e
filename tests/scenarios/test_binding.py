"""Scenarios bound to a plan: selectors, fate keys, durations."""

import pytest

from openline.scenarios.binding import UnboundScenario, bind, strike
from openline.scenarios.effects import EFFECTS
from openline.scenarios.fate import FATE_KEYS, sharing
from tests.examples.test_harbor import harbor
from tests.impact.plans import plan_of

SYSTEMS = (
    "systems:\n  - {id: a, kind: acd, vendor: v}\n"
    "  - {id: b, kind: acd, vendor: w}\n  - {id: c, kind: crm, vendor: v}\n"
)


def bound(effect: str, duration_s: float | None = None) -> list[tuple[str, float, float]]:
    text = f"scenarios:\n  - id: x\n    duration: {{min_s: 1h, typical_s: 2h, max_s: 4h}}\n    effects: [{effect}]\n"
    plan = plan_of(systems=SYSTEMS, scenarios=text, vendors="vendors: [{id: v}, {id: w}]\n")
    return [(e.target, e.start_s, e.end_s) for e in bind(plan, "x", duration_s=duration_s).effects]


@pytest.mark.parametrize(
    ("selector", "hit"),
    [
        ("{ids: [c, a]}", ["c", "a"]),
        ("{kind: acd}", ["a", "b"]),
        ("{kind: systems}", ["a", "b", "c"]),
        ("{fate: vendor, value: v}", ["a", "c"]),
        ("{kind: acd, fate: vendor, value: v}", ["a"]),
    ],
)
def test_finds_what_a_selector_names(selector: str, hit: list[str]) -> None:
    assert [t for t, _, _ in bound(f"{{selector: {selector}, type: down}}")] == hit


def test_lasts_as_long_as_is_typical_or_as_asked() -> None:
    effect = "{selector: {ids: [a]}, type: down}"

    assert bound(effect) == [("a", 0.0, 7200.0)]
    assert bound(effect, 600.0) == [("a", 0.0, 600.0)]


def test_stretches_the_effects_own_times_in_proportion() -> None:
    effect = "{selector: {ids: [a]}, type: down, start_s: 30m, duration_s: 1h}"

    assert bound(effect) == [("a", 1800.0, 5400.0)]
    assert bound(effect, 4 * 3600.0) == [("a", 3600.0, 10800.0)]


def test_says_when_a_selector_finds_nothing() -> None:
    with pytest.raises(UnboundScenario, match="finds nothing with vendor z"):
        bound("{selector: {fate: vendor, value: z}, type: down}")


def test_says_when_an_effect_can_not_hit_what_is_named() -> None:
    with pytest.raises(UnboundScenario, match="demand can not hit 'a'"):
        bound("{selector: {ids: [a]}, type: demand, factor: 2}")


def test_suggests_the_scenario_that_was_meant() -> None:
    with pytest.raises(UnboundScenario, match="did you mean 'fire'"):
        bind(harbor(), "fier")


def test_strikes_any_object_and_suggests_the_one_that_was_meant() -> None:
    found = strike(harbor(), ["quay", "crm"], duration_s=60.0)

    assert [e.target for e in found.effects] == ["quay", "crm"]
    with pytest.raises(UnboundScenario, match="did you mean 'quay'"):
        strike(harbor(), ["quai"], duration_s=60.0)


def test_finds_what_shares_a_conduit() -> None:
    assert sharing(harbor(), "conduit", "dock-road-duct") == ("quay-east", "quay-path-a")
    assert sharing(harbor("one-cable"), "conduit", "dock-road-duct") == ("quay-east", "quay-path-a", "quay-path-b")


def test_knows_every_effect_and_fate_key_of_the_plan_format() -> None:
    from typing import get_args

    from openline.plan.scenarios import Effect, FateKey

    assert set(EFFECTS) == set(get_args(Effect.model_fields["type"].annotation))
    assert set(FATE_KEYS) == set(get_args(FateKey))
