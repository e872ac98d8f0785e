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


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Answer a request; start and stop the engine with the process, since Django knows no such moment."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
    elif scope["type"] == "http" and quick.is_here(scope["path"]):
        await quick.answer(scope, receive, send)
    else:
        await pages(scope, receive, send)  # type: ignore[arg-type]


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
