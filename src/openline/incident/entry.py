"""The log of an incident: numbered entries, each holding the hash of the one before (invariant 14)."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openline.incident.event import Event, read, written

FIRST = "0" * 64
"""What stands for the hash before the first entry."""


class BrokenChain(ValueError):
    """A log was changed after it was written; the message says at which entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log. `happened_at` may be earlier than `entered_at` for what a scribe enters late."""

    seq: int
    happened_at: datetime
    entered_at: datetime
    by: str
    event: Event
    previous: str
    hash: str
    key: str | None = None

    @property
    def is_late(self) -> bool:
        """Whether it was entered more than a minute after it happened."""
        return (self.entered_at - self.happened_at).total_seconds() > 60


def sealed(previous: Entry | None, happened_at: datetime, entered_at: datetime, by: str, event: Event) -> Entry:
    """Return the entry that follows `previous` in the log (None for the first)."""
    seq, before = (previous.seq + 1, previous.hash) if previous else (1, FIRST)
    return linked(seq, before, happened_at, entered_at, by, event)


def linked(
    seq: int, before: str, happened_at: datetime, entered_at: datetime, by: str, event: Event, key: str | None = None
) -> Entry:
    """Return entry number `seq` on top of the hash `before`."""
    line = _line(seq, happened_at, entered_at, by, event, before)
    return Entry(seq, happened_at, entered_at, by, event, before, hashlib.sha256(line.encode()).hexdigest(), key)


def _line(seq: int, happened_at: datetime, entered_at: datetime, by: str, event: Event, previous: str) -> str:
    return canonical(
        {
            "seq": seq,
            "happened_at": stamp(happened_at),
            "entered_at": stamp(entered_at),
            "by": by,
            "event": event.stored_as,
            "version": event.version,
            "data": written(event),
            "previous": previous,
        }
    )


def canonical(value: Any) -> str:
    """Return JSON in the one form that is hashed: keys sorted, no spaces, text as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def stamp(moment: datetime) -> str:
    """Return a moment in UTC to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def as_json(entry: Entry) -> dict[str, Any]:
    """Return an entry as it is exported."""
    line: dict[str, Any] = json.loads(
        _line(entry.seq, entry.happened_at, entry.entered_at, entry.by, entry.event, entry.previous)
    )
    return line | {"hash": entry.hash}


def hash_of(line: dict[str, Any]) -> str:
    """Return the hash of an exported entry by its own words, known to this Openline or not."""
    own = {k: v for k, v in line.items() if k != "hash"}
    return hashlib.sha256(canonical(own).encode()).hexdigest()


def verify(lines: Iterable[dict[str, Any]]) -> tuple[int, str]:
    """Return (number of entries, hash of the last) of an exported log; raises BrokenChain at the first wrong one."""
    before, count = FIRST, 0
    for count, line in enumerate(lines, 1):
        if line.get("seq") != count:
            raise BrokenChain(f"entry {count} is missing: {line.get('seq')!r} stands in its place")
        if line.get("previous") != before:
            raise BrokenChain(f"entry {count} does not follow the one before it")
        if line.get("hash") != hash_of(line):
            raise BrokenChain(f"entry {count} was changed after it was written")
        before = str(line["hash"])
    return count, before


def entries_of(lines: Sequence[dict[str, Any]]) -> Iterator[Entry]:
    """Yield the entries of an exported log; raises BrokenChain, UnknownEvent, or ValueError for what is no log."""
    verify(lines)
    for line in lines:
        yield Entry(
            line["seq"],
            datetime.fromisoformat(line["happened_at"]),
            datetime.fromisoformat(line["entered_at"]),
            line["by"],
            read(line["event"], line["version"], line["data"]),
            line["previous"],
            line["hash"],
        )
