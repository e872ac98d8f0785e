"""Answers of many people at once: they wait together for one commit, since a disk takes only so many in a second."""

import logging
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from django.db import connections

from openline.incident.command import Refused
from openline.incident.entry import Entry
from openline.incident.state import State
from openline.plan.document import Plan
from openline.server.incidents.models import Incident
from openline.server.incidents.store import Wish, carry_out_all, incident, pinned, reading

log = logging.getLogger(__name__)

GATHER_S = 0.01
"""How long an answer that comes alone waits for others; a commit takes about as long."""

PAUSE_S = 0.1
"""Rest between two commits when many answer: in a SQLite file, who reads waits for who commits."""

MOST = 100
"""Answers in one commit, so that who reads the incident meanwhile does not wait long."""

WAIT_S = 20.0
"""How long who answers waits for the disk."""

IDLE_S = 2.0

Result = tuple[Entry, ...] | Refused | None
"""What came of an answer: its entries, why it was refused, or None where somebody only looked."""

Shown = Mapping[str, Any]


class NotKept(RuntimeError):
    """An answer was not written down; who gave it should give it again."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What one request asks of an incident. All of it runs in the gathering thread, which may ask the database."""

    find: Callable[[], int]
    """Returns the incident, which a first sign opens; raises LookupError or ValueError when none is meant."""
    wish: Callable[[Plan, State], Wish | None]
    """Returns what is to be carried out, None to look only; raises Refused."""
    show: Callable[[Incident, Plan, State, Result], Shown]
    """Returns what the person is told; quick, since the incident is held meanwhile."""


class Gathering:
    """A thread that carries out what many requests ask for, together; it ends when nothing comes."""

    def __init__(self) -> None:
        self._asked: queue.SimpleQueue[tuple[Asking, Future[Shown]]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ask(self, asking: Asking) -> "Future[Shown]":
        """Return what will be shown once everything asked for is on the disk."""
        found: Future[Shown] = Future()
        with self._lock:
            self._asked.put((asking, found))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gathering", daemon=True)
                self._thread.start()
        return found

    def _run(self) -> None:
        rested_at_s = 0.0
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
                time.sleep(max(GATHER_S, rested_at_s - time.monotonic()))
                self._together([first, *self._others()])
                rested_at_s = time.monotonic() + PAUSE_S
        finally:
            connections.close_all()

    def _others(self) -> list[tuple[Asking, "Future[Shown]"]]:
        found: list[tuple[Asking, Future[Shown]]] = []
        while len(found) < MOST - 1:
            try:
                found.append(self._asked.get_nowait())
            except queue.Empty:
                break
        return found

    def _together(self, asked: "Sequence[tuple[Asking, Future[Shown]]]") -> None:
        by_incident: dict[int, list[tuple[Asking, Future[Shown]]]] = defaultdict(list)
        for asking, future in asked:
            try:
                by_incident[asking.find()].append((asking, future))
            except Exception as error:
                _failed([future], error)
        for pk, group in by_incident.items():
            try:
                _answer(pk, group)
            except Exception as error:
                self._one_by_one(pk, group, error)

    def _one_by_one(self, pk: int, group: "Sequence[tuple[Asking, Future[Shown]]]", error: Exception) -> None:
        """Answer each alone when they failed together, so that one that can not be kept takes no other with it."""
        for one in group:
            try:
                if len(group) == 1:
                    raise error
                _answer(pk, [one])
            except Exception as again:
                _failed([one[1]], again)


def _failed(futures: "Sequence[Future[Shown]]", error: Exception) -> None:
    if not isinstance(error, LookupError | ValueError):
        log.error("answers were not kept: %r", error)
        error = NotKept("this could not be written down at the moment: send it again")
    for future in futures:
        if not future.done():
            future.set_exception(error)


def _answer(pk: int, group: "Sequence[tuple[Asking, Future[Shown]]]") -> None:
    found = incident(pk)
    plan = pinned(found)
    with reading(found) as state:
        wanted = [_wished(asking, plan, state) for asking, _ in group]
    wishes = [w for w in wanted if isinstance(w, Wish)]
    done = iter(carry_out_all(found, wishes) if wishes else ())
    results: list[Result] = [next(done) if isinstance(w, Wish) else w for w in wanted]
    with reading(found) as state:
        shown = [asking.show(found, plan, state, r) for (asking, _), r in zip(group, results, strict=True)]
    for (_, future), value in zip(group, shown, strict=True):
        future.set_result(value)


def _wished(asking: Asking, plan: Plan, state: State) -> Wish | Refused | None:
    try:
        return asking.wish(plan, state)
    except Refused as refusal:
        return refusal


TOGETHER = Gathering()
"""The one of this process."""
