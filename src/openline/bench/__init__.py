"""Benchmarks: Openline beside its peers in one process, so that ratios mean something; and its engine under faults.

Each is imported when it runs: the processes that faults are tried on must not load the simulator's compiler.
"""

from collections.abc import Callable

from openline.bench.row import PeerMissing, Row

Say = Callable[[str], None]


def _sim(say: Say) -> list[Row]:
    from openline.bench.sim import bench_sim

    return bench_sim(say)


def _audit(say: Say) -> list[Row]:
    from openline.bench.audit import bench_audit

    return bench_audit(say)


def _faults(say: Say) -> list[Row]:
    from openline.bench.faults import bench_faults

    return bench_faults(say)


def _now(say: Say) -> list[Row]:
    from openline.bench.now import bench_now

    return bench_now(say)


def _reach(say: Say) -> list[Row]:
    from openline.bench.reach import bench_reach

    return bench_reach(say)


BENCHES: dict[str, Callable[[Say], list[Row]]] = {
    "sim": _sim,
    "audit": _audit,
    "faults": _faults,
    "now": _now,
    "reach": _reach,
}

__all__ = ["BENCHES", "PeerMissing", "Row"]
