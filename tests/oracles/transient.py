"""Exact transients of birth-and-death chains, by uniformisation: the sum over the Poisson number of jumps until t."""

from collections.abc import Callable

import numpy as np
from scipy.stats import poisson


def distribution(
    *, start: int, until: float, most: int, births: Callable[[int], float], deaths: Callable[[int], float]
) -> np.ndarray:
    """Return the law of the state at `until`, states 0 to `most` (births there are lost)."""
    up = np.array([births(n) if n < most else 0.0 for n in range(most + 1)])
    down = np.array([deaths(n) if n > 0 else 0.0 for n in range(most + 1)])
    rate = float((up + down).max()) or 1.0
    jump = np.diag(1.0 - (up + down) / rate) + np.diag(up[:-1] / rate, 1) + np.diag(down[1:] / rate, -1)
    now = np.zeros(most + 1)
    now[start] = 1.0
    found = np.zeros(most + 1)
    jumps = int(poisson.ppf(1 - 1e-13, rate * until)) + 2
    for n in range(jumps):
        found += poisson.pmf(n, rate * until) * now
        now = now @ jump
    return found


def drain_time(n: int, agents: int, service_rate: float) -> float:
    """Return the mean time until n contacts are all served when nobody calls: a pure death process."""
    return sum(1.0 / (service_rate * min(k, agents)) for k in range(1, n + 1))
