"""The doors without Django's middleware: hundreds of people answer in the same second, and a thread each is too much.

What the middleware does for every other page is done here: the host is looked at, and the answer says what it may load.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from openline.server.answers.doors import MOST_BYTES, door
from openline.server.answers.request import Answer, Request
from openline.server.answers.views import HEADERS
from openline.server.incidents.gathering import TOGETHER, WAIT_S
from openline.server.security import POLICY, client_of

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATHS = ("/a/", "/in/reply/", "/in/key/")
GUARDS = {
    **HEADERS,
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_here(path: str) -> bool:
    """Tell whether one of the doors is at this path."""
    return path.startswith(PATHS)


async def answer(scope: Message, receive: Receive, send: Send) -> None:
    """Take one answer."""
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
    said = await _asked(scope, headers, receive)
    kind = "application/json" if said.is_json else "text/html; charset=utf-8"
    body = said.body.encode()
    out = {**GUARDS, "Content-Type": kind, "Content-Length": str(len(body))}
    head = [(k.lower().encode(), v.encode()) for k, v in out.items()]
    await send({"type": "http.response.start", "status": said.status, "headers": head})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


async def _asked(scope: Message, headers: dict[str, str], receive: Receive) -> Answer:
    host, _ = split_domain_port(headers.get("host", ""))
    if not host or not validate_host(host, settings.ALLOWED_HOSTS):
        return Answer(400, "This server does not know the name by which it was asked.")
    client = client_of(scope["client"][0]) if scope.get("client") else ""
    query = scope.get("query_string", b"").decode("latin-1")
    request = Request(scope["method"], scope["path"], query, headers, client, await _body(receive))
    found = door(request)
    if isinstance(found, Answer):
        return found
    try:
        return found.say(await asyncio.wait_for(asyncio.wrap_future(TOGETHER.ask(found.asking)), WAIT_S))
    except Exception as error:
        return found.failed(error)


async def _body(receive: Receive) -> bytes:
    """Return the body, or a little more than is taken of one that is too long."""
    found = b""
    while len(found) <= MOST_BYTES:
        message = await receive()
        found += message.get("body", b"")
        if not message.get("more_body"):
            break
    return found
