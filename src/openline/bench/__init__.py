"""Benchmarks: Openline beside its peers, all in one process, so that ratios mean something."""

from collections.abc import Callable

from openline.bench.audit import bench_audit
from openline.bench.reach import bench_reach
from openline.bench.row import PeerMissing, Row
from openline.bench.sim import bench_sim

BENCHES: dict[str, Callable[[Callable[[str], None]], list[Row]]] = {
    "sim": bench_sim,
    "audit": bench_audit,
    "reach": bench_reach,
}

__all__ = ["BENCHES", "PeerMissing", "Row"]
