"""Passing a provider over that fails again and again, for a while, in this process."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from openline.notifiers.base import Notifier, NotifierError, Outgoing

FAILURES = 5
"""Failures in a row after which a provider is passed over (assumed)."""

PAUSE_S = 30.0
"""How long it is passed over before one message tries it again (assumed)."""


@dataclass(frozen=True, slots=True)
class Health:
    """How a provider does in this process: failures in a row, the last reason, and for how long it is passed over."""

    failures: int
    reason: str
    passed_over_s: float


class Watched:
    """A provider that is passed over while it fails: a message then goes on to the next one at once."""

    def __init__(self, inner: Notifier, clock: Callable[[], float] = time.monotonic) -> None:
        self.options = inner.options
        self._inner, self._clock, self._lock = inner, clock, threading.Lock()
        self._failures, self._reason, self._until_s = 0, "", 0.0

    def hand_over(self, message: Outgoing) -> str:
        """Hand over, unless the provider is passed over; raises NotifierError as the provider does."""
        self._ensure_open()
        try:
            reference = self._inner.hand_over(message)
        except NotifierError as error:
            # What one address does wrong says nothing of the provider.
            if error.retry:
                self._failed(str(error))
            raise
        self._worked()
        return reference

    def close(self) -> None:
        """Let connections go."""
        self._inner.close()

    def health(self) -> Health:
        """Return how it does."""
        with self._lock:
            return Health(self._failures, self._reason, max(0.0, self._until_s - self._clock()))

    def _ensure_open(self) -> None:
        with self._lock:
            now = self._clock()
            if self._failures < FAILURES:
                return
            if now < self._until_s:
                text = f"passed over for {self._until_s - now:.0f} s after {self._failures} failures: {self._reason}"
                raise NotifierError(text, retry=True)
            # One message tries it; the others pass it over until that one has come back.
            self._until_s = now + PAUSE_S

    def _failed(self, reason: str) -> None:
        with self._lock:
            self._failures, self._reason = self._failures + 1, reason
            if self._failures >= FAILURES:
                self._until_s = self._clock() + PAUSE_S

    def _worked(self) -> None:
        with self._lock:
            self._failures, self._reason, self._until_s = 0, "", 0.0
