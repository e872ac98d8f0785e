"""Declaring from a call: in which role, who may not, and what the call says of it (ACT-02, COM-09)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openline.incident.command import SYSTEM, Actor, Context, NotAllowed, NotInThisPhase, NotNow, NotThere, StandIn
from openline.incident.decide import decide
from openline.incident.opening import Report, StandDown
from openline.incident.paging import OrderPage
from openline.incident.roll_call import OpenRollCall
from openline.incident.telephone import DeclareFromCall, how_to_declare
from openline.plan.document import Plan
from tests.incident.plans import COMMANDER, START, Log, harbor, reported

CALL = "page-1"
ON_CALL = "duty-officer-a"


def caller(person: str) -> Actor:
    return Actor(person, f"person:{person}", person=person)


def declared_by(log: Log, person: str, level: int, page: str = CALL) -> list[str]:
    return log.do(DeclareFromCall(page=page, person=person, level=level), caller(person))


def without_authority() -> Plan:
    """Return harbor with nobody named for any level."""
    plan = harbor()
    roles = {k: r.model_copy(update={"authority": None}) for k, r in plan.roles.items()}
    return replace(plan, roles=roles, levels={})


def called(log: Log, *persons: str) -> str:
    log.do(OrderPage(persons=persons, subject="Come", text="Come"))
    return next(reversed(log.state.pages))


def test_takes_the_call_and_declares_in_the_role_that_was_called() -> None:
    log = reported("quay")

    assert declared_by(log, ON_CALL, 2)[:2] == ["page.acknowledged", "level.declared"]

    assert (log.state.level, log.state.levels[-1].role) == (2, "duty-officer")
    assert log.state.pages[CALL].by == ON_CALL
    assert {"incident-commander", "operations-manager"} <= {p.role for p in log.state.pages.values()}


def test_declares_in_another_role_of_the_person_when_only_that_one_may() -> None:
    log = reported("quay")
    page = called(log, "commander-b")

    declared_by(log, "commander-b", 4, page)

    assert log.state.levels[-1].role == "incident-commander"


def test_refuses_a_level_above_the_authority_and_names_who_may() -> None:
    log = reported("quay")
    commander = harbor().persons["commander-a"].title

    with pytest.raises(NotAllowed, match=rf"level 4 may be declared by: incident-commander \({commander}, .*Ask one"):
        declared_by(log, ON_CALL, 4)

    assert log.state.level == 0
    assert log.state.pages[CALL].state == "open"


def test_lets_who_stands_in_declare_as_long_as_that_lasts() -> None:
    log = reported("quay")
    page, who = called(log, "people-a"), caller("people-a")
    stands_in = StandIn("incident-commander", "people-a", START, START + timedelta(hours=1))
    command = DeclareFromCall(page=page, person="people-a", level=4)

    events = decide(log.state, command, Context(log.plan, log.now, who, log.now, (stands_in,)))

    assert events[-1].model_dump(include={"role", "unlisted"}) == {"role": "incident-commander", "unlisted": True}
    late = log.now + timedelta(hours=2)
    with pytest.raises(NotAllowed):
        decide(log.state, command, Context(log.plan, late, who, late, (stands_in,)))


def test_lets_whoever_was_called_declare_where_the_plan_names_nobody_but_not_everybody_of_a_roll_call() -> None:
    log = reported(plan=without_authority())
    log.do(OpenRollCall())
    roll_call = next(reversed(log.state.pages))

    with pytest.raises(NotAllowed, match="only who was called to take the incident"):
        declared_by(log, "people-a", 2, roll_call)
    declared_by(log, ON_CALL, 2)

    assert log.state.levels[-1].role == "duty-officer"


def test_declares_once_and_says_that_it_is_in_force_already() -> None:
    log = reported("quay")
    declared_by(log, ON_CALL, 2)

    with pytest.raises(NotNow, match="level 2 is in force already"):
        declared_by(log, ON_CALL, 2)


def test_refuses_somebody_whom_the_call_is_not_for() -> None:
    log = reported("quay")

    with pytest.raises(NotThere, match="not called"):
        declared_by(log, "commander-a", 4)
    with pytest.raises(NotThere):
        declared_by(log, ON_CALL, 2, "page-9")


def test_refuses_a_level_when_the_response_has_ended() -> None:
    log = reported("quay")
    declared_by(log, ON_CALL, 2)
    log.do(StandDown(reason="over"), COMMANDER)

    with pytest.raises(NotInThisPhase, match="reopen it first"):
        declared_by(log, ON_CALL, 2)


def test_says_in_the_call_for_a_first_sign_how_to_declare_what_its_role_may() -> None:
    log = reported("quay")
    first = log.state.pages[CALL].text
    declared_by(log, ON_CALL, 2)
    later = [p.text for p in log.state.pages.values() if p.id != CALL]

    assert "To declare L1, L2, L3: reply the code and the level (CODE L1); in a call press 9 and the level." in first
    assert later
    assert not any("To declare" in text for text in later)
    assert how_to_declare(harbor(), "nobody") == ""
    assert "L1, L2, L3, L4" in how_to_declare(without_authority(), "duty-officer")


def test_repeats_in_a_call_only_as_much_of_a_long_report_as_a_telephone_shows() -> None:
    log = Log()

    log.do(Report(title="Gas " * 49, what="word " * 790, plan_slug="harbor", plan_hash="0" * 64), SYSTEM)

    assert 600 < len(log.state.pages[CALL].text) < 1200
    assert len(log.state.what) > 3900
