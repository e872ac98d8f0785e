"""From a snapshot to the contacts with which the kernel begins.

Luck here is keyed by (seed, queue or group) and drawn once, so every variant begins with the same contacts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openline.sim.begin import (
    BEGIN_ATTEMPT,
    BEGIN_COUNTED,
    BEGIN_DUE,
    BEGIN_FLOATS,
    BEGIN_GROUP,
    BEGIN_HANDLING,
    BEGIN_INTS,
    BEGIN_QUEUE,
    BEGIN_STATE,
    BEGIN_TRUNK,
    BEGIN_WAITED,
    Beginning,
    Inside,
    beginning,
)
from openline.sim.inputs import Inputs
from openline.sim.model import ABANDON, I64, F, Model
from openline.sim.remaining import area, mean, remaining, residual, spread
from openline.sim.slots import AWAY, QUEUED, SERVED
from openline.sim.snapshot import GroupNow, QueueNow, Snapshot

WAITERS, TALKERS, REDIALERS = 1, 2, 3
"""Streams of luck of the beginning."""
FULLEST_FRAC = 0.8
"""Assumed: more people wait than calls usually bring only because calls come so often that this share of those who
could wait does."""
LONGEST_LOOK_S = 86400.0
"""Assumed: a backlog of which nobody gives up came in within a day."""

TOLD = "snapshot"
AGES_DRAWN = "snapshot, waits so far drawn"
TIMES_DRAWN = "snapshot, time left drawn"
SIMULATED = "simulated until now"
EMPTY = "unknown, taken as nobody"


@dataclass(frozen=True, slots=True)
class WarmStart:
    """Where a run begins, and for each figure where it came from: `queue.<id>.waiting`, `group.<id>.busy`, ..."""

    begin: Beginning
    sources: dict[str, str]


def warm_start(
    inputs: Inputs, snapshot: Snapshot, *, seed: int, replications: int, before: Sequence[Inside] | None = None
) -> WarmStart:
    """Return the contacts of second 0: those that the snapshot tells, and of the rest those who are there `before`.

    `before` holds one simulated state of now for each replication, by the same rows of queues and groups; without it
    nobody is taken to be where the snapshot says nothing.
    """
    drawn = _Drawn(inputs, seed, replications)
    sources, parts = {}, [drawn.nothing()]
    for k, queue in enumerate(inputs.queues):
        now = snapshot.queues.get(queue, QueueNow())
        found, sources[f"queue.{queue}.waiting"] = drawn.waiting(k, now, before)
        again, sources[f"queue.{queue}.redialing"] = drawn.redialing(k, now, before)
        parts += [found, again]
    for g, group in enumerate(inputs.groups):
        talking, sources[f"group.{group}.busy"] = drawn.talking(g, snapshot.groups.get(group, GroupNow()), before)
        parts.append(talking)
    joined = [
        Inside(np.concatenate([p[n].ints for p in parts]), np.concatenate([p[n].floats for p in parts]))
        for n in range(replications)
    ]
    return WarmStart(beginning(joined), sources)


Parts = list[Inside]
"""Contacts of one queue or group, replication by replication."""


@dataclass(frozen=True)
class _Drawn:
    inputs: Inputs
    seed: int
    replications: int

    @property
    def model(self) -> Model:
        return self.inputs.model

    def nothing(self) -> Parts:
        return [Inside(np.zeros((0, BEGIN_INTS), np.int64), np.zeros((0, BEGIN_FLOATS)))] * self.replications

    def waiting(self, k: int, now: QueueNow, before: Sequence[Inside] | None) -> tuple[Parts, str]:
        """Return who waits in a queue."""
        if now.count is None:
            return self._from(before, BEGIN_QUEUE, k, QUEUED)
        luck = self._luck(WAITERS, k, now.count, 3)
        if now.waited_s is not None:
            waited = np.tile(np.sort(np.array(now.waited_s, dtype=np.float64))[::-1], (self.replications, 1))
        else:
            waited = self._ages(k, now, luck[..., 0])
        due = remaining(self.model.patience, k, luck[..., 1], waited)
        handling = remaining(self.model.service, k, luck[..., 2], 0.0)
        told = TOLD if now.waited_s is not None or now.count == 0 else AGES_DRAWN
        return self._rows(k, QUEUED, waited, due, handling), told

    def redialing(self, k: int, now: QueueNow, before: Sequence[Inside] | None) -> tuple[Parts, str]:
        """Return who will call a queue again."""
        if now.redialing is None:
            return self._from(before, BEGIN_QUEUE, k, AWAY)
        due = residual(
            self.model.redial_delay, 3 * k + int(ABANDON), self._luck(REDIALERS, k, now.redialing, 1)[..., 0]
        )
        none = np.zeros_like(due)
        return self._rows(k, AWAY, none, due, none), TIMES_DRAWN if now.redialing else TOLD

    def talking(self, g: int, now: GroupNow, before: Sequence[Inside] | None) -> tuple[Parts, str]:
        """Return the contacts that a group handles; those of which nobody knows the queue are shared out by load."""
        if now.busy is None:
            return self._from(before, BEGIN_GROUP, g, SERVED)
        luck = self._luck(TALKERS, g, now.busy, 1)[..., 0]
        queues = self._queues_of(g, now)
        due = np.zeros_like(luck)
        for j, k in enumerate(queues):
            factor = float(self.model.group_factor[g])
            if j < len(now.elapsed_s):
                due[:, j] = factor * remaining(self.model.service, k, luck[:, j], now.elapsed_s[j] / factor)
            else:
                due[:, j] = factor * residual(self.model.service, k, luck[:, j])
        none = np.zeros_like(due)
        rows = self._rows(np.array(queues, dtype=np.int64), SERVED, none, due, none, g)
        return rows, TIMES_DRAWN if now.busy else TOLD

    def _ages(self, k: int, now: QueueNow, luck: F) -> F:
        """Return waits so far of so many, longest first.

        Those who wait in a queue that is served in turn are the latest callers who have not given up: backwards from
        now they are a Poisson process of rate lambda S(age), S being the share that waits so long. So with A the
        integral of S, lambda A(age) is a sum of unit exponentials; when the age of the first is known, the others
        are independent with density S up to it.
        """
        count, patience = int(now.count or 0), self.model.patience
        if now.longest_s is not None:
            others = spread(patience, k, luck[:, 1:] * area(patience, k, now.longest_s))
            first = np.full((len(luck), 1), now.longest_s)
            return np.concatenate([first, np.sort(others, axis=1)[:, ::-1]], axis=1)
        usual = float(self.model.rate_per_s[k, 0])
        stays = min(mean(patience, k), LONGEST_LOOK_S)
        rate = max(usual, count / (FULLEST_FRAC * stays))
        summed = np.cumsum(-np.log(luck), axis=1) / rate
        return np.asarray(spread(patience, k, summed)[:, ::-1])

    def _queues_of(self, g: int, now: GroupNow) -> list[int]:
        """Return a queue for each busy agent of a group: as told, the rest by the load that it may take."""
        told = [self.inputs.queues.index(q) for q, n in now.by_queue.items() for _ in range(n)]
        able = np.flatnonzero(self.model.level[g] >= 0)
        left = (now.busy or 0) - len(told)
        if left == 0 or len(able) == 0:
            return [*told, *[0] * left]
        load = np.array([self.model.rate_per_s[k, 0] * mean(self.model.service, int(k)) for k in able])
        wanted = left * (load / load.sum() if load.sum() > 0 else np.full(len(able), 1 / len(able)))
        counts = np.floor(wanted).astype(int)
        counts[np.argsort(counts - wanted, kind="stable")[: left - counts.sum()]] += 1
        return [*told, *(int(k) for k, n in zip(able, counts, strict=True) for _ in range(n))]

    def _rows(self, k: int | I64, state: int, waited: F, due: F, handling: F, group: int = -1) -> Parts:
        count = due.shape[1]
        ints = np.zeros((count, BEGIN_INTS), dtype=np.int64)
        ints[:, BEGIN_QUEUE] = k
        ints[:, BEGIN_ATTEMPT] = state == AWAY
        ints[:, BEGIN_STATE], ints[:, BEGIN_GROUP] = state, group
        lines = self.model.queue_trunk[ints[:, BEGIN_QUEUE]]
        ints[:, BEGIN_TRUNK] = np.where(lines < 0, len(self.model.trunk_capacity) - 1, lines)
        floats = np.zeros((self.replications, count, BEGIN_FLOATS))
        floats[..., BEGIN_WAITED], floats[..., BEGIN_DUE], floats[..., BEGIN_HANDLING] = waited, due, handling
        if state == SERVED:
            ints[:, BEGIN_COUNTED] = 1
        return [Inside(ints, floats[n]) for n in range(self.replications)]

    def _from(self, before: Sequence[Inside] | None, column: int, row: int, state: int) -> tuple[Parts, str]:
        if before is None:
            return self.nothing(), EMPTY
        found = []
        for there in before:
            rows = (there.ints[:, column] == row) & (there.ints[:, BEGIN_STATE] == state)
            found.append(Inside(there.ints[rows], there.floats[rows]))
        return found, SIMULATED

    def _luck(self, stream: int, row: int, count: int, each: int) -> F:
        rng = np.random.Generator(np.random.Philox(key=[self.seed, stream * 1_000_000 + row]))
        return np.asarray(1.0 - rng.random((self.replications, count, each)))
