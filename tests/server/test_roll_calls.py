"""The roll call's page: needs help first, then who has not been heard of; numbers for those who may (PPL-08)."""

import re
import time
from typing import TYPE_CHECKING

import pytest

from openline.incident import roll_call
from tests.incident.plans import declared, harbor
from tests.server.incidents_under_way import at, begun, do
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.incidents.models import Incident


@pytest.fixture
def asked(_server: None) -> "Incident":
    found = begun()
    do(found, roll_call.OpenRollCall())
    return found


def test_says_what_to_do_first_when_nobody_was_asked(client: "Client") -> None:
    page = text_of(client, at(begun(), "roll-call/"))

    assert "Nobody has been asked yet whether they are safe." in page
    assert "Ask them now" in page


def test_shows_who_needs_help_before_who_has_not_been_heard_of(client: "Client", asked: "Incident") -> None:
    do(asked, roll_call.ReportPerson(person="it-engineer-a", safe="needs_help", note="in the lift"))

    page = text_of(client, at(asked, "roll-call/"))

    assert "1 needs help. 27 of 28 not heard of." in page
    assert page.index("in the lift") < page.index("Not heard of:")


def test_lets_a_lead_report_somebody_from_the_page(client: "Client", asked: "Incident") -> None:
    sent = {"person": "ops-head", "safe": "safe", "able": "true", "source": "lead", "next": at(asked, "roll-call/")}

    response = client.post(at(asked, "do/ReportPerson/"), sent)

    assert response.status_code == 302
    assert "27 of 28 not heard of" in text_of(client, at(asked, "roll-call/"))


def test_counts_a_group_by_numbers_and_names_those_not_counted(client: "Client", asked: "Incident") -> None:
    client.post(at(asked, "do/CountGroup/"), {"group": "quay-claims", "safe": "40", "needs_help": "1", "able": "30"})

    page = text_of(client, at(asked, "roll-call/"))

    assert "1 needs help." in page
    assert f"{len(harbor().agent_groups) - 1} groups not counted yet:" in page


def test_shows_numbers_only_to_those_who_may_read_contacts_and_logs_the_reading(
    signed_in: "Callable[[str], Client]",
) -> None:
    found = _with_numbers()

    viewer = text_of(signed_in("viewer"), at(found, "roll-call/"))
    lead = text_of(signed_in("lead"), at(found, "roll-call/"))
    text_of(signed_in("lead"), at(found, "roll-call/"))

    from openline.server.accounts.models import Act

    assert "+44 20 7946 0001" not in viewer
    assert "Numbers are shown to leads." in viewer
    assert "+44 20 7946 0001" in lead
    assert Act.objects.filter(did="read contact data", about=f"{found.ref} roll call").count() == 1


def _with_numbers() -> "Incident":
    from openline.plan.directory import read_directory
    from openline.server.plans.store import keep
    from tests.server.conftest import ROOT

    files, _ = read_directory(ROOT / "examples" / "harbor")
    files["openline.yaml"] = files["openline.yaml"].replace("id: harbor", "id: numbered")
    text = re.sub(r"\{channel: mobile, ", "{channel: mobile, value: +44 20 7946 0001, ", files["people.yaml"], count=1)
    assert text != files["people.yaml"]
    keep("numbered", "Numbered", {**files, "people.yaml": text}, "test", by=None, why="a test")
    found = begun(slug="numbered")
    do(found, roll_call.OpenRollCall())
    return found


def test_prints_a_sheet_with_a_box_for_everybody(client: "Client", asked: "Incident") -> None:
    do(asked, roll_call.ReportPerson(person="ops-head", safe="safe", able=True))

    page = text_of(client, at(asked, "roll-call/roll-call-1/sheet/"))

    assert page.count("☒") == 2
    assert page.count("☐") >= 27 * 4
    assert "Others who are here" in page
    assert client.get(at(asked, "roll-call/roll-call-9/sheet/")).status_code == 404


def test_gives_only_the_counts_to_who_asks_for_what_is_new(client: "Client", asked: "Incident") -> None:
    part = client.get(at(asked, "roll-call/roll-call-1/"), headers={"HX-Request": "true"}).content.decode()

    assert "not heard of" in part
    assert "<html" not in part


def test_marks_an_exercise_on_every_page_of_it(client: "Client") -> None:
    found = begun(exercise=True)
    do(found, roll_call.OpenRollCall())
    parts = ("roll-call/", "roll-call/roll-call-1/sheet/", "damage/", "sitreps/", "way-back/", "report/")

    for part in (*parts, "report/into-the-plan/", "way-back/walkthrough/quay/", "damage/quay/initial/"):
        assert "EXERCISE" in text_of(client, at(found, part)), part


def test_counts_ten_thousand_people_in_under_300_ms() -> None:
    from dataclasses import replace

    from openline.incident.people import Report
    from openline.server.roll_calls.counted import counted

    log = declared()
    log.do(roll_call.OpenRollCall())
    roll, one = log.state.roll_calls["roll-call-1"], harbor().persons["ops-head"]
    people = {f"p{n}": one.model_copy(update={"id": f"p{n}", "name": f"Person {n}"}) for n in range(10_000)}
    plan = replace(harbor(), persons=people)
    roll.persons = tuple(people)
    for n in range(0, 10_000, 3):
        log.state.reports[f"p{n}"] = Report(f"p{n}", "safe", True, at=log.now)

    times = []
    for _ in range(3):
        began = time.perf_counter()
        found = counted(plan, log.state, roll, {"q": "person 99"}, with_contacts=True)
        times.append(time.perf_counter() - began)

    assert len(found.unknown.rows) == 50
    assert found.counts.total.people == 10_000
    assert found.unknown.of == 134
    assert min(times) < 0.3
