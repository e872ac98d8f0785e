"""Releasing: who is sent a message, once each, and what is written down of it (COM-01, COM-05; issue 4: Messages)."""

from typing import TYPE_CHECKING

import pytest

from tests.server.telling.scene import Mailbox, incident, release, status_page, work

if TYPE_CHECKING:
    from openline.incident.state import Handover
    from openline.server.status_pages.models import StatusPage, Subscriber


def subscriber(page: "StatusPage", address: str, *, language: str = "en") -> "Subscriber":
    """Return somebody who confirmed."""
    from django.utils import timezone

    return page.subscribers.create(address=address, language=language, confirmed_at=timezone.now())


def handover(pk: int, name: str) -> "Handover":
    from openline.server.incidents.store import incident as find
    from openline.server.incidents.store import reading

    with reading(find(pk)) as state:
        found = state.messages[name].handover
    assert found is not None
    return found


def test_sends_subscribers_what_was_released_with_a_way_out(mailbox: Mailbox) -> None:
    subscriber(status_page(), "ann@example.org")
    found = incident()

    name = release(found, "Calls wait ten minutes. Please use chat.")
    failed = work("message")

    (mail,) = mailbox.mails
    assert (failed, mail["To"], mail["Subject"]) == (0, "ann@example.org", "Harbor Mutual: Calls wait ten minutes.")
    assert "Gas leak" not in str(mail)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Unsubscribe"].strip("<>") in mail.get_content().replace("=\n", "")
    told = handover(found.pk, name)
    assert (told.handed, told.failed, told.caught) == (1, 0, False)


def test_sends_nobody_a_message_twice_however_often_its_job_runs(mailbox: Mailbox) -> None:
    from openline.server.engine.models import Job

    page = status_page()
    for n in range(5):
        subscriber(page, f"reader-{n}@example.org")
    release(incident())

    for _ in range(3):
        Job.objects.filter(kind="message", state="done").update(state="waiting")
        work("message")

    assert sorted(m["To"] for m in mailbox.mails) == [f"reader-{n}@example.org" for n in range(5)]


def test_sends_again_what_was_cut_off_and_says_that_it_may_have_come_twice(mailbox: Mailbox) -> None:
    from openline.server.incidents.models import Delivery

    row = subscriber(status_page(), "ann@example.org")
    found = incident()
    name = release(found)
    key = f"{found.pk}/message/{name}/subscriber.{row.pk}"
    Delivery.objects.create(key=key, incident=found, page=name, person=f"subscriber.{row.pk}", state="sending")

    work("message")

    assert len(mailbox.mails) == 1
    told = handover(found.pk, name)
    assert (told.handed, told.maybe_twice) == (1, 1)


def test_tries_later_what_no_provider_takes_now_and_raises_an_alarm_at_the_end(mailbox: Mailbox) -> None:
    from openline.server.incidents.store import incident as find
    from openline.server.incidents.store import reading

    subscriber(status_page(), "ann@example.org")
    found = incident()
    name = release(found)
    mailbox.refuses = "451 Come back later"

    failed = work("message")

    told = handover(found.pk, name)
    assert (failed, told.handed, told.failed, told.reasons) == (
        1,
        0,
        1,
        ("post: the mail server answered 451 Come back later",),
    )
    with reading(find(found.pk)) as state:
        assert any("were not sent it" in n.text for n in state.notes if n.is_alarm)


def test_catches_an_exercise_whole_and_reaches_nobody(mailbox: Mailbox) -> None:
    from openline.server.incidents.models import Delivery

    subscriber(status_page(), "ann@example.org")
    found = incident(exercise=True)

    name = release(found)
    work("message")

    row = Delivery.objects.get(incident=found, page=name)
    assert mailbox.mails == []
    assert (row.state, row.provider) == ("caught", "outbox")
    assert row.text.startswith("EXERCISE EXERCISE EXERCISE. Calls wait longer.")
    assert handover(found.pk, name).caught


def test_keeps_no_address_beside_what_was_sent(mailbox: Mailbox) -> None:
    from openline.server.incidents.models import Delivery

    subscriber(status_page(), "ann@example.org")
    found = incident()
    release(found)
    work("message")

    assert "ann@example.org" not in str(list(Delivery.objects.filter(incident=found).values()))
    assert "ann@example.org" not in str(list(found.lines.values_list("data", flat=True)))


@pytest.mark.parametrize(("audience", "channel"), [("agents", "web"), ("media", "email"), ("customers", "sms")])
def test_sends_subscribers_nothing_that_is_not_for_the_public(mailbox: Mailbox, audience: str, channel: str) -> None:
    subscriber(status_page(), "ann@example.org")

    release(incident(), audience=audience, channel=channel)
    work("message")

    assert mailbox.mails == []


def test_sends_nothing_that_was_withdrawn_before_it_went_out(mailbox: Mailbox) -> None:
    from openline.incident.messages import WithdrawMessage
    from openline.server.incidents.store import carry_out
    from tests.server.telling.scene import COMMANDER

    subscriber(status_page(), "ann@example.org")
    found = incident()
    name = release(found)
    carry_out(found, WithdrawMessage(message=name, reason="Wrong number"), COMMANDER)

    assert work("message") == 0
    assert mailbox.mails == []


def test_leaves_people_who_have_not_confirmed_alone(mailbox: Mailbox) -> None:
    status_page().subscribers.create(address="unconfirmed@example.org")

    release(incident())
    work("message")

    assert mailbox.mails == []


def test_hands_words_for_the_press_to_a_person_as_a_task() -> None:
    from openline.server.incidents.store import reading

    found = incident()

    name = release(found, audience="media", channel="press")

    with reading(found) as state:
        assert state.tasks[f"{name}-by-hand"].options["words"] == "Calls wait longer."
