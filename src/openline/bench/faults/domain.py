"""What is driven through the faults: some process made of jobs, whose record and effects can be compared."""

from collections.abc import Sequence
from typing import Protocol

from openline.server.engine.job import Work


class FaultDomain(Protocol):
    """A process made of jobs. Its effects go to the ledger, a file outside every database."""

    work: Work

    def hurry(self) -> None:
        """Let what takes minutes in earnest take seconds in this process; called before anything else."""

    def set_up(self) -> None:
        """Make what the domain needs in the database, if it is not there."""

    def reach(self, url: str) -> None:
        """Be told where the gateway is, if the domain's effects go through one."""

    def declare(self, topic: str, kind: str) -> None:
        """Begin one process: a record and its first jobs in one transaction."""

    def live(self, topic: str) -> None:
        """Let the people of a process do what they would do by now; called again and again."""

    def is_over(self, topic: str) -> bool:
        """Tell whether nothing is left to come."""

    def events(self, topic: str) -> Sequence["Told"]:
        """Return the record of a process in its order."""

    def expected_effects(self, topic: str) -> list[str]:
        """Return the keys of the effects that a process which is over has had, by its record."""

    def said_once(self, topic: str) -> list[str]:
        """Return the keys of the effects that, by the record, happened once for certain."""

    def wrong(self, topic: str) -> list[str]:
        """Return, in words, what does not agree with itself in a process that is over."""


class Told(Protocol):
    """One entry of the record."""

    seq: int
    key: str
    kind: str
    attempts: int
    at: float
