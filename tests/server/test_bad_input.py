"""Whatever is sent through the door of commands, the answer is a sentence, never a failure (issue: response)."""

from typing import TYPE_CHECKING

import pytest

from openline.incident.command import Refused
from openline.server.incidents.acting import BY_NAME, read

from .incidents_under_way import COMMANDER, at, begun

if TYPE_CHECKING:
    from django.test import Client

MOMENTS = (
    "0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59", "9999-12-31T23:59-14:00", "2999-01-01T00:00Z",
    "yesterday", "2026-13-45",
)  # fmt: skip
NUMBERS = ("nan", "inf", "-1", "1e300", "1e9", "9" * 400, "0", "ten", "٣")
WORDS = ("", "x" * 300, "x" * 5000, "\x00", "\u202eevil", "<script>alert(1)</script>", "{{ 7*7 }}", "no-such-id")


def _forms(name: str) -> list[str]:
    from django.http import QueryDict

    fields, found = BY_NAME[name].model_fields, ["", "nothing=x", "happened_at.x=1", "=x", ".=x", "a..b=x", "..=1"]
    for word in (*WORDS, *NUMBERS, *MOMENTS):
        form = QueryDict(mutable=True)
        for f in fields:
            form[f] = word
        found.append(form.urlencode())
    for f in fields:
        found += [f"{f}=x&{f}.y=z", f"{f}.y=z&{f}=x", f"{f}.y=z&{f}.y.w=z", f"{f}=a&{f}=b", f"{f}.y=1&{f}.z=1e9"]
    return found


PAGES = (
    "", "?as=scribe", "?as=lead", "?as=executive", "log/", "tasks/", "damage/", "damage/quay/initial/", "way-back/",
    "way-back/walkthrough/quay/", "sitreps/", "roll-call/", "report/", "report.html", "report.json", "log.csv",
    "log.json", "log/sealed/", "report/into-the-plan/",
)  # fmt: skip


@pytest.mark.usefixtures("_server")
def test_answers_every_form_with_what_was_done_or_a_sentence_and_every_page_still_opens(client: "Client") -> None:
    from django.http import QueryDict

    from openline.server.incidents.store import carry_out

    found, told = begun(), set[str]()
    for name in BY_NAME:
        if name in ("StandDown", "CloseIncident", "Dismiss"):
            continue
        for form in _forms(name):
            try:
                carry_out(found, read(name, QueryDict(form), "Asia/Tokyo"), COMMANDER)
            except Refused as refusal:
                told.add(str(refusal))

    assert all(told)
    for page in PAGES:
        assert client.get(at(found, page)).status_code == 200, page


@pytest.mark.parametrize("moment", MOMENTS)
def test_refuses_a_time_that_can_not_be_meant(moment: str, client: "Client") -> None:
    found = begun()
    before = found.last_seq

    answer = client.post(at(found, "do/WriteNote/"), {"text": "A line", "happened_at": moment})

    assert answer.status_code == 409
    assert "can not be meant" in answer.text or "is no time" in answer.text or "future" in answer.text
    assert found.lines.count() == before


def test_says_of_a_field_sent_twice_over_what_to_do(client: "Client") -> None:
    found = begun()

    answer = client.post(at(found, "do/AnswerAid/"), {"answers": "x", "answers.danger": "yes"})

    assert answer.status_code == 409
    assert "send one of them" in answer.text


def test_knows_no_scene_by_a_sign_that_only_looks_like_a_number(client: "Client") -> None:
    client.post("/harbor/incidents/script/")
    from openline.server.incidents.models import Incident

    found = Incident.objects.latest("pk")

    for scene in ("²", "", "-1", "99", "x"):
        assert client.post(at(found, "script/"), {"scene": scene}).status_code == 404
    assert client.get(at(found, "stream?seen=²")).status_code == 200


def test_never_carries_a_command_out_while_its_incident_is_being_read() -> None:
    from openline.incident.record import WriteNote
    from openline.server.incidents.store import carry_out, reading

    found = begun()

    with reading(found), pytest.raises(RuntimeError, match="let go"):
        carry_out(found, WriteNote(text="A line"), COMMANDER)
    assert carry_out(found, WriteNote(text="A line"), COMMANDER)


@pytest.mark.parametrize("field", ["services.", "services.claims", "services.claims.__class__", "services.a.b.c"])
def test_tells_of_a_message_with_odd_fields_what_is_wrong(field: str, client: "Client") -> None:
    found = begun()
    sent = {"act": "DraftMessage", "audience": "customers", "channel": "web", "text": "Words", "language": "en"}
    client.post(at(found, "messages/"), sent)

    answer = client.post(at(found, "messages/"), {"act": "ApproveMessage", "message": "message-1", field: "x"})

    assert answer.status_code in (302, 409)


@pytest.mark.parametrize(
    "wrong",
    [{"title": "\x01"}, {"what": "\x02"}, {"objects": "No Id"}, {"objects": "no-such"}, {"onset": "0001-01-01T00:00"}],
)
def test_reports_nothing_from_a_form_with_something_unreadable_and_keeps_what_was_typed(
    wrong: dict[str, str], client: "Client"
) -> None:
    from openline.server.incidents.models import Incident

    before = Incident.objects.count()

    answer = client.post("/harbor/incidents/declare/", {"title": "Smoke in the hall", "reason": "seen", **wrong})

    assert answer.status_code == 409
    assert "Not reported." in answer.text
    assert "seen" in answer.text
    assert Incident.objects.count() == before


def test_reports_and_tells_why_the_level_was_not_declared_when_only_that_is_unreadable(client: "Client") -> None:
    sent = {"title": "Smoke in the hall", "level": "3", "reason": "x" * 5000, "role": "incident-commander"}

    answer = client.post("/harbor/incidents/declare/", sent, follow=True)

    assert "It is reported, but not declared" in answer.text
