"""The day M(t)/M/150+M in Openline's kernel, in SimPy and in Ciw.

About 20,000 calls in 48 half hours, a bell around 13:00 over a night floor, 150 agents, calls of 300 s and patience
of 180 s, both exponential, first come first served, empty at the start, cut at 24 h. Each library is used in its usual
way; the time is of whole days, building the model included. Rounds are interleaved; figures are medians of rounds.
"""

import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openline.bench.rng_bound import three_draws_a_contact
from openline.bench.row import PeerMissing, Row
from openline.sim.model import ABANDONED, CONSTANT, EXPONENTIAL, OFFERED, Laws, Model
from openline.sim.run import simulate

CALLS, AGENTS, SERVICE_S, PATIENCE_S, BIN_S, DAY_S = 20_000.0, 150, 300.0, 180.0, 1800.0, 86_400.0
ROUNDS, OUR_DAYS = 3, 40
FIRST_BAR = 100.0
"""At least so many times SimPy; the full bars come with the simulator's own issue."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One engine's part of a round."""

    seconds: float
    calls: int
    abandoned: int

    @property
    def ns(self) -> float:
        return self.seconds / self.calls * 1e9


def day_rates() -> list[float]:
    """Return calls per second in each half hour."""
    shape = [0.10 + math.exp(-0.5 * (((i + 0.5) * 0.5 - 13.0) / 4.0) ** 2) for i in range(48)]
    return [s * CALLS / (sum(shape) * BIN_S) for s in shape]


def bench_sim(say: Callable[[str], None]) -> list[Row]:
    """Return ns per contact of each engine, the ratios, and the multiple of the random-number bound."""
    engines: dict[str, Callable[[int], Timed]] = {
        "openline": openline_days,
        "openline, 1 thread": one_thread_days,
        "simpy": simpy_day,
        "ciw": ciw_day,
    }
    _ensure_peers()
    openline_days(0)  # compiles, or reads the cache
    three_draws_a_contact(1000)
    found: dict[str, list[Timed]] = {name: [] for name in engines}
    bounds = []
    for n in range(ROUNDS):
        for name, run in engines.items():
            gc.collect()
            found[name].append(run(n + 1))
            say(f"round {n + 1} of {ROUNDS}: {name} {found[name][-1].ns:,.0f} ns per contact")
        bounds.append(three_draws_a_contact(2_000_000))
    return _rows(found, bounds)


def _rows(found: dict[str, list[Timed]], bounds: list[float]) -> list[Row]:
    rows = [
        Row(f"{name}: time per contact", statistics.median(t.ns for t in times), "ns") for name, times in found.items()
    ]
    ours = found["openline, 1 thread"]
    for peer, bar in (("simpy", FIRST_BAR), ("ciw", None)):
        ratios = [p.ns / o.ns for p, o in zip(found[peer], ours, strict=True)]
        rows.append(Row(f"openline, 1 thread, over {peer}", statistics.median(ratios), "times", bar))
    both = [p.ns / o.ns for p, o in zip(found["simpy"], found["openline"], strict=True)]
    rows.append(Row("openline, 2 threads, over simpy", statistics.median(both), "times"))
    rows.append(Row("random numbers alone: time per contact", statistics.median(bounds), "ns"))
    multiple = statistics.median(o.ns / b for o, b in zip(ours, bounds, strict=True))
    rows.append(Row("openline, 1 thread, over random numbers alone", multiple, "times"))
    for name, times in found.items():
        share = sum(t.abandoned for t in times) / sum(t.calls for t in times)
        rows.append(Row(f"{name}: give up", share * 1000, "per mille"))
    return rows


def _ensure_peers() -> None:
    try:
        import ciw  # noqa: F401 - a development dependency
        import simpy  # noqa: F401
    except ImportError as error:
        raise PeerMissing(f"{error.name} is not installed: make test installs the peers of this benchmark") from error


def day_model() -> Model:
    """Return the day as the kernel's arrays."""
    one = np.zeros(1, dtype=np.int64)
    edges: NDArray[np.float64] = np.linspace(0.0, DAY_S, 49)

    def law(kind: int, mean: float, rows: int = 1) -> Laws:
        return Laws(np.full(rows, kind, np.int8), np.full(rows, mean), np.zeros(rows), np.zeros((rows, 1)))

    return Model(
        edges_s=edges, rate_from_s=edges[:-1].copy(), rate_per_s=np.array([day_rates()]),
        service=law(EXPONENTIAL, SERVICE_S), patience=law(EXPONENTIAL, PATIENCE_S),
        redial_delay=law(CONSTANT, 1.0, 3), redial_frac=np.zeros((1, 3)), redial_max=one,
        level=np.zeros((1, 1), np.int8), route=np.zeros((1, 1), np.int16), wait_before_s=np.zeros((1, 1)),
        group_factor=np.ones(1), group_capacity=np.array([AGENTS]), trunk_capacity=np.array([1 << 40]),
        queue_trunk=one, target_s=np.array([20.0]), short_s=np.array([5.0]), control_at_s=np.zeros(0),
        control_kind=np.zeros(0, np.int8), control_index=one[:0], control_value=np.zeros(0),
        control_fate=np.zeros(0, np.int8),
    )  # fmt: skip


def openline_days(seed: int, threads: int = 2) -> Timed:
    """Run OUR_DAYS days through the public call."""
    start = time.perf_counter()
    counts = simulate(day_model(), seed=seed, replications=OUR_DAYS, threads=threads).counts.sum(axis=(0, 1, 2))
    return Timed(time.perf_counter() - start, int(counts[OFFERED]), int(counts[ABANDONED]))


def one_thread_days(seed: int) -> Timed:
    """Run OUR_DAYS days on one thread."""
    return openline_days(seed, threads=1)


def simpy_day(seed: int) -> Timed:
    """Run one day in SimPy: a process a call, its request raced against its patience."""
    import simpy

    start = time.perf_counter()
    rng, env = random.Random(seed), simpy.Environment()  # noqa: S311 - a simulation
    desk = simpy.Resource(env, capacity=AGENTS)
    seen = [0, 0]

    def call() -> Generator[Any, Any, None]:
        seen[0] += 1
        with desk.request() as turn:
            yield turn | env.timeout(rng.expovariate(1 / PATIENCE_S))
            if not turn.triggered:
                seen[1] += 1
                return
            yield env.timeout(rng.expovariate(1 / SERVICE_S))

    def source() -> Generator[Any, Any, None]:
        for i, rate in enumerate(day_rates()):
            edge = (i + 1) * BIN_S
            while env.now + (gap := rng.expovariate(rate)) < edge:
                yield env.timeout(gap)
                env.process(call())
            yield env.timeout(edge - env.now)

    env.process(source())
    env.run(until=DAY_S)
    return Timed(time.perf_counter() - start, seen[0], seen[1])


def ciw_day(seed: int) -> Timed:
    """Run one day in Ciw: a node with reneging."""
    import ciw

    start = time.perf_counter()
    ciw.seed(seed)
    ends = [(i + 1) * BIN_S for i in range(48)]
    arrivals = ciw.dists.PoissonIntervals(rates=day_rates(), endpoints=ends, max_sample_date=DAY_S)
    network = ciw.create_network(
        arrival_distributions=[arrivals],
        service_distributions=[ciw.dists.Exponential(rate=1 / SERVICE_S)],
        reneging_time_distributions=[ciw.dists.Exponential(rate=1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    day = ciw.Simulation(network)
    day.simulate_until_max_time(DAY_S)
    records = day.get_all_records(include_incomplete=True)
    left = sum(r.record_type == "renege" for r in records)
    return Timed(time.perf_counter() - start, len(records), left)
