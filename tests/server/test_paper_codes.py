"""Paper codes: the way in when the identity provider is down (issue: break-glass access)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.server.test_accounts import acts
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role


@pytest.fixture(autouse=True)
def _clean(_server: None) -> Iterator[None]:
    from openline.server.accounts import paper
    from openline.server.accounts.models import Account, Act, PaperSheet

    def clean() -> None:
        PaperSheet.objects.all().delete()
        Act.objects.filter(did=paper.REFUSED).delete()
        Account.objects.filter(email=paper.EMERGENCY).delete()

    clean()
    yield
    clean()


def printed(client: "Client") -> list[str]:
    """Print a sheet; returns its codes."""
    page = client.post("/account/paper-codes/").content.decode()
    return re.findall(r"<code>(\d\d-[A-Z0-9-]{14})</code>", page)


def come_in(browser: "Client", code: str, name: str = "Jo of the night shift") -> int:
    return int(browser.post("/account/paper-code/", {"name": name, "code": code}).status_code)


def test_prints_ten_codes_once_and_keeps_only_hashes(client: "Client") -> None:
    from openline.server.accounts.models import PaperCode

    codes = printed(client)

    assert len(set(codes)) == 10
    assert not re.search(r"\d\d-[A-Z0-9-]{14}", client.get("/account/paper-codes/").content.decode())
    stored = " ".join(PaperCode.objects.values_list("digest", flat=True))
    assert all(code[3:].replace("-", "") not in stored for code in codes)
    assert "10 paper codes can be used until" in text_of(client, "/account/paper-codes/")


def test_lets_somebody_in_as_a_commander_for_eight_hours_and_says_so_everywhere(
    client: "Client", stranger: "Client"
) -> None:
    from openline.server.accounts.models import Account
    from openline.server.accounts.rights import ROLES

    assert come_in(stranger, printed(client)[2].lower().replace("-", " ")) == 302

    for path in ("/harbor/plan/", "/harbor/what-if/", "/"):
        assert "You are here as Jo of the night shift with the rights of a commander" in text_of(stranger, path)
    assert Account.objects.get(is_emergency=True).rights == ROLES["commander"].rights
    assert stranger.get("/account/people/").status_code == 403
    assert 7.9 * 3600 < stranger.session.get_expiry_age() <= 8 * 3600
    assert ("Jo of the night shift", "came in with a paper code") in acts()


def test_alarms_the_admins_until_one_has_looked(client: "Client", stranger: "Client") -> None:
    from openline.server.accounts.models import PaperCode

    come_in(stranger, printed(client)[0])
    banner = "Somebody came in with a paper code"
    assert banner in text_of(client, "/harbor/plan/")
    use = PaperCode.objects.exclude(used_at=None).get()
    assert "came in with a paper code" in text_of(client, f"/account/paper-codes/{use.pk}/")

    client.post(f"/account/paper-codes/{use.pk}/reviewed/")

    assert banner not in text_of(client, "/harbor/plan/")
    assert ("Owner", "reviewed a session by paper code") in acts()


def test_shows_the_alarm_to_nobody_else(
    client: "Client", stranger: "Client", signed_in: "Callable[[Role], Client]"
) -> None:
    come_in(stranger, printed(client)[0])

    assert "Somebody came in" not in text_of(signed_in("editor"), "/harbor/plan/")


def test_takes_each_code_once_and_only_of_the_newest_sheet(client: "Client", stranger: "Client") -> None:
    old = printed(client)
    new = printed(client)

    assert come_in(stranger, old[0]) == 400
    assert come_in(stranger, new[0]) == 302
    stranger.post("/account/sign-out/")
    assert come_in(stranger, new[0]) == 400
    assert come_in(stranger, new[1]) == 302


def test_takes_none_after_it_expired_or_was_withdrawn(client: "Client", stranger: "Client") -> None:
    from django.utils import timezone

    from openline.server.accounts.models import PaperSheet

    codes = printed(client)
    PaperSheet.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert come_in(stranger, codes[0]) == 400

    codes = printed(client)
    client.post("/account/paper-codes/withdraw/")
    assert come_in(stranger, codes[0]) == 400
    assert "There is no way in when the identity provider is down" in text_of(client, "/account/paper-codes/")


@pytest.mark.parametrize("typed", ["", "x", "00-AAAA-AAAA-AAAA", "99", "01", "²²-AAAA", "01-" + "A" * 30])
def test_refuses_what_is_no_code(client: "Client", stranger: "Client", typed: str) -> None:
    printed(client)

    assert come_in(stranger, typed) == 400
    assert stranger.get("/harbor/plan/").status_code == 302


def test_refuses_a_sixth_try_of_one_client_even_with_the_right_code(client: "Client", stranger: "Client") -> None:
    codes = printed(client)
    for _ in range(5):
        assert come_in(stranger, "01-AAAA-AAAA-AAAA") == 400

    assert come_in(stranger, codes[0]) == 429


def test_refuses_everybody_after_twenty_tries_but_not_who_is_at_the_machine(client: "Client") -> None:
    from django.test import Client

    codes = printed(client)

    def tried(address: str, code: str) -> int:
        return come_in(Client(SERVER_NAME="127.0.0.1", REMOTE_ADDR=address), code)

    for n in range(20):
        assert tried(f"192.0.2.{n}", "01-AAAA-AAAA-AAAA") == 400

    assert tried("192.0.2.99", codes[0]) == 429
    assert tried("127.0.0.1", codes[0]) == 302


def test_lets_tries_be_forgotten_after_a_quarter_of_an_hour(client: "Client", stranger: "Client") -> None:
    from django.utils import timezone

    from openline.server.accounts import paper
    from openline.server.accounts.models import Act

    codes = printed(client)
    for _ in range(5):
        come_in(stranger, "x")
    Act.objects.filter(did=paper.REFUSED).update(at=timezone.now() - paper.WINDOW)

    assert come_in(stranger, codes[0]) == 302


def test_ends_after_its_time_and_when_an_admin_ends_it(
    client: "Client", stranger: "Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    from openline.server.accounts.models import PaperCode

    codes = printed(client)
    come_in(stranger, codes[0])
    client.post(f"/account/paper-codes/{PaperCode.objects.exclude(used_at=None).get().pk}/end/")
    assert stranger.get("/harbor/plan/").status_code == 302

    come_in(stranger, codes[1])
    assert stranger.get("/harbor/plan/").status_code == 200
    session = stranger.session
    session["paper_code"] = {**session["paper_code"], "until": timezone.now().isoformat()}
    session.save()
    assert stranger.get("/harbor/plan/").status_code == 302


def test_gives_no_account_that_could_be_kept(client: "Client", stranger: "Client") -> None:
    from openline.server.accounts.models import Account
    from openline.server.accounts.paper import EMERGENCY

    come_in(stranger, printed(client)[0])

    for path in ("/account/second-factor/on/", "/account/password/", "/account/confirm/"):
        assert stranger.get(path).status_code == 403, path
    pk = Account.objects.get(email=EMERGENCY).pk
    assert client.post(f"/account/people/{pk}/", {"roles": ["admin"], "is_active": "on"}).status_code == 404
    assert EMERGENCY not in text_of(client, "/account/people/")


def test_names_who_typed_it_on_what_is_done(client: "Client", stranger: "Client") -> None:
    from openline.server.accounts.models import Account

    come_in(stranger, printed(client)[4])

    assert "Jo of the night shift (paper code 5)" in text_of(stranger, "/harbor/plan/")
    assert Account.objects.get(is_emergency=True).name == "Paper code"


def test_is_offered_where_sign_in_fails(stranger: "Client") -> None:
    assert 'href="/account/paper-code/"' in stranger.get("/account/sign-in/").content.decode()
