"""How fast people are reached: a real server, a real gateway on loopback, and people who answer."""

from openline.bench.reach.run import bench_reach

__all__ = ["bench_reach"]
