"""Every page that needs no sign-in is limited, and shows nothing of a plan (issue: rate limits on every open door)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

FILLED = {"<uidb36>": "1", "<key>": "x-y", "<provider_id>": "provider", "<token>": "x", "<slug>": "harbor", "<pk>": "1"}


def open_addresses() -> Iterator[tuple[str, object]]:
    from openline.server.accounts.doors import doors

    for door in doors():
        address = door.address
        for part, value in FILLED.items():
            address = address.replace(part, value)
        if door.is_open:
            yield address, door.view


@pytest.mark.usefixtures("_server")
def test_refuses_who_knocks_too_often_at_any_open_door(stranger: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.accounts.roles import OPEN_DOOR

    found = list(open_addresses())
    assert len(found) >= 8
    for address, view in found:
        limit = getattr(view, "limit", OPEN_DOOR)
        assert limit.window_s > 0
        monkeypatch.setattr(limit, "most", 2)
        limit.forget()

        statuses = [stranger.get(address).status_code for _ in range(3)]

        assert statuses[2] == 429, address
        assert 429 not in statuses[:2], address
        limit.forget()


@pytest.mark.usefixtures("_server")
def test_counts_each_client_and_each_door_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.test import Client

    from openline.server.accounts.roles import OPEN_DOOR

    monkeypatch.setattr(OPEN_DOOR, "most", 1)
    OPEN_DOOR.forget()

    def status(address: str, path: str) -> int:
        return Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=address).get(path).status_code

    assert status("192.0.2.1", "/account/sign-in/") == 200
    assert status("192.0.2.1", "/account/sign-in/") == 429
    assert status("192.0.2.2", "/account/sign-in/") == 200
    assert status("192.0.2.1", "/account/paper-code/") == 200


@pytest.mark.usefixtures("_server")
def test_says_nothing_of_a_plan_at_any_open_door(stranger: "Client") -> None:
    for address, _ in open_addresses():
        text = stranger.get(address, follow=True).content.decode()

        assert "Harbor" not in text, address
        assert "owner@example.org" not in text, address


@pytest.mark.usefixtures("_server")
def test_sends_the_strict_policy_from_every_open_door(stranger: "Client") -> None:
    for address, _ in open_addresses():
        answer = stranger.get(address)

        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe-eval" not in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("_server")
def test_keeps_the_session_in_a_cookie_that_no_script_and_no_other_site_gets() -> None:
    from django.conf import settings

    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == "Lax"
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_AGE <= 7 * 86400


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth1", True),
    ],
)
@pytest.mark.usefixtures("_server")
def test_counts_a_network_of_ipv6_as_one_client(
    one: str, other: str, same: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.test import Client

    from openline.server.accounts.roles import OPEN_DOOR

    monkeypatch.setattr(OPEN_DOOR, "most", 1)
    OPEN_DOOR.forget()

    def status(address: str) -> int:
        return Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=address).get("/account/sign-in/").status_code

    assert status(one) == 200
    assert status(other) == (429 if same else 200)


def test_forgets_one_client_at_a_time_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server import security

    monkeypatch.setattr(security, "MOST_CLIENTS", 100)
    limit = security.Limit(most=1, window_s=60)
    for n in range(150):
        assert limit.allows(str(n))

    assert not limit.allows("149")
    assert not limit.allows("60")
    assert limit.allows("3")
