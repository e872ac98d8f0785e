"""What a page may load, and how much one client may ask for."""

import threading
import time
from collections import deque
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Network, ip_address

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# Nothing is fetched from elsewhere. Style attributes are allowed since the chart library places its tooltips by them.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


PAPER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For pages that carry their own style and nothing else, so that they can be kept as one file."""


def content_security_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Return the middleware that puts the policy on every answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        own_style = response.headers.pop("X-Own-Style", "")
        response["Content-Security-Policy"] = PAPER_POLICY if own_style else POLICY
        return response

    return middleware


MOST_CLIENTS = 50_000
"""Clients whose acts are remembered at a time, by each limit."""


class PlainText:
    """Refuses a form or a question with a null character, which nobody types and PostgreSQL can not keep."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Raise BadRequest before the view is called, but after the gate has let the request through."""
        for sent in (request.GET, request.POST):
            if any("\x00" in text for key, texts in sent.lists() for text in (key, *texts)):
                raise BadRequest("a null character")


def client_of(address: str) -> str:
    """Return whom a network address counts as: a household has 2**64 addresses of IPv6, so its network counts."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, IPv4Address) or found.ipv4_mapped is not None:
        return str(getattr(found, "ipv4_mapped", None) or found)
    return str(IPv6Network((found, 64), strict=False))


class Limit:
    """At most `most` acts of one client in `window_s` seconds."""

    def __init__(self, *, most: int, window_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.window_s, self.clock = most, window_s, clock
        self._acts: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def allows(self, client: str) -> bool:
        """Count one act and tell whether it may be done."""
        with self._lock:
            acts = self._recent(client)
            if len(acts) >= self.most:
                return False
            acts.append(self.clock())
            return True

    def is_full(self, client: str) -> bool:
        """Tell whether no further act would be allowed now, without counting one."""
        with self._lock:
            return len(self._recent(client)) >= self.most

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._acts.clear()

    def _recent(self, client: str) -> deque[float]:
        if client not in self._acts and len(self._acts) >= MOST_CLIENTS:
            # The one that came first, not all of them: else whoever has many addresses could make everybody forgotten.
            self._acts.pop(next(iter(self._acts)))
        acts = self._acts.setdefault(client, deque())
        while acts and acts[0] <= self.clock() - self.window_s:
            acts.popleft()
        return acts
