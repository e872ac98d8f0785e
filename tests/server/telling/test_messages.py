"""The page of messages: who is owed word, drafting, approving, releasing, and refusals that lose nothing (COM)."""

from typing import TYPE_CHECKING, Any

import pytest

from tests.server.telling.scene import incident, release

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role
    from openline.server.incidents.models import Incident

FACTS = {
    "what": "Longer waits", "since": "09:10", "effect": "Calls wait ten minutes.", "doing": "moving calls",
    "ask": "use chat", "next_update": "11:00", "contact": "chat",
}  # fmt: skip


def at(found: "Incident") -> str:
    return f"/harbor/incidents/{found.pk}/messages/"


def page(client: "Client", found: "Incident") -> str:
    return client.get(at(found)).content.decode()


def act(client: "Client", found: "Incident", name: str, **said: Any) -> Any:
    return client.post(at(found), {"act": name, **said})


def message(found: "Incident", name: str = "message-1") -> Any:
    from openline.server.incidents.store import incident as find
    from openline.server.incidents.store import reading

    with reading(find(found.pk)) as state:
        return state.messages[name]


def test_says_first_who_must_hear_within_what_time(client: "Client") -> None:
    found = incident()

    text = page(client, found)

    assert "must hear within" in text.partition("</h1>")[0].rpartition("<h1>")[2]
    assert "Regulator" in text
    assert "No status page" in text or "Status page" in text


def test_goes_from_a_template_to_a_released_message(client: "Client") -> None:
    found = incident()
    act(client, found, "DraftMessage", template="delay-customers")
    slots = {f"slots.{k}": v for k, v in FACTS.items()}

    approved = act(client, found, "ApproveMessage", message="message-1", role="communications-lead", **slots)
    released = act(client, found, "ReleaseMessage", message="message-1", next_update_in_s="3600")

    told = message(found)
    assert (approved.status_code, released.status_code, told.state) == (302, 302, "released")
    assert "Calls wait ten minutes." in told.said
    assert told.next_update_at is not None
    assert "promised update" in page(client, found)


def test_loses_nothing_that_was_typed_when_it_refuses(client: "Client") -> None:
    found = incident()
    act(client, found, "DraftMessage", template="delay-customers")

    refused = act(
        client, found, "ApproveMessage", message="message-1", role="team-lead", **{"slots.what": "Typed at three"}
    )

    text = refused.content.decode()
    assert refused.status_code == 409
    assert "is approved by communications-lead" in text.partition('id="message-1"')[2]
    assert 'value="Typed at three"' in text


def test_says_which_slots_are_open_and_does_not_release(client: "Client") -> None:
    found = incident()
    act(client, found, "DraftMessage", template="delay-customers")

    refused = act(client, found, "ApproveMessage", message="message-1", role="communications-lead")

    assert refused.status_code == 409
    assert "slots are still open" in refused.content.decode()
    assert message(found).state == "draft"


def test_marks_facts_that_differ_and_asks_why(client: "Client") -> None:
    found = incident()
    release(found, "{what} since {since}.", slots={"what": "Longer waits", "since": "09:10"})
    act(client, found, "DraftMessage", audience="media", channel="press", text="{what} since {since}.")

    refused = act(
        client, found, "ApproveMessage", message="message-2", **{"slots.what": "Longer waits", "slots.since": "08:00"}
    )

    text = refused.content.decode()
    assert refused.status_code == 409
    assert "since differ from what another audience is told" in text
    assert "Why may it differ?" in text
    kept = act(client, found, "ApproveMessage", message="message-2", differs_because="They ask for the first alarm")
    assert kept.status_code == 302


@pytest.mark.parametrize(
    ("channel", "shown"), [("sms", "1 SMS (GSM-7)"), ("ivr", "1 s to say"), ("web", "5 characters")]
)
def test_measures_the_words_for_their_channel(client: "Client", channel: str, shown: str) -> None:
    found = incident()

    act(client, found, "DraftMessage", audience="customers", channel=channel, text="Waits")

    assert shown in page(client, found)


def test_says_how_services_do(client: "Client") -> None:
    found = incident()
    act(client, found, "DraftMessage", audience="public", channel="web", text="Waits")

    act(client, found, "EditMessage", message="message-1", text="Waits", **{
        "services.claims.kind": "slow", "services.claims.words": "Ten minutes", "services.sales.kind": "",
    })  # fmt: skip

    assert {k: (v.kind, v.words) for k, v in message(found).services.items()} == {"claims": ("slow", "Ten minutes")}


def test_does_once_what_is_sent_twice(client: "Client") -> None:
    found = incident()
    said = {"audience": "public", "channel": "web", "text": "Waits", "key": f"k{found.pk}"}

    for _ in range(2):
        act(client, found, "DraftMessage", **said)

    assert "message-2" not in page(client, found)


def test_lets_each_do_only_what_their_roles_allow(signed_in: "Callable[[Role], Client]") -> None:
    found = incident()
    lead = signed_in("lead")
    act(lead, found, "DraftMessage", audience="public", channel="web", text="Waits")

    assert message(found).state == "draft"
    assert act(lead, found, "ApproveMessage", message="message-1").status_code == 403
    assert act(signed_in("viewer"), found, "EditMessage", message="message-1", text="x").status_code == 403
    assert "Approve</button>" not in page(lead, found)
    assert act(signed_in("duty_officer"), found, "ApproveMessage", message="message-1").status_code == 302
    assert act(lead, found, "StandDown").status_code == 400


def test_is_marked_as_an_exercise(client: "Client") -> None:
    def mark(found: "Incident") -> bool:
        return 'class="exercise"' in page(client, found)

    assert not mark(incident())
    assert mark(incident(exercise=True))


def test_keeps_why_a_message_was_withdrawn(client: "Client") -> None:
    found = incident()
    name = release(found)

    act(client, found, "WithdrawMessage", message=name, reason="Wrong number in it")

    assert "Withdrawn: Wrong number in it" in page(client, found)
