"""The ledger: effects in the world, as lines of a file that no database knows."""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

LEDGER = "OPENLINE_FAULT_LEDGER"


@dataclass(frozen=True, slots=True)
class Entry:
    """One effect. `at` is the machine's monotonic clock, which no test moves."""

    key: str
    attempt: int
    pid: int
    at: float


def write(key: str, attempt: int, path: Path | None = None) -> None:
    """Have an effect."""
    line = json.dumps([key, attempt, os.getpid(), time.monotonic()]) + "\n"
    # One write in append mode, so that lines of several processes do not mix.
    handle = os.open(path or os.environ[LEDGER], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


def read(path: Path) -> list[Entry]:
    """Return every effect in its order."""
    if not path.exists():
        return []
    return [Entry(*json.loads(line)) for line in path.read_text().splitlines()]
