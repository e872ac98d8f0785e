"""Harbor Mutual: complete, honest about being invented, and right by hand calculation."""

import runpy
from functools import cache
from pathlib import Path

import pytest

from openline.impact.timeline import Timeline, timeline
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan, overlay_names
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.scenarios.binding import bind
from openline.sim.simulation import Simulation, compare
from openline.sim.window import onset_at, window_around

HARBOR = Path(__file__).parents[2] / "examples" / "harbor"
H = 3600.0


@cache
def harbor(*overlays: str) -> Plan:
    files, problems = read_directory(HARBOR)
    loaded = load_plan(files, overlays)
    assert loaded.plan is not None, (problems, loaded.problems)
    return loaded.plan


def test_uses_every_collection_and_every_field_that_all_entities_share() -> None:
    plan = harbor()
    entities = [e for name in COLLECTIONS for e in plan.collection(name).values()]

    assert [name for name in COLLECTIONS if not plan.collection(name)] == []
    assert set(Entity.model_fields) - {f for e in entities for f in e.model_fields_set} == set()


def at_monday(scenario: str, *overlays: str, hours: float, hour: int = 9) -> Simulation:
    plan = harbor(*overlays)
    disruption = bind(plan, scenario, duration_s=hours * H)
    onset = onset_at(plan, f"2026-11-30T{hour:02}:00")
    return compare(plan, disruption, window_around(plan, onset, disruption.duration_s), seed=1, replications=20)


def course(found: Timeline, name: str) -> list[tuple[float, float]]:
    changes: list[tuple[float, float]] = []
    for p in found.objects[name]:
        if not changes or changes[-1][1] != p.capacity:
            changes.append((p.at_s, p.capacity))
    return changes


def test_is_as_rich_as_the_issue_asks() -> None:
    plan = harbor()
    kinds = [a.kind for a in plan.activities.values()]

    most = max(
        sum(slots)
        for slots in zip(*(plan.profiles[g.roster or ""].days["mon"] for g in plan.agent_groups.values()), strict=True)
    )
    assert (kinds.count("inbound_queue"), kinds.count("chat"), kinds.count("outbound_campaign")) == (6, 1, 1)
    assert 180 <= most <= 220
    assert [s.role for s in plan.sites.values()] == ["primary", "secondary", "command_centre"]
    assert any(g.site is None for g in plan.agent_groups.values())
    assert plan.agreements
    assert len(plan.scenarios) >= 12
    assert all(s.library for s in plan.scenarios.values())
    assert {"standby-beside-primary", "one-cable", "survivor-too-small"} <= set(
        overlay_names(read_directory(HARBOR)[0])
    )


def test_has_tables_that_its_script_writes() -> None:
    script = runpy.run_path(str(HARBOR / "make_tables.py"))
    for name, shape in script["VOLUMES"].items():
        text = (HARBOR / "volumes" / f"{name}.csv").read_text()
        assert text == "\n".join(["day,start,contacts", *script["volume_rows"](*shape)]) + "\n"
    for name, shape in script["ROSTERS"].items():
        text = (HARBOR / "rosters" / f"{name}.csv").read_text()
        assert text == "\n".join(["day,start,agents", *script["roster_rows"](*shape)]) + "\n"


@pytest.mark.parametrize("scenario", list(harbor().scenarios))
@pytest.mark.parametrize(
    "overlay", [None, "standby-beside-primary", "one-cable", "survivor-too-small", "generator-at-hill"]
)
def test_binds_every_scenario_with_every_overlay(scenario: str, overlay: str | None) -> None:
    plan = harbor(*([overlay] if overlay else []))

    found = timeline(plan, bind(plan, scenario), horizon_s=50 * 86400)

    assert not found.cycles


def test_has_the_power_of_quay_house_right_by_hand_for_30_hours() -> None:
    """Mains away from Monday 09:00 for 30 h.

    The battery bridges 15 s (10 s start, 5 s transfer). 1,500 l x 0.9 / 60 l/h = 22.5 h, so the tank is empty at
    22:30:15; the battery, recharged in 4 h, lasts 15 min more, to 22:45:15. Fuel is ordered at half a tank, at
    11:15:15, and comes 13 h later, at 24:15:15; 15 s after that the generator carries again.
    """
    found = timeline(harbor(), bind(harbor(), "power-cut", duration_s=30 * H), horizon_s=40 * H)

    empty, dark, back = 15 + 22.5 * H, 15 + 22.75 * H, 15 + 24.25 * H + 15
    assert course(found, "quay-generator") == [(0.0, 1.0), (empty, 0.0), (back - 15, 1.0)]
    assert course(found, "quay-ups") == [(0.0, 1.0), (dark, 0.0), (back, 1.0)]
    assert course(found, "power:quay") == [(0.0, 1.0), (dark, 0.0), (back, 1.0)]
    assert course(found, "lan-quay") == [(0.0, 1.0), (dark, 0.0), (back, 1.0)]
    assert course(found, "quay-claims") == [(0.0, 1.0), (dark, 0.0), (back, 1.0)]
    assert course(found, "acd") == [(0.0, 1.0), (dark, 0.0), (dark + 240, 1.0)]
    assert course(found, "quay-mains") == [(0.0, 0.0), (30 * H, 1.0)]


def test_loses_the_telephone_system_in_a_fire_only_with_the_standby_beside_the_primary() -> None:
    calm = timeline(harbor(), bind(harbor(), "fire"), horizon_s=8 * 86400)
    trapped = harbor("standby-beside-primary")
    trap = timeline(trapped, bind(trapped, "fire"), horizon_s=8 * 86400)
    again = timeline(harbor(), bind(harbor(), "fire"), horizon_s=8 * 86400)

    assert course(calm, "acd") == [(0.0, 0.0), (240.0, 1.0)]
    assert course(trap, "acd") == [(0.0, 0.0), (7 * 86400.0, 1.0)]
    assert again.objects == calm.objects


@pytest.mark.parametrize(
    ("scenario", "overlay", "hours"),
    [("fire", "standby-beside-primary", 8), ("cable-cut", "one-cable", 6), ("carrier-down", "survivor-too-small", 6)],
)
def test_loses_many_more_customers_with_each_trap(scenario: str, overlay: str, hours: float) -> None:
    sound, trapped = at_monday(scenario, hours=hours), at_monday(scenario, overlay, hours=hours)

    clean, trap = (s.difference["not_served"].mean for s in (sound, trapped))
    assert trap > 2 * clean + 500


def test_keeps_its_promises_on_a_normal_monday() -> None:
    found = at_monday("gas-leak", hours=0.1)

    for queue in found.baseline.queues:
        assert queue.service_level is not None
        assert queue.service_level >= queue.target.x
