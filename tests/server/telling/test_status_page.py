"""The public status page: only what was released, never an exercise, subscribing with double opt-in (issue 4)."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from openline.incident.messages import WithdrawMessage
from tests.server.telling.scene import COMMANDER, Mailbox, incident, release, status_page, work

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role

AT = "/status/harbor/"


def text(client: "Client", path: str = AT) -> str:
    """Return a page as people read it, rendered now."""
    from openline.server.status_pages.export import KEPT

    KEPT.forget()
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_is_not_there_until_it_is_switched_on(stranger: "Client") -> None:
    status_page(is_on=False)

    assert stranger.get(AT).status_code == 404
    assert stranger.get("/status/no-such/").status_code == 404
    assert stranger.post(f"{AT}subscribe/", {"address": "a@example.org"}).status_code == 404


def test_says_that_nothing_is_reported_and_sets_no_cookie(stranger: "Client") -> None:
    status_page()

    response = stranger.get(AT)

    assert "No disruption is reported" in text(stranger)
    assert "nothing reported" in text(stranger)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert response["Cache-Control"].startswith("public")


def test_shows_what_was_released_and_nothing_else_of_the_incident(stranger: "Client") -> None:
    status_page()
    found = incident()
    before = text(stranger)

    release(
        found, "Claims calls wait ten minutes.", services={"claims": {"kind": "slow", "words": "About ten minutes"}}
    )

    after = text(stranger)
    assert "No disruption" in before
    assert "There is a disruption" in after
    assert all(w in after for w in ("Claims calls wait ten minutes.", "slower than usual", "About ten minutes"))
    assert not any(w in after for w in ("Gas leak", "cellar", "quay", found.ref))


@pytest.mark.parametrize("path", [AT, f"{AT}history.html", f"{AT}feed.xml"])
def test_never_shows_an_exercise(stranger: "Client", path: str) -> None:
    status_page()

    release(incident(exercise=True), "The exercise begins.")

    assert "exercise begins" not in text(stranger, path)


def test_ends_with_the_last_word_and_keeps_what_was_said(stranger: "Client") -> None:
    status_page()
    found = incident()
    release(found, "Calls wait.", services={"claims": {"kind": "down"}})
    release(found, "All lines work again.", last=True)

    page = text(stranger)

    assert "No disruption is reported" in page
    assert "nothing reported" in page
    assert "Calls wait." in page
    assert "Over" in page


def test_does_not_say_that_all_is_well_because_the_room_stood_down(stranger: "Client") -> None:
    from openline.incident.opening import StandDown
    from openline.server.incidents.store import carry_out

    status_page()
    found = incident(level=1)
    release(found, "Calls wait.")
    carry_out(found, StandDown(reason="over"), COMMANDER)

    assert "There is a disruption" in text(stranger)


def test_marks_what_was_withdrawn_and_falls_back_to_what_still_holds(stranger: "Client") -> None:
    from openline.server.incidents.store import carry_out

    status_page()
    found = incident()
    release(found, "Calls wait ten minutes.")
    wrong = release(found, "Call 0800 000000 instead.")
    carry_out(found, WithdrawMessage(message=wrong, reason="a secret reason"), COMMANDER)

    page = text(stranger)

    assert page.index("There is a disruption") < page.index("Calls wait ten minutes.")
    assert "Withdrawn" in page
    assert "secret reason" not in page
    assert "0800" not in page.partition("The last 90 days")[0]


def test_forgets_after_ninety_days(stranger: "Client") -> None:
    from openline.server.status_pages.content import content, real_incidents

    status_page()
    found = incident()
    release(found, "Old news.", last=True)
    line = found.lines.get(kind="message.released")

    later = line.happened_at + timedelta(days=91)

    assert real_incidents("harbor", later) == []
    assert content([found], {}, "en", later).notices == ()


def test_speaks_the_languages_it_was_given_and_shows_words_in_their_own(stranger: "Client") -> None:
    status_page(languages=["en", "de"])
    found = incident()
    release(found, "Calls wait.")
    release(found, "Sie warten länger.", language="de")

    english, german = text(stranger), text(stranger, f"{AT}de/")

    assert "Calls wait." in english
    assert "Sie warten" not in english
    assert "Es gibt eine Störung" in german
    assert "Sie warten länger." in german


def test_has_words_for_the_same_things_in_every_language() -> None:
    from openline.server.status_pages.words import LANGUAGES, WORDS

    assert set(WORDS) == set(LANGUAGES)
    assert {frozenset(w) for w in WORDS.values()} == {frozenset(WORDS["en"])}
    assert all(w[k].count("{title}") == WORDS["en"][k].count("{title}") for w in WORDS.values() for k in w)


def test_gives_a_feed_that_a_reader_understands(stranger: "Client") -> None:
    status_page()
    release(incident(), "Calls <wait> & wait.")

    feed = ElementTree.fromstring(stranger.get(f"{AT}feed.xml").content)  # noqa: S314 - our own

    name = {"a": "http://www.w3.org/2005/Atom"}
    assert [e.text for e in feed.findall("a:entry/a:content", name)] == ["Calls <wait> & wait."]
    assert all(feed.findtext(f"a:{t}", namespaces=name) for t in ("id", "title", "updated"))


def test_tells_a_browser_that_has_it_already_so(stranger: "Client") -> None:
    status_page()
    first = stranger.get(f"{AT}status.css")

    again = stranger.get(f"{AT}status.css", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


@pytest.mark.parametrize("name", ["../../settings.py", "nothing.html", "de/index.html", "subscribe"])
def test_has_no_other_files(stranger: "Client", name: str) -> None:
    status_page()

    assert stranger.get(AT + name).status_code == 404


def link(mailbox: Mailbox, address: str = "ann@example.org") -> str:
    """Return the path of the link in the latest mail."""
    body = mailbox.to(address)[-1].get_content()
    found = re.search(r"https?://[^/\s]+(/status/\S+)", body)
    assert found is not None, body
    return found[1]


def ask(stranger: "Client", address: str = "ann@example.org", **more: str) -> int:
    return stranger.post(f"{AT}subscribe/", {"address": address, "language": "en", **more}).status_code


def test_sends_nothing_before_the_reader_has_confirmed_by_a_button(stranger: "Client", mailbox: Mailbox) -> None:
    page = status_page()
    assert ask(stranger, "Ann@Example.org") == 200
    work("subscription")
    address = link(mailbox)

    opened = stranger.get(address)
    assert opened.status_code == 200
    assert not page.subscribers.exclude(confirmed_at=None).exists()

    confirmed = stranger.post(address)

    assert "You are subscribed" in confirmed.content.decode()
    assert [s.address for s in page.subscribers.exclude(confirmed_at=None)] == ["ann@example.org"]


def test_lets_a_link_expire(stranger: "Client", mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    page = status_page()
    ask(stranger)
    work("subscription")
    address, now = link(mailbox), time.time()
    monkeypatch.setattr(time, "time", lambda: now + 49 * 3600)

    late = stranger.post(address)

    assert late.status_code == 410
    assert "expired" in late.content.decode()
    assert not page.subscribers.exclude(confirmed_at=None).exists()


def test_refuses_a_link_that_was_not_sent_or_is_for_something_else(stranger: "Client", mailbox: Mailbox) -> None:
    status_page()
    ask(stranger)
    work("subscription")
    token = link(mailbox).split("/")[-2]

    for path in (f"{AT}confirm/x{token}/", f"{AT}leave/{token}/", f"{AT}confirm/nothing/"):
        assert stranger.post(path).status_code == 404, path


def test_answers_the_same_whoever_subscribed_before(stranger: "Client", mailbox: Mailbox) -> None:
    from django.utils import timezone

    page = status_page()
    page.subscribers.create(address="known@example.org", confirmed_at=timezone.now())

    answers = {
        stranger.post(f"{AT}subscribe/", {"address": a}).content for a in ("known@example.org", "new@example.org")
    }
    work("subscription")

    assert len(answers) == 1
    assert len(mailbox.to("known@example.org")) == len(mailbox.to("new@example.org")) == 1
    assert "subscribed" in mailbox.to("known@example.org")[0]["Subject"]


def test_leaves_by_a_button_or_by_one_request_of_the_mail_program(stranger: "Client", mailbox: Mailbox) -> None:
    from django.utils import timezone

    page = status_page()
    page.subscribers.create(address="ann@example.org", confirmed_at=timezone.now())
    release(incident())
    work("message")
    address = re.sub(r"^<https?://[^/]+|>$", "", mailbox.mails[0]["List-Unsubscribe"])

    shown = stranger.get(address)
    assert page.subscribers.count() == 1, "opening the link, as filters do, must not unsubscribe"
    left = stranger.post(address, {"List-Unsubscribe": "One-Click"})

    assert (shown.status_code, left.status_code) == (200, 200)
    assert page.subscribers.count() == 0
    assert stranger.post(address).status_code == 200


def test_keeps_what_was_typed_when_it_is_no_address(stranger: "Client") -> None:
    status_page()

    response = stranger.post(f"{AT}subscribe/", {"address": "ann at example", "language": "en"})

    assert response.status_code == 400
    assert 'value="ann at example"' in response.content.decode()


def test_can_not_be_made_to_flood_a_mailbox(stranger: "Client", mailbox: Mailbox) -> None:
    from openline.server.status_pages import subscribing

    status_page()
    for _ in range(5):
        subscribing.CLIENTS.forget()
        ask(stranger)
    work("subscription")
    assert len(mailbox.mails) == subscribing.ASKS

    subscribing.CLIENTS.forget()
    statuses = [ask(stranger, f"a{n}@example.org") for n in range(8)]
    assert statuses == [200] * 6 + [429] * 2


def test_writes_to_nobody_for_a_program_that_fills_every_field(stranger: "Client", mailbox: Mailbox) -> None:
    page = status_page()

    assert ask(stranger, website="http://spam.example") == 200
    work("subscription")

    assert (page.subscribers.count(), mailbox.mails) == (0, [])


def test_deletes_addresses_that_never_confirmed(stranger: "Client") -> None:
    from django.utils import timezone

    page = status_page()
    page.subscribers.create(address="old@example.org", asked_at=timezone.now() - timedelta(hours=49))

    ask(stranger)

    assert [s.address for s in page.subscribers.all()] == ["ann@example.org"]


def test_sends_a_confirmation_and_nothing_else_without_an_incident() -> None:
    from openline.notifiers.base import NotAsked, Outgoing, send_to_asker
    from openline.notifiers.smtp import Smtp, SmtpOptions

    post = Smtp(SmtpOptions(host="127.0.0.1", port=1, sender="openline@harbor.example"))

    with pytest.raises(NotAsked):
        send_to_asker(post, Outgoing("7/message/message-1/x", "email", "a@example.org", "s", "t"))

    users = [p for p in (Path(__file__).parents[3] / "src").rglob("*.py") if "send_to_asker" in p.read_text()]
    assert {p.parent.name for p in users} == {"notifiers", "status_pages"}


def test_is_set_up_by_an_admin_and_says_what_is_wrong(
    signed_in: "Callable[[Role], Client]", stranger: "Client"
) -> None:
    status_page(is_on=False)
    admin, sent = (
        signed_in("admin"),
        {"title": "Harbor", "languages": ["en", "fr"], "service.claims": "Claims", "is_on": "on"},
    )

    wrong = admin.post("/harbor/status-page/", {**sent, "title": ""})
    right = admin.post("/harbor/status-page/", sent)

    assert (wrong.status_code, right.status_code) == (400, 302)
    assert signed_in("commander").post("/harbor/status-page/", sent).status_code == 403
    assert "Aucune perturbation" in text(stranger, f"{AT}fr/")


def test_deletes_an_address_on_request_and_logs_it_without_naming_it(client: "Client") -> None:
    from openline.server.accounts.models import Act

    page = status_page()
    page.subscribers.create(address="ann@example.org")

    client.post("/harbor/status-page/forget/", {"address": "Ann@example.org"})

    assert page.subscribers.count() == 0
    assert "ann" not in Act.objects.filter(did="deleted an address from the status page")[0].about


def test_shows_an_exercise_in_the_preview_only_and_marks_it(client: "Client", stranger: "Client") -> None:
    status_page()
    found = incident(exercise=True)
    release(found, "The exercise begins.")
    path = f"/harbor/incidents/{found.pk}/status-page/index.html"

    seen = text(client, path)

    assert "EXERCISE" in seen
    assert "The exercise begins." in seen
    assert stranger.get(path).status_code == 302


def test_can_be_taken_out_as_files_that_need_nothing_else(client: "Client") -> None:
    from django.test import override_settings
    from django.utils import timezone

    from openline.server.status_pages.export import files, zipped

    page = status_page(languages=["en", "de"])
    release(incident(), "Calls wait.")
    taken = zipfile.ZipFile(BytesIO(client.get("/harbor/status-page/files.zip").content))

    with override_settings(PUBLIC_URL="https://openline.example.org"):
        archive = zipfile.ZipFile(BytesIO(zipped(files(page, timezone.now(), "elsewhere"))))

    assert "subscribe" not in str(re.findall(r"<form[^>]*>", taken.read("index.html").decode()))

    names = set(archive.namelist())
    assert {"index.html", "history.html", "feed.xml", "status.css", "de/index.html", "de/feed.xml"} <= names
    for name in names:
        if name.endswith(".html"):
            html = archive.read(name).decode()
            wanted = re.findall(r'(?:href|src)="([^"#]+)', html)
            local = {
                str((Path("/") / name).parent / w).lstrip("/")
                for w in wanted
                if ":" not in w and w not in ("./", "../")
            }
            assert not {w for w in local if Path(w).suffix and str(Path("/" + w).resolve())[1:] not in names}, name
            assert "<script" not in html
            assert 'action="https://openline.example.org/status/harbor/subscribe/"' in html or "history" in name


def test_is_written_at_every_release_and_withdrawal_and_says_when_it_can_not_be(
    tmp_path: Path, client: "Client"
) -> None:
    from django.test import override_settings

    from openline.server.incidents.store import carry_out

    page = status_page(exports=True)
    found = incident()
    with override_settings(STATUS_DIR=str(tmp_path)):
        name = release(found, "Calls wait.")
        work("status_export")
        written = (tmp_path / "harbor" / "index.html").read_text()
        carry_out(found, WithdrawMessage(message=name, reason="x"), COMMANDER)
        work("status_export")
        rewritten = (tmp_path / "harbor" / "index.html").read_text()
    assert "There is a disruption" in written
    assert "No disruption is reported" in rewritten
    page.refresh_from_db()
    assert page.exported_at is not None

    blocked = tmp_path / "file"
    blocked.write_text("")
    with override_settings(STATUS_DIR=str(blocked)):
        release(found, "Again.")
        work("status_export")
    page.refresh_from_db()
    assert "can not write" in page.export_error
    assert "could not be written" in client.get("/harbor/status-page/").content.decode()


def test_writes_no_files_for_an_exercise(tmp_path: Path) -> None:
    from openline.server.engine.models import Job

    status_page(exports=True)
    release(incident(exercise=True))

    assert not Job.objects.filter(kind="status_export", state="waiting").exists()
