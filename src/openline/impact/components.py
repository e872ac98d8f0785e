"""Rings of objects that need each other (strongly connected components), what is needed first."""

from collections.abc import Iterator, Mapping, Sequence


def components(graph: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return the components of a graph so that each comes after those that it needs (Tarjan 1972, no recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[tuple[str, ...]] = []
    for root in graph:
        if root in index:
            continue
        trail: list[tuple[str, Iterator[str]]] = []
        _enter(root, graph, index, low, stack, on_stack, trail)
        while trail:
            node, rest = trail[-1]
            after = next(rest, None)
            if after is None:
                trail.pop()
                if trail:
                    low[trail[-1][0]] = min(low[trail[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_popped(node, stack, on_stack))
            elif after not in index:
                _enter(after, graph, index, low, stack, on_stack, trail)
            elif after in on_stack:
                low[node] = min(low[node], index[after])
    return found


def _enter(
    node: str,
    graph: Mapping[str, Sequence[str]],
    index: dict[str, int],
    low: dict[str, int],
    stack: list[str],
    on_stack: set[str],
    trail: list[tuple[str, Iterator[str]]],
) -> None:
    index[node] = low[node] = len(index)
    stack.append(node)
    on_stack.add(node)
    trail.append((node, iter(graph[node])))


def _popped(node: str, stack: list[str], on_stack: set[str]) -> tuple[str, ...]:
    ring: list[str] = []
    while not ring or ring[-1] != node:
        ring.append(stack.pop())
        on_stack.discard(ring[-1])
    return tuple(ring)
