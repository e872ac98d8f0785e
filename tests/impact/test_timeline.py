"""The timeline by hand calculation: needs, switch-over, grace, access, cycles (domain 3.9, IMP-05)."""

from openline.impact.timeline import timeline
from openline.impact.why import chain
from openline.scenarios.binding import bind, strike
from tests.impact.plans import course, plan_of, struck, systems


def test_fails_with_what_it_needs_and_comes_back_with_it() -> None:
    plan = systems("id: base", "id: top, needs: [{to: [base]}]")

    found = struck(plan, "base", hours=2)

    assert course(found, "top") == [(0.0, 0.0), (7200.0, 1.0)]


def test_names_its_cause_and_the_chain_to_the_root() -> None:
    plan = systems(
        "id: base, name: Base", "id: mid, name: Middle, needs: [{to: [base]}]", "id: top, needs: [{to: [mid]}]"
    )

    found = struck(plan, "base", hours=2)

    assert found.objects["top"][0].cause == "needs Middle, which is down"
    assert [name for name, _ in chain(found, "top", 60.0)] == ["top", "mid", "base"]
    assert chain(found, "top", 60.0)[-1][1].cause == "Base was struck"


def test_works_on_for_its_grace_and_notices_nothing_shorter() -> None:
    plan = systems("id: base", "id: top, needs: [{to: [base], grace_s: 1h}]")

    assert course(struck(plan, "base", hours=2), "top") == [(0.0, 1.0), (3600.0, 0.0), (7200.0, 1.0)]
    assert course(struck(plan, "base", hours=1), "top") == [(0.0, 1.0)]


def test_switches_to_the_other_one_after_the_switch_over_time() -> None:
    plan = systems("id: a", "id: b", "id: top, needs: [{to: [a, b], mode: or, switch_s: 4m}]")

    found = struck(plan, "a", hours=2)

    assert course(found, "top") == [(0.0, 0.0), (240.0, 1.0)]


def test_does_not_notice_when_the_one_not_in_use_fails() -> None:
    plan = systems("id: a", "id: b", "id: top, needs: [{to: [a, b], mode: or, switch_s: 4m}]")

    assert course(struck(plan, "b", hours=2), "top") == [(0.0, 1.0)]


def test_is_down_while_both_alternatives_are() -> None:
    plan = systems("id: a", "id: b", "id: top, needs: [{to: [a, b], mode: or, switch_s: 4m}]")

    assert course(struck(plan, "a", "b", hours=2), "top") == [(0.0, 0.0), (7200.0, 1.0)]


def test_has_the_share_of_k_of_n_that_works() -> None:
    plan = systems(*(f"id: s{n}" for n in range(4)), "id: top, needs: [{to: [s0, s1, s2, s3], mode: k_of_n, k: 3}]")

    assert course(struck(plan, "s0", hours=1), "top") == [(0.0, 1.0)]
    assert course(struck(plan, "s0", "s1", hours=1), "top") == [(0.0, 2 / 3), (3600.0, 1.0)]


def test_loses_only_its_share_with_a_capacity_effect() -> None:
    plan = systems("id: base", "id: top, needs: [{to: [base], capacity_effect: 0.35}]")

    found = struck(plan, "base", hours=1)

    assert course(found, "top") == [(0.0, 0.65), (3600.0, 1.0)]
    assert found.objects["top"][0].state == "degraded"
    assert found.fate("top", 0.0) == "finish"


def test_takes_a_ring_to_work_until_something_outside_stops_it() -> None:
    plan = systems("id: a, needs: [{to: [b]}, {to: [base]}]", "id: b, needs: [{to: [a]}]", "id: base")

    calm = timeline(plan, strike(plan, ["base"], duration_s=0.0), horizon_s=3600)
    hit = struck(plan, "base", hours=2)

    assert calm.cycles == (("a", "b"),)
    assert course(calm, "b") == [(0.0, 1.0)]
    assert course(hit, "b") == [(0.0, 0.0), (7200.0, 1.0)]


PLACE = {
    "sites": "sites:\n  - {id: house, role: primary}\n",
    "systems": "systems:\n  - {id: acd, kind: acd, location: house}\n",
    "people": "skills: [{id: s}]\nagent_groups:\n  - {id: team, site: house, skills: [s], roster: r.csv}\n",
}


def place_plan(effect: str) -> object:
    from openline.plan.load import load_plan

    roster = "day,start,agents\n" + "".join(f"all,{m // 60:02}:{m % 60:02},5\n" for m in range(0, 1440, 30))
    scenarios = (
        "scenarios:\n  - id: x\n    duration: {min_s: 1h, typical_s: 1h, max_s: 1h}\n"
        f"    effects: [{{selector: {{ids: [house]}}, {effect}}}]\n"
    )
    files = {f"{k}.yaml": v for k, v in PLACE.items()} | {
        "openline.yaml": "format: 1\norganization: {id: t, tz: UTC}\n", "r.csv": roster, "scenarios.yaml": scenarios,
    }  # fmt: skip
    loaded = load_plan(files)
    assert loaded.plan is not None, loaded.problems
    return timeline(loaded.plan, bind(loaded.plan, "x"), horizon_s=7200)


def test_keeps_systems_up_when_only_access_is_denied() -> None:
    found = place_plan("type: access_denied")

    assert course(found, "acd") == [(0.0, 1.0)]  # type: ignore[arg-type]
    assert course(found, "team") == [(0.0, 0.0), (3600.0, 1.0)]  # type: ignore[arg-type]


def test_loses_systems_and_people_when_a_site_is_destroyed() -> None:
    found = place_plan("type: down")

    assert course(found, "acd") == [(0.0, 0.0), (3600.0, 1.0)]  # type: ignore[arg-type]
    assert course(found, "team") == [(0.0, 0.0), (3600.0, 1.0)]  # type: ignore[arg-type]


def test_scales_the_people_of_a_site_by_a_staff_factor() -> None:
    found = place_plan("type: staff, factor: 0.5")

    assert found.staff == {"team": ((0.0, 0.5), (3600.0, 1.0))}  # type: ignore[attr-defined]


def test_says_that_the_power_of_a_site_is_not_in_the_plan() -> None:
    found = place_plan("type: down")

    assert any("power" in note for note in found.notes)  # type: ignore[attr-defined]


NUMBERS = """
trunk_groups:
  - {id: first, kind: sip, channels: 10}
  - {id: second, kind: sip, channels: 10}
numbers:
  - {id: n, e164: "+441632960001", routing_plans: [{to: first}, {to: second, time_s: 30s}]}
"""


def test_routes_a_number_to_the_next_lines_after_the_time_that_takes() -> None:
    plan = plan_of(telephony=NUMBERS)

    found = struck(plan, "first", hours=1)

    assert found.routes["n"] == ((0.0, None), (30.0, "second"), (3600.0, "first"))
