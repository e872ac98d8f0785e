"""What a role may spend and say by its written authority, and who is asked when it may not (PPL-03)."""

from dataclasses import replace

import pytest

from openline.incident.approval import GiveApproval, RefuseApproval
from openline.incident.arrangements import InvokeArrangement, ReportArrangement
from openline.incident.authority import may_spend, spenders
from openline.incident.command import SYSTEM, Actor, Context, NotAllowed, NotNow
from openline.incident.messages import ApproveMessage, DraftMessage, EditMessage
from openline.plan.document import Plan
from openline.plan.record import Money
from tests.incident.plans import COMMANDER, DUTY, SECOND, START, Log, declared, harbor

LEAD = Actor("Team lead", "account:7", role="team-lead", person="team-lead-q")
"""May spend 500 GBP; Beacon's fee is 5,000 GBP."""
CALL_OUT = InvokeArrangement(arrangement="call-beacon", reason="flood")


def asked() -> Log:
    log = declared()
    assert log.do(CALL_OUT, LEAD) == ["approval.asked", "page.ordered"]
    return log


def test_starts_at_once_what_a_role_may_pay_for() -> None:
    assert declared().do(CALL_OUT, DUTY) == ["arrangement.invoked"]
    assert declared().do(CALL_OUT, SYSTEM) == ["arrangement.invoked"]


def test_asks_for_a_yes_to_a_fee_beyond_the_limit_and_starts_with_it() -> None:
    log = asked()
    approval = log.state.approvals["approval-1"]

    assert "for 5,000 GBP." in approval.what
    assert approval.roles[0] == "incident-commander"
    assert "team-lead" not in approval.roles
    with pytest.raises(NotNow, match="asked already"):
        log.do(CALL_OUT, LEAD)
    assert "call-beacon" not in log.state.arrangements
    assert log.do(GiveApproval(approval="approval-1"), COMMANDER) == [
        "approval.given",
        "page.cancelled",
        "arrangement.invoked",
    ]


def test_lets_nobody_say_yes_whose_own_limit_is_too_low() -> None:
    log = asked()

    with pytest.raises(NotAllowed, match="incident-commander"):
        log.do(GiveApproval(approval="approval-1"), Actor("Engineer", "account:8", role="telecom-engineer"))


def test_starts_nothing_after_a_no() -> None:
    log = asked()

    log.do(RefuseApproval(approval="approval-1", reason="too dear"), COMMANDER)

    assert "call-beacon" not in log.state.arrangements
    assert log.do(CALL_OUT, LEAD) == ["approval.asked", "page.ordered"]


def test_asks_anew_when_it_has_ended_meanwhile() -> None:
    log = asked()
    log.do(GiveApproval(approval="approval-1"), COMMANDER)

    assert log.do(ReportArrangement(arrangement="call-beacon", ended=True), LEAD) == ["arrangement.reported"]
    assert log.do(CALL_OUT, LEAD) == ["approval.asked", "page.ordered"]
    assert log.do(GiveApproval(approval="approval-2"), SECOND) == [
        "approval.given",
        "page.cancelled",
        "arrangement.invoked",
    ]


def limited(plan: Plan, limit: str | None) -> Plan:
    """Return a plan in which every role has this limit."""
    money = Money.model_validate(limit) if limit else None
    roles = {
        r.id: r.model_copy(update={"authority": r.authority.model_copy(update={"spend_limit": money})})
        for r in plan.roles.values()
        if r.authority is not None
    }
    return replace(plan, roles=roles)


@pytest.mark.parametrize(
    ("limit", "may"),
    [("5000 GBP", True), ("4999.99 GBP", False), ("5000 EUR", False), (None, True)],
)
def test_compares_amounts_of_one_currency_and_stops_nobody_in_a_plan_without_limits(
    limit: str | None, may: bool
) -> None:
    plan = limited(harbor(), limit)
    fee = Money.model_validate("5000 GBP")

    assert may_spend(Context(plan, START, COMMANDER, START), fee) is may
    assert ("incident-commander" in spenders(plan, fee)) is (may and limit is not None)


def test_lets_the_press_be_told_by_those_who_may_speak_to_it() -> None:
    """The template's approver and the roles with the press in their written authority; nobody else."""
    log = declared()
    log.do(DraftMessage(template="outage-media", audience="media"))
    name = next(iter(log.state.messages))
    slots = {"what": "Calls fail", "since": "10:00", "effect": "You wait.", "doing": "We mend it.",
             "ask": "Use the web.", "next_update": "11:00", "contact": "press@harbor.example"}  # fmt: skip
    log.do(EditMessage(message=name, slots=slots))

    with pytest.raises(NotAllowed):
        log.do(ApproveMessage(message=name), DUTY)
    assert log.do(ApproveMessage(message=name), SECOND) == ["message.approved"]


def test_keeps_a_message_to_the_press_without_a_template_from_those_who_may_not_speak() -> None:
    log = declared()
    log.do(DraftMessage(audience="media", channel="press", text="We are closed."))
    name = next(iter(log.state.messages))

    with pytest.raises(NotAllowed, match="words to the press are approved by"):
        log.do(ApproveMessage(message=name), DUTY)
    assert log.do(ApproveMessage(message=name), COMMANDER) == ["message.approved"]
