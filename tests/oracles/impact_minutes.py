"""The timeline's rules minute by minute: slow, obvious, for small graphs without rings and times in whole minutes."""

from dataclasses import dataclass, field


@dataclass
class Need:
    to: list[int]
    mode: str
    k: int
    grace: int
    switch: int
    effect: float


@dataclass
class Node:
    needs: list[Need] = field(default_factory=list)
    hits: list[tuple[int, int, float]] = field(default_factory=list)
    """(first minute, minute after the last, capacity left)"""


def capacities(nodes: list[Node], minutes: int) -> list[list[float]]:
    """Return the capacity of each node in each minute; a node needs only those before it."""
    found: list[list[float]] = []
    for node in nodes:
        row = [min([1.0, *(c for a, b, c in node.hits if a <= t < b)]) for t in range(minutes)]
        for need in node.needs:
            for felt in _felt(need, found, minutes):
                row = [min(a, b) for a, b in zip(row, felt, strict=True)]
        found.append(row)
    return found


def _felt(need: Need, found: list[list[float]], minutes: int) -> list[list[float]]:
    members = [found[i] for i in need.to]
    if need.mode == "or":
        members = [_alternatives(members, need.switch, minutes)]
    elif need.mode == "k_of_n":
        members = [[min(1.0, sum(m[t] for m in members) / need.k) for t in range(minutes)]]
    graced = [[_best(m, t, need.grace) for t in range(minutes)] for m in members]
    return [[1 - need.effect * (1 - c) for c in m] for m in graced]


def _best(row: list[float], t: int, grace: int) -> float:
    return max(row[s] if s >= 0 else 1.0 for s in range(t - grace, t + 1))


def _alternatives(members: list[list[float]], switch: int, minutes: int) -> list[float]:
    active, target, ready, row = 0, -1, 0, []
    for t in range(minutes):
        now = [m[t] for m in members]
        for _ in range(2):
            if target >= 0 and t >= ready:
                active, target = target, -1
            for i in range(active):
                if now[i] >= now[active] and now[i] > 0:
                    active = i
                    break
            best = now.index(max(now))
            if now[best] <= now[active]:
                target = -1
            elif target < 0 or now[target] <= now[active]:
                target, ready = best, t + (switch if best else 0)
        row.append(now[active])
    return row
