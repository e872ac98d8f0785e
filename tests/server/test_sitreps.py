"""Situation reports: drafted from the log, edited, issued, on rhythm (6.3, 6.4)."""

import re
from html import unescape
from typing import TYPE_CHECKING

from openline.incident import decisions, record, roll_call, task_list
from tests.server.incidents_under_way import at, begun, do
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client


def test_drafts_facts_actions_and_needs_from_the_log(client: "Client") -> None:
    found = begun("quay")
    do(
        found,
        task_list.AssembleTasks(),
        decisions.OpenDecision(question="Invoke the partner?"),
        roll_call.OpenRollCall(),
        roll_call.ReportPerson(person="ops-head", safe="needs_help"),
    )

    page = unescape(text_of(client, at(found, "sitreps/")))

    assert "Down: Quay House since" in page
    assert "1 need help" in page
    assert "Next: " in page
    assert "Invoke the partner?" in page
    assert "1 person needs help." in page
    assert "Nobody fills: " in page


def test_issues_what_a_person_made_of_the_draft_and_says_when_the_next_comes(client: "Client") -> None:
    found = begun("quay")
    sent = {
        "facts": "Quay House is shut.\r\nNobody is inside.",
        "needs": "A second telecom engineer",
        "next_in_s": "900",
    }

    response = client.post(at(found, "do/IssueSitrep/"), {**sent, "next": at(found, "sitreps/1/")})
    page = text_of(client, at(found, "sitreps/1/"))

    assert response["Location"] == at(found, "sitreps/1/")
    assert "Quay House is shut.\nNobody is inside." in page
    assert "The next one comes" in page
    assert re.search(r"Report 2 is due in 15 min", text_of(client, at(found, "sitreps/")))


def test_shows_the_rhythm_of_the_level_before_the_first_one(client: "Client") -> None:
    page = text_of(client, at(begun("quay", level=2), "sitreps/"))

    assert "Report 1 is due in" in page
    assert "this level reports every 30 min" in page


def test_tells_one_that_is_overdue(client: "Client") -> None:
    from datetime import timedelta

    from django.utils import timezone

    from openline.incident.opening import DeclareLevel
    from openline.server.incidents.store import carry_out
    from tests.server.incidents_under_way import COMMANDER

    found = begun("quay", level=2)
    carry_out(found, DeclareLevel(level=1), COMMANDER, at=timezone.now() - timedelta(hours=2))

    assert "Report 1 is overdue by 1 h" in text_of(client, at(found, "sitreps/"))


def test_lists_only_what_changed_since_the_last_one() -> None:
    from openline.incident import sitrep
    from openline.incident.sitrep import draft
    from tests.incident.plans import declared, harbor

    log = declared("quay")
    log.do(sitrep.IssueSitrep(facts="first"))
    log.do(record.HitObjects(objects=("acd-quay",)))

    changes = draft(log.state, harbor(), log.now).changes

    assert "marked as down" in changes
    assert " Quay House marked" not in changes.replace("at Quay House", "")
    assert "level" not in changes


def test_shows_no_draft_to_somebody_who_only_follows(signed_in: "Callable[[str], Client]") -> None:
    page = text_of(signed_in("viewer"), at(begun("quay"), "sitreps/"))

    assert "Issue report" not in page


def test_knows_what_is_not_there(client: "Client") -> None:
    assert client.get(at(begun(), "sitreps/7/")).status_code == 404
