"""The engine's own small loop: look after nodes, late jobs, lost rows and recurring jobs."""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from openline.server.engine import reconcile, store
from openline.server.engine.clock import STEADY, database_now
from openline.server.engine.connect import is_sqlite
from openline.server.engine.nodes import Watch
from openline.server.engine.recurring import Recurring

log = logging.getLogger(__name__)
MOVED_S = 2.0
LEAST_ROOM = 4 << 20
"""Bytes below which a disk counts as full."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the loop does what, in seconds."""

    look_s: float = 0.5
    late_s: float = 2.0
    reconcile_s: float = 60.0
    tidy_s: float = 3600.0


class Housekeeping:
    """A thread that does one round after another, whatever goes wrong in one of them."""

    def __init__(self, watch: Watch | None, recurring: Recurring, pace: Pace) -> None:
        self._watch, self._recurring = watch, recurring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine-housekeeping", daemon=True)
        self._last_s: dict[str, float] = {}
        self._pace = pace
        self.round_at_s = time.monotonic()
        self.trouble = ""
        self._disk = _Disk()

    def start(self) -> None:
        """Begin the rounds."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        self._thread.join(10)
        if self._watch is not None:
            self._watch.close()

    def age_s(self) -> float:
        """Return how long ago the last round ended well."""
        return time.monotonic() - self.round_at_s

    def _run(self) -> None:
        while not self._stop.wait(self._pace.look_s):
            try:
                self._disk.look()
                self._round()
                self.round_at_s, self.trouble = time.monotonic(), self._disk.trouble
            except Exception as error:
                log.warning("a round of the engine failed: %s", error)
                self.trouble = str(error)[:300]
                if self._watch is not None:
                    self._watch.close()
            finally:
                connections.close_all()

    def _round(self) -> None:
        if self._watch is not None:
            for name, count in self._watch.look().items():
                store.raise_alarm("node-dead", name, f"this node died; {count} running jobs were taken over")
        self._recurring.arm()
        self._every("late", self._pace.late_s, reconcile.wake_late)
        self._every("clock", self._pace.late_s, _tell_moved_clock)
        self._every("reconcile", self._pace.reconcile_s, reconcile.reconcile)
        self._every("tidy", self._pace.tidy_s, reconcile.tidy)

    def _every(self, name: str, interval_s: float, do: Callable[[], object]) -> None:
        if time.monotonic() - self._last_s.get(name, 0.0) >= interval_s:
            do()
            self._last_s[name] = time.monotonic()


class _Disk:
    """Watches the room beside a SQLite file: on a full disk nothing can be kept, not even the alarm."""

    def __init__(self) -> None:
        self.trouble = ""

    def look(self) -> None:
        """Note that the disk is full, or raise the alarm when it is so no more."""
        if not is_sqlite():
            return
        folder = Path(connections["default"].settings_dict["NAME"]).parent
        room = os.statvfs(folder)
        if room.f_bavail * room.f_frsize < LEAST_ROOM:
            if not self.trouble:
                log.error("the disk of %s is full: nothing can be kept until there is room", folder)
            self.trouble = f"the disk of {folder} is full"
        elif self.trouble:
            store.raise_alarm("disk-full", str(folder), "the disk was full; jobs waited until there was room again")
            self.trouble = ""


def _tell_moved_clock() -> None:
    if is_sqlite():
        moved_s, to_do = STEADY.moved_s(), "timers that run keep their lengths until the next start"
    else:
        moved_s = time.time() - database_now().timestamp()
        to_do = "timers go by the database's clock; set this one right"
    if abs(moved_s) > MOVED_S:
        store.raise_alarm("clock-moved", socket.gethostname(), f"the clock is off by {moved_s:.0f} s; {to_do}")
