"""Handing messages to providers: person by person, way by way, with a row for each that survives a crash."""

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from openline.incident.paging import BATCH, batch, page_of, rung
from openline.incident.people import Page
from openline.incident.permit import Permit, permit
from openline.incident.state import State
from openline.notifiers.base import Notifier, NotifierError, Outgoing, send
from openline.plan.document import Plan
from openline.plan.people import Address
from openline.server.incidents import answering
from openline.server.incidents.folded import COMMITTING_S
from openline.server.incidents.kept import OUT, begun, ended
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import incident, pinned, reading
from openline.server.notifications.store import providers

AT_ONCE = 4
"""Messages of one job that are on their way at the same time; the engine runs several jobs at once."""


class NobodyTookIt(RuntimeError):
    """No provider took some messages, and trying again may help."""


@dataclass(frozen=True, slots=True)
class _Turn:
    """What the messages of one job have in common; no thread that sends asks the database."""

    incident: Incident
    plan: Plan
    page: Page
    number: int
    allowed: Permit | None
    providers: dict[str, list[tuple[str, Notifier]]]


def hand_over(kind: str, key: str, payload: dict[str, Any], attempt: int) -> dict[str, Any] | None:
    """Hand a turn of a page to providers; what was taken before is not sent again. Raises NobodyTookIt."""
    found = incident(payload["incident"])
    plan, cut_off = pinned(found), _cut_off(key)
    with reading(found) as state:
        page = page_of(state, payload["page"])
        people = _called(state, page, payload["turn"], payload["first"], found.last_seq, cut_off)
        allowed = None if state.is_exercise or state.is_demo else permit(state, found.ref)
    rows = _begun(found, page, payload["turn"], people, key)
    todo = [r for r in rows if r.state not in OUT]
    channels = {a.channel for r in todo for a in _addresses(plan, r.person)}
    turn = _Turn(found, plan, page, payload["turn"], allowed, {c: providers(c) for c in channels} if allowed else {})
    try:
        again = [reason for reason in _sent(turn, todo) if reason is not None]
    finally:
        ended(todo)
    if again:
        raise NobodyTookIt(f"{len(again)} of {len(todo)} were not taken: {again[0]}")
    return {"handed": sum(r.state in OUT for r in rows), "of": len(rows)}


def handed(key: str, payload: dict[str, Any]) -> Iterator[tuple[str, Delivery | None]]:
    """Yield each person of a job and what became of the message; nobody who had answered before it was sent."""
    found = incident(payload["incident"])
    with reading(found) as state:
        page = page_of(state, payload["page"])
        people = rung(page, payload["turn"])[payload["first"] : payload["first"] + BATCH]
        left = set(batch(state, page, payload["turn"], payload["first"]))
    rows = _rows(key, people)
    yield from ((p, rows.get(p)) for p in people if p in rows or p in left)


def _rows(key: str, people: Sequence[str]) -> dict[str, Delivery]:
    return {d.person: d for d in Delivery.objects.filter(key__in=[f"{key}/{p}" for p in people])}


def _cut_off(key: str) -> set[str]:
    """Return the people of a job whose messages were being sent when the process died."""
    return set(Delivery.objects.filter(key__startswith=f"{key}/", state="sending").values_list("person", flat=True))


def _called(state: State, page: Page, turn: int, first: int, kept: int, cut_off: Collection[str]) -> tuple[str, ...]:
    """Return whom a job calls; `kept` is the last entry that is known to be on the disk.

    Whoever answered a moment ago is called all the same while that answer may yet be rolled back, and so is whoever
    answered while their message was cut off: a call too many is better than one of which nobody knows.
    """
    people = {*batch(state, page, turn, first), *cut_off}
    if state.last_seq > kept:
        since_s = timezone.now().timestamp() - COMMITTING_S
        people |= {p for p, r in state.reports.items() if r.at is not None and r.at.timestamp() >= since_s}
    return tuple(p for p in rung(page, turn)[first : first + BATCH] if p in people)


def _begun(found: Incident, page: Page, turn: int, people: Sequence[str], key: str) -> list[Delivery]:
    """Return a row for each person, marked as being sent."""
    return begun(
        [
            Delivery(key=f"{key}/{p}", incident=found, page=page.id, turn=turn, person=p, subject=page.subject)
            for p in people
        ]
    )


def _sent(turn: _Turn, rows: Sequence[Delivery]) -> Iterator[str | None]:
    """Send every message; yields, for each, the reason when it may work later."""
    if turn.allowed is None or len(rows) < 2:
        yield from (_one(turn, r) for r in rows)
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(rows)), "handing") as pool:
        yield from pool.map(lambda r: _one(turn, r), rows)


def _one(turn: _Turn, row: Delivery) -> str | None:
    """Send to one person by the first way that works; returns the reason when it may work later."""
    row.at = timezone.now()
    reasons, is_later = [], False
    for n, address, name, provider in _ways(turn, row.person):
        text = answering.words(turn.incident, turn.page, row.person, address.channel)
        row.channel, row.provider = address.channel, name
        if turn.allowed is None or provider is None:
            row.state, row.text, row.reason = "caught", text, ""
            return None
        # An address has a key of its own, or a provider of two of them would take the second for a repeat.
        key = f"{row.key}~{n}" if n else row.key
        message = Outgoing(key, address.channel, address.value or "", turn.page.subject, text)
        try:
            row.provider_ref, row.state, row.reason = send(turn.allowed, provider, message)[:200], "handed", ""
            return None
        except NotifierError as error:
            is_later |= error.retry
            row.maybe_twice |= error.maybe_sent
            reasons.append(f"{name}: {error}")
    row.state = "failed"
    row.reason = ("; ".join(reasons) or "no way to reach this person is set up")[:300]
    return row.reason if is_later else None


def _addresses(plan: Plan, person: str) -> list[Address]:
    """Return the addresses of a person in their order; those without a value are kept elsewhere."""
    found = plan.persons[person].contacts if person in plan.persons else ()
    return sorted((a for a in found if a.value), key=lambda a: (a.order is None, a.order or 0))


def _preferred(addresses: list[Address], channels: tuple[str, ...]) -> list[Address]:
    """Return addresses with the ways that the role's policy names first, in its order."""
    return sorted(addresses, key=lambda a: channels.index(a.channel) if a.channel in channels else len(channels))


def _ways(turn: _Turn, person: str) -> Iterator[tuple[int, Address, str, Notifier | None]]:
    """Yield (number of the address, address, provider's name, provider) as they are to be tried.

    A later turn begins with the next address.
    """
    addresses = list(enumerate(_preferred(_addresses(turn.plan, person), turn.page.channels)))
    if turn.allowed is None:
        yield from ((n, a, "outbox", None) for n, a in addresses or [(0, Address(channel="app"))])
        return
    begin = turn.number % len(addresses) if addresses else 0
    for n, address in [*addresses[begin:], *addresses[:begin]]:
        for name, provider in turn.providers.get(address.channel, ()):
            yield n, address, name, provider
