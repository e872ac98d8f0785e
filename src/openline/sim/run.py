"""Running the kernel: replications over threads, the same result for any number of them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from openline.sim.begin import Beginning, Inside, ensure_begins, nobody
from openline.sim.kernel import run
from openline.sim.model import METRICS, Model, Outcome, ensure_sound
from openline.sim.slots import ENDLESS, FULL
from openline.sim.workspace import Begin, Given, Work, given, inside, work

FIRST_SLOTS = 256
MOST_SLOTS = 1 << 22
MOST_ATTEMPTS = 20_000_000


class Cancelled(Exception):
    """The run was stopped by the one who asked for it; there is no result."""


class TooMuch(ValueError):
    """A replication has more contacts than Openline simulates, as with customers who call again for ever."""


def simulate(
    model: Model,
    *,
    seed: int,
    replications: int,
    busyness: NDArray[np.float64] | None = None,
    threads: int = 2,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    begin: Beginning | None = None,
    ends: list[Inside] | None = None,
) -> Outcome:
    """Return what happens in so many replications of the model.

    Parameters
    ----------
    seed : 0 to 2**63-1; the same seed gives the same bytes, whatever `threads` is.
    busyness : float64[replications, K], multiplies each queue's rates in each replication.
    progress : called with (replications done, replications) from the calling thread's workers.
    cancelled : asked before each replication; when it says yes, Cancelled is raised.
    begin : the contacts with which each replication begins; without it, an empty centre.
    ends : when given, who is in the system at the end is appended to it, replication by replication.

    Raises
    ------
    ModelError, Cancelled, TooMuch
    """
    ensure_sound(model)
    if replications < 1 or not 0 <= seed < 2**63:
        raise ValueError("replications must be 1 or more and the seed 0 to 2**63-1")
    scale = np.ones((replications, len(model.target_s))) if busyness is None else np.ascontiguousarray(busyness)
    outcome = _empty(model, replications)
    begin = nobody(replications) if begin is None else begin
    ensure_begins(model, begin, replications)
    batch = _Batch(model, outcome, scale, seed, progress, cancelled, begin, keep_ends=ends is not None)
    if threads <= 1 or replications == 1:
        batch.run_all(range(replications))
    else:
        with ThreadPoolExecutor(threads) as pool:
            for done in [pool.submit(batch.run_all, range(n, replications, threads)) for n in range(threads)]:
                done.result()
    if ends is not None:
        ends += [batch.ends[n] for n in range(replications)]
    return outcome


def _empty(model: Model, n: int) -> Outcome:
    groups, queues = model.level.shape
    intervals = len(model.edges_s) - 1
    return Outcome(
        counts=np.zeros((n, queues, intervals, METRICS), dtype=np.int64),
        carried=np.zeros((n, queues, METRICS), dtype=np.int64),
        wait_s=np.zeros((n, queues, intervals, 2)),
        busy_s=np.zeros((n, groups, intervals)),
        capacity_s=np.zeros((n, groups, intervals)),
        queue_s=np.zeros((n, queues, intervals)),
    )


class _Batch:
    """The replications of one call; each thread runs its share in a workspace of its own."""

    def __init__(
        self,
        model: Model,
        outcome: Outcome,
        scale: NDArray[np.float64],
        seed: int,
        progress: Callable[[int, int], None] | None,
        cancelled: Callable[[], bool] | None,
        begin: Beginning,
        *,
        keep_ends: bool,
    ) -> None:
        self.model, self.outcome, self.scale, self.seed = model, outcome, scale, seed
        self.progress, self.cancelled = progress, cancelled
        self.given: Given = given(model)
        self.begin, self.offset = Begin(begin.ints, begin.floats), begin.offset
        there = int(np.diff(begin.offset).max(initial=0))
        self.first_slots = max(FIRST_SLOTS, 1 << (2 * there).bit_length())
        self.keep_ends, self.ends = keep_ends, dict[int, Inside]()
        self.done, self.lock = 0, threading.Lock()

    def run_all(self, replications: range) -> None:
        space = work(self.model, slots=self.first_slots)
        for n in replications:
            if self.cancelled is not None and self.cancelled():
                raise Cancelled
            space = self._run(n, space)
            self._keep(n, space)
            with self.lock:
                self.done += 1
                if self.progress is not None:
                    self.progress(self.done, len(self.scale))

    def _run(self, n: int, space: Work) -> Work:
        """Run one replication; where the room does not do, run it again with twice the room: nothing is lost."""
        first, last = int(self.offset[n]), int(self.offset[n + 1])
        while True:
            status = run(self.given, space, self.begin, first, last, self.scale[n], self.seed, n, MOST_ATTEMPTS)
            if status == ENDLESS or (status == FULL and len(space.ci) >= MOST_SLOTS):
                raise TooMuch("more contacts than Openline simulates: are there customers who call again for ever?")
            if status != FULL:
                return space
            space = work(self.model, slots=len(space.ci) * 2)

    def _keep(self, n: int, space: Work) -> None:
        out = self.outcome
        out.counts[n], out.wait_s[n] = space.counts[:, :-1], space.wait[:, :-1]
        out.carried[n] = space.counts[:, -1]
        out.busy_s[n], out.capacity_s[n], out.queue_s[n] = space.busy_s, space.capacity_s, space.queue_s
        if self.keep_ends:
            self.ends[n] = inside(space, float(self.model.edges_s[-1]))
