"""Whom a released message reaches, what a person must do for it by hand, and what became of it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from openline.incident.command import BEGUN, Command, Context, NotThere, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.messages import SLOT
from openline.incident.state import Handover, Message, State
from openline.incident.task_list import TasksAssembled, TaskText
from openline.plan.communication import Stakeholder, StakeholderContact
from openline.plan.document import Plan
from openline.plan.record import Count, Slug, Text

PUBLIC = ("customers", "public")
"""Audiences that read the status page."""

BY_HAND = {
    "ivr": "Put this into the voice menu for {audience}",
    "press": "Give this to {audience} as a press statement",
    "social": "Post this for {audience}",
    "letter": "Send this to {audience} by letter",
    "voice_script": "Give this to the agents, to read to {audience}",
}
"""What a person does for a channel that no provider serves."""

WAYS = {"email": ("email",), "sms": ("sms", "mobile")}
"""Kinds of address that a channel can use."""

NUMBER = re.compile(r"\+?[\d\s()./-]{5,}")
WORDS_MOST = 4000
HEADLINE_MOST = 90


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody who is sent a message: `key` names them in the log and never holds the address."""

    key: str
    name: str
    channel: str
    to: str


class RecordMessageHanded(Command):
    """Write down what became of a released message."""

    message: Slug
    handed: Count
    failed: Count = 0
    maybe_twice: Count = 0
    caught: bool = False
    reasons: Annotated[tuple[Text, ...], Field(max_length=20)] = ()


@stored("message.handed")
class MessageHanded(Event):
    """A released message was handed to providers, or caught in an exercise."""

    message: Slug
    handed: Count
    failed: Count = 0
    maybe_twice: Count = 0
    caught: bool = False
    reasons: tuple[Text, ...] = ()


@decides(RecordMessageHanded, BEGUN)
def record_handed(state: State, command: RecordMessageHanded, c: Context) -> Sequence[Event]:
    """Note it, whatever became of the incident meanwhile."""
    if command.message not in state.messages:
        raise NotThere(f"there is no message {command.message!r}")
    return [MessageHanded(**command.model_dump())]


@folds(MessageHanded)
def _handed(state: State, e: MessageHanded, entry: Entry) -> None:
    state.messages[e.message].handover = Handover(
        entry.happened_at, e.handed, e.failed, e.maybe_twice, e.caught, e.reasons
    )


def addressees(plan: Plan, message: Message) -> tuple[Addressee, ...]:
    """Return whom the plan names for this audience and can reach by this channel, each address once."""
    found: dict[str, Addressee] = {}
    for s, n, contact in _contacts(plan, message.audience):
        to = _address(plan, contact, message.channel)
        if to is not None:
            found.setdefault(to.lower(), Addressee(f"{s.id}.{n}", contact.name, message.channel, to))
    return tuple(found.values())


def _contacts(plan: Plan, audience: str) -> Iterator[tuple[Stakeholder, int, StakeholderContact]]:
    for s in plan.stakeholders.values():
        if s.group == audience:
            yield from ((s, n, contact) for n, contact in enumerate(s.contacts, 1))


def _address(plan: Plan, contact: StakeholderContact, channel: str) -> str | None:
    """Return where a channel reaches a contact: its own value, or an address of the person that it names."""
    if channel not in WAYS:
        return None
    if contact.value and (("@" in contact.value) if channel == "email" else NUMBER.fullmatch(contact.value)):
        return contact.value
    person = plan.persons.get(contact.person or "")
    if person is None:
        return None
    usable = [a for a in person.contacts if a.value and a.channel in WAYS[channel]]
    usable.sort(key=lambda a: (a.order is None, a.order or 0))
    return usable[0].value if usable else None


def headline(message: Message) -> str:
    """Return a subject made of nothing but released words: what happened, or how the text begins."""
    if "what" in SLOT.findall(message.text) and message.slots.get("what", "").strip():
        return message.slots["what"].strip()
    first = re.split(r"(?<=[.!?])\s", message.said.strip(), maxsplit=1)[0]
    return first if len(first) <= HEADLINE_MOST else f"{first[:HEADLINE_MOST].rsplit(' ', 1)[0]}…"


def must_be_done_by_hand(plan: Plan, message: Message) -> str | None:
    """Return what a person must do so that the audience hears it; None when Openline sees to it.

    Customers and the public can subscribe to the status page, so that e-mail to them needs nobody in the plan.
    """
    audience = message.audience.replace("_", " ")
    if message.channel in BY_HAND:
        return BY_HAND[message.channel].format(audience=audience)
    if message.channel not in WAYS or addressees(plan, message):
        return None
    if message.channel == "email" and message.audience in PUBLIC:
        return None
    names = [f"{x.name} ({x.channel})" if x.channel else x.name for _, _, x in _contacts(plan, message.audience)]
    whom = ", ".join(names) or audience
    return f"Tell {whom}: the plan has no address of them for {message.channel}"


def by_hand(state: State, c: Context) -> Iterator[Event]:
    """Yield a task for each released message that a person must carry, once."""
    for m in state.messages.values():
        name = f"{m.id}-by-hand"
        what = must_be_done_by_hand(c.plan, m) if m.state == "released" and name not in state.tasks else None
        if what is not None:
            text = f"{what}: {m.said}"
            roles = [s.duty_role for s, _, _ in _contacts(c.plan, m.audience) if s.duty_role]
            yield TasksAssembled(tasks=(_task(name, text, next(iter(roles), m.approver), m),))


def _task(name: str, text: str, role: str | None, m: Message) -> TaskText:
    return TaskText(
        id=name,
        text=text if len(text) <= WORDS_MOST else f"{text[: WORDS_MOST - 1]}…",
        role=role,
        lane="mitigate",
        kind="act",
        phase="added",
        source=(m.id,),
        options={"words": m.said},
    )
