"""The way back: criteria with evidence, walkthrough, recall, steps with holds, backlog, stand-down (RST-01..04)."""

from typing import TYPE_CHECKING

from openline.incident import restoration as back
from openline.incident import roll_call
from tests.server.incidents_under_way import COMMANDER, at, begun, do
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

YES = {f"answers.{q}": "yes" for q in back.WALKTHROUGH}


def test_keeps_a_criterion_with_its_evidence_and_lets_it_be_taken_back(client: "Client") -> None:
    found = begun("quay", level=2)
    criterion = "Backlog of mail under 24 h"

    client.post(at(found, "do/ConfirmCriterion/"), {"criterion": criterion, "evidence": "mail report of noon"})
    assert "mail report of noon" in text_of(client, at(found, "way-back/"))
    client.post(at(found, "do/WithdrawCriterion/"), {"criterion": criterion, "reason": "it grew again"})

    assert "mail report of noon" not in text_of(client, at(found, "way-back/"))


def test_takes_a_walkthrough_by_form_and_then_the_calls_step_by_step(client: "Client") -> None:
    found = begun("quay")
    client.post(at(found, "do/BeginRestoration/"), {"why": "gas is off"})

    early = client.post(at(found, "do/MoveTranche/"), {"share": "0.1"})
    client.post(at(found, "do/SignWalkthrough/"), {"site": "quay", "signed_by": "Ann", **YES})
    first = client.post(at(found, "do/MoveTranche/"), {"share": "0.1"})
    page = text_of(client, at(found, "way-back/"))

    assert (early.status_code, first.status_code) == (409, 302)
    assert "10 % of the calls are back" in page
    assert "back, on hold" in page
    assert "Openline does not move the calls yet" in page


def test_falls_back_and_keeps_why(client: "Client") -> None:
    found = begun("acd-quay")
    do(found, back.BeginRestoration(why="fixed"), back.MoveTranche(share=0.1))

    client.post(at(found, "do/FallBack/"), {"reason": "queues grew"})

    assert "queues grew" in text_of(client, at(found, "way-back/"))


def test_counts_the_answers_to_a_recall(client: "Client") -> None:
    found = begun("quay")
    client.post(
        at(found, "do/Recall/"), {"teams": ["switch-team"], "when": "from 14:00", "text": "Please come back to work."}
    )
    from openline.server.incidents.store import incident, reading

    with reading(incident(found.pk)) as state:
        page = next(p for p in state.pages.values() if p.ask == "recall")
    called = page.rungs[0]
    do(found, roll_call.ReportPerson(person=called[0], safe="safe", able=True, source="link"))

    shown = text_of(client, at(found, "way-back/"))

    assert "When: from 14:00" in page.text
    assert f"1 come, 0 can not, {len(called) - 1} have not answered." in shown


def test_tells_when_a_backlog_is_cleared_and_when_it_never_is(client: "Client") -> None:
    found = begun("quay")
    rates = {"contacts": "120", "worked_per_h": "100", "arriving_per_h": "40"}

    client.post(at(found, "do/ReportBacklog/"), rates)
    assert "cleared in about 2 h" in text_of(client, at(found, "way-back/"))
    client.post(at(found, "do/ReportBacklog/"), {**rates, "worked_per_h": "40"})

    assert "at this rate it never clears" in text_of(client, at(found, "way-back/"))


def test_says_what_the_way_back_has_not_finished_and_asks_why_it_ends_all_the_same(client: "Client") -> None:
    found = begun("quay", level=1)
    do(found, back.ConfirmCriterion(criterion="No sign for two hours", evidence="the log"), by=COMMANDER)
    do(found, back.ReportBacklog(contacts=40), by=COMMANDER)

    page = text_of(client, at(found, "way-back/"))
    refused = client.post(at(found, "do/StandDown/"), {"role": "incident-commander"})

    assert "the backlog is worked off (40 still wait)" in page
    assert 'id="sreason" name="reason" required' in page
    assert refused.status_code == 409


def test_asks_a_second_person_to_agree_from_level_3(client: "Client") -> None:
    found = begun("quay", level=3)

    client.post(at(found, "do/StandDown/"), {"reason": "all is well", "role": "incident-commander"})
    page = text_of(client, at(found, "way-back/"))
    own = client.post(at(found, "do/GiveApproval/"), {"approval": "approval-1", "role": "incident-commander"})

    from openline.incident.approval import GiveApproval
    from tests.server.incidents_under_way import SECOND

    assert "A second person is asked to agree" in page
    assert own.status_code == 409
    do(found, GiveApproval(approval="approval-1"), by=SECOND)
    assert "The response has ended." in text_of(client, at(found, "way-back/"))


def test_stands_down_without_a_reason_when_every_criterion_was_confirmed() -> None:
    from openline.incident.opening import StandDown

    found = begun("quay", level=1)
    do(found, back.ConfirmCriterion(criterion="No sign for two hours", evidence="the log"), StandDown(), by=COMMANDER)

    assert found.phase == "stood_down"


def test_prints_the_walkthrough_form(client: "Client") -> None:
    page = text_of(client, at(begun(), "way-back/walkthrough/quay/"))

    assert "Signature" in page
    assert client.get(at(begun(), "way-back/walkthrough/nowhere/")).status_code == 404


def test_shows_no_form_to_somebody_who_only_follows(signed_in: "Callable[[str], Client]") -> None:
    page = text_of(signed_in("viewer"), at(begun("quay"), "way-back/"))

    assert "<button" not in page.split("<main", 1)[1]
