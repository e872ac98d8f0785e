"""The power chain to the second, by hand (domain 3.2, glossary 2.9)."""

import pytest

from openline.plan.document import Plan
from tests.impact.plans import course, plan_of, struck

H = 3600.0


def powered(ups: str = "", generator: str = "") -> Plan:
    sites = "sites:\n  - {id: q, role: primary}\nfeeds:\n  - {id: mains, kind: electric, site: q}\n"
    sites += f"ups:\n  - {{id: ups, site: q, {ups}}}\n" if ups else ""
    sites += f"generators:\n  - {{id: gen, site: q, {generator}}}\n" if generator else ""
    return plan_of(
        sites=sites,
        systems="systems:\n  - {id: acd, kind: acd, location: q}\n  - {id: fax, kind: other, location: q}\n",
    )


# 1,500 l x 0.9 / 60 l/h = 22.5 h
GENERATOR = "tank_l: 1500, usable_fraction: 0.9, burn_l_per_h: 60, start_s: 10s, transfer_s: 5s"
UPS = "runtime_at_load_s: 15m, recharge_s: 4h"


def test_is_dark_at_once_without_a_battery() -> None:
    assert course(struck(powered(), "mains", hours=2), "acd") == [(0.0, 0.0), (2 * H, 1.0)]


def test_lasts_as_long_as_the_battery() -> None:
    found = struck(powered(ups=UPS), "mains", hours=2)

    assert course(found, "acd") == [(0.0, 1.0), (900.0, 0.0), (2 * H, 1.0)]


def test_is_dark_until_the_generator_carries_when_there_is_no_battery() -> None:
    found = struck(powered(generator=GENERATOR), "mains", hours=2)

    assert course(found, "acd") == [(0.0, 0.0), (15.0, 1.0)]


def test_follows_battery_generator_fuel_and_battery_again_through_30_hours() -> None:
    """The battery bridges 15 s; the tank lasts until 22:30:15; the battery, full again after 4 h, until 22:45:15."""
    found = struck(powered(ups=UPS, generator=GENERATOR), "mains", hours=30)

    empty = 15 + 22.5 * H
    assert course(found, "acd") == [(0.0, 1.0), (empty + 900, 0.0), (30 * H, 1.0)]
    assert course(found, "gen") == [(0.0, 1.0), (empty, 0.0), (30 * H, 1.0)]
    assert "out of fuel" in next(p.cause for p in found.objects["gen"] if p.capacity == 0)


def test_runs_on_after_a_delivery() -> None:
    """Ordered at half a tank, 11:15:15; 13 h later, 24:15:15, fuel is there, and 15 s later the generator carries."""
    refuel = "refuel: {contracted: true, guaranteed_delivery_h: 13, order_at_fraction: 0.5}"
    found = struck(powered(ups=UPS, generator=f"{GENERATOR}, {refuel}"), "mains", hours=30)

    dark, back = 15 + 22.5 * H + 900, 15 + 11.25 * H + 13 * H + 15
    assert course(found, "acd") == [(0.0, 1.0), (pytest.approx(dark), 0.0), (pytest.approx(back), 1.0)]


def test_never_goes_dark_when_fuel_comes_in_time() -> None:
    refuel = "refuel: {contracted: true, guaranteed_delivery_h: 10, order_at_fraction: 0.5}"
    found = struck(powered(ups=UPS, generator=f"{GENERATOR}, {refuel}"), "mains", hours=200, horizon_h=300)

    assert course(found, "acd") == [(0.0, 1.0)]


def test_counts_on_no_fuel_that_nobody_has_promised() -> None:
    refuel = "refuel: {contracted: false, guaranteed_delivery_h: 1}"
    found = struck(powered(generator=f"{GENERATOR}, {refuel}"), "mains", hours=30)

    assert course(found, "acd")[-2] == (15 + 22.5 * H, 0.0)


def test_feeds_only_what_the_battery_covers() -> None:
    found = struck(powered(ups=UPS + ", covers: [acd]"), "mains", hours=0.2)

    assert course(found, "acd") == [(0.0, 1.0)]
    assert course(found, "fax") == [(0.0, 0.0), (720.0, 1.0)]


def test_does_not_count_on_a_generator_that_has_failed_too() -> None:
    found = struck(powered(ups=UPS, generator=GENERATOR), "mains", "gen", hours=2)

    assert course(found, "acd") == [(0.0, 1.0), (900.0, 0.0), (2 * H, 1.0)]


def test_has_only_what_was_recharged_for_the_second_cut() -> None:
    """Half an hour of supply puts an eighth of 4 h back: 112.5 s of 15 min."""
    plan = plan_of(
        sites="sites:\n  - {id: q, role: primary}\nfeeds:\n  - {id: mains, kind: electric, site: q}\n"
        f"ups:\n  - {{id: ups, site: q, {UPS}}}\n",
        systems="systems:\n  - {id: acd, kind: acd, location: q}\n",
        scenarios="scenarios:\n  - id: twice\n    duration: {min_s: 1h, typical_s: 2h, max_s: 3h}\n    effects:\n"
        "      - {selector: {ids: [mains]}, type: down, duration_s: 30m}\n"
        "      - {selector: {ids: [mains]}, type: down, start_s: 1h, duration_s: 1h}\n",
    )
    from openline.impact.timeline import timeline
    from openline.scenarios.binding import bind

    found = timeline(plan, bind(plan, "twice"), horizon_s=10 * H)

    assert course(found, "acd") == [(0.0, 1.0), (900.0, 0.0), (1800.0, 1.0), (H + 112.5, 0.0), (2 * H, 1.0)]
