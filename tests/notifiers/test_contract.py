"""The contract of every way to reach people, over the whole table (requirement COM-09)."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from openline.incident.permit import MayNotTouchTheWorld, Permit, permit
from openline.notifiers import NOTIFIERS
from openline.notifiers.base import Channel, NotifierError, Outgoing, send
from tests.incident.plans import declared, reported
from tests.notifiers.servers import free_port, gateway_server, mail_server, silent_server

PAGE = Path(__file__).parents[2] / "docs" / "notifiers.md"
MESSAGE = Outgoing("1/page-1/0", "sms", "+441234567890", "Gas leak", "Are you safe?")
MAIL = Outgoing("1/page-1/0", "email", "a@example.org", "Gas leak", "Are you safe?")
WAIT_S = 0.5

SAMPLES: dict[str, Callable[[int], dict[str, Any]]] = {
    "smtp": lambda port: {
        "host": "127.0.0.1", "port": port, "security": "none", "sender": "openline@example.org", "timeout_s": WAIT_S,
    },
    "gateway": lambda port: {"url": f"http://127.0.0.1:{port}/messages", "timeout_s": WAIT_S},
    "apprise": lambda port: {"secret": "SERVICE", "timeout_s": WAIT_S},
}  # fmt: skip
"""Options of each kind for a server on a port of loopback."""


@pytest.fixture(autouse=True)
def service(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Point the secret of Apprise's sample at a port."""

    def points(port: int) -> None:
        monkeypatch.setenv("OPENLINE_PROVIDER_SERVICE", f"json://127.0.0.1:{port}/")

    return points


def allowed() -> Permit:
    return permit(declared().state, "INC-1")


def test_has_a_sample_of_every_kind_here() -> None:
    assert set(SAMPLES) == set(NOTIFIERS)


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_refuses_options_it_does_not_know(name: str) -> None:
    with pytest.raises(ValidationError, match="extra"):
        NOTIFIERS[name].options.model_validate({**SAMPLES[name](1), "colour": "red"})


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_names_ways_to_people_that_the_plan_has(name: str) -> None:
    from typing import get_args

    assert NOTIFIERS[name].channels
    assert set(NOTIFIERS[name].channels) <= set(get_args(Channel))


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_has_a_heading_and_every_option_in_the_docs(name: str) -> None:
    text = PAGE.read_text(encoding="utf-8")
    part = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]

    assert part
    for option in NOTIFIERS[name].options.model_fields:
        assert f"`{option}`" in part, f"{name} {option}"


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_does_not_wait_longer_than_its_time_out(name: str, service: Callable[[int], None]) -> None:
    with silent_server() as port:
        service(port)
        notifier, real = made(name, port), allowed()
        begun = time.monotonic()

        with pytest.raises(NotifierError) as found:
            send(real, notifier, MAIL if name == "smtp" else MESSAGE)

    assert found.value.retry
    assert time.monotonic() - begun < 3 * WAIT_S + 2


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_may_try_again_where_nothing_listens(name: str, service: Callable[[int], None]) -> None:
    port = free_port()
    service(port)

    with pytest.raises(NotifierError) as found:
        send(allowed(), made(name, port), MAIL if name == "smtp" else MESSAGE)

    assert found.value.retry


@pytest.mark.parametrize("name", list(NOTIFIERS))
def test_hands_a_message_to_a_real_server(name: str, service: Callable[[int], None]) -> None:
    if name == "smtp":
        with mail_server() as (port, box):
            notifier = made(name, port)
            send(allowed(), notifier, MAIL)
            notifier.close()

        assert [e.rcpt_tos for e in box.mail] == [["a@example.org"]]
        return
    with gateway_server() as (port, book):
        service(port)
        notifier = made(name, port)
        send(allowed(), notifier, MESSAGE)
        notifier.close()

    assert len(book.taken) == 1
    assert "Are you safe?" in book.taken[0][2]


@pytest.mark.parametrize("name", list(NOTIFIERS))
@pytest.mark.parametrize("given", [None, object(), "permit"])
def test_is_shut_without_a_permit(
    name: str, given: Any, service: Callable[[int], None], no_sockets: list[object]
) -> None:
    service(9)

    with pytest.raises(MayNotTouchTheWorld):
        send(given, made(name, 9), MESSAGE)
    assert not no_sockets


def test_gives_no_permit_for_an_exercise() -> None:
    with pytest.raises(MayNotTouchTheWorld):
        permit(reported("quay", exercise=True).state, "EX-1")
    with pytest.raises(MayNotTouchTheWorld):
        Permit("INC-1")


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Note, and refuse, every attempt to connect."""
    tried: list[object] = []

    def refuse(_: socket.socket, address: object) -> None:
        tried.append(address)
        raise AssertionError(f"a connection to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    return tried


def made(name: str, port: int) -> Any:
    kind = NOTIFIERS[name]
    return kind.make(kind.options.model_validate(SAMPLES[name](port)))
