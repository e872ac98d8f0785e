"""Is this process alive, is it ready, and the figures of it."""

import threading
import time
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from openline.server.accounts.roles import is_here, may, open_door
from openline.server.engine import port as engine
from openline.server.health.figures import exposition
from openline.server.security import Limit

LIMIT: Final = Limit(most=120, window_s=60)
FRESH_S = 1.0
"""How long a look at the engine is told again: strangers must not make it work."""
HERE = ("127.0.0.1", "localhost", "[::1]")


class _Readiness:
    """The latest look at the engine."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._until_s, self._is_ready = 0.0, False

    def now(self) -> bool:
        """Return whether this process is ready, looked at a second ago at most."""
        with self._lock:
            if self._clock() >= self._until_s:
                self._is_ready = engine.status().is_ready
                self._until_s = self._clock() + FRESH_S
            return self._is_ready

    def forget(self) -> None:
        """Look again when asked next."""
        self._until_s = 0.0


READINESS: Final = _Readiness()


@open_door(LIMIT)
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return _told(200, "alive")


@open_door(LIMIT)
def ready(request: HttpRequest) -> HttpResponse:
    """Say whether this process should be sent requests; why not is told to those who may know only."""
    is_ready = READINESS.now()
    return _told(200 if is_ready else 503, "ready" if is_ready else "not ready")


def _told(status: int, word: str) -> HttpResponse:
    return JsonResponse({"status": word}, status=status, headers={"Cache-Control": "no-store"})


@open_door(LIMIT)
def metrics(request: HttpRequest) -> HttpResponse:
    """Give Prometheus its figures: at this machine's own address, or with the scope see_incidents."""
    if not (_is_direct(request) or may(request, "see_incidents")):
        text = "Ask at the machine's own address, or send a token with the scope see_incidents.\n"
        return HttpResponse(text, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_direct(request: HttpRequest) -> bool:
    """Tell whether a program on this machine asks; a proxy on it asks for others, and shows itself by its headers."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    is_proxied = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return is_here(request) and host in HERE and not is_proxied and not settings.DEMO
