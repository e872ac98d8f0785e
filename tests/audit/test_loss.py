"""What a loss leaves of tier 1: arrangements in time, switching, people together, and what is not known."""

from datetime import date

import pytest

from openline.audit.ground import Ground
from openline.audit.loss import Short, below_minimum
from openline.audit.run import audit
from openline.plan.document import Plan, approval_hash
from openline.plan.load import load_plan
from tests.audit.test_harbor import AS_OF, files
from tests.impact.plans import plan_of

ACTIVITY = "activities:\n  - {id: a, kind: support, criticality: 1, %s, needs: [%s]}\n"
FULL = "rto_s: 1h, minimum_capacity: {share: 0.5}"


def short(plan: Plan, *lost: str) -> Short | None:
    g = Ground(plan, date(2026, 11, 1))
    return below_minimum(g, plan.activities["a"], lost)


def of(systems: str, about: str = FULL, needs: str = "{to: [s]}", **more: str) -> Plan:
    root = "systems:\n" + "".join(f"  - {{kind: other, {s}}}\n" for s in systems.split("; "))
    return plan_of(systems=root, activities=ACTIVITY % (about, needs), **more)


ARRANGED = "arrangements:\n  - {id: r, for: [s], option: failover, time_to_effect_s: %s%s}\n"


@pytest.mark.parametrize(
    ("seconds", "extra", "lasts"),
    [
        ("45m", "", False),  # 15 min to decide and 45 min: just in time
        ("46m", "", True),
        ("10m", ", capacity: 0.4", True),
        ("10m", ", capacity: 0.5", False),
        ("10m", ", standby: t", False),
        ("10m", ", standby: u", True),  # what takes over needs what was lost
    ],
)
def test_counts_an_arrangement_that_is_in_time_large_enough_and_still_there(
    seconds: str, extra: str, lasts: bool
) -> None:
    plan = of("id: s; id: t; id: u, needs: [{to: [s]}]", arrangements=ARRANGED % (seconds, extra))

    found = short(plan, "s")

    assert found is not None
    assert found.lasts is lasts


@pytest.mark.parametrize(("switch", "lasts"), [("1h", False), ("61m", True)])
def test_counts_switching_that_takes_longer_than_the_rto(switch: str, lasts: bool) -> None:
    plan = of("id: s; id: t", needs=f"{{to: [s, t], mode: or, switch_s: {switch}}}")

    found = short(plan, "s")

    assert found is not None
    assert found.lasts is lasts


def test_lets_an_arrangement_for_one_thing_not_excuse_the_loss_of_another() -> None:
    plan = of("id: s, needs: [{to: [x]}]; id: t, needs: [{to: [x]}]; id: x", needs="{to: [s]}, {to: [t]}",
              arrangements=ARRANGED % ("5m", ""))  # fmt: skip

    found = short(plan, "x")

    assert found is not None
    assert found.lasts
    assert short(plan, "s") == Short(False)


@pytest.mark.parametrize("about", ["rto_s: 1h", "minimum_capacity: {share: 0.5}", "mtpd_s: 1d"])
def test_says_that_all_is_lost_even_when_minimum_or_rto_are_not_known(about: str) -> None:
    found = short(of("id: s", about=about), "s")

    assert found is not None
    assert found.lasts
    assert short(of("id: s", about=about, needs="{to: [s], capacity_effect: 0.2}"), "s") is None


def test_holds_k_of_n_to_its_minimum() -> None:
    plan = of("id: s; id: t; id: u", needs="{to: [s, t, u], mode: k_of_n, k: 3}")

    assert short(plan, "s") == Short(False)
    worse = short(plan, "s", "t")
    assert worse is not None
    assert worse.lasts


def test_counts_what_is_left_of_k_of_n_though_a_redundancy_is_arranged() -> None:
    ways = "arrangements:\n  - {id: r, for: [s, t, u], option: redundancy}\n"
    plan = of("id: s; id: t; id: u", needs="{to: [s, t, u], mode: k_of_n, k: 3}", arrangements=ways)

    found = short(plan, "s", "t")

    assert found is not None
    assert found.lasts


def test_counts_k_of_n_whose_standbys_have_all_taken_over() -> None:
    hot = "standby: hot, failover: {mode: automatic, measured_s: 30}"
    plan = of(f"id: s, {hot}; id: t, {hot}", needs="{to: [s, t], mode: k_of_n, k: 2}")

    assert short(plan, "s", "t") == Short(False)


TWINS = ("standby: hot, standby_location: y", "standby: hot", "")


@pytest.mark.parametrize("standby", TWINS)
@pytest.mark.parametrize("need", ["x", "n"])
def test_lets_a_twin_that_is_not_listed_need_what_the_system_needs(standby: str, need: str) -> None:
    """What stands beside the system is its own, when its twin stands elsewhere."""
    about = f"id: s, location: p, needs: [{{to: [{need}]}}], {standby}".rstrip(", ")
    sites = "sites:\n  - {id: p, role: primary}\n  - {id: y, role: hot}\n"
    arranged = "" if standby else ARRANGED % ("5m", "")
    plan = of(f"{about}; id: x; id: n, location: p", sites=sites, arrangements=arranged)

    found = short(plan, need)

    assert found is not None
    assert found.lasts is not (need == "n" and "standby_location" in standby)


def test_takes_a_battery_as_time_that_an_arrangement_may_use() -> None:
    plan = of("id: s", needs="{to: [s], grace_s: 30m}", arrangements=ARRANGED % ("70m", ""))

    found = short(plan, "s")

    assert found == Short(False)


def test_keeps_an_approval_until_anything_but_approvals_changes() -> None:
    """Invariant 15: an approval names a hash, so a change loses it."""
    plan = load_plan(files()).plan
    assert plan is not None
    text = files()["programme.yaml"]
    given = text.replace('object: continuity-plan, version: "7", by:', f"object: continuity-plan, content_hash: {approval_hash(plan)}, by:")  # fmt: skip  # noqa: E501
    assert given != text

    kept = audit(load_plan({**files(), "programme.yaml": given}), AS_OF)
    lost = audit(load_plan({**files(), "programme.yaml": given.replace("Nobody is hurt", "Few are hurt")}), AS_OF)

    assert "AR-159" not in {f.rule for f in kept.findings}
    assert [f.message for f in lost.findings if f.rule == "AR-159"] == [
        "Business continuity plan of Harbor Mutual changed since it was approved"
    ]
