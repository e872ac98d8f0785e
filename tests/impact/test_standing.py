"""What stands after a loss, against the timeline that answers the same question over time."""

from functools import cache

import pytest

from openline.impact.standing import WHOLE, Standing
from openline.impact.timeline import timeline
from openline.scenarios.binding import strike
from tests.examples.test_harbor import harbor
from tests.impact.plans import systems

FOREVER_S = 60 * 86400.0


@cache
def standing(*overlays: str) -> Standing:
    return Standing(harbor(*overlays))


@pytest.mark.parametrize("overlay", [None, "one-cable", "standby-beside-primary"])
@pytest.mark.parametrize("name", [e.id for _, e in harbor().nodes()])
def test_settles_where_the_timeline_ends(name: str, overlay: str | None) -> None:
    """Every object of harbor is lost for 60 days; fuel and batteries run out meanwhile, so power itself is left out."""
    overlays = (overlay,) if overlay else ()
    plan = harbor(*overlays)
    course = timeline(plan, strike(plan, [name], duration_s=FOREVER_S), horizon_s=FOREVER_S)

    found = standing(*overlays).after((name,))

    dark = {s for s in plan.sites if any(p.capacity == 0 for p in course.objects.get(f"power:{s}", ()))}
    for _, entity in plan.nodes():
        if entity.id in (plan.ups.keys() | plan.generators.keys()) or (dark and name in plan.feeds):
            continue
        last = course.objects[entity.id][-1]
        assert found.get(entity.id, WHOLE).capacity == pytest.approx(last.capacity), entity.id


def test_tells_when_a_loss_is_felt_and_how_long_switching_takes() -> None:
    plan = systems(
        "id: a, needs: [{to: [b], grace_s: 1h}]",
        "id: b, needs: [{to: [c, d], mode: or, switch_s: 4m}]",
        "id: c",
        "id: d",
    )

    alone = Standing(plan).after(("c",))
    both = Standing(plan).after(("c", "d"))

    assert (alone["b"].capacity, alone["b"].gap_s) == (1.0, 240.0)
    assert alone.get("a", WHOLE).gap_s == 0.0
    assert (both["a"].capacity, both["a"].felt_s) == (0.0, 3600.0)
    assert both["b"].felt_s == 0.0


def test_takes_a_ring_to_work_until_something_outside_stops_it() -> None:
    plan = systems("id: a, needs: [{to: [b]}]", "id: b, needs: [{to: [a, c]}]", "id: c", "id: d")

    assert Standing(plan).after(("d",)).keys() == {"d"}
    assert {i: left.capacity for i, left in Standing(plan).after(("c",)).items()} == {"a": 0.0, "b": 0.0, "c": 0.0}
