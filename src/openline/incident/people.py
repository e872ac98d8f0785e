"""What the state keeps of people: calls up a ladder, call trees, roll calls and what was answered."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

PageState = Literal["open", "acknowledged", "exhausted", "cancelled"]


@dataclass(slots=True)
class Page:
    """A call for people: rungs of persons, climbed until somebody answers."""

    id: str
    ask: str
    role: str | None
    subject: str
    text: str
    rungs: tuple[tuple[str, ...], ...]
    wait_s: float
    repeats: int
    ordered_at: datetime
    waits_s: tuple[float, ...] = ()
    channels: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    """What is owed that it is about, by the ids of `reminders.Owed`."""
    turn: int = 0
    state: PageState = "open"
    by: str | None = None
    answered_at: datetime | None = None
    handed: dict[str, "Handed"] = field(default_factory=dict)
    answers: dict[str, datetime] = field(default_factory=dict)
    """Who has answered, and when first."""


@dataclass(slots=True)
class Handed:
    """What became of the latest try to reach a person: `ok` when a provider took it."""

    at: datetime
    channel: str
    provider: str
    ok: bool
    attempts: int
    maybe_twice: bool
    reason: str


@dataclass(slots=True)
class TreeRun:
    """A call tree that is being called: each person's page, and what was done where a branch was broken."""

    tree: str
    subject: str
    text: str
    started_at: datetime
    pages: dict[str, str] = field(default_factory=dict)
    stands_for: dict[str, str] = field(default_factory=dict)
    """Who was called to take over a branch, with whose branch it is."""
    repaired: dict[str, str] = field(default_factory=dict)
    """Who did not answer, with how the branch was repaired."""


@dataclass(slots=True)
class Report:
    """What is known of a person: safe? able to work? where, with which kit?"""

    person: str
    safe: Literal["safe", "needs_help", "unknown"] = "unknown"
    able: bool | None = None
    where: str = ""
    kit: bool | None = None
    note: str = ""
    at: datetime | None = None
    source: str = ""


@dataclass(slots=True)
class RollCall:
    """Who is to be accounted for, and what is known of each."""

    id: str
    title: str
    opened_at: datetime
    persons: tuple[str, ...]
    is_open: bool = True
    expected: tuple[str, ...] = ()
    """Groups that are to be reported by numbers, since their people are not listed by name."""
    groups: dict[str, "GroupCount"] = field(default_factory=dict)


@dataclass(slots=True)
class GroupCount:
    """What a lead reports of a group that is not listed by name."""

    group: str
    safe: int
    needs_help: int
    unknown: int
    able: int | None
    at: datetime
    by: str
