"""Accounts: set-up, sign-in, roles, links for passwords, the log (issue: who may do what)."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.accounts.models import Account
    from openline.server.accounts.rights import Role

PASSWORD = "four quiet words here"  # noqa: S105 - made for these tests


@pytest.fixture
def nobody_yet(_server: None) -> None:
    """Bring the server to before its set-up."""
    from openline.server.accounts.models import Account

    Account.objects.all().delete()


@pytest.fixture
def account(_server: None) -> "Account":
    """Give an editor with a password."""
    from django.core.cache import cache

    from openline.server.accounts.models import Account

    cache.clear()
    Account.objects.filter(email="editor@example.net").delete()
    return Account.objects.make("Editor@example.net", "Night editor", ("editor",), PASSWORD)


def acts() -> list[tuple[str, str]]:
    from openline.server.accounts.models import Act

    return [(a.who, a.did) for a in Act.objects.all()[:20]]


PAGES = [
    "/", "/harbor/", "/harbor/plan/", "/harbor/findings/", "/harbor/what-if/", "/harbor/revisions/",
    "/harbor/plan/plan.xlsx/", "/harbor/plan/edit/", "/harbor/asked/", "/harbor/asked/vendors/",
    "/new/", "/new/one-seat/",
    "/account/people/", "/account/log/", "/account/password/",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_sends_a_stranger_to_sign_in_and_says_nothing_of_the_centres(
    stranger: "Client", account: "Account", path: str
) -> None:
    response = stranger.get(path, follow=True)

    assert response.redirect_chain[0][0].startswith("/account/sign-in/?next=")
    assert "Sign in" in response.content.decode()
    assert "Harbor" not in response.content.decode()


MEANT_TO_BE_OPEN = (
    "/link/",  # signed, for owners and vendors
    "/a/",  # signed, for answers to a call
    "/in/",  # with the provider's secret
    "/cal/",  # signed, a rota's calendar
    "/status/",  # for everybody
    "/safety/",  # what to do first
    "/health/",
    "/metrics",  # loopback or a token
    "/api/v1/openapi.json",
)


@pytest.mark.usefixtures("_server")
def test_keeps_every_address_shut_but_those_of_signing_in() -> None:
    from openline.server.accounts.doors import doors, readable
    from openline.server.accounts.urls import signing_in

    opened = {d.address for d in doors() if d.is_open}

    signs_in = {readable(f"/account/{p.pattern}") for p in signing_in} | {"/account/set-up/", "/account/paper-code/"}
    assert {a for a in opened - signs_in if not a.startswith(MEANT_TO_BE_OPEN)} == set()
    assert "/account/sign-in/" in opened


def test_begins_with_the_owner_at_this_machine(stranger: "Client", nobody_yet: None) -> None:
    assert stranger.get("/harbor/", follow=True).redirect_chain == [("/account/set-up/", 302)]
    said = {"name": "Owner", "email": "owner@example.org", "password": PASSWORD, "again": PASSWORD}

    response = stranger.post("/account/set-up/", said)

    assert response.status_code == 302
    assert "Owner" in text_of(stranger, "/harbor/")
    assert ("Owner", "set up this server") in acts()
    assert stranger.get("/account/people/").status_code == 200
    assert stranger.get("/account/set-up/").status_code == 302


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"again": "another phrase"}, "The two passwords differ"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "passwordpassword"[:8], "again": "password"}, "too common"),
        ({"email": "no address"}, "valid email"),
        ({"name": ""}, "required"),
        ({"password": "owner@example.org", "again": "owner@example.org"}, "too similar"),
    ],
)
def test_takes_no_weak_beginning(stranger: "Client", nobody_yet: None, changed: dict[str, str], told: str) -> None:
    from openline.server.accounts.models import Account

    said = {"name": "Owner", "email": "owner@example.org", "password": PASSWORD, "again": PASSWORD} | changed
    response = stranger.post("/account/set-up/", said)

    assert response.status_code == 400
    assert told in response.content.decode()
    assert not Account.objects.exists()


def test_is_set_up_only_from_this_machine_and_only_once(nobody_yet: None) -> None:
    from django.test import Client

    from openline.server.accounts.store import set_up

    far = Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR="192.0.2.7")
    assert far.get("/account/set-up/").status_code == 403
    assert set_up("a@example.org", "First", PASSWORD) is not None
    assert set_up("b@example.org", "Second", PASSWORD) is None


def test_lets_the_holder_in_and_out_and_logs_it(stranger: "Client", account: "Account") -> None:
    said = {"login": "editor@EXAMPLE.net", "password": PASSWORD}

    response = stranger.post("/account/sign-in/?next=/harbor/plan/", {**said, "next": "/harbor/plan/"})

    assert response["Location"] == "/harbor/plan/"
    assert "Night editor" in text_of(stranger, "/harbor/plan/")
    assert stranger.post("/account/sign-out/").status_code == 302
    assert stranger.get("/harbor/plan/").status_code == 302
    assert [act for act in acts() if "signed" in act[1]][:2] == [
        ("Night editor", "signed out"),
        ("Night editor", "signed in"),
    ]


def test_refuses_a_wrong_password_in_the_same_words_as_an_unknown_address_and_slows_down(
    stranger: "Client", account: "Account"
) -> None:
    def said(login: str) -> tuple[int, str]:
        response = stranger.post("/account/sign-in/", {"login": login, "password": "a wrong phrase"})
        return response.status_code, response.content.decode()

    known, unknown = said("editor@example.net"), said("nobody@example.net")

    assert known[0] == unknown[0] == 200
    assert "not correct" in known[1]
    assert "not correct" in unknown[1]
    assert ("Night editor", "was refused at sign-in") in acts()
    assert ("somebody", "was refused at sign-in") in acts()
    for _ in range(12):
        last = said("editor@example.net")
    assert last[0] == 429 or "Too many failed" in last[1]


def test_never_leads_elsewhere_after_sign_in(stranger: "Client", account: "Account") -> None:
    said = {"login": "editor@example.net", "password": PASSWORD, "next": "https://evil.example/"}

    assert stranger.post("/account/sign-in/", said)["Location"] == "/"


@pytest.mark.parametrize(
    ("role", "path", "method", "status"),
    [
        ("viewer", "/harbor/plan/", "get", 200),
        ("viewer", "/harbor/plan/edit/sites/quay/", "post", 403),
        ("viewer", "/harbor/revisions/1/bring-back/", "post", 403),
        ("viewer", "/new/one-seat/", "post", 403),
        ("editor", "/new/one-seat/", "post", 400),
        ("editor", "/account/people/", "get", 403),
        ("approver", "/account/log/", "get", 403),
        ("approver", "/account/people/", "post", 403),
        ("admin", "/account/people/", "get", 200),
        ("admin", "/account/log/", "get", 200),
    ],
)
def test_allows_what_the_role_allows(
    signed_in: "Callable[[Role], Client]", role: "Role", path: str, method: str, status: int
) -> None:
    response = getattr(signed_in(role), method)(path)

    assert response.status_code == status
    if status == 403:
        told = {"account/people": "let people in", "account/log": "read the log"}
        right = next((words for at, words in told.items() if at in path), "change plans")
        assert f"This needs the right to {right}" in response.content.decode()


def test_tells_who_was_signed_out_while_typing_how_to_lose_nothing(stranger: "Client", account: "Account") -> None:
    response = stranger.post("/harbor/plan/edit/sites/quay/", {"name": "typed"})

    assert response.status_code == 401
    assert "what you typed is still there" in response.content.decode()


def test_lets_an_admin_add_an_account_whose_holder_sets_the_password_once(client: "Client", stranger: "Client") -> None:
    from openline.server.accounts.models import Account

    Account.objects.filter(email="new@example.org").delete()
    page = client.post("/account/people/", {"name": "New lead", "email": "new@example.org", "roles": ["viewer"]})
    link = page.content.decode().partition('class="copy">')[2].partition("<")[0]
    path = link.removeprefix("http://127.0.0.1")

    form = stranger.get(path, follow=True)
    at = form.redirect_chain[-1][0]
    done = stranger.post(at, {"password1": PASSWORD, "password2": PASSWORD})

    assert done["Location"] == "/account/password/done/"
    said = {"login": "new@example.org", "password": PASSWORD}
    assert stranger.post("/account/sign-in/", said).status_code == 302
    assert ("New lead", "signed in") in acts()
    stranger.post("/account/sign-out/")
    assert "can not be used any more" in stranger.get(path, follow=True).content.decode()
    again = client.post("/account/people/", {"name": "x", "email": "NEW@example.org", "roles": ["viewer"]})
    assert "There is an account for" in again.content.decode()


def test_shuts_an_account_at_once(client: "Client", signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.accounts.models import Account

    editor = signed_in("editor")
    pk = Account.objects.get(email="editor@example.org").pk
    assert editor.get("/harbor/plan/").status_code == 200

    client.post(f"/account/people/{pk}/", {"roles": ["editor"]})

    assert editor.get("/harbor/plan/").status_code == 302
    client.post(f"/account/people/{pk}/", {"roles": ["editor"], "is_active": "on"})


def test_keeps_one_admin(signed_in: "Callable[[Role], Client]") -> None:
    from openline.server.accounts.models import Account

    admin = signed_in("admin")
    Account.objects.filter(role_names__contains="admin").exclude(email="admin@example.org").update(role_names="viewer")
    pk = Account.objects.get(email="admin@example.org").pk

    response = admin.post(f"/account/people/{pk}/", {"roles": ["viewer"], "is_active": "on"})

    assert response.status_code == 409
    assert "This is the last admin" in response.content.decode()
    assert Account.objects.get(pk=pk).roles == ("admin",)
    Account.objects.filter(email="owner@example.org").delete()


def test_opens_the_demo_signed_in_at_this_machine_only(stranger: "Client", account: "Account") -> None:
    from django.test import override_settings

    from openline.server.accounts.store import make_demo_owner

    make_demo_owner()
    with override_settings(DEMO=True):
        page = text_of(stranger, "/harbor/")
        far = stranger.get("/harbor/", REMOTE_ADDR="192.0.2.7")
        added = stranger.post("/account/people/", {"name": "x", "email": "x@example.org", "roles": ["admin"]})

    assert "Demo owner" in page
    assert "Everybody at this machine is signed in as its owner" in page
    assert far.status_code == 302
    assert "Start the server without --demo" in added.content.decode()


def test_gives_the_demo_owner_no_way_in_outside_the_demo(stranger: "Client", account: "Account") -> None:
    from openline.server.accounts.store import DEMO_OWNER, make_demo_owner

    make_demo_owner()

    assert stranger.get("/harbor/").status_code == 302
    refused = stranger.post("/account/sign-in/", {"login": DEMO_OWNER, "password": ""})
    assert refused.status_code == 200
    assert stranger.get("/harbor/").status_code == 302


def test_names_who_changed_a_plan_in_the_log_and_in_the_revisions(signed_in: "Callable[[Role], Client]") -> None:
    from openline.plan.directory import read_directory
    from openline.server.plans.store import centre, keep
    from tests.server.conftest import ROOT

    files, _ = read_directory(ROOT / "examples" / "one-seat")
    name = files["openline.yaml"]
    slug = "logged"
    import re

    files["openline.yaml"] = re.sub(r"id: [a-z-]+", f"id: {slug}", name, count=1)
    keep(slug, "Logged", files, "a test", by=None, why="first")
    old = centre(slug)
    keep(slug, "Logged", {**files, "x.csv": ""}, "a test", by=None, why="second")

    signed_in("editor").post(f"/{slug}/revisions/{old.pk}/bring-back/", {"why": "the second was wrong"})

    now = centre(slug)
    assert (now.content_hash, now.who, now.why) == (old.content_hash, "Editor", "the second was wrong")
    assert now.pk != old.pk
    assert ("Editor", "kept a revision") in acts()


def test_says_that_an_account_without_a_password_has_none_to_change(client: "Client") -> None:
    answer = client.get("/account/password/")

    assert answer.status_code == 409
    assert "This account has no password" in answer.content.decode()
