"""A slow chain for M/M/n/K+M: states solved as linear equations, a caller's wait by matrix exponential."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import expm


@dataclass
class Chain:
    share: np.ndarray
    seen: np.ndarray
    """What callers who get in find before them, as shares."""
    abandon: float
    wait: float


def chain(rate: float, aht: float, agents: int, patience: float, lines: int | None) -> Chain:
    """Return the chain; without a limit of lines it is cut where it is empty."""
    size = lines if lines is not None else agents + 200
    q = np.zeros((size + 1, size + 1))
    for j in range(size):
        q[j, j + 1] = rate
        q[j + 1, j] = min(j + 1, agents) / aht + max(j + 1 - agents, 0) / patience
    q -= np.diag(q.sum(axis=1))
    equations = np.vstack([q.T, np.ones(size + 1)])
    share = np.linalg.lstsq(equations, np.append(np.zeros(size + 1), 1.0), rcond=None)[0]
    seen = share[:-1] / share[:-1].sum()
    queue = sum((j - agents) * p for j, p in enumerate(share) if j > agents)
    return Chain(share, seen, float(queue / patience / (rate * share[:-1].sum())), float(seen[agents:].sum()))


def answered_wait(c: Chain, aht: float, agents: int, patience: float, target: float) -> tuple[float, float]:
    """Return (share answered within the target, mean wait of the answered) of those who get in.

    States: 0..m callers ahead, then answered and gone, which are never left.
    """
    ahead = c.seen[agents:]
    m = len(ahead)
    q = np.zeros((m + 2, m + 2))
    for j in range(m):
        q[j, j - 1 if j else m] = agents / aht + j / patience
        q[j, m + 1] = 1 / patience
    q -= np.diag(q.sum(axis=1))
    start = np.append(ahead, [0.0, 0.0])
    at_once = float(c.seen[:agents].sum())
    within = at_once + float((start @ expm(q * target))[m])
    inner = q[:m, :m]
    # Time spent by those who are answered: h = P(answered), then sum of visits weighted by h.
    answered = np.linalg.solve(inner, -q[:m, m])
    waited = np.linalg.solve(inner, -answered)
    total = at_once + float(ahead @ answered)
    return within, float(ahead @ waited) / total
