"""The run: declarations among many open incidents, a roll call of everybody, answers while the room is looked at."""

import asyncio
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from openline.bench.reach import load, plan
from openline.bench.row import Row

PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked for."""

    people: int = 10_000
    incidents: int = 200
    declarations: int = 100
    answers_per_s: float = 200.0
    answers: int = 6_000


SMALL = Size(people=300, incidents=10, declarations=8, answers=200)
"""What the tests run: every part, for a moment."""


def bench_reach(say: Callable[[str], None], size: Size | None = None) -> list[Row]:
    """Return seconds to hand a roll call over, answers per second, the room's time and the wait for the first call."""
    chosen = size or Size()
    with tempfile.TemporaryDirectory(prefix="openline-reach-") as folder, _gateway() as desk:
        data, files = Path(folder) / "data", Path(folder) / "plan"
        files.mkdir()
        for name, text in plan.files(chosen.people).items():
            (files / name).write_text(text)
        say(f"taking a plan of {chosen.people:,} people in, with {chosen.incidents} incidents open")
        made = json.loads(_child("openline.bench.reach.setting", data, files, chosen.incidents, desk))
        with _server(data) as port:
            return asyncio.run(_run(say, chosen, port, desk, made, data))


async def _run(
    say: Callable[[str], None], size: Size, port: int, desk: int, made: dict[str, str], data: Path
) -> list[Row]:
    await _settled(desk)
    waits = await _declarations(size, port, desk, made)
    say(f"{len(waits)} declarations: median {statistics.median(waits) * 1000:.0f} ms to the first message")
    before = await _count(desk)
    begun = time.perf_counter()
    pk = made["incident"]
    await _post(port, f"/{plan.ORGANIZATION}/incidents/{pk}/do/OpenRollCall/", made, "title=Roll+call&role=commander")
    while await _count(desk) < before + size.people + 3:
        if time.perf_counter() - begun > PATIENCE_S:
            break
        await asyncio.sleep(0.1)
    handed_s = time.perf_counter() - begun
    say(f"roll call: {await _count(desk) - before:,} people in {handed_s:.1f} s")
    await asyncio.sleep(2)
    page = f"/{plan.ORGANIZATION}/incidents/{pk}/"
    stop = asyncio.Event()
    links = json.loads(_child("openline.bench.reach.links", data, pk, size.answers))
    looking = asyncio.create_task(load.looked_at(port, page, made["session"], 0.5, stop))
    found = await load.answers(port, links, size.answers_per_s)
    stop.set()
    looks = await looking
    for error in found.errors[:5]:
        say(error)
    late = sorted(found.seconds)
    say(
        f"answers: median {late[len(late) // 2] * 1000:.0f} ms, worst {late[-1] * 1000:.0f} ms; room {len(looks)} looks"
    )
    return [
        Row("roll call: all handed to the gateway", handed_s, "s", 60.0, is_limit=True),
        Row("answers taken", len(found.seconds) / found.took_s, "per s", size.answers_per_s * 0.98),
        Row("answers that failed", float(len(found.errors)), "errors", 0.0, is_limit=True),
        Row("answers: 95 of 100 within", late[int(len(late) * 0.95)] * 1000, "ms"),
        Row("room meanwhile: 95 of 100 within", _p(looks, 0.95) * 1000, "ms", 300.0, is_limit=True),
        Row("declaration to first message: 99 of 100 within", _p(waits, 0.99) * 1000, "ms", 1000.0, is_limit=True),
    ]


def _p(seconds: list[float], share: float) -> float:
    found = sorted(seconds)
    return found[min(len(found) - 1, int(len(found) * share))]


async def _declarations(size: Size, port: int, desk: int, made: dict[str, str]) -> list[float]:
    """Declare one incident after the other; return for each how long until the gateway had its first message."""
    begun: list[float] = []
    for n in range(size.declarations):
        begun.append(time.monotonic())
        await _post(
            port, f"/{plan.ORGANIZATION}/incidents/declare/", made, f"title=Wait+{n}&level=2&role=commander&key=wait{n}"
        )
        await asyncio.sleep(0.3)
    await _settled(desk)
    first: dict[int, float] = {}
    for at, key in json.loads(await _ask(desk, "/taken")):
        pk = int(key.partition("/")[0])
        first[pk] = min(first.get(pk, at), at)
    new = sorted(first)[-size.declarations :]
    return [first[pk] - at for pk, at in zip(new, begun, strict=True)]


async def _post(port: int, path: str, made: dict[str, str], form: str) -> None:
    headers = (
        f"Cookie: sessionid={made['session']}; csrftoken={made['csrf']}\r\nX-CSRFToken: {made['csrf']}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\n"
    )
    status, body = await load.request(port, f"POST {path}", headers, form)
    if status not in (200, 302):
        raise RuntimeError(f"{path} answered {status}: {body[:2000]!r}")


async def _ask(desk: int, path: str) -> bytes:
    return (await load.request(desk, f"GET {path}"))[1]


async def _count(desk: int) -> int:
    return int(json.loads(await _ask(desk, "/count"))["taken"])


async def _settled(desk: int) -> None:
    """Wait until the gateway has been given nothing for a second."""
    before = -1
    for _ in range(120):
        now = await _count(desk)
        if now == before and now:
            return
        before = now
        await asyncio.sleep(1.0)


def _child(module: str, *words: object) -> str:
    command = [sys.executable, "-m", module, *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)  # noqa: S603 - our own module
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return done.stdout


@contextlib.contextmanager
def _gateway() -> Iterator[int]:
    command = [sys.executable, "-m", "openline.bench.reach.gateway"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603
        assert child.stdout is not None  # noqa: S101 - it was asked for
        try:
            yield int(child.stdout.readline())
        finally:
            child.terminate()


@contextlib.contextmanager
def _server(data: Path) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-m", "openline", "serve", "--port", str(port), "--data", str(data)]
    with (data / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log, env=os.environ) as child:  # noqa: S603
        try:
            _wait(port, child, data / "log")
            yield port
        finally:
            child.terminate()


def _wait(port: int, child: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(900):
        if child.poll() is not None:
            raise RuntimeError(f"the server ended: {log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/account/sign-in/", timeout=60):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer: {log.read_text()[-3000:]}")
