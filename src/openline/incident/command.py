"""What somebody wants done: the base of every command, who acts, and the tables of who decides and folds what."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from openline.incident.event import Event
from openline.plan.document import Plan
from openline.plan.record import Record

if TYPE_CHECKING:
    from openline.incident.state import State

Phase = Literal["new", "reported", "active", "restoring", "stood_down", "closed", "dismissed"]
PHASES: tuple[Phase, ...] = ("new", "reported", "active", "restoring", "stood_down", "closed", "dismissed")
OPEN: tuple[Phase, ...] = ("reported", "active", "restoring")
DECLARED: tuple[Phase, ...] = ("active", "restoring")
BEGUN: tuple[Phase, ...] = ("reported", "active", "restoring", "stood_down", "closed", "dismissed")


class Refused(Exception):
    """A command that is not carried out; the message says why and what to do instead."""


class NotInThisPhase(Refused):
    """The incident has not come to this yet, or is past it."""


class NotThere(Refused):
    """The command names something that the incident does not have."""


class NotAllowed(Refused):
    """Who acts lacks the authority, or would be both of two persons."""


class NotNow(Refused):
    """The thing is in a state in which this can not be done."""


class Command(Record):
    """A wish; frozen, in the imperative."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the name for the log, the account that can not be shared, the role of the plan in which they act."""

    name: str
    account: str
    role: str | None = None
    person: str | None = None
    is_system: bool = False


SYSTEM = Actor("Openline", "system", is_system=True)


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who is on call for a role for a while, whatever the plan says."""

    role: str
    person: str
    start_at: datetime
    end_at: datetime

    def holds(self, role: str, at: datetime) -> bool:
        """Tell whether it counts for a role at a time."""
        return self.role == role and self.start_at <= at < self.end_at


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision is made in: the plan in force when the incident began, the time, who acts, who stands in."""

    plan: Plan
    now: datetime
    actor: Actor
    happened_at: datetime
    stand_ins: tuple[StandIn, ...] = ()


Decider = Callable[["State", Any, Context], Sequence[Event]]
Folder = Callable[["State", Any, Any], None]
C = TypeVar("C", bound=Decider)
F = TypeVar("F", bound=Folder)

DECIDERS: dict[type[Command], tuple[Decider, tuple[Phase, ...]]] = {}
"""Who decides each command, and in which phases it can be given; in every other it is refused by name."""

FOLDERS: dict[type[Event], Folder] = {}
"""How each event changes the state."""

TOO_EARLY: dict[Phase, str] = {
    "new": "there is no incident yet: report or declare it first",
    "reported": "no level has been declared yet: declare one first",
    "active": "the response is still under way: begin restoration or stand down first",
    "restoring": "restoration is under way: stand down first",
    "stood_down": "the incident is stood down: reopen it first",
    "closed": "the incident is closed and its report accepted",
    "dismissed": "it was judged to be no incident: report it again",
}
"""Why a command is refused in a phase."""


def decides(command: type[Command], phases: tuple[Phase, ...]) -> Callable[[C], C]:
    """Return the decorator that makes a function decide a command in these phases."""

    def marked(decider: C) -> C:
        DECIDERS[command] = (decider, phases)
        return decider

    return marked


def folds(event: type[Event]) -> Callable[[F], F]:
    """Return the decorator that makes a function fold an event into the state."""

    def marked(folder: F) -> F:
        FOLDERS[event] = folder
        return folder

    return marked
