"""The courses that are simulated: doing nothing in full, and of each option what it reaches."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openline.forecast.change import Change
from openline.forecast.figures import Course, course_of
from openline.forecast.setting import Setting
from openline.sim.apart import Reach, There, completed, only, only_there, reached, there_at
from openline.sim.begin import Beginning, Inside
from openline.sim.inputs import Inputs
from openline.sim.model import Outcome
from openline.sim.run import simulate
from openline.sim.snapshot import QueueNow, Unknown
from openline.sim.warm import WarmStart, warm_start

CUSTOMERS = 1_600_000
"""Customers to be simulated in all when nobody says how many courses: about half a second on two idle cores."""
HELD = 5
"""A customer who waits already takes as long to simulate as so many to come: 2 to 5 measured with 9,000 waiting, the
more the oftener they call again."""
TOO_MANY = 4_000_000
"""Customers in all that take more than a second: fewer courses than usual are simulated then."""
FEWEST, FEW_ENOUGH, MOST = 10, 20, 100
"""Courses of each option then: from FEW_ENOUGH on, and below it only where there are too many customers."""
PAST_LUCK = 1 << 62
"""Added to the seed for the time until now, whose luck is not that of the next hours."""


@dataclass(frozen=True, slots=True)
class Luck:
    """What chance is made from; the busyness float64[N, K] is None when no queue varies."""

    seed: int
    replications: int
    threads: int
    busyness: NDArray[np.float64] | None

    def of(self, rows: int) -> NDArray[np.float64] | None:
        """Return the busyness with ones for rows that no customer calls by."""
        if self.busyness is None:
            return None
        more = np.ones((self.replications, rows - self.busyness.shape[1]))
        return np.concatenate([self.busyness, more], axis=1)


@dataclass(frozen=True, slots=True)
class Simulated:
    """Doing nothing more: who was there, what happened, and its figures."""

    inputs: Inputs
    begin: Beginning
    there: There
    outcome: Outcome
    course: Course


def affordable(setting: Setting, begun: Change, changes: Iterable[Change]) -> int:
    """Return how many courses of each option are simulated when nobody says: fewer when there is more to simulate."""
    plain = setting.inputs(begun)
    calling = _customers(setting, plain)
    customers = calling.sum()
    for change in changes:
        queues = reached(plain.model, setting.inputs(begun.and_(change)).model).queues
        customers += calling[queues[: len(calling)]].sum()
    usual = np.clip(CUSTOMERS / max(customers, 1.0), FEW_ENOUGH, MOST)
    return int(np.clip(TOO_MANY / max(customers, 1.0), FEWEST, usual))


def _customers(setting: Setting, plain: Inputs) -> NDArray[np.float64]:
    """Return the customers of each queue of one course, those who are there already by what they cost."""
    m = plain.model
    lasts_s = np.diff(np.append(m.rate_from_s, setting.window.length_s))
    there = [setting.snapshot.queues.get(q, QueueNow()).customers for q in plain.queues]
    return np.asarray(m.rate_per_s @ lasts_s + HELD * np.array(there))


def begin_now(setting: Setting, begun: Change, luck: Luck, unknown: Unknown) -> WarmStart:
    """Return the contacts of now: of the snapshot, and of a simulation of the time until now."""
    before: list[Inside] | None = None
    if unknown == "simulated":
        past, before = setting.inputs_before(begun), []
        simulate(
            past.model,
            seed=luck.seed + PAST_LUCK,
            replications=luck.replications,
            busyness=luck.of(len(past.queues)),
            threads=luck.threads,
            ends=before,
        )
    inputs = setting.inputs(begun)
    return warm_start(inputs, setting.snapshot, seed=luck.seed, replications=luck.replications, before=before)


def nothing_more(setting: Setting, begun: Change, begin: Beginning, luck: Luck) -> Simulated:
    """Return the next hours under what is under way."""
    inputs = setting.inputs(begun)
    outcome = _run(inputs, begin, luck)
    figures = course_of(setting.plan, setting.window, inputs, outcome)
    return Simulated(inputs, begin, there_at(begin), outcome, figures)


def course_under(setting: Setting, change: Change, plain: Simulated, luck: Luck) -> Course:
    """Return the next hours under a change of those in which nothing more is done.

    Queues that the change does not reach fare as they do without it, contact by contact, so they are not run again.
    """
    inputs = setting.inputs(change)
    reach = reached(plain.inputs.model, inputs.model, plain.there)
    outcome = _run_reached(inputs, reach, plain, luck)
    known = {q.queue: q for q, again in zip(plain.course.queues, reach.queues, strict=False) if not again}
    return course_of(setting.plan, setting.window, inputs, outcome, known)


def _run_reached(inputs: Inputs, reach: Reach, plain: Simulated, luck: Luck) -> Outcome:
    if not reach.queues.any():
        return plain.outcome
    if reach.queues.all():
        return _run(inputs, plain.begin, luck)
    part = replace(inputs, model=only(inputs.model, reach))
    return completed(_run(part, only_there(plain.begin, reach), luck), plain.outcome, reach)


def _run(inputs: Inputs, begin: Beginning, luck: Luck) -> Outcome:
    return simulate(
        inputs.model,
        seed=luck.seed,
        replications=luck.replications,
        busyness=luck.of(len(inputs.queues)),
        threads=luck.threads,
        begin=begin,
    )
