"""A message gateway on loopback that writes down what it was given and when; it can be down, or die after taking."""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field

Mood = str
"""ok; down: refuses with 503; dies: takes the message and hangs up without a word."""


@dataclass
class Book:
    """What a gateway was given: (time of the steady clock, idempotency key, body)."""

    taken: list[tuple[float, str, str]] = field(default_factory=list)
    refused: int = 0
    mood: Mood = "ok"
    connections: set[asyncio.Transport] = field(default_factory=set)


class Desk(asyncio.Protocol):
    """One connection: reads requests with a length, answers each."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the connection."""
        self._transport = transport  # type: ignore[assignment]
        self._book.connections.add(transport)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._book.connections.discard(self._transport)  # type: ignore[arg-type]

    def data_received(self, data: bytes) -> None:
        """Answer every request that is complete."""
        self._buffer += data
        while True:
            head, split, rest = self._buffer.partition(b"\r\n\r\n")
            if not split:
                return
            first, *lines = head.decode("latin-1").split("\r\n")
            headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
            length = int(headers.get("content-length", 0))
            if len(rest) < length:
                return
            self._buffer = rest[length:]
            self._answer(first.split(" ")[1], headers.get("idempotency-key", ""), rest[:length].decode())

    def _answer(self, path: str, key: str, body: str) -> None:
        book, transport = self._book, self._transport
        if transport is None:
            return
        if path.startswith("/count"):
            transport.write(_http(200, json.dumps({"taken": len({k for _, k, _ in book.taken})})))
        elif path.startswith("/taken"):
            transport.write(_http(200, json.dumps([[at, k] for at, k, _ in book.taken])))
        elif book.mood == "down":
            book.refused += 1
            transport.write(_http(503, "{}"))
        else:
            book.taken.append((time.monotonic(), key, body))
            if book.mood == "dies":
                transport.abort()
            else:
                transport.write(_http(200, json.dumps({"id": f"ref-{len(book.taken)}"})))


def _http(status: int, body: str) -> bytes:
    return (
        f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
    )


async def serve(book: Book) -> asyncio.Server:
    """Open a gateway on a free port of loopback."""
    return await asyncio.get_running_loop().create_server(lambda: Desk(book), "127.0.0.1", 0)


async def _main() -> None:
    server = await serve(Book())
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    # The gateway ends with the process that holds its standard input.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_main())
