"""Exact values for an outage when customers are as patient as their calls are long."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.stats import poisson


def abandons_of_outage(
    *,
    rates: Sequence[float],
    horizon: float,
    agents: Callable[[float], int],
    until: Sequence[float],
    start: float = 0.0,
    steps: int = 4,
) -> tuple[float, ...]:
    """Return the expected abandons of M_t/M/n_t + M with mu = theta = 1, preemptive, up to each time of `until`.

    The number in the system is Poisson with mean m(t), m' = lam(t) - m, m(0) = `start`;
    E[(X - n)+] = m P(X >= n) - n P(X >= n + 1). Rates are constant in equal cells; the integral takes `steps`
    midpoints a cell.
    """
    width = horizon / len(rates) / steps
    mean, t, part = start, 0.0, 0
    totals = [0.0] * len(until)
    for rate in rates:
        for _ in range(steps):
            middle = rate + (mean - rate) * np.exp(-width / 2)
            part += t + width / 2 >= until[part]
            n = agents(t + width / 2)
            queue = middle * poisson.sf(n - 1, middle) - n * poisson.sf(n, middle)
            totals[part] += float(queue * width)
            mean = rate + (mean - rate) * np.exp(-width)
            t += width
    return tuple(totals)
