"""Providers in and out of the database, and those that are open in this process."""

import threading
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from openline.notifiers import NOTIFIERS
from openline.notifiers.base import Notifier
from openline.plan.record import Record
from openline.server.notifications.breaker import Health, Watched
from openline.server.notifications.models import Provider


class BadProvider(ValueError):
    """What was sent is no provider; `errors` has a message for each field."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(f"{k}: {v}" for k, v in errors.items()))
        self.errors = errors


_open: dict[int, tuple[datetime, Watched]] = {}
_guard = threading.Lock()


def providers(channel: str) -> list[tuple[str, Notifier]]:
    """Return (name, provider) for a channel in the order in which they are tried."""
    found: list[tuple[str, Notifier]] = []
    for row in Provider.objects.filter(is_on=True):
        notifier = opened(row) if channel in row.channels else None
        if notifier is not None:
            found.append((row.name, notifier))
    return found


def served_channels() -> frozenset[str]:
    """Return the channels for which some provider is on."""
    return frozenset(c for row in Provider.objects.filter(is_on=True) for c in row.channels)


def opened(row: Provider) -> Watched | None:
    """Return the provider of a row, kept open in this process; None when this version does not know its kind."""
    with _guard:
        since, found = _open.get(row.pk, (None, None))
        if found is not None and since == row.changed_at:
            return found
        if found is not None:
            found.close()
        kind = NOTIFIERS.get(row.kind)
        if kind is None:
            return None
        try:
            made = Watched(kind.make(kind.options.model_validate(row.options)))
        except ValidationError:
            return None
        _open[row.pk] = (row.changed_at, made)
        return made


def health(row: Provider) -> Health | None:
    """Return how a provider does in this process; None when it was not used yet."""
    with _guard:
        _, found = _open.get(row.pk, (None, None))
    return found.health() if found is not None else None


def forget() -> None:
    """Let every open provider go, as a restart does."""
    with _guard:
        for _, found in _open.values():
            found.close()
        _open.clear()


def rows() -> Sequence[Provider]:
    """Return every provider in the order in which they are tried."""
    return list(Provider.objects.all())


def checked(kind: str, options: dict[str, object], channels: Sequence[str]) -> Record:
    """Return the options of a kind; raises BadProvider with a message for each field."""
    found = NOTIFIERS.get(kind)
    if found is None:
        raise BadProvider({"kind": f"there is no kind of provider {kind!r}"})
    errors = {}
    if not channels or not set(channels) <= set(found.channels):
        errors["channels"] = f"choose one or more of {', '.join(found.channels)}"
    try:
        made = found.options.model_validate(options)
    except ValidationError as error:
        errors |= {
            str(e["loc"][0]) if e["loc"] else "form": e["msg"].removeprefix("Value error, ") for e in error.errors()
        }
    if errors:
        raise BadProvider(errors)
    return made


@transaction.atomic
def keep(
    row: Provider | None, *, name: str, kind: str, options: dict[str, object], channels: Sequence[str], order: int,
    is_on: bool = True,
) -> Provider:  # fmt: skip
    """Set a provider up, or change one. Raises BadProvider."""
    made = checked(kind, options, channels)
    if Provider.objects.filter(name=name).exclude(pk=row.pk if row else 0).exists():
        raise BadProvider({"name": "there is a provider of this name: choose another one"})
    found = row or Provider()
    found.name, found.kind, found.channels = name, kind, list(channels)
    found.options = made.model_dump(mode="json", exclude_defaults=True)
    found.order, found.is_on, found.changed_at = order, is_on, timezone.now()
    found.save()
    return found
