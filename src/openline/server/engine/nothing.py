"""An engine that has nothing to do yet: it starts, keeps jobs of kinds that it does not know, and stops."""

from openline.server.engine.job import Outcome, Payload, UnknownKind, Work


def act(kind: str, key: str, payload: Payload, attempt: int) -> Payload | None:
    """Leave the job for a version that knows its kind."""
    raise UnknownKind(kind)


def record(topic: str, kind: str, key: str, payload: Payload, outcome: Outcome) -> None:
    """Keep nothing, since nothing is done; an expired job ends here."""


WORK = Work(act, record)
