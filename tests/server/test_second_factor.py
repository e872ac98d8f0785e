"""The second factor: set-up, sign-in, who must have one, and being asked again (issue: MFA)."""

import base64
import hmac
import re
import time
from typing import TYPE_CHECKING

import pytest

from tests.server.test_accounts import PASSWORD, acts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

    from openline.server.accounts.models import Account
    from openline.server.accounts.rights import Role

EMAIL = "factor@example.net"


def code_of(secret: str, steps: int = 0) -> str:
    """Compute the six digits of now, or of some steps later, as RFC 6238 says."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, (int(time.time()) // 30 + steps).to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


@pytest.fixture
def account(_server: None) -> "Iterator[Account]":
    """Give a commander with a password and no second factor."""
    from django.core.cache import cache

    from openline.server.accounts.models import Account

    cache.clear()
    Account.objects.filter(email=EMAIL).delete()
    made = Account.objects.make(EMAIL, "Duty commander", ("commander",), PASSWORD)
    yield made
    made.delete()


def sign_in(browser: "Client") -> str:
    """Say the password; returns where that leads."""
    return str(browser.post("/account/sign-in/", {"login": EMAIL, "password": PASSWORD})["Location"])


def turn_on(browser: "Client") -> str:
    """Set the second factor up as the page says; returns the secret."""
    page = browser.get("/account/second-factor/on/").content.decode()
    secret = re.search(r'class="copy">([A-Z2-7]+)<', page)
    assert secret is not None
    assert 'src="data:image/svg+xml;base64,' in page
    done = browser.post("/account/second-factor/on/", {"code": code_of(secret[1])})
    assert done["Location"] == "/account/second-factor/recovery-codes/"
    return secret[1]


def test_asks_for_a_code_after_the_password_once_it_is_on(stranger: "Client", account: "Account") -> None:
    sign_in(stranger)
    secret = turn_on(stranger)
    stranger.post("/account/sign-out/")

    assert sign_in(stranger) == "/account/code/"
    assert stranger.get("/harbor/plan/").status_code == 302
    wrong = stranger.post("/account/code/", {"code": "000000"})
    assert "Incorrect code" in wrong.content.decode()
    right = stranger.post("/account/code/", {"code": code_of(secret)})

    assert right["Location"] == "/"
    assert stranger.get("/harbor/plan/").status_code == 200
    assert ("Duty commander", "set up a second factor") in acts()
    assert ("Duty commander", "gave a wrong code") in acts()


def test_takes_a_code_only_once(stranger: "Client", account: "Account") -> None:
    sign_in(stranger)
    secret = turn_on(stranger)
    code = code_of(secret, 1)
    answers = []
    for _ in range(2):
        stranger.post("/account/sign-out/")
        sign_in(stranger)
        answers.append(stranger.post("/account/code/", {"code": code}))

    assert answers[0]["Location"] == "/"
    assert "Incorrect code" in answers[1].content.decode()


def test_lets_in_with_a_recovery_code_once(stranger: "Client", account: "Account") -> None:
    sign_in(stranger)
    turn_on(stranger)
    page = stranger.get("/account/second-factor/recovery-codes/").content.decode()
    first = re.findall(r"<li><code>(\d+)</code>", page)[0]
    file = stranger.get("/account/second-factor/recovery-codes/file/")
    assert first in file.content.decode()

    for expected in ("/", None):
        stranger.post("/account/sign-out/")
        sign_in(stranger)
        answer = stranger.post("/account/code/", {"code": first})
        assert answer.headers.get("Location") == expected


def test_keeps_the_secret_encrypted(stranger: "Client", account: "Account") -> None:
    from allauth.mfa.models import Authenticator

    sign_in(stranger)
    secret = turn_on(stranger)

    assert secret not in str(list(Authenticator.objects.filter(user=account).values()))


@pytest.mark.parametrize("role", ["commander", "admin"])
def test_demands_it_of_who_commands_or_administers_where_others_reach_the_server(
    stranger: "Client", account: "Account", role: "Role"
) -> None:
    from django.test import override_settings

    account.give((role,))
    account.save()
    sign_in(stranger)
    assert stranger.get("/harbor/plan/").status_code == 200

    with override_settings(PUBLIC_URL="https://openline.example.org"):
        for path in ("/", "/harbor/plan/", "/harbor/what-if/"):
            assert stranger.get(path)["Location"] == "/account/second-factor/on/", path
        assert stranger.post("/account/tokens/", {}).status_code in (302, 403)
        assert "Your roles here need a second factor" in stranger.get("/account/second-factor/on/").content.decode()
        turn_on(stranger)
        assert stranger.get("/harbor/plan/").status_code == 200


def test_demands_it_of_nobody_else_unless_an_admin_says_so(
    client: "Client", stranger: "Client", account: "Account"
) -> None:
    from django.test import override_settings

    account.give(("viewer",))
    account.save()
    sign_in(stranger)

    with override_settings(PUBLIC_URL="https://openline.example.org"):
        assert stranger.get("/harbor/plan/").status_code == 200
    client.post("/account/people/second-factor/", {"for_all": "on"})
    assert stranger.get("/harbor/plan/")["Location"] == "/account/second-factor/on/"
    assert client.post("/account/people/second-factor/", {})["Location"] == "/account/second-factor/on/"

    from openline.server.accounts.second_factor import require_of_all

    require_of_all(False)
    assert stranger.get("/harbor/plan/").status_code == 200


def test_lets_an_admin_take_it_away_from_who_lost_the_phone(
    client: "Client", stranger: "Client", account: "Account"
) -> None:
    sign_in(stranger)
    turn_on(stranger)
    stranger.post("/account/sign-out/")

    client.post(f"/account/people/{account.pk}/second-factor/")

    assert sign_in(stranger) == "/"
    assert ("Owner", "took away a second factor") in acts()


def test_asks_again_who_it_is_before_the_riskiest_acts(stranger: "Client", account: "Account") -> None:
    from django.contrib.sessions.models import Session

    account.give(("admin",))
    account.save()
    sign_in(stranger)
    assert stranger.get("/account/people/").status_code == 200
    session = stranger.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    assert Session.objects.exists()

    for path in ("/account/people/", "/account/tokens/", "/account/second-factor/on/"):
        assert stranger.get(path)["Location"].startswith("/account/confirm/?next="), path
    assert stranger.get("/harbor/plan/").status_code == 200
    stranger.post("/account/confirm/?next=/account/tokens/", {"password": PASSWORD, "next": "/account/tokens/"})
    assert stranger.get("/account/tokens/").status_code == 200


def test_turns_it_off_when_its_holder_says_so(stranger: "Client", account: "Account") -> None:
    sign_in(stranger)
    turn_on(stranger)

    stranger.post("/account/second-factor/off/")

    assert "Your second factor is off" in stranger.get("/account/second-factor/").content.decode()
    assert ("Duty commander", "took off a second factor") in acts()


@pytest.mark.usefixtures("_server")
def test_never_asks_the_demo_for_one() -> None:
    from django.test import Client, override_settings

    from openline.server.accounts.second_factor import require_of_all
    from openline.server.accounts.store import make_demo_owner

    make_demo_owner()
    require_of_all(True)
    with override_settings(DEMO=True):
        assert Client(SERVER_NAME="127.0.0.1").get("/harbor/plan/").status_code == 200
    require_of_all(False)


def test_needs_no_second_factor_of_a_program(client: "Client", stranger: "Client") -> None:
    from openline.server.accounts.second_factor import require_of_all
    from tests.server.test_tokens import made

    text = made(client, "read_plan")
    require_of_all(True)
    assert stranger.get("/harbor/plan/", headers={"Authorization": text}).status_code == 200
    require_of_all(False)
