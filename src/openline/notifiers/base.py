"""What every way to reach people has in common."""

from dataclasses import dataclass
from typing import Protocol

from openline.incident.permit import Permit, ensure
from openline.plan.record import Record


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to one address. `key` is the idempotency key; `to` is a number or address in the provider's form."""

    key: str
    channel: str
    to: str
    subject: str
    text: str
    headers: tuple[tuple[str, str], ...] = ()
    """Further header lines of an e-mail, such as List-Unsubscribe; other channels leave them out."""


class NotifierError(Exception):
    """A provider did not take a message: `retry` when it may take it later, `maybe_sent` when it may have after all."""

    def __init__(self, reason: str, *, retry: bool, maybe_sent: bool = False) -> None:
        super().__init__(reason)
        self.retry, self.maybe_sent = retry, maybe_sent


class Notifier(Protocol):
    """A provider, with the options it was set up with."""

    options: Record
    channels: tuple[str, ...]

    def hand_over(self, message: Outgoing) -> str:
        """Hand a message over and return the provider's own reference; raises NotifierError."""
        ...


def send(permit: Permit, notifier: Notifier, message: Outgoing) -> str:
    """Send in the real world: the only way to a provider, and shut without the permit of a real incident."""
    ensure(permit)
    return notifier.hand_over(message)


class NotAsked(Exception):
    """Only what its own reader has just asked for goes out without the permit of an incident."""


def send_to_asker(notifier: Notifier, message: Outgoing) -> str:
    """Send what somebody at this very address asked for, outside any incident: the confirmation of a subscription.

    Raises NotAsked for anything else.
    """
    if not message.key.startswith("subscription/"):
        raise NotAsked("without the permit of a real incident only a subscription is confirmed")
    return notifier.hand_over(message)
