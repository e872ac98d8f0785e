"""What is driven through the faults: some process made of jobs, whose record and effects can be compared."""

from typing import Protocol

from openline.server.engine.job import Work


class FaultDomain(Protocol):
    """A process made of jobs. Its effects go to the ledger, a file outside every database."""

    work: Work

    def set_up(self) -> None:
        """Make what the domain needs in the database, if it is not there."""

    def declare(self, topic: str, kind: str) -> None:
        """Begin one process: a record and its first jobs in one transaction."""

    def is_over(self, topic: str) -> bool:
        """Tell whether nothing is left to come."""

    def events(self, topic: str) -> list["Told"]:
        """Return the record of a process in its order."""

    def expected_effects(self, topic: str) -> list[str]:
        """Return the keys of the effects that a process which is over has had, by its record."""


class Told(Protocol):
    """One entry of the record."""

    seq: int
    key: str
    kind: str
    attempts: int
    at: float
