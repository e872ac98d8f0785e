"""Call trees and escalation: who is called next, and branches that are repaired (requirement COM-09)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openline.incident.call_tree import CALL_S, CallTheTree, simulated
from openline.incident.command import SYSTEM, NotNow, NotThere, StandIn
from openline.incident.paging import WAIT_S, AcknowledgePage, OrderPage, ladder, wait_at
from openline.incident.timers import EndTimer
from openline.plan.document import Plan
from openline.plan.people import Person
from openline.plan.roles import CallNode, CallTree, Escalation
from tests.incident.plans import START, Log, declared, harbor

TREE = CallTree(
    id="tree",
    root="root",
    nodes=(
        CallNode(person="root", children=("a", "b"), fallback="deputy"),
        CallNode(person="a", children=("a1", "a2"), fallback="b", timeout_s=60, retries=1),
        CallNode(person="b", children=("b1",), timeout_s=60),
    ),
)
EVERYBODY = ("root", "deputy", "a", "b", "a1", "a2", "b1")


def with_tree(*, left: tuple[str, ...] = ()) -> Plan:
    people = {p: Person(id=p, status="left" if p in left else "active") for p in EVERYBODY}
    return replace(harbor(), call_trees={"tree": TREE}, persons={**harbor().persons, **people})


def called(log: Log) -> list[str]:
    return list(log.state.trees["tree"].pages)


def started(*, left: tuple[str, ...] = ()) -> Log:
    log = declared(plan=with_tree(left=left))
    log.do(CallTheTree(tree="tree", subject="Gas leak", text="Call your people."))
    return log


def answer(log: Log, person: str) -> None:
    log.do(AcknowledgePage(page=log.state.trees["tree"].pages[person], person=person), SYSTEM)


def silence(log: Log, person: str) -> None:
    name = log.state.trees["tree"].pages[person]
    while log.state.pages[name].state == "open":
        log.do(EndTimer(timer="page", of=name, turn=log.state.pages[name].turn), SYSTEM)


def test_calls_the_people_of_whoever_answers() -> None:
    log = started()
    assert called(log) == ["root"]

    answer(log, "root")
    assert called(log) == ["root", "a", "b"]
    answer(log, "b")

    assert called(log) == ["root", "a", "b", "b1"]
    assert not log.state.trees["tree"].repaired


def test_lets_the_fallback_take_a_branch_over() -> None:
    log = started()

    silence(log, "root")
    assert called(log) == ["root", "deputy"]
    assert log.state.trees["tree"].stands_for == {"deputy": "root"}
    answer(log, "deputy")

    assert called(log) == ["root", "deputy", "a", "b"]
    assert log.state.trees["tree"].repaired == {"root": "deputy took it over"}


def test_calls_a_branch_directly_when_nobody_is_left_to_take_it_over() -> None:
    log = started()
    answer(log, "root")

    silence(log, "b")
    silence(log, "a")

    assert called(log) == ["root", "a", "b", "b1", "a1", "a2"]
    assert log.state.trees["tree"].repaired == {
        "b": "its people are called directly",
        "a": "its people are called directly",
    }


def test_waits_for_nobody_who_has_left() -> None:
    log = started(left=("root", "deputy"))

    assert called(log) == ["a", "b"]
    assert log.state.trees["tree"].repaired == {"root": "its people are called directly"}


def test_calls_nobody_twice_when_a_late_answer_comes() -> None:
    log = started()
    silence(log, "root")
    answer(log, "deputy")

    answer(log, "root")

    assert called(log) == ["root", "deputy", "a", "b"]


def test_orders_one_page_for_each_call() -> None:
    log = started()
    answer(log, "root")
    answer(log, "a")

    pages = log.state.trees["tree"].pages
    assert len(set(pages.values())) == len(pages) == 5
    assert all(log.state.pages[name].rungs == ((person,),) for person, name in pages.items())


def test_refuses_a_tree_that_is_not_there_or_is_being_called() -> None:
    log = started()

    with pytest.raises(NotNow):
        log.do(CallTheTree(tree="tree", subject="Again", text="Again"))
    with pytest.raises(NotThere):
        log.do(CallTheTree(tree="oak", subject="Again", text="Again"))


def test_simulates_a_tree_in_which_everybody_answers() -> None:
    found = simulated(TREE, frozenset())

    assert found.heard_s == {
        "root": CALL_S, "a": 2 * CALL_S, "b": 3 * CALL_S, "a1": 3 * CALL_S, "a2": 4 * CALL_S, "b1": 4 * CALL_S,
    }  # fmt: skip
    assert not found.repaired
    assert found.share(3 * CALL_S) == pytest.approx(4 / 6)


def test_simulates_repairs_and_says_which() -> None:
    found = simulated(TREE, frozenset({"root", "deputy", "a"}))

    assert set(found.heard_s) == {"b", "a1", "a2", "b1"}
    assert set(found.silent) == {"root", "deputy", "a"}
    assert found.repaired == {"root": "its people are called directly", "a": "b took it over"}
    assert found.heard_s["b"] == 2 * WAIT_S + CALL_S


@pytest.mark.parametrize("silent", [frozenset(), frozenset({"a"}), frozenset({"root", "b"}), frozenset(EVERYBODY)])
def test_reaches_everybody_who_answers_whoever_else_is_silent(silent: frozenset[str]) -> None:
    found = simulated(TREE, silent)

    assert set(found.heard_s) | set(found.silent) >= set(EVERYBODY) - {"deputy"}
    assert not set(found.heard_s) & silent


def test_calls_who_stands_in_before_who_is_on_call() -> None:
    plan = harbor()
    role = next(r for r in plan.roles.values() if len(r.holders) > 1)
    last = role.holders[-1]
    stand_in = StandIn(role.id, last, START, START + timedelta(hours=8))

    assert ladder(plan, role.id, START, [stand_in])[0] == (last,)
    assert ladder(plan, role.id, START + timedelta(hours=8), [stand_in]) == ladder(
        plan, role.id, START + timedelta(hours=8)
    )


def test_follows_the_policy_of_a_role() -> None:
    plan = harbor()
    role = next(r for r in plan.roles.values() if len(r.holders) > 1)
    policy = Escalation(wait_s=90, waits_s=(30,), repeats=3, channels=("sms",))
    log = declared(plan=replace(plan, roles={**plan.roles, role.id: role.model_copy(update={"escalation": policy})}))

    log.do(OrderPage(roles=(role.id,), subject="Come", text="Come."))

    page = next(reversed(log.state.pages.values()))
    assert (wait_at(page, 0), wait_at(page, 1)) == (30, 90)
    assert (page.repeats, page.channels) == (3, ("sms",))
