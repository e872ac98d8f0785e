"""Calling the second person: whose turn it is, once, never who asked, and called off with the answer (ACT-02)."""

import pytest

from openline.incident import opening, timers
from openline.incident.approval import GiveApproval, RefuseApproval
from openline.incident.arrangements import InvokeArrangement
from openline.incident.command import Actor
from openline.incident.paging import AcknowledgePage
from openline.incident.people import Page
from openline.incident.record import WriteNote
from tests.incident.plans import COMMANDER, SECOND, Log, declared

LEAD = Actor("Team lead", "account:7", role="team-lead", person="team-lead-q")


def asked() -> Log:
    log = declared()
    log.do(InvokeArrangement(arrangement="call-beacon", reason="flood"), LEAD)
    return log


def calls(log: Log) -> list[Page]:
    """Return the calls for a yes, the first first."""
    return [p for p in log.state.pages.values() if any("-turn-" in name for name in p.about)]


def test_calls_the_role_whose_turn_it_is_once_with_what_is_asked_and_by_when() -> None:
    log = asked()
    log.do(WriteNote(text="Anything else"))

    (call,) = calls(log)

    assert call.role == log.state.approvals["approval-1"].roles[0] == "incident-commander"
    assert call.subject == "Yes or no: Beacon Assist takes overflow, for 5,000 GBP. Why: flood"
    assert "Say yes or no in the room by 10:18" in call.text
    assert any(j.kind == "page" and j.payload["page"] == call.id for j in log.jobs)


def test_never_calls_who_asked_as_their_own_second_person() -> None:
    log = declared()
    log.do(opening.StandDown(reason="It is over"), COMMANDER)

    (call,) = calls(log)

    assert COMMANDER.person not in {p for rung in call.rungs for p in rung}
    assert SECOND.person in {p for rung in call.rungs for p in rung}


def test_calls_the_next_in_the_order_of_succession_and_calls_the_first_off() -> None:
    log = asked()
    second = log.state.approvals["approval-1"].roles[1]

    log.do(timers.EndTimer(timer="approval", of="approval-1", turn=0))

    first, then = calls(log)
    assert (first.state, then.state) == ("cancelled", "open")
    assert then.role == second


@pytest.mark.parametrize(
    "answer", [GiveApproval(approval="approval-1"), RefuseApproval(approval="approval-1", reason="No")]
)
def test_is_called_off_with_the_answer(answer: GiveApproval | RefuseApproval) -> None:
    log = asked()

    log.do(answer, COMMANDER)

    assert [c.state for c in calls(log)] == ["cancelled"]


def test_gives_no_yes_and_fills_no_role_when_the_call_is_only_acknowledged() -> None:
    log = asked()
    (call,) = calls(log)
    before = dict(log.state.roles)

    log.do(AcknowledgePage(page=call.id, person=call.rungs[0][0]))

    assert call.state == "acknowledged"
    assert log.state.approvals["approval-1"].state == "asked"
    assert log.state.roles == before


def test_calls_for_each_thing_that_is_asked_once_however_much_happens_meanwhile() -> None:
    log = asked()
    log.do(opening.StandDown(reason="It is over"), COMMANDER)
    for n in range(5):
        log.do(WriteNote(text=f"Note {n}"))

    assert [c.about for c in calls(log)] == [("approval-1-turn-1",), ("approval-2-turn-1",)]
