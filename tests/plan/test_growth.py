"""What a large file of faults costs grows with its size, not with its square."""

import time
from collections.abc import Callable

import pytest

from openline.plan.load import load_plan
from openline.plan.tree import parse

ROOT = "format: 1\norganization: {id: test, tz: UTC}\n"


def _persons(n: int) -> dict[str, str]:
    rows = "".join(f"  - {{id: p{i}, site: nowhere-{i}}}\n" for i in range(n))
    sites = "".join(f"  - {{id: s{i}}}\n" for i in range(n))
    return {"people.yaml": f"persons:\n{rows}", "sites.yaml": f"sites:\n{sites}"}


def _steps(step: Callable[[int], str]) -> Callable[[int], dict[str, str]]:
    def files(n: int) -> dict[str, str]:
        rows = "".join(f"      - {{id: s{i}, text: Look, {step(i)}}}\n" for i in range(n))
        return {"procedures.yaml": f"procedures:\n  - id: p\n    phase: detect\n    steps:\n{rows}"}

    return files


CASES = {
    "names of nothing": (_persons, 500),
    "steps in a chain": (_steps(lambda i: f"predecessors: [s{i + 1}]"), 1000),
    "steps after nothing": (_steps(lambda i: f"predecessors: [x{i}]"), 1000),
}


@pytest.mark.parametrize(("make", "size"), CASES.values(), ids=CASES)
def test_costs_no_more_than_its_size(make: Callable[[int], dict[str, str]], size: int) -> None:
    """Eight times the faults take less than 24 times the processor's time; a square would take 64 times."""

    def cost(n: int) -> float:
        files = {"openline.yaml": ROOT, **make(n)}
        parse.cache_clear()
        began = time.process_time()
        assert load_plan(files).problems
        return time.process_time() - began

    cost(size // 8)
    small = min(cost(size) for _ in range(2))

    assert cost(8 * size) < 24 * small
