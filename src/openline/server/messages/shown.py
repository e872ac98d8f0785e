"""What the page of messages shows, read off the state: who is owed word, who is told what, what waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from openline.incident.length import WORDS_PER_MIN, Sms, sms, speaking_s
from openline.incident.messages import (
    SAME_FACTS,
    SLOT,
    differing,
    faults,
    filled,
    open_slots,
    owed_first,
    updates_owed,
)
from openline.incident.state import Message, State
from openline.incident.telling import PUBLIC, addressees, must_be_done_by_hand
from openline.plan.communication import AUDIENCES, MessageTemplate
from openline.plan.document import Plan

SLOT_HELP = {
    "what": "What happened, as readers see it: Longer waits on the claims line",
    "since": "When it began, on their clock: 09:10",
    "effect": "What it means for them, in a sentence",
    "doing": "What is being done about it",
    "ask": "What they can do meanwhile",
    "next_update": "When they hear more, on their clock: 11:00. It must agree with what you promise at release.",
    "contact": "Where to turn with questions",
}
SPOKEN = ("ivr", "voice_script")
CHANNELS = {
    "web": "status page", "sms": "SMS", "email": "e-mail", "ivr": "voice menu", "voice_script": "script for agents",
    "press": "press statement", "social": "social media", "letter": "letter",
}  # fmt: skip
KINDS = {
    "working": "works as usual", "slow": "slower than usual", "partly": "works in part", "down": "does not work",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Owed:
    """An audience that is owed word: at `at`, which is `late` when it has passed."""

    audience: str
    at: datetime
    is_first: bool
    late: bool
    wait_s: float
    templates: tuple[MessageTemplate, ...]
    waiting: Message | None
    """A message for it that is drafted or approved already."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of the words, what it holds and what belongs into it."""

    name: str
    value: str
    help: str
    is_open: bool
    differs: bool


@dataclass(frozen=True, slots=True)
class ServiceChoice:
    """How an activity does, as the words say it; `kind` is empty when they do not."""

    id: str
    title: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """A message with everything that a writer, an approver or a reader of the page wants to know of it."""

    message: Message
    text: str
    channel: str
    slots: tuple[Slot, ...]
    services: tuple[ServiceChoice, ...]
    faults: tuple[str, ...]
    open: tuple[str, ...]
    differs: tuple[str, ...]
    max_length: int | None
    sms: Sms | None
    speaking_s: int | None
    by_hand: str | None
    reached: tuple[str, ...]
    promises: bool
    refusal: str
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Audience:
    """An audience and what it was told last, with the facts of it."""

    name: str
    latest: Message | None
    facts: tuple[tuple[str, str, bool], ...]
    next_at: datetime | None


def owed(state: State, plan: Plan, now: datetime) -> tuple[Owed, ...]:
    """Return who is owed word, the most pressing first."""
    found = [_owed(state, plan, a, at, now, first=True) for a, at in owed_first(state, plan).items()]
    found += [_owed(state, plan, a, at, now, first=False) for a, at in updates_owed(state).items()]
    return tuple(sorted(found, key=lambda o: o.at))


def _owed(state: State, plan: Plan, audience: str, at: datetime, now: datetime, *, first: bool) -> Owed:
    waiting = [m for m in state.messages.values() if m.audience == audience and m.state in ("draft", "approved")]
    return Owed(
        audience,
        at,
        first,
        at < now,
        abs((at - now).total_seconds()),
        tuple(fitting(state, plan, audience)),
        waiting[-1] if waiting else None,
    )


def fitting(state: State, plan: Plan, audience: str) -> Iterator[MessageTemplate]:
    """Yield the plan's templates for an audience that are meant for the level in force, or for any."""
    level = max(state.level, 1)
    scenario = plan.scenarios.get(state.scenario or "")
    group = getattr(scenario, "category", None)
    for t in plan.templates.values():
        if t.audience == audience and (t.level or 0) <= level and t.scenario_group in (None, group):
            yield t


def audiences(state: State, plan: Plan) -> tuple[Audience, ...]:
    """Return every audience of the plan and of the messages, with the facts that each was told last."""
    named = {s.group for s in plan.stakeholders.values()} | {m.audience for m in state.messages.values()}
    promised = updates_owed(state)
    return tuple(_audience(state, a, promised.get(a)) for a in AUDIENCES if a in named)


def _audience(state: State, name: str, next_at: datetime | None) -> Audience:
    told = [m for m in state.messages.values() if m.audience == name and m.state == "released"]
    latest = told[-1] if told else None
    differs = set(differing(list(state.messages.values()), latest)) if latest is not None else set()
    slots = latest.slots if latest is not None else {}
    facts = tuple((f, slots.get(f, "") if _says(latest, f) else "", f in differs) for f in SAME_FACTS)
    return Audience(name, latest, facts, next_at)


def _says(message: Message | None, fact: str) -> bool:
    return message is not None and fact in SLOT.findall(message.text)


def card(state: State, plan: Plan, m: Message, *, refusal: str = "", typed: Mapping[str, str] | None = None) -> Card:
    """Return a message as the page shows it; what was typed and not taken stands in its fields."""
    said = typed or {}
    text = said.get("text", m.text)
    slots = {k: said.get(f"slots.{k}", m.slots.get(k, "")) for k in SLOT.findall(m.text) + SLOT.findall(text)}
    words = m.said or filled(text, slots)
    template = plan.templates.get(m.template or "")
    differs = differing(list(state.messages.values()), m)
    empty = open_slots(text, slots)
    return Card(
        message=m,
        text=words,
        channel=CHANNELS.get(m.channel, m.channel),
        slots=tuple(Slot(k, v, SLOT_HELP.get(k, ""), k in empty, k in differs) for k, v in slots.items()),
        services=tuple(_services(plan, m, said)) if m.channel == "web" else (),
        faults=tuple(faults(state, plan, m)) if m.state == "draft" else (),
        open=tuple(empty),
        differs=tuple(differs),
        max_length=template.max_length if template is not None else None,
        sms=sms(words) if m.channel == "sms" else None,
        speaking_s=speaking_s(words) if m.channel in SPOKEN else None,
        by_hand=must_be_done_by_hand(plan, m),
        reached=tuple(a.name for a in addressees(plan, m)),
        promises="next_update" in SLOT.findall(m.text),
        refusal=refusal,
        typed=said,
    )


def _services(plan: Plan, m: Message, said: Mapping[str, str]) -> Iterator[ServiceChoice]:
    for a in plan.activities.values():
        known = m.services.get(a.id)
        kind = said.get(f"services.{a.id}.kind", known.kind if known else "")
        words = said.get(f"services.{a.id}.words", known.words if known else "")
        yield ServiceChoice(a.id, a.title, kind, words)


def pace() -> int:
    """Return the words a minute that announcements are timed at."""
    return WORDS_PER_MIN


def is_public(m: Message) -> bool:
    """Tell whether the words stand on the status page once they are released."""
    return m.channel == "web" and m.audience in PUBLIC
