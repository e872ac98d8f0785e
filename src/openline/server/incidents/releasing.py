"""Handing a released message to those it is for: the plan's addressees, and whoever else a slice adds."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from openline.incident.command import Command
from openline.incident.permit import Permit, permit
from openline.incident.record import RaiseAlarm
from openline.incident.state import Message
from openline.incident.telling import RecordMessageHanded, addressees, headline
from openline.notifiers.base import Notifier, NotifierError, Outgoing, send
from openline.server.engine import port as engine
from openline.server.incidents.kept import OUT, begun, ended
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import incident, pinned, reading
from openline.server.notifications.store import providers

AT_ONCE = 8
BATCH = 200
"""Messages whose rows are kept at once, so that a repeat after a crash is short."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads a message: `key` names them in the log, and never holds the address."""

    key: str
    channel: str
    to: str
    subject: str = ""
    before: str = ""
    after: str = ""
    headers: tuple[tuple[str, str], ...] = ()


Readers = Callable[[Incident, Message], Iterator[Reader]]
READERS: list[Readers] = []
"""Slices that have readers of their own add them here, in ready()."""


class NobodyTookIt(RuntimeError):
    """No provider took some messages, and trying again may help."""


def hand_over(key: str, payload: dict[str, Any]) -> dict[str, Any]:
    """Hand a released message over; who was handed it before is not sent it again. Raises NobodyTookIt."""
    found = incident(payload["incident"])
    with reading(found) as state:
        message = state.messages[payload["message"]]
        is_caught = state.is_exercise or state.is_demo
        allowed = None if is_caught else permit(state, found.ref)
    everybody = list(readers(found, message)) if message.state == "released" else []
    again = ""
    for n in range(0, len(everybody), BATCH):
        again = _batch(found, message, everybody[n : n + BATCH], key, allowed) or again
    if again:
        raise NobodyTookIt(again)
    return {"of": len(everybody)}


def readers(found: Incident, message: Message) -> Iterator[Reader]:
    """Yield everybody a message goes to, each address once."""
    known: set[tuple[str, str]] = set()
    plan = pinned(found)
    own = (Reader(a.key, a.channel, a.to) for a in addressees(plan, message))
    others = (r for more in READERS for r in more(found, message))
    for r in (*own, *others):
        if (r.channel, r.to.lower()) not in known:
            known.add((r.channel, r.to.lower()))
            yield r


def _batch(found: Incident, message: Message, batch: Sequence[Reader], key: str, allowed: Permit | None) -> str:
    rows = _begun(found, message, batch, key)
    todo = [(r, rows[r.key]) for r in batch if rows[r.key].state not in OUT]
    ways = {c: providers(c) for c in {r.channel for r, _ in todo}} if allowed is not None else {}
    try:
        with ThreadPoolExecutor(AT_ONCE, "telling") as pool:
            reasons = list(pool.map(lambda t: _one(message, t[0], t[1], allowed, ways.get(t[0].channel, [])), todo))
    finally:
        ended([row for _, row in todo])
    return next(filter(None, reasons), "")


def _begun(found: Incident, message: Message, batch: Sequence[Reader], key: str) -> dict[str, Delivery]:
    """Return a row for each reader, marked as being sent."""
    rows = [
        Delivery(key=f"{key}/{r.key}", incident=found, page=message.id, person=r.key, channel=r.channel) for r in batch
    ]
    return {d.person: d for d in begun(rows)}


def _one(
    message: Message, reader: Reader, row: Delivery, allowed: Permit | None, ways: list[tuple[str, Notifier]]
) -> str:
    """Send to one reader by the first provider that takes it; returns the reason when one may take it later."""
    text = f"{reader.before}{message.said}{reader.after}"
    row.at, row.subject = timezone.now(), (reader.subject or headline(message))[:200]
    if allowed is None:
        row.state, row.provider, row.text = "caught", "outbox", f"EXERCISE EXERCISE EXERCISE. {text}"
        return ""
    reasons, is_later = [], False
    for name, provider in ways:
        out = Outgoing(row.key, reader.channel, reader.to, row.subject, text, reader.headers)
        try:
            row.provider_ref, row.provider = send(allowed, provider, out)[:200], name
            row.state, row.reason = "handed", ""
            return ""
        except NotifierError as error:
            is_later |= error.retry
            row.maybe_twice |= error.maybe_sent
            reasons.append(f"{name}: {error}")
    row.state = "failed"
    row.reason = ("; ".join(reasons) or f"no provider for {reader.channel} is set up")[:300]
    return row.reason if is_later else ""


def recorded(key: str, payload: dict[str, Any], outcome: engine.Outcome) -> list[Command]:
    """Return what is written into the log: counts, failures, and what may have come twice; nothing for no reader."""
    rows = list(Delivery.objects.filter(key__startswith=f"{key}/").only("state", "maybe_twice", "reason"))
    out = [d for d in rows if d.state in OUT]
    lost = [d for d in rows if d.state not in OUT]
    if not rows and outcome.status == "done":
        return []
    reasons = tuple(dict.fromkeys(d.reason for d in lost if d.reason))[:20] or ((outcome.error[:300],) if lost else ())
    note = RecordMessageHanded(
        message=payload["message"],
        handed=len(out),
        failed=len(lost),
        maybe_twice=sum(d.maybe_twice for d in rows),
        caught=any(d.state == "caught" for d in rows),
        reasons=reasons,
    )
    if not lost:
        return [note]
    said = f"{len(lost)} of {len(rows)} who should have had {payload['message']} were not sent it: {'; '.join(reasons)}"
    return [note, RaiseAlarm(text=f"{said}. Reach them by other means."[:4000])]
