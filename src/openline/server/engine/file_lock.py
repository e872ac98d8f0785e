"""One engine for each SQLite file, guarded by a lock on a file beside it that the system frees when a process dies."""

import fcntl
import os
from pathlib import Path
from typing import IO

from openline.server.engine.refusals import EngineTaken


def take(database: Path) -> IO[str]:
    """Return the lock, held until it is closed. Raises EngineTaken."""
    path = database.with_suffix(".engine-lock")
    held = path.open("a+", encoding="ascii")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.seek(0)
        holder = held.read().strip() or "unknown"
        held.close()
        raise EngineTaken(
            f"another openline serve (process {holder}) has {database} open. One process at a time can use it: stop "
            "that one, choose another --data, or use PostgreSQL (DATABASE_URL) for several"
        ) from None
    held.truncate(0)
    held.write(str(os.getpid()))
    held.flush()
    return held
