"""Closed forms for one queue: Erlang B, C and A, finite lines, general patience; and the six service levels.

Names that recur: `arrivals_per_s` first calls per second; `aht_s` mean handling time; `agents` whole agents;
`load` = arrivals_per_s * aht_s in erlang; `patience_s` mean time a caller would wait (exponential);
`target_s` the threshold T of the service level. Everything is a steady state: a normal interval, not a disruption.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

N = TypeVar("N")


class QueueingError(ValueError):
    """Figures for which a formula has no meaning; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Steady figures of one queue; None where the formula does not have one.

    p_wait, p_abandon, p_block : shares of those who get in (p_block: of all attempts)
    asa_s : mean wait of the answered;  mean_wait_s : of all who get in
    service_level : answered within the target over all who get in (SL3)
    occupancy : share of the agents' time spent on calls
    """

    p_wait: float | None = None
    p_abandon: float | None = None
    p_block: float | None = None
    asa_s: float | None = None
    mean_wait_s: float | None = None
    service_level: float | None = None
    occupancy: float | None = None


@dataclass(frozen=True, slots=True)
class ServiceCounts(Generic[N]):
    """Counts of an interval, a queue or a day, numbers or arrays; `short` gave up within the short threshold."""

    answered: N
    abandoned: N
    answered_in_target: N
    abandoned_in_target: N
    short: N


SERVICE_LEVELS = {
    "SL1": "(answered in target + abandoned in target) / (answered + abandoned)",
    "SL2": "answered in target / answered",
    "SL3": "answered in target / (answered + abandoned)",
    "SL4": "answered in target / (answered + abandoned after target)",
    "SL5": "(answered in target + short) / (answered + abandoned)",
    "SL6": "answered in target / (answered + abandoned - short)",
}
"""The six formulas by id. Source: ICMI, Service Level Calculations (SL1 to SL5); SL6 from outsourcing contracts."""

SERVICE_LEVEL_PARTS: dict[str, Callable[[ServiceCounts[Any]], tuple[Any, Any]]] = {
    "SL1": lambda c: (c.answered_in_target + c.abandoned_in_target, c.answered + c.abandoned),
    "SL2": lambda c: (c.answered_in_target, c.answered),
    "SL3": lambda c: (c.answered_in_target, c.answered + c.abandoned),
    "SL4": lambda c: (c.answered_in_target, c.answered + c.abandoned - c.abandoned_in_target),
    "SL5": lambda c: (c.answered_in_target + c.short, c.answered + c.abandoned),
    "SL6": lambda c: (c.answered_in_target, c.answered + c.abandoned - c.short),
}
"""Numerator and denominator of each formula."""


def service_level(formula_id: str, counts: ServiceCounts[float]) -> float | None:
    """Return the service level 0..1 by one of the six formulas, None when nothing was counted.

    Raises KeyError for an unknown id.
    """
    over, under = SERVICE_LEVEL_PARTS[formula_id](counts)
    return float(over) / float(under) if under > 0 else None


def _ensure(arrivals_per_s: float, aht_s: float, agents: int, **times: float) -> None:
    for name, value in {"arrivals": arrivals_per_s, "handling time": aht_s, **times}.items():
        if not math.isfinite(value) or value < 0 or (value == 0 and name in ("handling time", "patience")):
            raise QueueingError(f"the {name} must be a number {'above' if name != 'arrivals' else 'from'} 0")
    if not 1 <= agents <= 1_000_000:
        raise QueueingError("agents must be 1 to 1,000,000")


def blocking(load: float, lines: int) -> float:
    """Return the Erlang B share blocked for a load in erlang on so many lines.

    Source: recursion B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)); no factorial, no overflow.
    """
    b = 1.0
    for k in range(1, lines + 1):
        b = load * b / (k + load * b)
    return b


def erlang_b(*, arrivals_per_s: float, aht_s: float, agents: int) -> Queue:
    """Return the loss system M/G/n/n: who finds no free line goes away.

    Raises
    ------
    QueueingError for figures out of range.
    """
    _ensure(arrivals_per_s, aht_s, agents)
    load = arrivals_per_s * aht_s
    b = blocking(load, agents)
    return Queue(p_block=b, occupancy=load * (1 - b) / agents)


def erlang_c(*, arrivals_per_s: float, aht_s: float, agents: int, target_s: float | None = None) -> Queue:
    """Return M/M/n in which everybody waits; waits have no limit when the load is not below the agents.

    Source: C = n B / (n - a (1 - B)); ASA = C h / (n - a); SL = 1 - C exp(-(n - a) T / h).
    """
    _ensure(arrivals_per_s, aht_s, agents, target=target_s or 0.0)
    load = arrivals_per_s * aht_s
    if load >= agents:
        return Queue(p_wait=1.0, p_abandon=0.0, service_level=None if target_s is None else 0.0, occupancy=1.0)
    b = blocking(load, agents)
    c = agents * b / (agents - load * (1 - b))
    wait_s = c * aht_s / (agents - load)
    level = None if target_s is None else 1 - c * math.exp(-(agents - load) * target_s / aht_s)
    return Queue(c, 0.0, None, wait_s, wait_s, level, load / agents)


def erlang_a(
    *,
    arrivals_per_s: float,
    aht_s: float,
    agents: int,
    patience_s: float,
    target_s: float | None = None,
    lines: int | None = None,
) -> Queue:
    """Return M/M/n+M, with `lines` M/M/n/K+M: callers give up after an exponential time.

    With `lines` the shares are of those who get in, p_block of all attempts.

    Raises
    ------
    QueueingError for figures out of range, or fewer lines than agents.

    Source: Palm 1957; Mandelbaum and Zeltyn, "Service engineering in action: the Palm/Erlang-A queue" 2007;
    distribution by the birth-death recursion in logarithms.
    """
    _ensure(arrivals_per_s, aht_s, agents, patience=patience_s, target=target_s or 0.0)
    if lines is not None and lines < agents:
        raise QueueingError("there must be at least as many lines as agents")
    if arrivals_per_s == 0:
        return Queue(0.0, 0.0, None if lines is None else 0.0, 0.0, 0.0, None if target_s is None else 1.0, 0.0)
    states = _states(arrivals_per_s, aht_s, agents, patience_s, lines)
    block = states[lines] if lines is not None and lines < len(states) else 0.0
    entered = 1.0 - block if lines is not None else 1.0
    waiting = sum((j - agents) * p for j, p in enumerate(states) if j > agents)
    wait_s = waiting / (arrivals_per_s * entered)
    abandon = wait_s / patience_s
    must_wait = sum(states[agents : len(states) if lines is None else lines]) / entered
    found = Queue(
        p_wait=must_wait,
        p_abandon=abandon,
        p_block=None if lines is None else block,
        mean_wait_s=wait_s,
        occupancy=arrivals_per_s * entered * (1 - abandon) * aht_s / agents,
    )
    return _with_waits(found, states, entered, aht_s, agents, patience_s, target_s, lines)


def _states(arrivals_per_s: float, aht_s: float, agents: int, patience_s: float, lines: int | None) -> list[float]:
    """Return the share of time with j calls in the system, j = 0, 1, ...; cut where it is below e-45 of the peak."""
    logs, top, j = [0.0], 0.0, 0
    while lines is None or j < lines:
        j += 1
        out_per_s = min(j, agents) / aht_s + max(j - agents, 0) / patience_s
        logs.append(logs[-1] + math.log(arrivals_per_s) - math.log(out_per_s))
        top = max(top, logs[-1])
        if lines is None and j > agents and logs[-1] < top - 45:
            break
    weights = [math.exp(v - top) for v in logs]
    total = math.fsum(weights)
    return [w / total for w in weights]


def _with_waits(
    found: Queue,
    states: list[float],
    entered: float,
    aht_s: float,
    agents: int,
    patience_s: float,
    target_s: float | None,
    lines: int | None,
) -> Queue:
    """Add the figures of the answered: seen from a caller who finds j - agents others waiting.

    With q ahead the line moves at rate (n mu + i theta), i = q, ..., 0, while the caller gives up at rate theta.
    """
    mu, theta = agents / aht_s, 1 / patience_s
    arriving = states[agents : len(states) if lines is None else lines]
    answered, answered_wait = 1.0 - (found.p_wait or 0.0), 0.0
    stays, mean_s = 1.0, 0.0
    for q, share in enumerate(arriving):
        step = mu + (q + 1) * theta
        stays *= (mu + q * theta) / step
        mean_s += 1 / step
        answered += share / entered * stays
        answered_wait += share / entered * stays * mean_s
    level = None if target_s is None else _within(states, entered, mu, theta, target_s, agents, lines)
    return replace(found, asa_s=answered_wait / answered if answered > 0 else None, service_level=level)


def _within(
    states: list[float], entered: float, mu: float, theta: float, target_s: float, agents: int, lines: int | None
) -> float:
    """Return the share answered within the target of those who get in, by uniformization of the caller's wait.

    A caller with q ahead moves q -> q-1 at rate mu + q theta, is answered from q = 0 at rate mu, gives up at theta.
    """
    now = [s / entered for s in states[agents : len(states) if lines is None else lines]]
    at_once = math.fsum(states[:agents]) / entered
    rate = mu + len(now) * theta
    if not now or rate * target_s < 1e-200:  # less is no time at all, and its logarithm none
        return at_once
    return at_once + _answered_by(now, mu, theta, rate, rate * target_s)


def _answered_by(now: list[float], mu: float, theta: float, rate: float, mean: float) -> float:
    import numpy as np

    ahead = np.arange(len(now))
    forward = (mu + ahead * theta) / rate
    stay = 1.0 - forward - theta / rate
    here, done, total = np.array(now), 0.0, 0.0
    weight_log, steps = -mean, 0
    seen = 0.0
    while seen < 1 - 1e-13 and steps < mean + 12 * math.sqrt(mean) + 60:
        weight = math.exp(weight_log) if weight_log > -700 else 0.0
        total += weight * done
        seen += weight
        done += float(here[0] * mu / rate)
        moved = here * stay
        moved[:-1] += here[1:] * forward[1:]
        here = moved
        steps += 1
        weight_log += math.log(mean / steps)
    return total + (1 - seen) * done


def drain_s(
    *, waiting: float, arrivals_per_s: float, aht_s: float, agents: int, patience_s: float | None
) -> float | None:
    """Return the fluid time until a queue is empty again, None when it never is.

    Source: (1/theta) ln(1 + theta q / (n mu - lambda)); q / (n mu - lambda) when nobody gives up.
    """
    spare = agents / aht_s - arrivals_per_s
    if spare <= 0:
        return None
    if patience_s is None:
        return waiting / spare
    return patience_s * math.log1p(waiting / patience_s / spare)
