"""Exercises as proofs: which were held, whether they passed, and when something was last really tried."""

from datetime import date

from openline.audit.ground import Ground
from openline.plan.exercises import OPERATIONS, Exercise

Trial = tuple[date, bool]
"""A day on which something was tried, and whether that failed; of one day the failure comes last."""


def held(g: Ground) -> list[Exercise]:
    """Return the exercises that were held by the day of the audit."""
    return [x for x in g.plan.exercises.values() if x.held_on is not None and x.held_on <= g.as_of]


def passed(x: Exercise) -> bool | None:
    """Tell whether an exercise passed, by its word or its ratings; None when it has neither."""
    ratings = [e.rating for e in x.evaluations if e.rating is not None]
    return x.passed if x.passed is not None else all(r in ("P", "S") for r in ratings) if ratings else None


def trials(g: Ground, ids: set[str], *, but: date | None = None, measured: bool = False) -> list[Trial]:
    """Return when any of these was really tried in exercises that say how it went, `but` a day that it tells of itself.

    With `measured` only the exercises count that tried a recovery or took its time: something may stand in the scope of
    a drill of something else.
    """
    found = []
    for x in held(g):
        # A poor rating may be of something else that was tried that day, so only the exercise's own word is a failure.
        went = x.passed if x.passed is not None else passed(x) or None
        if went is None or x.kind not in OPERATIONS or x.held_on in (None, but) or not ids & set(x.scope):
            continue
        recovers = x.tests_recovery is True or x.measured.failover_s is not None or x.measured.rta_s is not None
        if recovers or not measured:
            found.append((x.held_on or g.as_of, not went))
    return found
