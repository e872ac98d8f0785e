"""What providers answer, and what that means: later, final, or perhaps sent (requirement COM-09)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from openline.bench.reach.gateway import Book
from openline.notifiers.base import NotifierError, Outgoing
from openline.notifiers.gateway import Gateway, GatewayOptions
from openline.notifiers.secret import NoSuchSecret, is_there, secret
from openline.notifiers.smtp import Smtp, SmtpOptions
from openline.server.notifications.breaker import FAILURES, PAUSE_S, Watched
from openline.testing import FakeNotifier
from tests.notifiers.servers import Mailbox, gateway_server, mail_server

SMS = Outgoing("1/page/1", "sms", "+44 1", 'Fire "A"', "{key} Answer 1\nor 2")
MAIL = Outgoing("1/page/1", "email", "a@example.org", "Gas leak\r\nBcc: x@example.org", "Are you safe?")


@pytest.fixture
def desk() -> Iterator[tuple[int, Book]]:
    with gateway_server() as found:
        yield found


@pytest.fixture
def post() -> Iterator[tuple[int, Mailbox]]:
    with mail_server() as found:
        yield found


OPEN: list[Gateway] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def gateway(port: int, **more: Any) -> Gateway:
    OPEN.append(Gateway(GatewayOptions(url=f"http://127.0.0.1:{port}/messages", timeout_s=2, **more)))
    return OPEN[-1]


def smtp(port: int, **more: Any) -> Smtp:
    options = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "o@example.org", "timeout_s": 2}
    return Smtp(SmtpOptions.model_validate(options | more))


def test_puts_a_message_into_the_body_without_reading_slots_in_it(desk: tuple[int, Book]) -> None:
    body = '{"to": ["{to}"], "message": {"title": "{subject}", "text": "{text}", "n": 1}}'

    reference = gateway(desk[0], body=body, reference="id").hand_over(SMS)

    assert json.loads(desk[1].taken[0][2]) == {
        "to": ["+44 1"],
        "message": {"title": 'Fire "A"', "text": "{key} Answer 1\nor 2", "n": 1},
    }
    assert desk[1].taken[0][1] == "1/page/1"
    assert reference == "ref-1"


def test_sends_a_form_where_the_gateway_wants_one(desk: tuple[int, Book]) -> None:
    gateway(desk[0], form="form").hand_over(SMS)

    assert desk[1].taken[0][2] == "to=%2B44+1&text=%7Bkey%7D+Answer+1%0Aor+2"


def test_takes_the_secret_by_name_and_shows_it_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINE_PROVIDER_TOKEN", "s3cret")
    made = gateway(1, headers={"Authorization": "Bearer {secret}"}, secret="TOKEN")

    headers, _ = made.prepared(SMS)

    assert headers["Authorization"] == "Bearer s3cret"
    assert "s3cret" not in made.options.model_dump_json()


@pytest.mark.parametrize("answer", [b"[" * 100_000, b"{", b'{"id": [1]}', b"\xff"])
def test_counts_a_message_as_taken_whatever_stands_in_the_answer(answer: bytes) -> None:
    assert isinstance(gateway(1, reference="id.0.x")._reference(httpx.Response(200, content=answer)), str)


def test_reads_a_secret_from_a_file_and_nothing_else_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "TOKEN").write_text("from a file\n")
    (tmp_path / "EMPTY").write_text("\n")
    monkeypatch.setenv("OPENLINE_SECRETS", str(tmp_path))

    assert secret("TOKEN") == "from a file"
    assert not is_there("OPENLINE_SECRETS")
    for wrong in ("../TOKEN", "HOME", "PATH", "a", "EMPTY"):
        with pytest.raises(NoSuchSecret):
            secret(wrong)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"url": "http://sms.example.org/"}, "https"),
        ({"url": "https://sms.example.org/", "body": "to={to}"}, "no JSON"),
        ({"url": "https://sms.example.org/", "body": '{"to": "{to}"}'}, "needs"),
        ({"url": "https://sms.example.org/", "form": "form", "body": '{"to": ["{to}"], "text": "{text}"}'}, "form"),
        ({"url": "https://sms.example.org/", "secret": "no-name"}, "pattern"),
    ],
)
def test_refuses_a_gateway_that_can_not_work(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        GatewayOptions.model_validate(options)


@pytest.mark.parametrize(
    ("status", "retry", "maybe_sent"),
    [(400, False, False), (401, False, False), (302, False, False), (408, True, False), (429, True, False),
     (500, True, True), (502, True, True), (503, True, False), (504, True, True)],
)  # fmt: skip
def test_tells_what_may_work_later_from_what_is_final(
    status: int, retry: bool, maybe_sent: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    made = gateway(1)
    made._client = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(status)))

    with pytest.raises(NotifierError) as found:
        made.hand_over(SMS)

    assert (found.value.retry, found.value.maybe_sent) == (retry, maybe_sent)


def test_says_that_a_message_may_be_sent_when_the_gateway_takes_it_and_dies(desk: tuple[int, Book]) -> None:
    desk[1].mood = "dies"

    with pytest.raises(NotifierError) as found:
        gateway(desk[0]).hand_over(SMS)

    assert found.value.retry
    assert found.value.maybe_sent
    assert len(desk[1].taken) == 1


def test_sends_many_mails_over_one_connection(post: tuple[int, Mailbox]) -> None:
    server = smtp(post[0])

    for _ in range(5):
        server.hand_over(MAIL)
    server.close()

    assert len(post[1].mail) == 5
    assert len(post[1].connections) == 1


def test_lets_nobody_add_headers_by_a_subject(post: tuple[int, Mailbox]) -> None:
    server = smtp(post[0])
    server.hand_over(MAIL)
    server.close()

    content = post[1].mail[0].content
    assert isinstance(content, bytes)
    assert b"Subject: Gas leak Bcc: x@example.org" in content
    assert post[1].mail[0].rcpt_tos == ["a@example.org"]


def test_gives_the_same_message_the_same_id() -> None:
    assert smtp(1).mail(MAIL)["Message-ID"] == smtp(1).mail(MAIL)["Message-ID"]


@pytest.mark.parametrize(
    ("mood", "retry", "maybe_sent"), [("busy", True, False), ("refuses", False, False), ("dies", True, True)]
)
def test_tells_the_answers_of_a_mail_server_apart(
    mood: str, retry: bool, maybe_sent: bool, post: tuple[int, Mailbox]
) -> None:
    post[1].mood = mood
    server = smtp(post[0])

    with pytest.raises(NotifierError) as found:
        server.hand_over(MAIL)
    server.close()

    assert (found.value.retry, found.value.maybe_sent) == (retry, maybe_sent)


def test_sends_again_on_a_new_connection_after_the_old_one_broke(post: tuple[int, Mailbox]) -> None:
    server = smtp(post[0])
    post[1].mood = "dies"
    with pytest.raises(NotifierError):
        server.hand_over(MAIL)
    post[1].mood = "ok"

    server.hand_over(MAIL)
    server.close()

    assert len(post[1].mail) == 2


def test_refuses_to_send_a_password_over_a_line_that_is_not_encrypted(post: tuple[int, Mailbox]) -> None:
    with pytest.raises(ValidationError, match="encrypted"):
        smtp(post[0], user="me", secret="MAIL")

    with pytest.raises(NotifierError, match="can not be used"):
        smtp(post[0], security="starttls").hand_over(MAIL)
    assert not post[1].mail


def test_passes_a_provider_over_that_fails_again_and_again_and_comes_back() -> None:
    now = [0.0]
    inner = FakeNotifier(["down"] * FAILURES + ["down", "ok"])
    watched = Watched(inner, lambda: now[0])
    for _ in range(FAILURES):
        with pytest.raises(NotifierError, match="is down"):
            watched.hand_over(SMS)

    with pytest.raises(NotifierError, match="passed over") as found:
        watched.hand_over(SMS)
    assert found.value.retry
    now[0] += PAUSE_S
    with pytest.raises(NotifierError, match="is down"):
        watched.hand_over(SMS)
    with pytest.raises(NotifierError, match="passed over"):
        watched.hand_over(SMS)
    now[0] += PAUSE_S

    assert watched.hand_over(SMS) == "fake-1"
    assert watched.health().failures == 0


def test_blames_no_provider_for_a_wrong_address() -> None:
    watched = Watched(FakeNotifier(["refuses"] * 20))

    for _ in range(20):
        with pytest.raises(NotifierError, match="refuses"):
            watched.hand_over(SMS)

    assert watched.health().failures == 0
