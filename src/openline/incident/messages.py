"""Words to the outside and inside: templates with slots, nothing released with a slot open, the same facts for all."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from openline.incident.authority import speakers
from openline.incident.command import (
    BEGUN,
    OPEN,
    Command,
    Context,
    NotAllowed,
    NotNow,
    NotThere,
    Phase,
    Refused,
    decides,
    folds,
)
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import Message, ServiceWord, State
from openline.plan.communication import SLOTS, Audience, MessageTemplate
from openline.plan.document import Plan
from openline.plan.record import Name, Record, Slug, Text

Channel = Literal["ivr", "sms", "email", "web", "social", "voice_script", "press", "letter"]
SAME_FACTS = ("what", "since", "next_update")
"""Slots that must say the same to every audience, or say why not (COM-04)."""

SLOT = re.compile(r"\{(\w+)\}")
BEFORE_S = 300.0
"""How long before a promised update the writers are reminded (assumed)."""


TELLING: tuple[Phase, ...] = (*OPEN, "stood_down")
"""When words go out: also after the stand-down, since readers are owed the last word."""


class Service(Record):
    """How an activity does, in words that readers understand."""

    kind: Literal["working", "slow", "partly", "down"]
    words: Annotated[Text, Field(max_length=200)] = ""


class DraftMessage(Command):
    """Draft words for an audience from a template of the plan, or free ones."""

    template: Slug | None = None
    audience: Audience | None = None
    channel: Channel | None = None
    language: Slug = "en"
    text: Text = ""
    slots: dict[Slug | Literal["next_update"], Text] = Field(default_factory=dict)
    services: dict[Slug, Service] = Field(default_factory=dict)


@stored("message.drafted")
class MessageDrafted(Event):
    """Words were drafted. `due_at` is when the audience must have heard."""

    message: Slug
    template: Slug | None = None
    audience: Audience
    channel: Channel
    language: Slug
    text: Text
    slots: dict[str, Text] = Field(default_factory=dict)
    approver: Slug | None = None
    due_at: AwareDatetime | None = None
    services: dict[Slug, Service] = Field(default_factory=dict)
    account: Name


class EditMessage(Command):
    """Change a draft; an approval is lost by it."""

    message: Slug
    text: Text | None = None
    slots: dict[Slug | Literal["next_update"], Text] = Field(default_factory=dict)
    services: dict[Slug, Service] | None = None
    differs_because: Text = ""


@stored("message.edited")
class MessageEdited(Event):
    """A draft was changed."""

    message: Slug
    text: Text
    slots: dict[str, Text] = Field(default_factory=dict)
    services: dict[Slug, Service] | None = None
    differs_because: Text = ""
    account: Name


class ApproveMessage(Command):
    """Approve a draft as it is."""

    message: Slug


@stored("message.approved")
class MessageApproved(Event):
    """A draft was approved."""

    message: Slug
    role: Slug | None = None


class ReleaseMessage(Command):
    """Release an approved message; `next_update_in_s` is what its readers are promised.

    `is_last` says that the disruption is over for them, and that nothing more follows.
    """

    message: Slug
    is_last: bool = False
    next_update_in_s: Annotated[float, Field(gt=0, le=7 * 86400)] | None = None


@stored("message.released")
class MessageReleased(Event):
    """Words are handed to their channel."""

    message: Slug
    text: Text
    next_update_at: AwareDatetime | None = None
    is_last: bool = False


class WithdrawMessage(Command):
    """Take a message back."""

    message: Slug
    reason: Annotated[Text, Field(min_length=1)]


@stored("message.withdrawn")
class MessageWithdrawn(Event):
    """It is no longer meant."""

    message: Slug
    reason: Text


@stored("message.update_fell_due")
class MessageUpdateFellDue(Event):
    """An update that was promised is due soon."""

    message: Slug


def open_slots(text: str, slots: dict[str, str]) -> list[str]:
    """Return the slots of a text that hold nothing."""
    return [s for s in dict.fromkeys(SLOT.findall(text)) if not slots.get(s, "").strip()]


def filled(text: str, slots: dict[str, str]) -> str:
    """Return a text with its slots filled; an open one stays as it is written."""
    return SLOT.sub(lambda m: slots.get(m[1], "").strip() or m[0], text)


@decides(DraftMessage, TELLING)
def draft(state: State, command: DraftMessage, c: Context) -> Sequence[Event]:
    """Draft; facts that were stated in the latest message are taken over."""
    template = _template(c.plan, command.template)
    text = command.text or (_words(template, command.language) if template else "")
    audience = command.audience or (template.audience if template else None)
    channel = command.channel or (template.channel if template else None)
    if not text or audience is None or channel is None:
        raise Refused("choose a template, or give an audience, a channel and words")
    _known(c.plan, command.services)
    return [
        MessageDrafted(
            message=f"message-{len(state.messages) + 1}",
            template=command.template,
            audience=audience,
            channel=channel,
            language=command.language,
            text=text,
            slots={**known_facts(state), **command.slots},
            approver=template.approver if template else None,
            due_at=_due(state, c.plan, audience, template),
            services=command.services,
            account=c.actor.account,
        )
    ]


def _known(plan: Plan, services: dict[str, Service] | None) -> None:
    for name in services or ():
        if name not in plan.activities:
            raise NotThere(f"the plan has no activity {name!r}")


def _template(plan: Plan, name: str | None) -> MessageTemplate | None:
    if name is not None and name not in plan.templates:
        raise Refused(f"the plan has no message {name!r}")
    return plan.templates[name] if name is not None else None


def _words(template: MessageTemplate, language: str) -> str:
    if language not in template.languages:
        known = ", ".join(template.languages) or "none"
        raise Refused(f"{template.title} has no words in {language!r}; it has {known}")
    return template.languages[language]


def known_facts(state: State) -> dict[str, str]:
    """Return the facts as the latest message of the incident states them."""
    for m in reversed(state.messages.values()):
        if m.state != "withdrawn":
            return {k: v for k, v in m.slots.items() if k in SLOTS}
    return {}


def _due(state: State, plan: Plan, audience: str, template: MessageTemplate | None) -> datetime | None:
    """Return when this audience must have heard: the shortest deadline, from the declaration or the first sign."""
    start = state.stamps.get("declared") or state.stamps["detected"]
    waits = [s.deadline_s for s in plan.stakeholders.values() if s.group == audience and s.deadline_s is not None]
    if template is not None and template.send_within_s is not None:
        waits.append(template.send_within_s)
    first = not any(m.audience == audience and m.released_at for m in state.messages.values())
    return start + timedelta(seconds=min(waits)) if waits and first else None


@folds(MessageDrafted)
def _drafted(state: State, e: MessageDrafted, entry: Entry) -> None:
    state.messages[e.message] = Message(
        e.message, e.template, e.audience, e.channel, e.language, e.text, dict(e.slots), entry.happened_at,
        e.account, e.approver, e.due_at, services=_words_of(e.services),
    )  # fmt: skip


def _words_of(services: dict[str, Service]) -> dict[str, ServiceWord]:
    return {k: ServiceWord(v.kind, v.words) for k, v in services.items()}


def _message(state: State, name: str, *states: str) -> Message:
    found = state.messages.get(name)
    if found is None:
        raise NotThere(f"there is no message {name!r}")
    if found.state not in states:
        raise NotNow(f"this message is {found.state}")
    return found


@decides(EditMessage, TELLING)
def edit(state: State, command: EditMessage, c: Context) -> Sequence[Event]:
    """Change a draft, or an approved one, which is a draft again."""
    found = _message(state, command.message, "draft", "approved")
    _known(c.plan, command.services)
    return [
        MessageEdited(
            message=found.id,
            text=command.text or found.text,
            slots={**found.slots, **command.slots},
            services=command.services,
            differs_because=command.differs_because or found.differs_because,
            account=c.actor.account,
        )
    ]


@folds(MessageEdited)
def _edited(state: State, e: MessageEdited, entry: Entry) -> None:
    found = state.messages[e.message]
    found.text, found.slots, found.differs_because = e.text, dict(e.slots), e.differs_because
    found.state, found.approved_by, found.drafted_by = "draft", None, e.account
    if e.services is not None:
        found.services = _words_of(e.services)


@decides(ApproveMessage, TELLING)
def approve(state: State, command: ApproveMessage, c: Context) -> Sequence[Event]:
    """Approve a draft that can be released: every slot filled, short enough, the same facts as the others."""
    found = _message(state, command.message, "draft")
    if found.approver is not None and c.actor.role not in (found.approver, *_command_roles(c.plan)):
        raise NotAllowed(f"this is approved by {found.approver}: act in that role, or ask them")
    press = speakers(c.plan) if found.audience == "media" else ()
    if press and c.actor.role not in (*press, found.approver):
        raise NotAllowed(f"words to the press are approved by {', '.join(press)}: act in that role, or ask them")
    for reason in faults(state, c.plan, found):
        raise NotNow(reason)
    return [MessageApproved(message=found.id, role=c.actor.role)]


def _command_roles(plan: Plan) -> tuple[str, ...]:
    return tuple(r.id for r in plan.roles.values() if r.ics_function == "command")


def faults(state: State, plan: Plan, m: Message) -> Iterator[str]:
    """Yield, in words, what keeps a message from being released."""
    empty = open_slots(m.text, m.slots)
    if empty:
        yield f"these slots are still open: {', '.join(empty)}. Fill each, or take it out of the words."
    template = plan.templates.get(m.template or "")
    text = filled(m.text, m.slots)
    if template is not None and template.max_length is not None and len(text) > template.max_length:
        yield f"the words are {len(text)} characters long; this channel takes {template.max_length}"
    other = differing(state.messages.values(), m)
    if other and not m.differs_because:
        yield f"{', '.join(other)} differ from what another audience is told: say the same, or say why it differs"


def _fact(m: Message, name: str) -> str:
    """Return a fact as a message says it; nothing when its words leave it out."""
    return m.slots.get(name, "").strip() if name in SLOT.findall(m.text) else ""


def differing(messages: Iterable[Message], m: Message) -> list[str]:
    """Return the facts in which a message differs from one that is out, or approved, to another audience."""
    found: list[str] = []
    for other in messages:
        if other.id == m.id or other.state not in ("approved", "released"):
            continue
        newer = [x for x in messages if x.audience == other.audience and x.state == "released" and x.id != m.id]
        if newer and other is not newer[-1]:
            continue
        found += [f for f in SAME_FACTS if _fact(m, f) and _fact(other, f) and _fact(m, f) != _fact(other, f)]
    return list(dict.fromkeys(found))


@folds(MessageApproved)
def _approved(state: State, e: MessageApproved, entry: Entry) -> None:
    state.messages[e.message].state, state.messages[e.message].approved_by = "approved", entry.by


@decides(ReleaseMessage, TELLING)
def release(state: State, command: ReleaseMessage, c: Context) -> Sequence[Event]:
    """Release what was approved; a text that promises a next update needs its time."""
    found = _message(state, command.message, "draft", "approved")
    if found.state == "draft":
        raise NotNow("this message is not approved: have it approved first")
    promises = "next_update" in SLOT.findall(found.text)
    if command.is_last and command.next_update_in_s is not None:
        raise NotNow("the last word promises no next update: leave one of the two out")
    if promises and command.next_update_in_s is None and not command.is_last:
        raise NotNow("the words promise a next update: say in how long, so that the promise is watched")
    at = c.now + timedelta(seconds=command.next_update_in_s) if command.next_update_in_s else None
    text = filled(found.text, found.slots)
    return [MessageReleased(message=found.id, text=text, next_update_at=at, is_last=command.is_last)]


@folds(MessageReleased)
def _released(state: State, e: MessageReleased, entry: Entry) -> None:
    found = state.messages[e.message]
    found.state, found.released_at, found.next_update_at = "released", entry.happened_at, e.next_update_at
    found.said, found.is_last = e.text, e.is_last


@decides(WithdrawMessage, BEGUN)
def withdraw(state: State, command: WithdrawMessage, c: Context) -> Sequence[Event]:
    """Take it back; what was sent can not be unsent, but the status page stops showing it."""
    found = _message(state, command.message, "draft", "approved", "released")
    return [MessageWithdrawn(message=found.id, reason=command.reason)]


@folds(MessageWithdrawn)
def _withdrawn(state: State, e: MessageWithdrawn, entry: Entry) -> None:
    found = state.messages[e.message]
    found.state, found.withdrawn_at, found.withdrawn_because = "withdrawn", entry.happened_at, e.reason


@folds(MessageUpdateFellDue)
def _update_due(state: State, e: MessageUpdateFellDue, entry: Entry) -> None:
    pass


def updates_owed(state: State) -> dict[str, datetime]:
    """Return, by audience, when the next update was promised, where no later message has kept the promise."""
    found: dict[str, datetime] = {}
    for m in state.messages.values():
        if m.state == "released":
            found.pop(m.audience, None)
            if m.next_update_at is not None:
                found[m.audience] = m.next_update_at
    return found


def owed_first(state: State, plan: Plan) -> dict[str, datetime]:
    """Return, by audience with a deadline, when it must first hear, where nothing has been released to it."""
    start = state.stamps.get("declared") or state.stamps.get("detected")
    heard = {m.audience for m in state.messages.values() if m.released_at}
    found: dict[str, datetime] = {}
    for s in plan.stakeholders.values():
        if start is not None and s.deadline_s is not None and s.group not in heard:
            due = start + timedelta(seconds=s.deadline_s)
            found[s.group] = min(found.get(s.group, due), due)
    return found
