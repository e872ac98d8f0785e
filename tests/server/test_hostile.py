"""Requests that nobody sends by accident get a sentence, before they cost anything (issue: rate limits, validation)."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/incidents/1/commands/WriteNote"])
def test_tells_a_program_without_a_token_to_send_one_also_when_it_acts(path: str) -> None:
    from django.test import Client

    answer = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True).post(path, "{}", "application/json")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert "Authorization: Bearer" in answer.json()["detail"]


@pytest.mark.usefixtures("_server")
@pytest.mark.parametrize("path", ["/api/v1/incidents/null", "/api/v1/no-such"])
def test_tells_a_program_in_its_own_form_that_there_is_nothing_at_an_address(path: str, client: "Client") -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.json()["status"] == 404


def test_says_of_a_form_without_its_mark_what_to_do(client: "Client") -> None:
    from django.test import Client

    browser = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    browser.cookies = client.cookies

    answer = browser.post("/harbor/incidents/declare/", {"title": "Smoke"})

    assert answer.status_code == 403
    assert "Nothing was changed" in answer.text
    assert "load the page anew" in answer.text


def test_refuses_a_null_character_wherever_it_stands(client: "Client") -> None:
    """SQLite keeps one, PostgreSQL refuses it with a failure of the server."""
    asked = client.get("/harbor/incidents/?page=%00")
    in_value = client.post("/harbor/incidents/declare/", {"title": "a\x00b"})
    in_name = client.post("/harbor/status-page/", {"title\x00": "x"})
    sent = client.post("/harbor/bring-in/", {"file": "a\x00"})

    assert [a.status_code for a in (asked, in_value, in_name, sent)] == [400] * 4
    assert "could not be read" in asked.text


def _answer_to(path: str, chunks: Iterator[bytes], **headers: str) -> tuple[int, bytes, int]:
    """Ask the application as the web server does; returns (status, body, chunks that it took)."""
    from openline.server.asgi import application

    taken, said = [0], list[dict[str, Any]]()

    async def receive() -> dict[str, Any]:
        chunk = next(chunks, None)
        taken[0] += chunk is not None
        if chunk is None:
            await asyncio.sleep(0)
        return {"type": "http.request", "body": chunk or b"", "more_body": chunk is not None}

    async def send(message: Any) -> None:
        said.append(message)

    head = {"host": "127.0.0.1", "content-type": "text/plain", **headers}
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "http_version": "1.1", "scheme": "http", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 8000),
        "headers": [(k.encode(), v.encode()) for k, v in head.items()],
    }  # fmt: skip
    asyncio.run(application(scope, receive, send))
    return said[0]["status"], b"".join(m.get("body", b"") for m in said[1:]), taken[0]


@pytest.mark.usefixtures("_server")
def test_reads_no_request_that_says_it_is_huge() -> None:
    status, body, taken = _answer_to("/account/sign-in/", iter([b"x"] * 10), **{"content-length": "999999999999"})

    assert (status, taken) == (413, 0)
    assert b"Nothing was changed" in body


@pytest.mark.usefixtures("_server")
def test_stops_reading_a_request_that_never_ends() -> None:
    million = b"x" * 1_000_000

    status, _, taken = _answer_to("/account/sign-in/", iter([million] * 1000))

    assert status == 413
    assert taken <= 33


@pytest.mark.usefixtures("_server")
def test_keeps_the_door_for_replies_shut_while_its_secret_is_an_empty_file(
    stranger: "Client", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENLINE_PROVIDER_INBOUND", raising=False)
    monkeypatch.setenv("OPENLINE_SECRETS", str(tmp_path))
    (tmp_path / "INBOUND").write_text("\n")

    answer = stranger.post("/in/reply/", {"from": "+4420", "text": "1"})

    assert answer.status_code == 503
    assert "until the secret INBOUND is set" in answer.text


@pytest.mark.usefixtures("_server")
def test_takes_no_reply_that_is_nested_without_end(stranger: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENLINE_PROVIDER_INBOUND", "between us")
    headers = {"X-Openline-Secret": "between us"}

    answer = stranger.post("/in/reply/", "[" * 19_000, "application/json", headers=headers)

    assert answer.status_code == 400
    assert json.loads(answer.content)["recorded"] is False


def test_tells_somebody_without_a_password_so_when_they_want_to_change_it(client: "Client") -> None:
    """Who comes by the identity provider has none, and the menu leads them there."""
    answer = client.get("/account/password/", follow=True)

    assert answer.status_code == 200
    assert "Your account has no password" in answer.text
