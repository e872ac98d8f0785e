"""Real servers on loopback: one for e-mail, one for messages, and one that never says a word."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from openline.bench.reach.gateway import Book, serve


class Mailbox:
    """What a mail server took; `mood` may be ok, busy (come back later), refuses, or dies (takes it and hangs up)."""

    def __init__(self) -> None:
        self.mail: list[Envelope] = []
        self.connections: set[object] = set()
        self.servers: list[SMTP] = []
        self.mood = "ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        """Take a message, or not."""
        self.servers.append(server)
        if self.mood == "busy":
            return "451 come back later"
        if self.mood == "refuses":
            return "554 no"
        self.mail.append(envelope)
        self.connections.add(session.peer)
        if self.mood == "dies":
            server.transport.abort()  # type: ignore[union-attr]
            await asyncio.sleep(0.01)
        return "250 taken"


@contextlib.contextmanager
def mail_server(port: int = 0) -> Iterator[tuple[int, Mailbox]]:
    """Run a mail server, on a free port unless one is given."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=port or free_port())
    controller.start()
    try:
        yield controller.port, box
    finally:
        for server in box.servers:
            if isinstance(server.transport, asyncio.Transport):
                controller.loop.call_soon_threadsafe(server.transport.abort)
        time.sleep(0.05)
        controller.stop()


@contextlib.contextmanager
def gateway_server() -> Iterator[tuple[int, Book]]:
    """Run a message gateway."""
    book, loop = Book(), asyncio.new_event_loop()
    server = loop.run_until_complete(serve(book))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1], book
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        server.close()
        for connection in list(book.connections):
            connection.abort()
        loop.run_until_complete(asyncio.sleep(0.01))
        loop.close()


@contextlib.contextmanager
def silent_server() -> Iterator[int]:
    """Run a server that takes connections and never says a word."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
    return found
