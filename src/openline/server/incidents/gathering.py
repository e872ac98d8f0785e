"""Answers of many people at once: they wait together for one commit, since a disk takes only so many in a second."""

import logging
import queue
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from django.db import connections

from openline.incident.command import Refused
from openline.incident.entry import Entry
from openline.server.incidents.store import Wish, carry_out_all, incident

log = logging.getLogger(__name__)

GATHER_S = 0.01
"""How long the first answer waits for others; a commit takes about as long."""

MOST = 500
"""Answers in one commit, so that who reads the incident meanwhile does not wait long."""

WAIT_S = 20.0
IDLE_S = 2.0

Result = tuple[Entry, ...] | Refused


class NotKept(RuntimeError):
    """An answer was not written down; who gave it should give it again."""


@dataclass(slots=True)
class _Waiting:
    pk: int
    wish: Wish
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None


class Gathering:
    """A thread that carries out what many requests ask for, together; it ends when nothing comes."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[_Waiting] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def carry_out(self, pk: int, wish: Wish) -> tuple[Entry, ...]:
        """Carry a command out with others and return its entries once they are on the disk. Raises Refused, NotKept."""
        waiting = _Waiting(pk, wish)
        with self._lock:
            self._asked.put(waiting)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gathering", daemon=True)
                self._thread.start()
        if not waiting.done.wait(WAIT_S) or waiting.result is None:
            raise NotKept("this could not be written down at the moment: send it again")
        if isinstance(waiting.result, Refused):
            raise waiting.result
        return waiting.result

    def _run(self) -> None:
        try:
            while True:
                try:
                    first = self._asked.get(timeout=IDLE_S)
                except queue.Empty:
                    # Nobody can ask between the look and the end, since both hold the lock.
                    with self._lock:
                        if self._asked.empty():
                            self._thread = None
                            return
                    continue
                self._together(first)
        finally:
            connections.close_all()

    def _together(self, first: _Waiting) -> None:
        time.sleep(GATHER_S)
        asked = [first]
        while len(asked) < MOST:
            try:
                asked.append(self._asked.get_nowait())
            except queue.Empty:
                break
        by_incident: dict[int, list[_Waiting]] = defaultdict(list)
        for waiting in asked:
            by_incident[waiting.pk].append(waiting)
        for pk, group in by_incident.items():
            try:
                results = carry_out_all(incident(pk), [w.wish for w in group])
                for waiting, result in zip(group, results, strict=True):
                    waiting.result = result
            except Exception:
                log.exception("%d answers to incident %d were not kept", len(group), pk)
            finally:
                for waiting in group:
                    waiting.done.set()


TOGETHER = Gathering()
"""The one of this process."""
