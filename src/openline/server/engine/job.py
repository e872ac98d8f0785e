"""What goes in and out of the engine, as values without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]
Payload = dict[str, Value]


class Refused(Exception):
    """Raised by an action that must not be tried again; the job ends as failed with this message."""


class UnknownKind(Exception):
    """Raised by an action that this version does not know; the job waits, with an alarm, for one that does."""


class BadJob(ValueError):
    """The job can not be kept; the message says which rule it breaks."""


@dataclass(frozen=True, slots=True)
class NewJob:
    """One thing to do, at once, after `delay_s`, or at `due_at`.

    `key` is unique for ever and goes to providers as the idempotency key; asking twice for the same key is one job.
    A job that has not begun `expires_s` after it was due is not done any more, and is recorded as expired.
    A payload that says `bulk` gives way to jobs that do not.
    `payload` holds small values only: ids, names, numbers. Plans and texts stay in their own tables.
    """

    key: str
    kind: str
    topic: str
    payload: Payload = field(default_factory=dict)
    delay_s: float | None = None
    due_at: datetime | None = None
    expires_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended, for `record`.

    `status` is done, failed or expired; `attempts` counts actions begun over all nodes and restarts. When
    `is_possibly_repeated`, an earlier attempt was cut off and nobody knows how far it came.
    """

    status: str
    result: Payload
    error: str
    attempts: int
    is_possibly_repeated: bool


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a kind of job is tried, and the wait between: first_s, then factor times longer, up to most_s."""

    attempts: int = 5
    first_s: float = 1.0
    factor: float = 2.0
    most_s: float = 60.0

    def wait_s(self, failures: int) -> float:
        """Return the wait after so many failures, counted from 1."""
        return float(min(self.most_s, self.first_s * self.factor ** (failures - 1)))


@dataclass(frozen=True, slots=True)
class Schedule:
    """A job that comes again and again: five cron fields (six begin with seconds) in UTC or `tz`.

    A run that could not begin within `expires_s` of its tick is recorded as expired, and never caught up.
    """

    name: str
    cron: str
    kind: str
    topic: str
    payload: Payload = field(default_factory=dict)
    tz: str = "UTC"
    expires_s: float = 60.0


class Act(Protocol):
    """Do one job in the world. Returns what is worth recording; raises to be tried again, or Refused."""

    def __call__(self, kind: str, key: str, payload: Payload, attempt: int, /) -> Payload | None: ...


class Record(Protocol):
    """Append a job's outcome to the caller's own log, within the transaction that is open; called once for each key."""

    def __call__(self, topic: str, kind: str, key: str, payload: Payload, outcome: Outcome, /) -> None: ...


@dataclass(frozen=True, slots=True)
class Work:
    """What the engine is to do: the two functions, how kinds are retried, and what comes again and again."""

    act: Act
    record: Record
    retries: Mapping[str, Retry] = field(default_factory=dict)
    schedules: tuple[Schedule, ...] = ()

    def retry(self, kind: str) -> Retry:
        """Return how this kind is tried again."""
        return self.retries.get(kind, Retry())
