"""Exact values for an outage when customers are as patient as their calls are long."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import poisson


def abandons_of_outage(
    *, rates: Sequence[float], horizon: float, agents: Callable[[float], int], steps: int = 4
) -> float:
    """Return the expected abandons of M_t/M/n_t + M with mu = theta = 1, preemptive loss of agents, from empty.

    The number in the system is Poisson with mean m(t), m' = lam(t) - m; E[(X - n)+] = m P(X >= n) - n P(X >= n + 1).
    Rates are constant in equal cells of the horizon; the integral takes `steps` midpoints a cell.
    """
    width = horizon / len(rates) / steps
    mean, total, t = 0.0, 0.0, 0.0
    for rate in rates:
        for _ in range(steps):
            middle = rate + (mean - rate) * np.exp(-width / 2)
            n = agents(t + width / 2)
            queue = middle * poisson.sf(n - 1, middle) - n * poisson.sf(n, middle)
            total += queue * width
            mean = rate + (mean - rate) * np.exp(-width)
            t += width
    return float(total)
