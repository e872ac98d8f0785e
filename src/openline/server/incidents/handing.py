"""Handing messages to providers: person by person, way by way, with a row for each that survives a crash."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import transaction
from django.utils import timezone

from openline.incident.paging import page_of
from openline.incident.permit import Permit, permit
from openline.incident.state import Page
from openline.notifiers.base import Notifier, NotifierError, Outgoing, send
from openline.plan.document import Plan
from openline.plan.people import Address
from openline.server.incidents import answering
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import incident, pinned, reading
from openline.server.notifications.store import providers

AT_ONCE = 16
"""Messages of one job that are on their way to providers at the same time."""


class NobodyTookIt(RuntimeError):
    """No provider took some messages, and trying again may help."""


def hand_over(kind: str, key: str, payload: dict[str, Any], attempt: int) -> dict[str, Any] | None:
    """Hand a turn of a page to providers; what was taken before is not sent again. Raises NobodyTookIt."""
    found = incident(payload["incident"])
    plan = pinned(found)
    with reading(found) as state:
        page = page_of(state, payload["page"])
        allowed = None if state.is_exercise or state.is_demo else permit(state, found.ref)
    rows = _begun(found, page, payload, key)
    todo = [r for r in rows if r.state not in ("handed", "caught")]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        again = [r for r in pool.map(lambda r: _one(found, plan, page, r, allowed), todo) if r is not None]
    _ended(todo)
    if again:
        raise NobodyTookIt(f"{len(again)} of {len(todo)} were not taken: {again[0]}")
    return {"handed": sum(r.state in ("handed", "caught") for r in rows), "of": len(rows)}


def _begun(found: Incident, page: Page, payload: dict[str, Any], key: str) -> list[Delivery]:
    """Return a row for each person, marked as being sent before anything is; one cut off earlier may go twice."""
    with transaction.atomic():
        known = {d.person: d for d in Delivery.objects.filter(key__startswith=f"{key}/")}
        new = [
            Delivery(
                key=f"{key}/{person}",
                incident=found,
                page=page.id,
                turn=payload["turn"],
                person=person,
                subject=page.subject,
            )
            for person in payload["persons"]
            if person not in known
        ]
        Delivery.objects.bulk_create(new)
        for d in known.values():
            d.maybe_twice |= d.state == "sending"
            if d.state in ("sending", "failed"):
                d.attempts, d.state = d.attempts + 1, "sending"
        Delivery.objects.bulk_update(known.values(), ["maybe_twice", "attempts", "state"])
    return [*known.values(), *new]


def _ended(rows: Sequence[Delivery]) -> None:
    Delivery.objects.bulk_update(
        rows, ["state", "channel", "provider", "provider_ref", "maybe_twice", "text", "reason", "at"]
    )


def _one(found: Incident, plan: Plan, page: Page, row: Delivery, allowed: Permit | None) -> str | None:
    """Send to one person by the first way that works; returns the reason when it may work later."""
    row.at = timezone.now()
    reasons, later = [], False
    for address, provider_name, provider in _ways(plan, row.person, page.turn, allowed):
        text = answering.words(found, page, row.person, address.channel)
        row.channel, row.provider = address.channel, provider_name
        if allowed is None or provider is None:
            row.state, row.text, row.reason = "caught", text, ""
            return None
        message = Outgoing(row.key, address.channel, address.value or "", page.subject, text)
        try:
            row.provider_ref, row.state, row.reason = send(allowed, provider, message)[:200], "handed", ""
            return None
        except NotifierError as error:
            later |= error.retry
            row.maybe_twice |= error.maybe_sent
            reasons.append(f"{provider_name}: {error}")
    row.state = "failed"
    row.reason = ("; ".join(reasons) or "no way to reach this person is set up")[:300]
    return row.reason if later else None


def _ways(plan: Plan, person: str, turn: int, allowed: Permit | None) -> Iterator[tuple[Address, str, Notifier | None]]:
    """Yield (address, provider's name, provider) as they are to be tried; a later turn begins with the next address."""
    found = plan.persons[person].contacts
    addresses = sorted((a for a in found if a.value), key=lambda a: (a.order is None, a.order or 0))
    if allowed is None:
        yield from ((a, "outbox", None) for a in addresses or (Address(channel="app"),))
        return
    begin = turn % len(addresses) if addresses else 0
    for address in [*addresses[begin:], *addresses[:begin]]:
        for name, provider in providers(address.channel):
            yield address, name, provider
