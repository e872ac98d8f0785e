"""By phone, through the doors of a gateway: a first sign by text, and a level by code or key (COM-09, ACT-02)."""

import asyncio
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import hypothesis
import pytest
from hypothesis import strategies as st

from openline.bench.reach.gateway import Book
from tests.notifiers.servers import gateway_server
from tests.server.telephones import AGENT, DIRECTOR, OFFICER, PERSONS, SECRET, SLUG, files, person

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.incidents.models import Incident

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
Deliver = Callable[..., tuple[int, dict[str, Any]]]


def kept(slug: str = SLUG, persons: list[dict[str, Any]] = PERSONS) -> None:
    from openline.server.plans.store import keep

    keep(slug, slug.title(), files(slug, persons), "test", by=None, why="a test")


@pytest.fixture(autouse=True)
def _centre(_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    from openline.server.answers.finding import CALLS
    from openline.server.answers.request import EACH, REPORTS
    from openline.server.notifications.models import Provider
    from openline.server.notifications.store import forget

    kept()
    monkeypatch.setenv("OPENLINE_PROVIDER_INBOUND", SECRET)
    for door in (EACH, REPORTS):
        door.forget()
    CALLS.forget()
    yield
    forget()
    Provider.objects.all().delete()


@pytest.fixture
def desk() -> Iterator[Book]:
    from openline.server.notifications.store import keep

    with gateway_server() as (port, book):
        options: dict[str, object] = {"url": f"http://127.0.0.1:{port}/messages", "reference": "id", "timeout_s": 2}
        keep(None, name="gateway", kind="gateway", options=options, channels=["sms"], order=1)
        yield book


def by_django(stranger: "Client") -> Deliver:
    def deliver(path: str, **sent: Any) -> tuple[int, dict[str, Any]]:
        answer = stranger.post(
            f"/in/{path}/", sent, content_type="application/json", headers={"X-Openline-Secret": SECRET}
        )
        return answer.status_code, answer.json()

    return deliver


def quickly(path: str, **sent: Any) -> tuple[int, dict[str, Any]]:
    """Deliver as `openline serve` takes it, without Django's middleware."""
    from openline.server.answers import quick

    body, out = json.dumps(sent).encode(), list[Any]()
    headers = {"host": "127.0.0.1", "content-type": "application/json", "x-openline-secret": SECRET}
    scope = {
        "type": "http", "method": "POST", "path": f"/in/{path}/", "client": ("127.0.0.1", 1),
        "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        out.append(message)

    asyncio.run(quick.answer(scope, receive, send))
    return out[0]["status"], json.loads(out[1]["body"])


@pytest.fixture(params=["django", "quick"])
def deliver(request: pytest.FixtureRequest, stranger: "Client") -> Deliver:
    """Give the function by which a gateway delivers, through each way into the server."""
    return by_django(stranger) if request.param == "django" else quickly


def latest() -> "Incident":
    from openline.server.incidents.models import Incident

    return Incident.objects.filter(slug=SLUG).latest("pk")


def count() -> int:
    from openline.server.incidents.models import Incident

    return Incident.objects.count()


def hand_over(found: "Incident") -> None:
    """Hand every call of an incident to the providers, as the engine does."""
    from openline.server.incidents.handing import hand_over as act
    from openline.server.incidents.store import reading

    with reading(found) as state:
        pages = list(state.pages)
    for page in pages:
        act("page", f"{found.pk}/page/{page}/0/0", {"page": page, "turn": 0, "first": 0, "incident": found.pk}, 1)


def message(book: Book, number: str) -> str:
    """Return the latest message that the gateway was given for a number."""
    given = (json.loads(body) for _, _, body in reversed(book.taken))
    return next(str(m["text"]) for m in given if m["to"] == number)


def code_in(text: str) -> str:
    match = re.search(r"or reply ([A-Z0-9]{6})$", text)
    assert match, text
    return match[1]


def reported(deliver: Deliver, **more: Any) -> "Incident":
    status, said = deliver("reply", **{"from": AGENT, "text": "REPORT smoke in the hall", "id": uuid4().hex, **more})
    assert status == 200, said
    return latest()


def code(found: "Incident", who: str = "officer", page: str = "page-1") -> str:
    from openline.server.incidents.answering import code as code_of

    return code_of(found.pk, page, who)


def level_of(found: "Incident") -> int:
    found.refresh_from_db()
    return found.level


def test_leads_from_a_text_to_a_declared_incident_whose_people_are_called(deliver: Deliver, desk: Book) -> None:
    status, said = deliver("reply", **{"from": "07711 000001", "text": "Report: smoke in the hall", "id": uuid4().hex})
    found = latest()
    hand_over(found)
    call = message(desk, OFFICER)

    declared = deliver("reply", **{"from": "0", "text": f"{code_in(call).lower()} L2 I see flames", "id": uuid4().hex})
    hand_over(found)

    assert (status, said["say"]) == (200, f"Reported as {found.ref}. Called: duty-officer.")
    assert "To declare L1, L2: reply the code and the level" in call
    assert declared == (200, {"recorded": True, "say": f"level 2 is in force for {found.ref}, smoke in the hall."})
    assert "smoke in the hall: level 2 is declared" in message(desk, DIRECTOR)
    events = list(found.lines.values_list("kind", "by"))
    assert events[0] == ("incident.reported", "Agent")
    assert ("level.declared", "Officer") in events
    assert found.lines.get(kind="incident.reported").data["how"] == "phone"
    assert found.lines.get(kind="level.declared").data["reason"] == "I see flames"


def test_declares_by_keys_against_the_key_of_the_call(deliver: Deliver, desk: Book) -> None:
    found = reported(deliver)
    hand_over(found)
    key = desk.taken[-1][1]

    again = [deliver("key", key=key, digits="92#")[0] for _ in range(2)]

    assert again == [200, 200]
    assert level_of(found) == 2
    assert found.lines.filter(kind="level.declared").count() == 1
    assert found.lines.filter(kind="page.acknowledged").get().data["how"] == "key"


def test_opens_and_declares_once_however_often_a_text_is_delivered(deliver: Deliver) -> None:
    once, before = uuid4().hex, count()
    found = reported(deliver, id=once)
    assert reported(deliver, id=once).pk == found.pk
    text = {"from": OFFICER, "text": f"{code(found)} L1", "id": once}

    said = [deliver("reply", **text) for _ in range(2)]

    assert said[0] == said[1]
    assert said[0][0] == 200
    assert count() == before + 1
    assert found.lines.filter(kind="level.declared").count() == 1


def test_says_to_who_may_not_declare_who_may(deliver: Deliver, caplog: pytest.LogCaptureFixture) -> None:
    found = reported(deliver)

    status, said = deliver("reply", **{"from": OFFICER, "text": f"{code(found)} L4"})

    assert (status, said["recorded"]) == (409, False)
    assert said["say"] == "level 4 may be declared by: commander (Director). Ask one of them, in order."
    assert level_of(found) == 0
    assert "ends in 002 was refused: level 4" in caplog.text
    assert OFFICER not in caplog.text


@pytest.mark.parametrize(
    ("path", "sent", "say"),
    [
        ("reply", {"from": OFFICER, "text": "L2"}, "since a number can be forged: reply CODE L2"),
        ("reply", {"from": OFFICER, "text": "1 level 2"}, "since a number can be forged"),
        ("reply", {"from": OFFICER, "text": "{code} L7"}, "A level is L1, L2, L3 or L4: reply CODE L2"),
        ("reply", {"from": OFFICER, "text": "{code} L22"}, "A level is L1, L2, L3 or L4"),
        ("reply", {"from": OFFICER, "text": "{code} 1 L2"}, "one after the other: CODE 1, then CODE L2"),
        ("key", {"to": OFFICER, "digits": "92"}, "since a number can be forged"),
        ("key", {"key": "x", "digits": "9"}, "Press 9, and then the level"),
        ("key", {"key": "x", "digits": "95"}, "Press 9, and then the level"),
    ],
)
def test_refuses_half_a_level_and_one_by_number_alone(
    path: str, sent: dict[str, str], say: str, stranger: "Client", caplog: pytest.LogCaptureFixture
) -> None:
    deliver = by_django(stranger)
    found = reported(deliver)
    own = code(found)

    status, said = deliver(path, **{k: v.format(code=own) for k, v in sent.items()})

    assert status == 409
    assert say in said["say"]
    assert level_of(found) == 0
    assert found.lines.filter(kind="page.acknowledged").count() == 0
    assert "was refused" in caplog.text
    assert "7711" not in caplog.text
    assert own not in caplog.text


@pytest.mark.parametrize("text", ["{code} l8r, on the train", "{code} let me look", "{code} L2b is open", "{code} 1"])
def test_takes_words_that_only_look_like_a_level_for_words(text: str, stranger: "Client") -> None:
    deliver = by_django(stranger)
    found = reported(deliver)

    status, _ = deliver("reply", **{"from": OFFICER, "text": text.format(code=code(found))})

    assert status == 200
    assert level_of(found) == 0
    assert found.lines.filter(kind="page.acknowledged").count() == 1


@pytest.mark.parametrize(
    ("sender", "text", "say"),
    [
        ("+441234567890", "REPORT smoke", "nobody in a plan in force has this number"),
        ("", "REPORT smoke", "nobody in a plan in force has this number"),
        (AGENT, "REPORT", "write REPORT and what you see"),
        (AGENT, "REPORTED it already", "no code and no number"),
        (AGENT, "smoke in the hall", "no code and no number"),
        ("+44 7711 000009", "REPORT smoke", "several people have this number"),
        ("+44 7711 000008", "REPORT smoke", "nobody in a plan in force has this number"),
        ("+44 7711 000007", "REPORT smoke", "known in several centres: write REPORT phones, or phones-too"),
    ],
)
def test_opens_nothing_for_a_text_that_is_not_of_one_person(
    sender: str, text: str, say: str, stranger: "Client", caplog: pytest.LogCaptureFixture
) -> None:
    twice, both = person("first", "07711 000009"), person("both", "07711 000007")
    left = {**person("gone", "07711 000008"), "status": "left"}
    kept(SLUG, [*PERSONS, twice, {**twice, "id": "second"}, both, left])
    kept("phones-too", [both, *(p | {"contacts": []} for p in PERSONS)])
    before = count()

    status, said = by_django(stranger)("reply", **{"from": sender, "text": text})

    assert status == 422
    assert say in said["say"]
    assert count() == before
    assert "was not understood" in caplog.text
    assert "7711" not in caplog.text
    assert "1234567" not in caplog.text


def test_takes_the_centre_from_the_first_word_of_who_belongs_to_two(stranger: "Client") -> None:
    both = person("both", "07711 000007")
    kept(SLUG, [*PERSONS, both])
    kept("phones-too", [both, *(p | {"contacts": []} for p in PERSONS)])

    found = reported(by_django(stranger), **{"from": "07711 000007", "text": "REPORT Phones smoke"})

    assert (found.slug, found.title) == (SLUG, "smoke")


def test_takes_few_reports_from_one_number_and_repeats_and_others_all_the_same(
    stranger: "Client", caplog: pytest.LogCaptureFixture
) -> None:
    from openline.server.answers.request import REPORTS

    deliver = by_django(stranger)
    for n in range(REPORTS.most):
        reported(deliver, **{"from": AGENT if n % 2 else "07711 000001", "id": f"few {n}"})
    before = count()

    status, said = deliver("reply", **{"from": AGENT, "text": "REPORT again"})

    assert (status, said["recorded"]) == (429, False)
    assert "call the duty officer" in said["say"]
    assert "ends in 001 was refused" in caplog.text
    reported(deliver, id="few 0")
    assert count() == before
    reported(deliver, **{"from": DIRECTOR})


def test_keeps_all_words_of_a_long_report_and_cuts_its_title(stranger: "Client") -> None:
    words = "water " * 100

    found = reported(by_django(stranger), text=f"REPORT {words}")

    assert len(found.title) <= 120
    assert found.lines.get(seq=1).data["what"] == words.strip()


def test_lets_an_exercise_by_text_reach_nobody(stranger: "Client", monkeypatch: pytest.MonkeyPatch, desk: Book) -> None:
    import socket

    from openline.server.incidents.models import Delivery

    deliver = by_django(stranger)

    def refuse(*_: object) -> None:
        raise AssertionError("an exercise opened a connection")

    status, said = deliver("reply", **{"from": AGENT, "text": "EXERCISE EXERCISE: REPORT smoke"})
    found = latest()
    declared = deliver("reply", **{"from": OFFICER, "text": f"{code(found)} L2"})
    monkeypatch.setattr(socket.socket, "connect", refuse)
    hand_over(found)

    assert (status, said["say"]) == (200, f"EXERCISE: reported as {found.ref}; nobody is called for real.")
    assert declared[1]["say"].startswith(f"EXERCISE: level 2 is in force for {found.ref}")
    assert found.is_exercise
    assert {d.state for d in Delivery.objects.filter(incident=found)} == {"caught"}
    assert not desk.taken


def test_asks_the_gateway_to_come_again_when_nothing_was_written_down(
    stranger: "Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.answers import reporting
    from openline.server.answers.request import REPORTS

    def lost(*_: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(reporting, "report", lost)

    deliver, text = by_django(stranger), {"from": AGENT, "text": "REPORT smoke", "id": uuid4().hex}

    lost_ones = [deliver("reply", **text) for _ in range(REPORTS.most + 1)]
    monkeypatch.undo()
    monkeypatch.setenv("OPENLINE_PROVIDER_INBOUND", SECRET)

    assert {status for status, _ in lost_ones} == {503}
    assert "send it again" in lost_ones[0][1]["say"]
    assert deliver("reply", **text)[0] == 200


WORDS = st.one_of(
    st.text(max_size=80),
    st.text("L1230 9#.:-\n\x00\ud800", max_size=12),
    st.text(max_size=20).map("REPORT ".__add__),
    st.sampled_from(["L2", "LEVEL", "REPORT", "EXERCISE REPORT", "9" * 4000, "AB3DEF L2", "report \u202e\x07"]),
)
FIELD = st.one_of(WORDS, st.integers(), st.none(), st.booleans(), st.lists(st.integers(), max_size=2))


@hypothesis.given(
    code=st.text(ALPHABET, min_size=6, max_size=6),
    between=st.sampled_from([" ", "  ", ", ", ": ", " - ", ".\n"]),
    word=st.sampled_from(["L2", "l2", "L 2", "Level 2", "LEVEL: 2", "l.2"]),
    reason=st.sampled_from(["", " flames", ", because of it", "\n"]),
)
def test_reads_a_level_after_any_code_however_it_is_written(code: str, between: str, word: str, reason: str) -> None:
    from openline.server.answers.texts import Level, of_text

    for written in (code, code.lower()):
        assert of_text(f" {written}{between}{word}{reason}") == Level(code, 2, reason.strip(" ,\n"))


@hypothesis.settings(max_examples=150, deadline=None, database=None, derandomize=True)
@hypothesis.given(path=st.sampled_from(["reply", "key"]), text=FIELD, sender=FIELD, other=FIELD, own=st.booleans())
def test_answers_whatever_a_gateway_delivers_with_a_sentence(
    path: str, text: Any, sender: Any, other: Any, own: bool
) -> None:
    from openline.server.answers.request import EACH, REPORTS

    for door in (EACH, REPORTS):
        door.forget()
    mark = f"{code(reported(quickly, id='the same'))} " if own and isinstance(text, str) else ""
    sent = {"from": sender, "text": f"{mark}{text}" if mark else text, "digits": text, "key": other, "id": other}

    status, said = quickly(path, **sent)

    assert status in (200, 409, 422, 429), said
    assert said["say"].strip()


@pytest.mark.parametrize(
    "body", [b"[" * 20_000, b'{"text": ' + b"9" * 5000 + b"}", b"\xff\xfe", b"null", b'"REPORT x"']
)
def test_says_of_a_body_that_is_no_object_what_to_send(body: bytes, stranger: "Client") -> None:
    secret = {"X-Openline-Secret": SECRET}

    answer = stranger.post("/in/reply/", body, content_type="application/json", headers=secret)

    assert answer.status_code == 400
    assert "an object in JSON" in answer.json()["say"]


def test_leads_from_a_text_to_the_calls_on_a_server_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is called by hand here: `openline serve`, its engine, and a gateway that answers."""
    from openline.bench.reach.run import _child, _server
    from tests.server.telephones import written

    def deliver(port: int, text: str) -> tuple[int, dict[str, Any]]:
        headers = {"X-Openline-Secret": SECRET, "Content-Type": "application/json"}
        body = json.dumps({"from": AGENT, "text": text, "id": text}).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{port}/in/reply/", body, headers)
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310 - loopback
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)

    def wait(is_so: Callable[[], bool]) -> None:
        for _ in range(600):
            if is_so():
                return
            time.sleep(0.1)
        raise AssertionError("it did not happen within a minute")

    with gateway_server() as (desk_port, book):
        folder = tmp_path / "plan"
        folder.mkdir()
        _child("openline.bench.reach.setting", tmp_path / "data", written(folder, "bench"), 0, desk_port)
        with _server(tmp_path / "data") as port:
            reported_as = deliver(port, "REPORT smoke in the hall")
            wait(lambda: len(book.taken) == 1)
            declare = f"{code_in(message(book, OFFICER))} L2"
            # A code is looked for in new calls once a second.
            wait(lambda: deliver(port, declare)[0] == 200)
            wait(lambda: len(book.taken) == 2)
            declared = deliver(port, declare)

    assert reported_as[0] == 200
    assert declared == (200, {"recorded": True, "say": "level 2 is in force for INC-1, smoke in the hall."})
    assert "level 2 is declared" in message(book, DIRECTOR)


def test_logs_what_nobody_foresaw_and_nothing_of_what_is_refused(caplog: pytest.LogCaptureFixture) -> None:
    from openline.server.answers.request import Answer, Ask
    from openline.server.incidents.gathering import Asking

    def never(*_: object) -> dict[str, object]:
        raise AssertionError

    ask = Ask(Asking(lambda: 1, lambda *_: None, never), lambda _: Answer(200, ""), lambda _: Answer(503, "again"))

    assert ask.failed(LookupError("nobody")).status == 503
    assert not caplog.records
    assert ask.failed(AttributeError("a slip")).status == 503
    assert "a slip" in caplog.text
