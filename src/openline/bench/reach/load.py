"""People who answer at a given rate, whether or not the server keeps up, over connections that stay open."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Load:
    """What came of a load: seconds of each answer, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    took_s: float = 0.0


async def request(port: int, line: str, headers: str = "", body: str = "") -> tuple[int, bytes]:
    """Send one request on a connection of its own; returns (status, body)."""
    lane = _Lane(port)
    try:
        return await lane.ask(line, headers, body)
    finally:
        lane.close()


class _Lane:
    """One connection, used again and again."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, line: str, headers: str, body: str) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        length = f"Content-Length: {len(body)}\r\n" if body else ""
        writer.write(f"{line} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{length}\r\n{body}".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        status = int(head.split(" ", 2)[1])
        if "transfer-encoding: chunked" in head:
            return status, await _chunks(reader)
        found = head.partition("content-length:")[2].partition("\r\n")[0].strip()
        return status, await reader.readexactly(int(found or 0))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    found = b""
    while size := int(await reader.readline(), 16):
        found += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return found


async def answers(port: int, paths: Sequence[str], per_s: float, lanes: int = 64) -> Load:
    """POST that somebody is safe to each path, so many in a second; a late answer counts with its wait."""
    load, free = Load(), asyncio.Queue[_Lane]()
    for _ in range(lanes):
        free.put_nowait(_Lane(port))
    begun = time.perf_counter()

    async def one(n: int, path: str) -> None:
        due = begun + n / per_s
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        lane = await free.get()
        try:
            form = "Content-Type: application/x-www-form-urlencoded\r\n"
            status, _ = await lane.ask(f"POST {path}", form, f"safe=safe&able=yes&where=home&kit=yes&key=k{n}")
            if status != 200:
                load.errors.append(f"answer {n}: {status}")
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            lane.close()
            load.errors.append(f"answer {n}: {error!r}")
        finally:
            free.put_nowait(lane)
        load.seconds.append(time.perf_counter() - due)

    await asyncio.gather(*(one(n, p) for n, p in enumerate(paths)))
    load.took_s = time.perf_counter() - begun
    while not free.empty():
        free.get_nowait().close()
    return load


async def looked_at(port: int, path: str, cookie: str, every_s: float, stop: asyncio.Event) -> list[float]:
    """GET a page again and again, as who leads does; returns the seconds that each took."""
    found: list[float] = []
    while not stop.is_set():
        begun = time.perf_counter()
        status, _ = await request(port, f"GET {path}", f"Cookie: sessionid={cookie}\r\n")
        if status != 200:
            raise RuntimeError(f"{path} answered {status}")
        found.append(time.perf_counter() - begun)
        try:
            await asyncio.wait_for(stop.wait(), every_s)
        except TimeoutError:
            continue
    return found
