"""The engine outlives every fault: the short form of `openline bench faults`.

The experiments mostly wait, so several run at once; each test asks for the result of one. Files lie in memory where
they can: a process that is killed loses nothing that it gave to the kernel, on a disk or not.
"""

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from openline.bench.faults import LONG, SHORT, run
from openline.bench.row import Row

AT_ONCE = 4
MEMORY = Path("/dev/shm")  # noqa: S108 - only directories of the tests' own lie there, for as long as they run
BELOW = MEMORY if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > 256 << 20 else None
Results = dict[str, "Future[list[Row]]"]


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[Results]:
    """Start those experiments that tests of this session ask for."""
    chosen = [n for n in SHORT if any(item.name.endswith(f"[{n}]") for item in request.session.items)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(run, name, SHORT[name], BELOW) for name in chosen}


@pytest.mark.parametrize("name", list(SHORT))
def test_outlives(name: str, results: Results) -> None:
    rows = results[name].result()

    assert rows
    assert [f"{r.name}: {r.value:g} {r.unit} (bar {r.bar})" for r in rows if r.ok is False] == []


def test_runs_every_short_experiment_at_length_too() -> None:
    assert set(SHORT) < set(LONG)
