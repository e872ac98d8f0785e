"""The application that the web server runs: the pages, with the engine beside them in the same process."""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openline.server.settings")
pages = get_asgi_application()

from openline.server.answers import quick  # noqa: E402 - Django must be set up before

log = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MOST_BYTES = 32_000_000
"""What a request may carry, whoever sends it: Django would keep all of it on the disk before it asks who that is.

Pages take less and say so themselves; this bounds what they have to read for that.
"""


class Bounded:
    """Receives a request's messages; when their bodies come to more than `most` bytes it hangs up and says so."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most

    @property
    def is_over(self) -> bool:
        """Tell whether the request went on beyond what this server takes."""
        return self._left < 0

    async def __call__(self) -> Message:
        """Return the next message."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_over else message


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer a request; start and stop the engine with the process, since Django knows no such moment."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and quick.is_here(scope["path"]):
        await quick.answer(scope, receive, send)
    else:
        await _pages(scope, receive, send)


async def _pages(scope: Message, receive: Receive, send: Send) -> None:
    body = Bounded(receive, MOST_BYTES)
    if _stated(scope) <= MOST_BYTES:
        await pages(scope, body, send)  # type: ignore[arg-type]
        if not body.is_over:
            return
    text = f"Nothing was changed: a request may have {MOST_BYTES // 1_000_000} MB at most.".encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": head})
    await send({"type": "http.response.body", "body": text})


def _stated(scope: Message) -> int:
    """Return the length that a request states, 0 when it states none."""
    stated = dict(scope["headers"]).get(b"content-length", b"0")
    return int(stated[:20]) if stated.isdigit() else 0


async def _live(receive: Receive, send: Send) -> None:
    from openline.server.engine import port
    from openline.server.engine.chosen import start_chosen

    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await asyncio.to_thread(start_chosen)
            except Exception as error:
                log.exception("the engine did not start")
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
            await send({"type": "lifespan.startup.complete"})
        else:
            await asyncio.to_thread(port.stop)
            await send({"type": "lifespan.shutdown.complete"})
            return
