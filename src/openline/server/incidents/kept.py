"""Rows of messages while they are on their way, so that a crash, a frozen node or a lost database loses no word."""

import time
from collections.abc import Sequence

from django.db import InterfaceError, OperationalError, connection, transaction

from openline.server.incidents.models import Delivery

KEEP_S = 120.0
"""How long what providers said is held in memory for a database that takes nothing (assumed; then it is sent again)."""

OUT = ("handed", "caught")
ENDED = ("state", "channel", "provider", "provider_ref", "maybe_twice", "subject", "text", "reason", "at", "attempts")


def begun(wanted: Sequence[Delivery]) -> list[Delivery]:
    """Return a row for each message, marked as being sent before anything is; one cut off earlier may go twice."""
    with transaction.atomic():
        known = locked([d.key for d in wanted])
        new = [d for d in wanted if d.key not in known]
        Delivery.objects.bulk_create(new)
        again = [d for d in known.values() if d.state not in OUT]
        for d in again:
            d.maybe_twice |= d.state == "sending"
            d.attempts, d.state = d.attempts + 1, "sending"
        if again:
            Delivery.objects.bulk_update(again, ["maybe_twice", "attempts", "state"])
        return [*known.values(), *new]


def locked(keys: Sequence[str]) -> dict[str, Delivery]:
    """Return rows by key, kept from other nodes until the transaction ends; always in one order, so none waits in turn.

    In SQLite the transaction has the whole file already.
    """
    found = Delivery.objects.filter(key__in=keys).order_by("key")
    if connection.features.has_select_for_update:
        found = found.select_for_update()
    return {d.key: d for d in found}


def ended(rows: Sequence[Delivery]) -> None:
    """Write what became of messages, waiting for a database that is away: what was sent is known only here."""
    until_s, pause_s = time.monotonic() + KEEP_S, 0.2
    while rows:
        try:
            _keep(rows)
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > until_s:
                raise
            connection.close()
            time.sleep(pause_s)
            pause_s = min(2 * pause_s, 5.0)


def _keep(rows: Sequence[Delivery]) -> None:
    """Write rows down; one that another run has begun meanwhile is merged with what that run found.

    That happens when this node was frozen and taken for dead: both have sent, and the row must go on saying so.
    """
    with transaction.atomic():
        known = locked([r.key for r in rows])
        for row in rows:
            if row.key in known:
                _merge(known[row.key], row)
        Delivery.objects.bulk_update(known.values(), ENDED)


def _merge(kept: Delivery, told: Delivery) -> None:
    """Take over into `kept` what this run tells; a message that went out stays so."""
    is_fenced, attempts = kept.attempts != told.attempts, max(kept.attempts, told.attempts)
    maybe_twice = kept.maybe_twice or told.maybe_twice or is_fenced
    if kept.state not in OUT and (told.state in OUT or not is_fenced):
        for name in ENDED:
            setattr(kept, name, getattr(told, name))
    kept.maybe_twice, kept.attempts = maybe_twice, attempts
