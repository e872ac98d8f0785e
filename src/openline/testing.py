"""Public fakes for tests of what is built on Openline."""

import threading
from collections.abc import Sequence

from openline.notifiers.base import NotifierError, Outgoing
from openline.plan.record import Record


class FakeOptions(Record):
    """Nothing to choose."""


class FakeNotifier:
    """A provider that keeps what it is handed; `moods` says what happens to the next messages, one after the other.

    Moods: ok, down (to be tried later), refuses (final), dies (takes the message and gives no answer).
    """

    def __init__(self, moods: Sequence[str] = ()) -> None:
        self.options = FakeOptions()
        self.taken: list[Outgoing] = []
        self._moods, self._lock = list(moods), threading.Lock()

    def hand_over(self, message: Outgoing) -> str:
        """Keep a message and return its number, or raise what the mood says."""
        with self._lock:
            mood = self._moods.pop(0) if self._moods else "ok"
            if mood == "down":
                raise NotifierError("the provider is down", retry=True)
            if mood == "refuses":
                raise NotifierError("the provider refuses this", retry=False)
            self.taken.append(message)
            if mood == "dies":
                raise NotifierError("the provider gave no answer", retry=True, maybe_sent=True)
            return f"fake-{len(self.taken)}"

    def close(self) -> None:
        """Keep nothing open."""

    @property
    def keys(self) -> list[str]:
        """Return the keys of what was taken, in order; one that stands twice was sent twice."""
        return [m.key for m in self.taken]
