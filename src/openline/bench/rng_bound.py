"""What a simulator can not be faster than: drawing its random numbers."""

import time

import numpy as np
from numba import njit

from openline.sim.draws import GAP, OPTS, PATIENCE, SERVICE, contact_key, exponential, replication_key


@njit(**OPTS)
def _drawn(contacts, seed):  # type: ignore[no-untyped-def]
    key = replication_key(seed, 0)
    total = 0.0
    for n in range(contacts):
        own = contact_key(key, 0, n)
        total += exponential(own, 0, GAP) + exponential(own, 0, SERVICE) + exponential(own, 0, PATIENCE)
    return total


def three_draws_a_contact(contacts: int) -> float:
    """Return ns per contact for a gap, a service and a patience, with the kernel's own generator."""
    start = time.perf_counter()
    total = _drawn(contacts, 1)
    spent = time.perf_counter() - start
    if not np.isfinite(total):
        raise ArithmeticError("the generator gave a number that is not finite")
    return spent / contacts * 1e9
