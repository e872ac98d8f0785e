"""Sign-in by an identity provider, against a real one on loopback (issue: OIDC)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from oidc_provider_mock import User, run_server_in_thread

from openline.server.oidc import Provider, WrongProvider, as_allauth, from_environment, roles_by_group
from tests.server.test_accounts import acts

if TYPE_CHECKING:
    from django.test import Client
    from django.test.utils import override_settings

    from openline.server.accounts.models import Account

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # within the provider of the tests

ENV = {
    "OPENLINE_OIDC_ISSUER": "https://id.example.org",
    "OPENLINE_OIDC_CLIENT_ID": "openline",
    "OPENLINE_OIDC_SECRET": "a secret of the tests",
}
KNOWN, STRANGER, DUTY, UNCHECKED = "known", "stranger", "duty", "unchecked"
USERS = [
    User(sub=KNOWN, claims={"email": "Known@example.org", "email_verified": True, "name": "Known lead"}),
    User(sub=STRANGER, claims={"email": "stranger@example.org", "email_verified": True}),
    User(sub=UNCHECKED, claims={"email": "known@example.org", "email_verified": False}),
    User(
        sub=DUTY,
        claims={"email": "duty@example.org", "email_verified": True, "name": "On duty", "groups": ["duty", "other"]},
    ),
]
As = Callable[..., "override_settings"]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with run_server_in_thread(user_claims=USERS) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def provider(_server: None, issuer: str) -> As:
    """Give settings in which the provider on loopback is known."""
    from django.test import override_settings

    def settings(**changes: object) -> "override_settings":
        found = from_environment({**ENV, "OPENLINE_OIDC_ISSUER": issuer})
        assert found is not None
        found = replace(found, **changes)  # type: ignore[arg-type]
        return override_settings(OIDC=found, SOCIALACCOUNT_PROVIDERS=as_allauth(found))

    return settings


@pytest.fixture
def known(_server: None) -> Iterator["Account"]:
    """Give a lead whom an admin let in, and forget everybody whom the provider brought."""
    from openline.server.accounts.models import Account

    Account.objects.filter(email__in=("known@example.org", "duty@example.org", "stranger@example.org")).delete()
    yield Account.objects.make("known@example.org", "Known lead", ("lead",))
    Account.objects.filter(email__in=("known@example.org", "duty@example.org", "stranger@example.org")).delete()


def come_by_provider(browser: "Client", sub: str) -> "tuple[int, str]":
    """Go to the provider, sign in there as `sub`, and come back; returns the status and where that leads."""
    begun = browser.get("/account/provider/provider/?next=/harbor/plan/")
    assert begun.status_code == 302, begun.content.decode()
    assert "code_challenge=" in begun["Location"]
    back = requests.post(begun["Location"], data={"sub": sub}, allow_redirects=False, timeout=10).headers["Location"]
    at = urlsplit(back)
    answer = browser.get(f"{at.path}?{at.query}")
    return answer.status_code, answer.headers.get("Location") or answer.content.decode()


def test_lets_in_who_is_known_by_a_checked_address(stranger: "Client", provider: As, known: "Account") -> None:
    with provider():
        assert come_by_provider(stranger, KNOWN) == (302, "/harbor/plan/")

        assert "Known lead" in stranger.get("/harbor/plan/").content.decode()
        assert ("Known lead", "signed in") in acts()
        stranger.post("/account/sign-out/")
        assert come_by_provider(stranger, KNOWN)[0] == 302


def test_keeps_nothing_that_the_provider_said(stranger: "Client", provider: As, known: "Account") -> None:
    from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken

    with provider():
        come_by_provider(stranger, KNOWN)

    assert [s.extra_data for s in SocialAccount.objects.filter(user=known)] == [{}]
    assert not SocialApp.objects.exists()
    assert not SocialToken.objects.exists()


@pytest.mark.parametrize(
    ("sub", "told"),
    [(STRANGER, "There is no account for stranger@example.org here"), (UNCHECKED, "that it has checked")],
)
def test_lets_in_nobody_else(stranger: "Client", provider: As, known: "Account", sub: str, told: str) -> None:
    from openline.server.accounts.models import Account

    with provider():
        status, text = come_by_provider(stranger, sub)

        assert status == 403
        assert told in text
        assert stranger.get("/harbor/plan/").status_code == 302
    assert ("somebody", "was refused at sign-in") in acts()
    assert not Account.objects.filter(email="stranger@example.org").exists()


def test_takes_addresses_as_checked_only_when_told_so(stranger: "Client", provider: As, known: "Account") -> None:
    with provider(trusts_addresses=True):
        assert come_by_provider(stranger, UNCHECKED)[0] == 302


def test_makes_an_account_for_who_is_in_a_group_that_brings_a_role_and_follows_it(
    stranger: "Client", provider: As, known: "Account"
) -> None:
    from openline.server.accounts.models import Account

    with provider(roles={"duty": ("duty_officer", "lead")}):
        assert come_by_provider(stranger, DUTY)[0] == 302
    account = Account.objects.get(email="duty@example.org")
    assert (account.roles, account.by_provider) == (("lead", "duty_officer"), True)
    assert not account.has_usable_password()

    stranger.post("/account/sign-out/")
    with provider(roles={"other": ("viewer",)}):
        assert come_by_provider(stranger, DUTY)[0] == 302
    account.refresh_from_db()
    assert account.roles == ("viewer",)

    stranger.post("/account/sign-out/")
    with provider(roles={"none of theirs": ("viewer",)}):
        assert come_by_provider(stranger, DUTY)[0] == 403


def test_leaves_the_roles_that_an_admin_gave(stranger: "Client", provider: As, known: "Account") -> None:
    with provider(roles={"duty": ("commander",)}):
        assert come_by_provider(stranger, KNOWN)[0] == 302

    known.refresh_from_db()
    assert known.roles == ("lead",)


def test_lets_in_nobody_whose_account_is_shut(stranger: "Client", provider: As, known: "Account") -> None:
    known.is_active = False
    known.save()

    with provider():
        come_by_provider(stranger, KNOWN)

        assert stranger.get("/harbor/plan/").status_code == 302


def test_takes_an_answer_once_and_only_from_the_browser_that_asked(
    stranger: "Client", provider: As, known: "Account"
) -> None:
    from django.test import Client

    with provider():
        begun = stranger.get("/account/provider/provider/")
        reply = requests.post(begun["Location"], data={"sub": KNOWN}, allow_redirects=False, timeout=10)
        at = urlsplit(reply.headers["Location"])
        other = Client(SERVER_NAME="127.0.0.1")
        other.get(f"{at.path}?{at.query}")
        assert other.get("/harbor/plan/").status_code == 302

        assert stranger.get(f"{at.path}?{at.query}").status_code == 302
        assert stranger.get("/harbor/plan/").status_code == 200
        stranger.post("/account/sign-out/")
        stranger.get(f"{at.path}?{at.query}")
        assert stranger.get("/harbor/plan/").status_code == 302


def test_ties_no_identity_to_the_account_of_somebody_else(client: "Client", provider: As, known: "Account") -> None:
    from allauth.socialaccount.models import SocialAccount

    with provider():
        begun = client.get("/account/provider/provider/?process=connect")
        reply = requests.post(begun["Location"], data={"sub": KNOWN}, allow_redirects=False, timeout=10)
        at = urlsplit(reply.headers["Location"])
        client.get(f"{at.path}?{at.query}")

    assert [s.user for s in SocialAccount.objects.filter(uid=KNOWN)] == [known]


def test_says_what_to_do_when_the_provider_is_down(stranger: "Client", provider: As) -> None:
    with provider(issuer="http://127.0.0.1:9"):
        answer = stranger.get("/account/provider/provider/")

    assert answer.status_code == 503
    assert "Use a paper code" in answer.content.decode()


def test_asks_who_came_by_the_provider_for_no_second_factor_of_ours(
    stranger: "Client", provider: As, known: "Account"
) -> None:
    from django.test import override_settings

    known.give(("commander",))
    known.save()
    with provider():
        come_by_provider(stranger, KNOWN)
        with override_settings(PUBLIC_URL="https://openline.example.org"):
            assert stranger.get("/harbor/plan/").status_code == 200


def test_offers_the_provider_at_sign_in_only_when_there_is_one(stranger: "Client", provider: As) -> None:
    without = stranger.get("/account/sign-in/").content.decode()
    with provider(name="Harbor ID"):
        page = stranger.get("/account/sign-in/").content.decode()

    assert "Sign in with Harbor ID" in page
    assert "The identity provider is down?" in page
    assert "Sign in with" not in without
    assert stranger.get("/account/provider/provider/").status_code == 404


def test_reads_the_secret_from_a_file_and_shows_it_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")

    found = from_environment({**ENV, "OPENLINE_OIDC_SECRET_FILE": str(file)})

    assert found is not None
    assert found.secret == "from the file"  # noqa: S105 - made for this test
    assert "from the file" not in repr(found)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"OPENLINE_OIDC_ISSUER": "http://id.example.org"}, "must begin with https://"),
        ({"OPENLINE_OIDC_CLIENT_ID": ""}, "name the client id"),
        ({"OPENLINE_OIDC_SECRET": ""}, "holds the client secret"),
        ({"OPENLINE_OIDC_SECRET_FILE": "/no/such/file"}, "can not read the client secret"),
        ({"OPENLINE_OIDC_ROLES": "duty=emperor"}, "does not map a group to roles"),
        ({"OPENLINE_OIDC_ROLES": "duty"}, "does not map a group to roles"),
    ],
)
def test_refuses_a_provider_that_can_not_be_used(changed: dict[str, str], told: str) -> None:
    with pytest.raises(WrongProvider, match=told):
        from_environment({**ENV, **changed})


def test_maps_groups_to_roles() -> None:
    assert roles_by_group("bcm=editor, duty = duty_officer+lead") == {
        "bcm": ("editor",),
        "duty": ("lead", "duty_officer"),
    }


def test_needs_no_provider() -> None:
    found: Provider | None = from_environment({})

    assert found is None
    assert as_allauth(found) == {}
