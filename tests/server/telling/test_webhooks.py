"""Webhooks: proved, signed, in order, at least once, and never of an exercise unless asked for (issue 4: webhooks)."""

import re
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from openline.incident.record import WriteNote
from openline.incident.roll_call import ReportPerson
from tests.server.telling.listener import Listener, listening
from tests.server.telling.scene import COMMANDER, incident, work

if TYPE_CHECKING:
    from django.test import Client

    from openline.server.incidents.models import Incident

AT = "/settings/webhooks/"


@pytest.fixture(autouse=True)
def _inside(_server: None) -> Iterator[None]:
    from django.test import override_settings

    from openline.server.webhooks import views
    from openline.server.webhooks.models import Hook

    views.LIMIT.forget()
    with override_settings(WEBHOOKS_PRIVATE=True):
        yield
    Hook.objects.all().delete()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Give a program that listens."""
    with listening() as found:
        yield found


def register(client: "Client", url: str, *kinds: str, **more: str) -> Any:
    return client.post(AT, {"name": "Wallboard", "url": url, "kinds": kinds or ("*",), **more})


def secret(response: Any) -> str:
    found = re.search(r"olwh_[\w-]+", response.content.decode())
    assert found is not None, response.content.decode()
    return found[0]


def note(found: "Incident", text: str) -> None:
    from openline.server.incidents.store import carry_out

    carry_out(found, WriteNote(text=text), COMMANDER)


def notes(listener: Listener) -> list[str]:
    return [t["entry"]["data"]["text"] for t in listener.told if t["type"] == "note.written"]


def test_registers_an_address_that_sends_the_challenge_back_and_shows_its_secret_once(
    client: "Client", listener: Listener
) -> None:
    from openline.server.webhooks.models import Hook

    text = secret(register(client, listener.url))

    assert text not in client.get(AT).content.decode()
    assert text not in Hook.objects.get().secret


def test_registers_no_address_that_answers_with_endless_brackets(client: "Client", listener: Listener) -> None:
    listener.echo = lambda _: b"[" * 4096

    assert register(client, listener.url).status_code == 400


@pytest.mark.parametrize("why", ["no echo", "no answer"])
def test_registers_no_address_that_does_not_want_it(client: "Client", listener: Listener, why: str) -> None:
    from openline.server.webhooks.models import Hook

    listener.echo = (lambda _: b"hello") if why == "no echo" else listener.echo
    url = listener.url if why == "no echo" else "http://127.0.0.1:1/"

    response = register(client, url)

    assert response.status_code == 400
    assert "not registered" in response.content.decode() or "challenge back" in response.content.decode()
    assert f'value="{url}"' in response.content.decode()
    assert not Hook.objects.exists()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://127.0.0.1/", "lies inside"), ("https://localhost/", "lies inside"),
        ("https://10.1.2.3/", "lies inside"), ("https://[64:ff9b::7f00:1]/", "lies inside"),
        ("https://[2002:a9fe:a9fe::1]/", "lies inside"), ("https://[::ffff:127.0.0.1]/", "lies inside"),
        ("https://0.0.0.0/", "lies inside"), ("https://224.0.0.1/", "lies inside"),
        ("https://2130706433/", "lies inside"), ("https://[::1]/", "lies inside"),
        ("https://169.254.169.254/latest/", "lies inside"),
        ("http://198.51.100.1/", "https address"), ("ftp://example.org/", "give an address"),
        ("https://me:pass@example.org/", "without a name"), ("https://", "give an address"),
    ],
)  # fmt: skip
def test_calls_nothing_inside_this_network_unless_it_is_allowed(client: "Client", url: str, says: str) -> None:
    from django.test import override_settings

    with override_settings(WEBHOOKS_PRIVATE=False):
        response = register(client, url)

    assert response.status_code == 400
    assert says in response.content.decode()


def test_tells_every_entry_in_order_and_signed(client: "Client", listener: Listener) -> None:
    text = secret(register(client, listener.url))
    found = incident()
    for n in range(3):
        note(found, f"note {n}")

    work("webhook")

    assert [t["entry"]["seq"] for t in listener.told] == list(range(1, found.last_seq + 1))
    assert all(listener.is_signed(n, text) for n in range(len(listener.told)))
    assert not listener.is_signed(0, "another secret")
    assert abs(int(listener.headers[0]["Openline-Signature"][2:].split(",")[0]) - time.time()) < 60


def test_tells_only_what_was_asked_for(client: "Client", listener: Listener) -> None:
    register(client, listener.url, "level.*", "note.written")
    found = incident()
    note(found, "x")

    work("webhook")

    assert {t["type"] for t in listener.told} == {"level.declared", "note.written"}


def test_does_not_begin_after_entries_of_a_job_that_runs_later(client: "Client", listener: Listener) -> None:
    from openline.server.engine.models import Job
    from openline.server.incidents import world

    register(client, listener.url, "note.written")
    found = incident()
    note(found, "first")
    note(found, "second")
    late = Job.objects.filter(kind="webhook", state="waiting").order_by("-made_at")[0]

    world.act(late.kind, late.key, late.payload, 1)
    work("webhook")

    assert notes(listener) == ["first", "second"]


def test_tries_again_where_it_was_refused_and_skips_nothing(client: "Client", listener: Listener) -> None:
    from openline.server.engine.models import Job
    from openline.server.incidents import world
    from openline.server.webhooks.sending import NotTaken

    register(client, listener.url, "note.written")
    found = incident()
    for n in range(3):
        note(found, f"note {n}")
    listener.answers = [200, 500]
    job = Job.objects.filter(kind="webhook", state="waiting").order_by("made_at")[0]

    with pytest.raises(NotTaken, match="500"):
        world.act(job.kind, job.key, job.payload, 1)
    assert "does not take it" in client.get(AT).content.decode()
    work("webhook")

    assert notes(listener) == ["note 0", "note 1", "note 2"]


def test_lets_one_job_at_a_time_tell_an_address_of_an_incident(client: "Client", listener: Listener) -> None:
    from datetime import timedelta

    from django.utils import timezone

    from openline.server.webhooks.delivering import Busy, deliver
    from openline.server.webhooks.models import Cursor

    register(client, listener.url, "note.written")
    found = incident()
    note(found, "x")
    cursor = Cursor.objects.get(incident=found)
    Cursor.objects.filter(pk=cursor.pk).update(busy_until=timezone.now() + timedelta(seconds=30))

    with pytest.raises(Busy):
        deliver("k", {"hook": cursor.hook_id, "incident": found.pk, "upto": found.last_seq})

    assert listener.told == []


def test_lists_what_was_never_taken_goes_on_with_the_rest_and_sends_it_again_on_request(
    client: "Client", listener: Listener
) -> None:
    from openline.server.webhooks.models import DeadLetter

    register(client, listener.url, "note.written")
    found = incident()
    note(found, "lost")
    listener.answers = [410]
    assert work("webhook") == 1
    note(found, "next")
    work("webhook")

    page = client.get(AT).content.decode()
    assert "it answered 410" in page
    assert notes(listener) == ["next"]

    letter = DeadLetter.objects.get()
    for _ in range(2):
        client.post(f"{AT}letters/{letter.pk}/")
    work("webhook_again")

    assert notes(listener) == ["next", "lost"]
    assert not DeadLetter.objects.exists()


def test_keeps_a_letter_that_is_refused_again(client: "Client", listener: Listener) -> None:
    from openline.server.webhooks.models import DeadLetter

    register(client, listener.url, "note.written")
    note(incident(), "lost")
    listener.answers = [410, 503]
    work("webhook")
    client.post(f"{AT}letters/{DeadLetter.objects.get().pk}/")

    work("webhook_again")

    assert (DeadLetter.objects.get().reason, DeadLetter.objects.get().is_being_sent) == ("it answered 503", False)


def test_follows_no_redirect(client: "Client", listener: Listener) -> None:
    register(client, listener.url, "note.written")
    note(incident(), "x")
    listener.answers = [302]

    assert work("webhook") == 1


@pytest.mark.parametrize("asks", [True, False])
def test_tells_an_exercise_only_to_who_asks_and_marks_it(client: "Client", listener: Listener, asks: bool) -> None:
    register(client, listener.url, "note.written", **({"wants_exercises": "on"} if asks else {}))
    note(incident(exercise=True), "x")

    work("webhook")

    assert [t["exercise"] for t in listener.told] == ([True] if asks else [])


def test_tells_that_somebody_reported_and_not_how_they_are(client: "Client", listener: Listener) -> None:
    from openline.server.incidents.store import carry_out

    register(client, listener.url, "person.reported")
    carry_out(incident(), ReportPerson(person="commander-a", safe="needs_help"), COMMANDER)

    work("webhook")

    assert b"needs_help" not in listener.bodies[0]
    assert listener.told[0]["entry"]["withheld"] == "read_contacts"


def test_can_be_switched_off_and_removed(client: "Client", listener: Listener) -> None:
    from openline.server.webhooks.models import Hook

    register(client, listener.url, "note.written")
    hook = Hook.objects.get()
    client.post(f"{AT}{hook.pk}/", {"act": "off"})
    note(incident(), "x")
    work("webhook")
    assert listener.told == []

    client.post(f"{AT}{hook.pk}/", {"act": "remove"})
    assert not Hook.objects.exists()


def test_says_what_to_do_when_the_servers_key_has_changed(client: "Client", listener: Listener) -> None:
    from django.test import override_settings

    register(client, listener.url, "note.written")
    note(incident(), "x")

    with override_settings(SECRET_KEY="another"):
        work("webhook")

    assert "register this address again" in client.get(AT).content.decode()
