"""The fold of each open incident, kept in memory and brought up to date from the log when it is asked for."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from openline.incident.entry import FIRST, Entry
from openline.incident.event import read
from openline.incident.state import State
from openline.server.incidents.models import Incident, Line

MOST = 256
"""Incidents kept in memory; another one is folded from its log again when asked for."""

COMMITTING_S = 2.0
"""How long what was folded may wait for its commit before it is taken for rolled back."""


@dataclass(slots=True)
class _Kept:
    state: State = field(default_factory=State)
    lock: threading.RLock = field(default_factory=threading.RLock)
    folded_at_s: float = 0.0


_reading = threading.local()
"""How many folds this thread holds to read them."""

_kept: OrderedDict[tuple[str, int], _Kept] = OrderedDict()
_guard = threading.Lock()


def _slot(key: tuple[str, int]) -> _Kept:
    with _guard:
        found = _kept.setdefault(key, _Kept())
        _kept.move_to_end(key)
        while len(_kept) > MOST:
            _kept.popitem(last=False)
        return found


@contextmanager
def held(incident: Incident) -> Iterator[State]:
    """Hold an incident's fold as of the row given, to change it; nobody else reads or changes it in this process.

    What was folded in a transaction that was rolled back is thrown away, by comparing number and hash with the row.
    """
    slot = _slot((str(Incident.objects.db), incident.pk))
    with slot.lock:
        _catch_up(slot, incident)
        try:
            yield slot.state
        except BaseException:
            slot.state = State()
            raise
        finally:
            slot.folded_at_s = time.monotonic()


@contextmanager
def seen(incident: Incident) -> Iterator[State]:
    """Hold an incident's fold to read it; it is that of the row given, or a later one.

    While another thread commits, what it folded is seen a moment before it is on the disk: folding the whole log
    again for that moment would take longer than any reader wants to wait.
    """
    slot = _slot((str(Incident.objects.db), incident.pk))
    with slot.lock:
        is_ahead = slot.state.last_seq > incident.last_seq
        if not (is_ahead and time.monotonic() - slot.folded_at_s < COMMITTING_S):
            if is_ahead:
                incident.refresh_from_db(fields=["last_seq", "last_hash"])
            _catch_up(slot, incident)
        _reading.depth = getattr(_reading, "depth", 0) + 1
        try:
            yield slot.state
        finally:
            _reading.depth -= 1


def writing() -> None:
    """Raise RuntimeError when this thread holds a fold: a writer waits for the fold after the database, not before.

    Who holds the fold and then waits for the database would stop whoever has the database and waits for the fold.
    """
    if getattr(_reading, "depth", 0):
        raise RuntimeError("an incident is being read here: let go of its state before a command is carried out")


def _catch_up(slot: _Kept, incident: Incident) -> None:
    state = slot.state
    is_ahead = state.last_seq > incident.last_seq
    is_other = state.last_seq == incident.last_seq and (state.last_hash or "") != incident.last_hash
    if is_ahead or is_other:
        state = slot.state = State()
    if state.last_seq == incident.last_seq:
        return
    lines = incident.lines.filter(seq__gt=state.last_seq, seq__lte=incident.last_seq).order_by("seq")
    for n, entry in enumerate(map(entry_of, lines.iterator(chunk_size=2000))):
        if n == 0 and state.last_seq and entry.previous != state.last_hash:
            slot.state = State()
            _catch_up(slot, incident)
            return
        state.apply(entry)


def entry_of(line: Line) -> Entry:
    """Return an entry of the log from its row."""
    event = read(line.kind, line.version, line.data)
    return Entry(
        line.seq, line.happened_at, line.entered_at, line.by, event, line.previous or FIRST, line.hash, line.key
    )


def forget() -> None:
    """Drop every fold, as a restart does."""
    with _guard:
        _kept.clear()
