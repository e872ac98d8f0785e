"""Reaching people with real servers: providers that fall and come back, answers without signing in (COM-09, PPL-08)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from openline.bench.reach import plan as crowd
from openline.bench.reach.gateway import Book
from tests.notifiers.servers import free_port, gateway_server, mail_server

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.incidents.models import Incident

KEY = "page/page-1/0/0"
FIRST: dict[str, Any] = {"page": "page-1", "turn": 0, "first": 0}


@pytest.fixture(scope="module")
def _crowd(_server: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    from openline.server.plans.store import take_in

    folder = tmp_path_factory.mktemp("crowd")
    for name, text in crowd.files(12).items():
        (folder / name).write_text(text)
    revision, problems = take_in(folder)
    assert revision is not None, problems


@pytest.fixture
def desk() -> Iterator[tuple[int, Book]]:
    with gateway_server() as found:
        yield found


@pytest.fixture(autouse=True)
def _no_providers(_server: None) -> Iterator[None]:
    from openline.server.notifications.models import Provider
    from openline.server.notifications.store import forget

    yield
    forget()
    Provider.objects.all().delete()


def opened(*, exercise: bool = False) -> "Incident":
    """Return an incident whose first call goes to the commander."""
    from openline.incident.command import SYSTEM
    from openline.incident.opening import Report
    from openline.server.incidents.store import report
    from openline.server.plans.store import centre

    revision = centre(crowd.ORGANIZATION)
    command = Report(
        title="Gas leak", plan_slug=revision.slug, plan_hash=revision.content_hash, objects=(), exercise=exercise
    )
    return report(revision, command, SYSTEM, key=uuid4().hex)


def roll_call(found: "Incident") -> str:
    from openline.incident.command import SYSTEM
    from openline.incident.roll_call import OpenRollCall
    from openline.server.incidents.store import carry_out, reading

    carry_out(found, OpenRollCall(), SYSTEM)
    with reading(found) as state:
        return next(reversed(state.pages))


def hand_over(found: "Incident", **changes: Any) -> dict[str, Any] | None:
    from openline.server.incidents.handing import hand_over as act

    payload = {**FIRST, "incident": found.pk, **changes}
    return act("page", f"{found.pk}/page/{payload['page']}/{payload['turn']}/{payload['first']}", payload, 1)


def gateway(port: int, name: str = "gateway", order: int = 1) -> None:
    from openline.server.notifications.store import keep

    options: dict[str, object] = {"url": f"http://127.0.0.1:{port}/messages", "reference": "id", "timeout_s": 2}
    keep(None, name=name, kind="gateway", options=options, channels=["sms"], order=order)


def only(found: "Incident") -> Any:
    from openline.server.incidents.models import Delivery

    return Delivery.objects.get(incident=found)


@pytest.mark.usefixtures("_crowd")
def test_hands_a_call_to_the_first_provider_and_keeps_its_reference(desk: tuple[int, Book]) -> None:
    gateway(desk[0])
    found = opened()

    assert hand_over(found) == {"handed": 1, "of": 1}
    row = only(found)
    assert (row.state, row.provider, row.provider_ref, row.maybe_twice) == ("handed", "gateway", "ref-1", False)
    assert "+447799000000" in desk[1].taken[0][2]


@pytest.mark.usefixtures("_crowd")
def test_falls_back_to_the_next_provider_when_the_first_is_down(desk: tuple[int, Book]) -> None:
    gateway(free_port(), "first", 1)
    gateway(desk[0], "second", 2)
    found = opened()

    hand_over(found)

    assert only(found).provider == "second"


@pytest.mark.usefixtures("_crowd")
def test_loses_nothing_while_every_provider_is_down(desk: tuple[int, Book]) -> None:
    from openline.server.incidents.handing import NobodyTookIt

    gateway(desk[0])
    desk[1].mood = "down"
    found = opened()
    for _ in range(3):
        with pytest.raises(NobodyTookIt, match="503"):
            hand_over(found)
    assert only(found).state == "failed"
    desk[1].mood = "ok"

    hand_over(found)

    row = only(found)
    assert (row.state, row.attempts, row.maybe_twice) == ("handed", 4, False)
    assert len(desk[1].taken) == 1


@pytest.mark.usefixtures("_crowd")
def test_says_what_may_have_been_sent_twice_after_a_provider_took_it_and_died(desk: tuple[int, Book]) -> None:
    from openline.server.incidents.handing import NobodyTookIt

    gateway(desk[0])
    desk[1].mood = "dies"
    found = opened()
    with pytest.raises(NobodyTookIt):
        hand_over(found)
    desk[1].mood = "ok"

    hand_over(found)

    row = only(found)
    assert row.state == "handed"
    assert row.maybe_twice
    assert len({key for _, key, _ in desk[1].taken}) == 1
    assert len(desk[1].taken) == 2


@pytest.mark.usefixtures("_crowd")
def test_says_so_too_when_the_server_itself_was_cut_off(desk: tuple[int, Book]) -> None:
    from openline.server.incidents.models import Delivery

    gateway(desk[0])
    found = opened()
    hand_over(found)
    Delivery.objects.filter(incident=found).update(state="sending")

    hand_over(found)

    assert only(found).maybe_twice


@pytest.mark.usefixtures("_crowd")
def test_writes_into_the_log_who_was_handed_and_what_may_be_twice(desk: tuple[int, Book]) -> None:
    from openline.server.engine import port as engine
    from openline.server.incidents.models import Delivery
    from openline.server.incidents.store import lines_of
    from openline.server.incidents.world import record

    gateway(desk[0])
    found = opened()
    hand_over(found)
    Delivery.objects.filter(incident=found).update(maybe_twice=True)

    record(
        str(found.pk),
        "page",
        f"{found.pk}/{KEY}",
        {**FIRST, "incident": found.pk},
        engine.Outcome("done", {}, "", 2, True),
    )

    found.refresh_from_db()
    last = list(lines_of(found))[-1]
    assert last["event"] == "page.handed"
    assert last["data"]["deliveries"][0]["maybe_twice"] is True


@pytest.mark.usefixtures("_crowd")
def test_raises_an_alarm_when_nobody_could_be_sent_a_call() -> None:
    from openline.server.engine import port as engine
    from openline.server.incidents.store import lines_of
    from openline.server.incidents.world import record

    found = opened()
    hand_over(found)
    outcome = engine.Outcome("done", {}, "", 1, False)
    record(str(found.pk), "page", f"{found.pk}/{KEY}", {**FIRST, "incident": found.pk}, outcome)

    found.refresh_from_db()
    texts = [x["data"].get("text", "") for x in lines_of(found)]
    assert any("no way to reach this person is set up" in t for t in texts)


@pytest.mark.usefixtures("_crowd")
def test_lets_an_exercise_reach_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object) -> None:
        raise AssertionError("an exercise opened a connection")

    gateway(9)
    found = opened(exercise=True)
    page = roll_call(found)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    hand_over(found)
    hand_over(found, page=page)

    from openline.server.incidents.models import Delivery

    rows = list(Delivery.objects.filter(incident=found))
    assert len(rows) == 1 + 15
    assert {r.state for r in rows} == {"caught"}
    assert all(r.text.startswith("EXERCISE EXERCISE EXERCISE.") for r in rows)


@pytest.mark.usefixtures("_crowd")
def test_hands_mail_to_a_real_mail_server_over_few_connections() -> None:
    from openline.server.incidents.models import Delivery
    from openline.server.notifications.store import keep

    with mail_server() as (port, box):
        options: dict[str, object] = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "o@example.org"}
        keep(None, name="mail", kind="smtp", options=options, channels=["email"], order=1)
        found = by_mail()
        page = roll_call(found)
        hand_over(found, page=page)

    assert Delivery.objects.filter(incident=found, state="handed").count() == 20
    assert len(box.mail) == 20
    assert len(box.connections) <= 4


def by_mail() -> "Incident":
    """Return an incident of a centre whose people have only e-mail."""
    import json
    import tempfile

    from openline.incident.command import SYSTEM
    from openline.incident.opening import Report
    from openline.server.incidents.store import report
    from openline.server.plans.store import take_in

    persons = [{"id": f"p{n}", "contacts": [{"channel": "email", "value": f"p{n}@example.org"}]} for n in range(20)]
    with tempfile.TemporaryDirectory() as folder:
        plan = {"format": 1, "organization": {"id": "mails", "name": "Mails", "tz": "UTC"}}
        (Path(folder) / "openline.yaml").write_text(json.dumps(plan))
        (Path(folder) / "people.yaml").write_text(json.dumps({"persons": persons}))
        revision, problems = take_in(Path(folder))
    assert revision is not None, problems
    opening = Report(title="Flood", plan_slug="mails", plan_hash=revision.content_hash, objects=())
    return report(revision, opening, SYSTEM, key=uuid4().hex)


def link_of(found: "Incident", page: str, person: str) -> str:
    from openline.server.incidents.answering import token

    return f"/a/{token(found.pk, page, person)}"


def hidden(body: str) -> str:
    match = re.search(r'name="key" value="(\w+)"', body)
    assert match
    return match[1]


@pytest.mark.usefixtures("_crowd")
def test_takes_an_acknowledgement_by_the_link_without_signing_in(stranger: "Client") -> None:
    from openline.server.incidents.store import reading

    found = opened()
    path = link_of(found, "page-1", "leader-00000")

    asked = stranger.get(path)
    said = stranger.post(path, {"key": hidden(asked.content.decode())})

    assert "I have it" in asked.content.decode()
    assert "Recorded: you have it" in said.content.decode()
    assert asked["X-Robots-Tag"].startswith("noindex")
    assert asked["Referrer-Policy"] == "no-referrer"
    assert "no-store" in asked["Cache-Control"]
    found.refresh_from_db()
    with reading(found) as state:
        assert state.pages["page-1"].by == "leader-00000"
        assert state.roles["commander"] == "leader-00000"


@pytest.mark.usefixtures("_crowd")
def test_shows_who_answers_nothing_of_the_incident_but_what_is_asked(stranger: "Client") -> None:
    found = opened()
    page = roll_call(found)

    text = stranger.get(link_of(found, page, "agent-00001")).content.decode()

    assert "Gas leak" in text
    assert "agent" not in text.replace("agent-00001", "")
    assert "/incidents/" not in text


@pytest.mark.usefixtures("_crowd")
def test_records_a_roll_call_answer_says_what_and_takes_another_one_later(stranger: "Client") -> None:
    from openline.server.incidents.store import reading

    found = opened()
    page = roll_call(found)
    path = link_of(found, page, "agent-00001")
    form = {"safe": "safe", "able": "yes", "where": "home", "kit": "yes", "key": "1", "note": "train"}

    first = stranger.post(path, form).content.decode()
    stranger.post(path, form)
    again = stranger.get(path + "?change=1").content.decode()
    second = stranger.post(path, {"safe": "needs_help", "key": "2"}).content.decode()

    assert "you are safe and can work" in first
    assert "home" in first
    assert "I need help" in again
    assert "you need help" in second
    found.refresh_from_db()
    assert found.lines.filter(kind="person.reported").count() == 2
    with reading(found) as state:
        assert state.reports["agent-00001"].safe == "needs_help"


@pytest.mark.usefixtures("_crowd")
@pytest.mark.parametrize("bad", ["", "safe=maybe", "safe=", f"note={'x' * 600}"])
def test_asks_again_when_nothing_was_chosen(stranger: "Client", bad: str) -> None:
    found = opened()
    page = roll_call(found)

    answer = stranger.post(link_of(found, page, "agent-00002"), bad, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 409
    assert "Press I am safe, or I need help" in answer.content.decode()


@pytest.mark.usefixtures("_crowd")
def test_opens_for_no_link_that_was_not_sent(stranger: "Client") -> None:
    found = opened()
    real = link_of(found, "page-1", "leader-00000")
    page = roll_call(found)

    assert stranger.get(real[:-2]).status_code == 404
    assert stranger.get("/a/nothing").status_code == 404
    assert stranger.get(link_of(found, page, "nobody")).status_code == 404
    assert stranger.post(link_of(found, "page-99", "leader-00000"), {"key": "1"}).status_code == 404


@pytest.fixture
def inbound(monkeypatch: pytest.MonkeyPatch, stranger: "Client") -> Any:
    """Give the function by which a gateway delivers an answer."""
    from openline.server.answers.finding import CALLS

    CALLS.forget()
    monkeypatch.setenv("OPENLINE_PROVIDER_INBOUND", "between us")

    def deliver(path: str, sent: dict[str, str], given: str = "between us", kind: str = "json") -> Any:
        secret = {"X-Openline-Secret": given}
        if kind == "json":
            return stranger.post(path, sent, content_type="application/json", headers=secret)
        return stranger.post(path, sent, headers=secret)

    return deliver


def report_of(found: "Incident", person: str) -> Any:
    from openline.server.incidents.store import reading

    found.refresh_from_db()
    with reading(found) as state:
        return state.reports.get(person)


@pytest.mark.usefixtures("_crowd")
@pytest.mark.parametrize(
    ("text", "safe", "able"),
    [("{code} 1", "safe", True), ("{code}2", "safe", False), (" {lower} - 3 help", "needs_help", None)],
)
def test_understands_a_reply_with_the_code(inbound: Any, text: str, safe: str, able: bool | None) -> None:
    from openline.server.incidents.answering import code

    found = opened()
    page = roll_call(found)
    own = code(found.pk, page, "agent-00003")

    answer = inbound("/in/reply/", {"from": "0", "text": text.format(code=own, lower=own.lower())})

    assert answer.status_code == 200, answer.content
    report = report_of(found, "agent-00003")
    assert (report.safe, report.able) == (safe, able)
    assert report.source.startswith("code")


@pytest.mark.usefixtures("_crowd")
def test_understands_a_bare_number_by_the_telephone_it_comes_from(inbound: Any) -> None:
    found = opened()
    roll_call(found)

    answer = inbound("/in/reply/", {"from": "07700 000004", "text": "1"}, kind="form")

    assert answer.status_code == 200, answer.content
    assert report_of(found, "agent-00004").safe == "safe"


@pytest.mark.usefixtures("_crowd")
def test_takes_a_key_pressed_in_a_call_once_however_often_it_is_delivered(inbound: Any, desk: tuple[int, Book]) -> None:
    gateway(desk[0])
    found = opened()
    hand_over(found)
    key = desk[1].taken[0][1]

    for _ in range(2):
        assert inbound("/in/key/", {"key": key, "digits": "1"}).status_code == 200

    found.refresh_from_db()
    assert found.lines.filter(kind="page.acknowledged").count() == 1


@pytest.mark.usefixtures("_crowd")
def test_logs_a_reply_that_means_nobody_and_refuses_a_wrong_secret(
    inbound: Any, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened()

    assert inbound("/in/reply/", {"from": "+44123456789", "text": "ZZZZZZ 1"}).status_code == 422
    assert inbound("/in/reply/", {"from": "+44123456789", "text": "hello"}).status_code == 422
    assert "ends in 789" in caplog.text
    assert inbound("/in/reply/", {"from": "1", "text": "1"}, given="guess").status_code == 403
    monkeypatch.delenv("OPENLINE_PROVIDER_INBOUND")
    assert inbound("/in/reply/", {"from": "1", "text": "1"}).status_code == 503


@pytest.mark.usefixtures("_crowd")
def test_writes_many_answers_down_together_and_loses_none(stranger: "Client") -> None:
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    found = opened()
    page = roll_call(found)

    def answer(n: int) -> int:
        try:
            path = link_of(found, page, f"agent-{n % 12:05d}")
            return int(stranger.post(path, {"safe": "safe", "key": f"k{n}"}).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(answer, range(48))) == {200}
    found.refresh_from_db()
    assert found.lines.filter(kind="person.reported").count() == 48


@pytest.mark.usefixtures("_crowd")
def test_sets_a_provider_up_in_pages_and_tries_it(client: "Client", desk: tuple[int, Book]) -> None:
    from openline.server.notifications.models import Provider

    assert "Nobody can be reached yet" in client.get("/settings/providers/").content.decode()
    for kind in ("smtp", "gateway", "apprise"):
        assert client.get(f"/settings/providers/new/{kind}/").status_code == 200
    sent = {
        "name": "desk", "channels": ["sms"], "order": "2", "url": f"http://127.0.0.1:{desk[0]}/m", "form": "json",
        "body": '{"to": "{to}", "text": "{text}"}', "headers": "X-From: openline", "timeout_s": "3",
    }  # fmt: skip

    wrong = client.post("/settings/providers/new/gateway/", {**sent, "url": "http://sms.example.org"})
    made = client.post("/settings/providers/new/gateway/", sent)

    assert wrong.status_code == 400
    assert "use https" in wrong.content.decode()
    assert made.status_code == 302
    row = Provider.objects.get()
    assert row.options["headers"] == {"X-From": "openline"}
    assert "took the test" in client.post(f"/settings/providers/{row.pk}/test/", {"to": "+44 1"}).content.decode()
    assert "nothing has happened" in desk[1].taken[0][2]
    client.post(f"/settings/providers/{row.pk}/switch/", {"to": "off"})
    row.refresh_from_db()
    assert not row.is_on
    client.post(f"/settings/providers/{row.pk}/switch/", {"to": "away"})
    assert not Provider.objects.exists()
