"""Whom a released message reaches, what is left to people, and what is written down of it (COM-01 to COM-06)."""

from dataclasses import replace
from typing import Any

import pytest

from openline.incident import messages, opening, tasks, telling
from openline.incident.command import NotNow, NotThere
from openline.incident.event import read
from openline.plan.communication import Stakeholder, StakeholderContact
from openline.plan.document import Plan
from openline.plan.people import Address
from tests.incident.plans import COMMANDER, SECOND, Log, declared, harbor


def released(log: Log, *, last: bool = False, **said: Any) -> str:
    """Draft, approve and release a message; returns its id."""
    draft: dict[str, Any] = {"audience": "customers", "channel": "web", "text": "Calls wait longer.", **said}
    log.do(messages.DraftMessage(**draft))
    name = list(log.state.messages)[-1]
    log.do(messages.ApproveMessage(message=name))
    log.do(messages.ReleaseMessage(message=name, is_last=last))
    return name


def with_contacts(*contacts: StakeholderContact, group: str = "media") -> Plan:
    """Return harbor with one stakeholder of a group, who has these contacts."""
    others = {k: s for k, s in harbor().stakeholders.items() if s.group != group}
    mine = Stakeholder.model_validate({"id": "sh-test", "name": "Them", "group": group, "contacts": contacts})
    return replace(harbor(), stakeholders={**others, "sh-test": mine})


@pytest.mark.parametrize("channel", sorted(telling.BY_HAND))
def test_leaves_a_channel_without_a_provider_to_a_person_with_the_words_to_copy(channel: str) -> None:
    log = declared()

    name = released(log, channel=channel, text="Calls wait ten minutes.")

    task = log.state.tasks[f"{name}-by-hand"]
    assert "Calls wait ten minutes." in task.text
    assert (task.role, task.options["words"], task.state) == ("communications-lead", "Calls wait ten minutes.", "open")


def test_adds_that_task_once() -> None:
    log = declared()
    name = released(log, channel="ivr")

    log.do(tasks.CompleteTask(task=f"{name}-by-hand"))
    log.do(messages.DraftMessage(audience="customers", channel="web", text="x"))

    assert [t for t in log.state.tasks if t.endswith("-by-hand")] == [f"{name}-by-hand"]


def test_leaves_to_a_person_whom_the_plan_has_no_address_of() -> None:
    log = declared()

    name = released(log, audience="leaders", channel="sms", text="Come in.")

    assert log.state.tasks[f"{name}-by-hand"].text == (
        "Tell Directors (mobile): the plan has no address of them for sms: Come in."
    )


@pytest.mark.parametrize("audience", telling.PUBLIC)
def test_leaves_nobody_to_a_person_who_can_subscribe(audience: str) -> None:
    log = declared()

    released(log, audience=audience, channel="email", text="Calls wait longer.")

    assert not [t for t in log.state.tasks if t.endswith("-by-hand")]


def drafted(plan: Plan, channel: str) -> list[telling.Addressee]:
    """Return whom a message for the press would reach."""
    log = declared(plan=plan)
    log.do(messages.DraftMessage.model_validate({"audience": "media", "channel": channel, "text": "x"}))
    return list(telling.addressees(plan, log.state.messages["message-1"]))


def test_finds_each_address_of_the_contacts_once() -> None:
    plan = with_contacts(
        StakeholderContact(name="Desk", channel="mail", value="Desk@press.example"),
        StakeholderContact(name="Desk again", channel="mail", value="desk@press.example"),
        StakeholderContact(name="By phone", channel="phone", value="+44 20 7946 0000"),
        StakeholderContact(name="Nobody"),
    )

    assert [(a.key, a.to) for a in drafted(plan, "email")] == [("sh-test.1", "Desk@press.example")]


def test_reaches_by_sms_only_numbers_and_the_mobiles_of_people_it_names() -> None:
    mobile = "+44 7700 900555"
    person = next(iter(harbor().persons.values()))
    reachable = person.model_copy(
        update={"contacts": (Address(channel="email"), Address(channel="mobile", value=mobile))}
    )
    plan = with_contacts(
        StakeholderContact(name="Desk", value="desk@press.example"),
        StakeholderContact(name="Mobile", value="+44 7700 900123"),
        StakeholderContact(name="Editor", person=person.id),
    )
    plan = replace(plan, persons={**plan.persons, person.id: reachable})

    assert [a.to for a in drafted(plan, "sms")] == ["+44 7700 900123", mobile]
    assert drafted(plan, "email")[0].to == "desk@press.example"


def test_writes_down_what_became_of_it() -> None:
    log = declared()
    name = released(log)

    log.do(telling.RecordMessageHanded(message=name, handed=3, failed=1, maybe_twice=1, reasons=("mailbox full",)))

    told = log.state.messages[name].handover
    assert told is not None
    assert (told.handed, told.failed, told.maybe_twice, told.reasons) == (3, 1, 1, ("mailbox full",))
    with pytest.raises(NotThere):
        log.do(telling.RecordMessageHanded(message="message-99", handed=1))


def test_says_how_activities_do_in_the_words_of_the_writer() -> None:
    log = declared()
    log.do(messages.DraftMessage(
        audience="customers", channel="web", text="x",
        services={"claims": messages.Service(kind="slow", words="Up to 20 minutes")},
    ))  # fmt: skip
    log.do(messages.EditMessage(message="message-1", text="y"))
    kept = dict(log.state.messages["message-1"].services)
    log.do(messages.EditMessage(message="message-1", services={"sales": messages.Service(kind="down")}))

    assert (kept["claims"].kind, kept["claims"].words) == ("slow", "Up to 20 minutes")
    assert list(log.state.messages["message-1"].services) == ["sales"]
    with pytest.raises(NotThere, match="no activity"):
        log.do(messages.EditMessage(message="message-1", services={"nonsense": messages.Service(kind="down")}))


def test_ends_with_a_last_word_that_promises_nothing_also_after_the_stand_down() -> None:
    log = declared(level=1)
    promised = released(log)
    log.do(opening.StandDown(reason="over"), COMMANDER)
    assert log.state.phase == "stood_down"

    log.do(messages.DraftMessage(audience="customers", channel="web", text="All lines work again."))
    log.do(messages.ApproveMessage(message="message-2"), SECOND)
    with pytest.raises(NotNow, match="promises no next update"):
        log.do(messages.ReleaseMessage(message="message-2", is_last=True, next_update_in_s=60))
    log.do(messages.ReleaseMessage(message="message-2", is_last=True))

    assert (log.state.messages[promised].is_last, log.state.messages["message-2"].is_last) == (False, True)
    assert log.state.messages["message-2"].said == "All lines work again."


def test_remembers_when_and_why_a_message_was_withdrawn() -> None:
    log = declared()
    name = released(log)

    log.do(messages.WithdrawMessage(message=name, reason="Wrong number in it"))

    m = log.state.messages[name]
    assert (m.state, m.withdrawn_at, m.withdrawn_because) == ("withdrawn", log.now, "Wrong number in it")


def test_reads_messages_that_were_stored_before_they_named_activities() -> None:
    old = {"message": "message-1", "audience": "customers", "channel": "web", "language": "en", "text": "x",
           "account": "account:1"}  # fmt: skip

    assert read("message.drafted", 1, old).services == {}  # type: ignore[attr-defined]
    assert read("message.released", 1, {"message": "message-1", "text": "x"}).is_last is False  # type: ignore[attr-defined]


def test_compares_only_facts_that_the_words_say() -> None:
    log = declared()
    released(log, text="{what} since {since}.", slots={"what": "Longer waits", "since": "09:10"})

    log.do(messages.DraftMessage(audience="media", channel="press", text="We are sorry.", slots={"since": "08:00"}))

    assert log.do(messages.ApproveMessage(message="message-2")) == ["message.approved"]
