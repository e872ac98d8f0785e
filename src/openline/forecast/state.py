"""What has failed, since when and until when, and which options are under way."""

from dataclasses import dataclass
from datetime import datetime

from openline.plan.document import Plan
from openline.scenarios.binding import BoundEffect, Disruption, strike
from openline.scenarios.effects import EFFECTS


class BadState(ValueError):
    """A state that can not be: a time out of order or an effect that does not fit; the message says which."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An object that has failed; `until` is when it is expected back, None when nobody knows.

    `effect` is one of openline.scenarios.effects, `factor` what is left for those that leave something.
    """

    object_id: str
    since: datetime
    until: datetime | None = None
    effect: str = "down"
    factor: float | None = None


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An option that was decided on before now."""

    option_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class State:
    """The incident at the moment `at`, all times with a zone."""

    at: datetime
    failures: tuple[Failure, ...] = ()
    under_way: tuple[UnderWay, ...] = ()

    @property
    def onset(self) -> datetime:
        """When the first object failed, now when none has."""
        return min((f.since for f in self.failures), default=self.at)

    @property
    def since_onset_s(self) -> float:
        return (self.at - self.onset).total_seconds()


def ensure_zones(state: State) -> None:
    """Raise BadState when one of the times has no zone."""
    moments = [state.at, *(f.since for f in state.failures), *(f.until for f in state.failures if f.until)]
    if any(m.tzinfo is None for m in (*moments, *(u.since for u in state.under_way))):
        raise BadState("every time needs a zone: 2026-11-30T10:25+00:00")


def disruption_of(plan: Plan, state: State, horizon_s: float) -> Disruption:
    """Return the failures as a disruption whose onset is the first of them; one without an end lasts to the horizon.

    Raises BadState, and UnboundScenario for an object that the plan does not have.
    """
    if not state.failures:
        return Disruption("incident", "Nothing has failed", 0.0, ())
    struck = strike(plan, [f.object_id for f in state.failures], duration_s=horizon_s)
    effects = tuple(_effect(plan, state, f, horizon_s) for f in state.failures)
    return Disruption("incident", struck.title, max(e.end_s for e in effects), effects)


def _effect(plan: Plan, state: State, failure: Failure, horizon_s: float) -> BoundEffect:
    kind, name = EFFECTS.get(failure.effect), failure.object_id
    if kind is None:
        raise BadState(f"{name}: there is no effect {failure.effect!r}; there are {', '.join(EFFECTS)}")
    if not any(name in plan.collection(c) for c in kind.targets):
        raise BadState(f"{failure.effect} can not hit {name!r}: it is for {', '.join(kind.targets)}")
    if failure.since > state.at:
        raise BadState(f"{name} fails at {failure.since.isoformat()}, after now ({state.at.isoformat()})")
    if failure.until is not None and failure.until <= failure.since:
        raise BadState(f"{name} is back at {failure.until.isoformat()}, before it failed")
    node = plan.node(name)
    end = horizon_s if failure.until is None else (failure.until - state.onset).total_seconds()
    why = f"{node.title if node else name} has failed"
    start = (failure.since - state.onset).total_seconds()
    return BoundEffect(name, failure.effect, failure.factor, start, end, kind.calls, why)
