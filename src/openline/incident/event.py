"""What happened: the base of every event, and the table by which stored ones are read again."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from openline.plan.record import Record

E = TypeVar("E", bound=type["Event"])

EVENTS: dict[str, type["Event"]] = {}
"""Every event by the name it is stored under, `noun.verb`; names are never changed and never used again."""

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
UPGRADES: dict[tuple[str, int], Upgrade] = {}
"""What turns the stored form (name, version) of an event into that of the next version."""


class UnknownEvent(ValueError):
    """This log was written by a later Openline, or is no log of Openline."""


class Event(Record):
    """Something that happened in an incident; frozen."""

    stored_as: ClassVar[str] = ""
    version: ClassVar[int] = 1


def stored(name: str, version: int = 1) -> Callable[[E], E]:
    """Return the decorator that gives an event the name and version under which it is stored."""

    def named(cls: E) -> E:
        if name in EVENTS:
            raise RuntimeError(f"two events are stored as {name}")
        cls.stored_as, cls.version = name, version
        EVENTS[name] = cls
        return cls

    return named


def written(event: Event) -> dict[str, Any]:
    """Return the stored form of an event: what is stated, in JSON's types."""
    return event.model_dump(mode="json", exclude_defaults=True)


def read(name: str, version: int, data: dict[str, Any]) -> Event:
    """Return an event from its stored form, of this version or any earlier one; raises UnknownEvent."""
    cls = EVENTS.get(name)
    if cls is None or version > cls.version:
        raise UnknownEvent(f"event {name} of version {version} is not known: it needs a later Openline")
    for v in range(version, cls.version):
        data = UPGRADES[name, v](data)
    return cls.model_validate(data)
