"""Answers: computed once for the same question, a few at a time."""

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from openline.plan.document import Plan
from openline.scenarios.binding import Disruption, UnboundScenario, bind, strike
from openline.server.plans.models import Revision
from openline.server.plans.store import BrokenOverlay, plan_of
from openline.sim.inputs import NothingToSimulate
from openline.sim.model import ModelError
from openline.sim.run import TooMuch
from openline.sim.simulation import Simulation, compare
from openline.sim.steps import UnknownVolume
from openline.sim.window import window_around

REFUSALS = (UnboundScenario, BrokenOverlay, UnknownVolume, NothingToSimulate, ModelError, TooMuch)
"""Why a question may have no answer; the message says what to do."""

SEED = 1
CONTACTS_A_QUESTION = 1_500_000
LEAST_DAYS, MOST_DAYS = 20, 200
STRUCK_FOR_S = 4 * 3600.0
AT_ONCE = 2
PATIENCE_S = 15.0

_places = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many questions are being computed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in primitives, so that the same one is answered from memory."""

    revision: int
    content_hash: str
    what: str
    onset: datetime
    lasts_s: float | None
    overlays: tuple[str, ...]


def answer(revision: Revision, asked: Asked) -> Simulation:
    """Return the simulation that answers the question; raises Busy, or what binding and simulating raise."""
    return _answer(revision.pk, asked)


@lru_cache(maxsize=48)
def _answer(pk: int, asked: Asked) -> Simulation:
    plan = plan_of(Revision.objects.get(pk=pk), asked.overlays)
    disruption = _disruption(plan, asked)
    window = window_around(plan, asked.onset, disruption.duration_s)
    days = max(1, round(window.length_s / 86400))
    replications = simulated_days(plan, days)
    if not _places.acquire(timeout=PATIENCE_S):
        raise Busy
    try:
        return compare(plan, disruption, window, seed=SEED, replications=replications)
    finally:
        _places.release()


def _disruption(plan: Plan, asked: Asked) -> Disruption:
    kind, _, name = asked.what.partition(":")
    if kind == "scenario":
        return bind(plan, name, duration_s=asked.lasts_s)
    return strike(plan, [name], duration_s=STRUCK_FOR_S if asked.lasts_s is None else asked.lasts_s)


def simulated_days(plan: Plan, window_days: int) -> int:
    """Return how many days to simulate so that an answer comes within two seconds."""
    busiest = sum(max(map(sum, plan.profiles[a.volumes].days.values())) for a in plan.activities.values() if a.volumes)
    wanted = CONTACTS_A_QUESTION / max(busiest * window_days, 1.0)
    return int(min(max(wanted, LEAST_DAYS), MOST_DAYS))


def normal_day(revision: Revision, onset: datetime) -> Simulation:
    """Return the day of `onset` when nothing happens."""
    return _normal_day(revision.pk, revision.content_hash, onset)


@lru_cache(maxsize=16)
def _normal_day(pk: int, _content_hash: str, onset: datetime) -> Simulation:
    plan = plan_of(Revision.objects.get(pk=pk))
    window = window_around(plan, onset, 0.0)
    nothing = Disruption("nothing", "Normal day", 0.0, ())
    return compare(plan, nothing, window, seed=SEED, replications=simulated_days(plan, 1))
