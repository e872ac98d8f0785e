"""Tokens: how programs ask, and what they may (issue: API tokens with scopes)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.models import ApiToken
    from openline.server.accounts.rights import Role


@pytest.fixture(autouse=True)
def _no_tokens(_server: None) -> Iterator[None]:
    from openline.server.accounts import tokens
    from openline.server.accounts.models import ApiToken

    ApiToken.objects.all().delete()
    tokens.MISSES.forget()
    tokens.USES.forget()
    yield
    ApiToken.objects.all().delete()


def made(client: "Client", *scopes: str, name: str = "Wallboard") -> str:
    """Make a token on the page; returns the header's value."""
    page = client.post("/account/tokens/", {"name": name, "scopes": scopes, "days": "30"})
    assert page.status_code == 200, page.content.decode()
    return page.content.decode().partition("Authorization: ")[2].partition("<")[0]


def token() -> "ApiToken":
    from openline.server.accounts.models import ApiToken

    return ApiToken.objects.get()


def test_lets_a_program_read_what_its_scopes_say_and_nothing_else(client: "Client", stranger: "Client") -> None:
    text = made(client, "read_plan")

    assert stranger.get("/harbor/plan/", headers={"Authorization": text}).status_code == 200
    for path in ("/harbor/what-if/", "/account/people/", "/account/tokens/", "/", "/account/log/"):
        refused = stranger.get(path, headers={"Authorization": text})
        assert refused.status_code == 403, path
        assert "lacks the scope" in json.loads(refused.content)["error"]


def test_keeps_no_secret_and_shows_it_once(client: "Client") -> None:
    text = made(client, "read_plan")
    secret = text.rpartition("_")[2]

    stored = " ".join(str(v) for v in vars(token()).values())
    assert secret not in stored
    assert secret not in client.get("/account/tokens/").content.decode()
    assert token().prefix in text


def test_changes_a_plan_with_the_scope_and_no_cookie_and_is_named_as_who_did_it(client: "Client") -> None:
    from django.test import Client

    from openline.server.plans.store import centre, keep

    program = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    old = centre("corner-repairs")
    copy = {name: text.replace("id: corner-repairs", "id: by-program") for name, text in old.files.items()}
    first = keep("by-program", "By program", copy, "a test", by=None, why="first")
    keep("by-program", "By program", {**copy, "x.csv": ""}, "a test", by=None, why="second")
    address = f"/by-program/revisions/{first.pk}/bring-back/"

    refused = program.post(address, {"why": "nightly"})
    response = program.post(
        address, {"why": "nightly"}, headers={"Authorization": made(client, "change_plan", name="Importer")}
    )

    assert (refused.status_code, response.status_code) == (403, 302)
    assert centre("by-program").who == "Importer (a program of Owner)"


def test_names_the_program_in_the_log(client: "Client") -> None:
    from django.test import RequestFactory

    from openline.server.accounts.models import Act
    from openline.server.accounts.store import record
    from openline.server.accounts.tokens import authenticate

    text = made(client, "read_plan")
    request = RequestFactory().get("/", headers={"Authorization": text})
    request.user = None  # type: ignore[assignment]
    program = authenticate(request)
    assert program is not None
    request.user = program

    record(request, "tried something")

    act = Act.objects.filter(did="tried something")[0]
    assert act.who == "Wallboard (a program of Owner)"
    assert act.account is not None
    assert act.account.name == "Owner"


@pytest.mark.parametrize("spoilt", ["Bearer ", "Bearer x", "Bearer ol_00000000_nothing", "Bearer {}x", "bearer {}?"])
def test_refuses_a_wrong_token_even_beside_a_cookie(client: "Client", spoilt: str) -> None:
    text = made(client, "read_plan").removeprefix("Bearer ")

    response = client.get("/harbor/plan/", headers={"Authorization": spoilt.format(text)})

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def test_is_no_more_than_its_token_beside_the_cookie_of_the_owner(client: "Client") -> None:
    text = made(client, "read_plan")

    assert client.get("/account/people/", headers={"Authorization": text}).status_code == 403


def test_stops_when_it_is_withdrawn_expired_or_its_maker_is_shut(
    client: "Client", stranger: "Client", signed_in: "Callable[[Role], Client]"
) -> None:
    from django.utils import timezone

    from openline.server.accounts.models import Account, ApiToken

    def status(text: str) -> int:
        return stranger.get("/harbor/plan/", headers={"Authorization": text}).status_code

    text = made(client, "read_plan")
    client.post(f"/account/tokens/{token().pk}/withdraw/")
    assert (status(text), token().state) == (401, "withdrawn")

    ApiToken.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert (status(text), token().state) == (401, "expired")

    ApiToken.objects.all().delete()
    text = made(signed_in("admin"), "read_plan")
    assert status(text) == 200
    Account.objects.filter(email="admin@example.org").update(is_active=False)
    assert (status(text), token().state) == (401, "stopped: its maker's account is shut")
    Account.objects.filter(email="admin@example.org").update(is_active=True)


def test_has_never_more_than_its_maker_has_now(stranger: "Client", signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.accounts.models import Account

    text = made(signed_in("admin"), "read_log")
    assert stranger.get("/account/log/", headers={"Authorization": text}).status_code == 200

    Account.objects.filter(email="admin@example.org").update(role_names="viewer")

    assert stranger.get("/account/log/", headers={"Authorization": text}).status_code == 403
    Account.objects.filter(email="admin@example.org").delete()


@pytest.mark.parametrize("scopes", [[], ["manage_accounts"], ["manage_tokens"], ["command"], ["everything"]])
def test_gives_no_program_what_is_for_people_or_what_its_maker_lacks(
    signed_in: "Callable[[Role], Client]", scopes: list[str]
) -> None:
    from openline.server.accounts.models import ApiToken

    page = signed_in("admin").post("/account/tokens/", {"name": "x", "scopes": scopes, "days": "30"})

    assert page.status_code == 400
    assert not ApiToken.objects.exists()


def test_makes_none_that_lives_for_ever(client: "Client") -> None:
    assert client.post("/account/tokens/", {"name": "x", "scopes": ["read_plan"], "days": "9999"}).status_code == 400


def test_slows_down_who_guesses_and_who_asks_too_often(
    client: "Client", stranger: "Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.accounts import tokens

    text = made(client, "read_plan")
    statuses = [stranger.get("/", headers={"Authorization": "Bearer ol_x_y"}).status_code for _ in range(25)]
    assert statuses == [401] * 20 + [429] * 5
    assert stranger.get("/harbor/plan/", headers={"Authorization": text}).status_code == 429

    tokens.MISSES.forget()
    monkeypatch.setattr(tokens.USES, "most", 2)
    asked = [stranger.get("/harbor/findings/rules/AR-001/", headers={"Authorization": text}) for _ in range(3)]
    assert [r.status_code for r in asked] == [200, 200, 429]
    assert asked[-1]["Retry-After"] == "60"


def test_tells_an_api_who_asks_and_whether_they_may(client: "Client") -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory

    from openline.server.accounts.tokens import authenticate, scoped

    request = RequestFactory().get("/", headers={"Authorization": made(client, "see_incidents")})
    request.user = AnonymousUser()
    bare = RequestFactory().get("/")
    bare.user = AnonymousUser()

    who = scoped("see_incidents")(request)

    assert who is not None
    assert who.rights == {"see_incidents"}
    assert scoped("declare")(request) is None
    assert authenticate(bare) is None
    assert scoped("see_incidents")(bare) is None


def test_notes_when_a_token_was_used(client: "Client", stranger: "Client") -> None:
    text = made(client, "read_plan")
    assert token().last_used_at is None

    stranger.get("/harbor/plan/", headers={"Authorization": text})

    assert token().last_used_at is not None


def test_lets_no_program_become_an_account(client: "Client") -> None:
    from openline.server.accounts.models import Program

    with pytest.raises(NotImplementedError):
        Program.objects.all()[0].save()
