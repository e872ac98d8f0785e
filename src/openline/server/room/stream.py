"""Server-sent events: one look at the database a second for all who listen in this process."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from openline.incident.command import OPEN
from openline.server.accounts.roles import needs
from openline.server.incidents.models import Incident
from openline.server.incidents.views import incident_or_404

Seen = dict[int, tuple[int, str]]
Look = Callable[[Collection[int]], Awaitable[Seen]]
EVERY_S = 1.0
BEAT_S = 15.0
"""How often a quiet line says that it is there, so that nothing between cuts it."""
LONGEST_S = 600.0
"""After this the browser connects again, and must still be signed in."""
MOST = 8
"""Lines of one account; more windows than that look every few seconds instead."""
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Bell:
    now: tuple[int, str] | None = None
    waiting: set[asyncio.Event] = field(default_factory=set)


class Bells:
    """Rings for whoever listens to an incident when its log has grown."""

    def __init__(self, look: Look, every_s: float = EVERY_S) -> None:
        self.look, self.every_s = look, every_s
        self._bells: dict[int, _Bell] = {}
        self._lines: Counter[str] = Counter()
        self._watch: asyncio.Task[None] | None = None

    def lines_of(self, account: str) -> int:
        """Return how many lines an account has open."""
        return self._lines[account]

    async def told(
        self, pk: int, account: str, seen: int, *, beat_s: float = BEAT_S, longest_s: float = LONGEST_S
    ) -> AsyncIterator[str]:
        """Yield what the browser is sent: each new number of the log, a beat when quiet, the end when it is over."""
        ring = asyncio.Event()
        bell = self._bells.setdefault(pk, _Bell())
        bell.waiting.add(ring)
        self._lines[account] += 1
        self._start()
        until = asyncio.get_running_loop().time() + longest_s
        try:
            yield "retry: 3000\n\n"
            while asyncio.get_running_loop().time() < until:
                if bell.now is not None:
                    seq, phase = bell.now
                    if seq != seen:
                        seen = seq
                        yield f"event: change\nid: {seq}\ndata: {seq}\n\n"
                    if phase not in OPEN:
                        yield f"event: over\ndata: {phase}\n\n"
                        return
                ring.clear()
                try:
                    await asyncio.wait_for(ring.wait(), beat_s)
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._leave(pk, ring, account)

    def _leave(self, pk: int, ring: asyncio.Event, account: str) -> None:
        bell = self._bells.get(pk)
        if bell is not None:
            bell.waiting.discard(ring)
            if not bell.waiting:
                del self._bells[pk]
        self._lines[account] -= 1
        if not self._lines[account]:
            del self._lines[account]

    def _start(self) -> None:
        if self._watch is None or self._watch.done():
            self._watch = asyncio.get_running_loop().create_task(self._look_on())

    async def _look_on(self) -> None:
        while self._bells:
            try:
                found = await self.look(tuple(self._bells))
            except Exception:
                # The database may be away for a while; the lines stay open and tell it when it is back.
                log.exception("could not look whether an incident has changed")
                found = {}
            for pk, now in found.items():
                bell = self._bells.get(pk)
                if bell is not None and bell.now != now:
                    bell.now = now
                    for ring in bell.waiting:
                        ring.set()
            await asyncio.sleep(self.every_s)


def _looked(pks: Collection[int]) -> Seen:
    try:
        rows = Incident.objects.filter(pk__in=pks).values_list("pk", "last_seq", "phase")
        return {pk: (seq, phase) for pk, seq, phase in rows}
    finally:
        connection.close()


BELLS = Bells(sync_to_async(_looked, thread_sensitive=False))


@needs("see_incidents")
async def stream(request: HttpRequest, slug: str, pk: int) -> HttpResponseBase:
    """Tell a browser when the room has changed; 204 tells it to stop asking, since the response is over."""
    found = await sync_to_async(incident_or_404)(slug, pk)
    if found.phase not in OPEN:
        return HttpResponse(status=204)
    account = f"account:{request.user.pk}"
    if BELLS.lines_of(account) >= MOST:
        return HttpResponse("Too many rooms are open: this one looks every few seconds instead.", status=429)
    text = request.headers.get("Last-Event-ID") or request.GET.get("seen", "")
    seen = int(text) if text.isdecimal() and len(text) < 12 else found.last_seq
    # Content-Encoding keeps the middleware from packing, and so from holding back, what must go out at once.
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingHttpResponse(
        BELLS.told(pk, account, seen), content_type="text/event-stream; charset=utf-8", headers=headers
    )
