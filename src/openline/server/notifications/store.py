"""Providers in and out of the database."""

from openline.notifiers.base import Notifier


def providers(channel: str) -> list[tuple[str, Notifier]]:
    """Return (name, provider) for a channel in the order in which they are tried."""
    return []
