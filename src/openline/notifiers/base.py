"""What every way to reach people has in common."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from openline.incident.permit import Permit, ensure
from openline.plan.record import Record

Channel = Literal["mobile", "landline", "sms", "email", "app", "radio", "pager", "satellite"]
"""Ways to a person, as the plan names them."""


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
    """A provider, with the options it was set up with; several threads use it at the same time."""

    options: Any

    def hand_over(self, message: Outgoing) -> str:
        """Hand a message over and return the provider's own reference; raises NotifierError."""
        ...

    def close(self) -> None:
        """Let connections go; a later message opens new ones."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of provider: what people call it, its options, the ways to people that it serves, and how one is made."""

    title: str
    options: type[Record]
    channels: tuple[Channel, ...]
    make: Callable[[Any], Notifier]
    """Returns the provider with these options; connects to nothing yet."""


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


def send_outside_incidents(notifier: Notifier, message: Outgoing) -> str:
    """Send what belongs to no incident: a test that an admin asks for, and the daily look at who can be reached.

    Raises NotAsked for anything else.
    """
    if not message.key.startswith(("test/", "every/reach/")):
        raise NotAsked("without the permit of a real incident only a test and the daily look go out")
    return notifier.hand_over(message)
