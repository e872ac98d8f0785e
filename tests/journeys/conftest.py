"""A server of its own with the examples, and a real Chromium that may reach nothing else."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, sync_playwright

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "build" / "screenshots"
NAMES = ("chromium", "chromium-browser", "google-chrome")
ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium() -> str:
    """Return the browser's program; a missing one is a failure, never a skip."""
    found = os.environ.get("OPENLINE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None) or ON_A_MAC
    if not Path(found).exists():
        pytest.fail("no Chromium: run make test, which installs it on Debian, or set OPENLINE_CHROMIUM")
    return found


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start `openline serve --demo` with the examples on a free port and give its address."""
    with serving(tmp_path_factory.mktemp("data"), "--demo") as base:
        yield base


@contextmanager
def serving(data: Path, *flags: str) -> Iterator[str]:
    """Start `openline serve` with the examples on a free port and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    plans = [part for name in ("harbor", "one-seat") for part in ("--plan", str(ROOT / "examples" / name))]
    command = [sys.executable, "-m", "openline", "serve", *flags, "--port", str(port), "--data", str(data), *plans]
    with (data / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as server:
        base = f"http://127.0.0.1:{port}"
        try:
            _wait(base, server, data / "log")
            yield base
        finally:
            server.terminate()


def _wait(base: str, server: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if server.poll() is not None:
            pytest.fail(f"the server ended: {log.read_text()}")
        try:
            with urllib.request.urlopen(base, timeout=60):  # noqa: S310 - our own server
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not answer: {log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser; only for one module, since its event loop keeps Django from its database in other tests."""
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        yield found
        found.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """Open a path of the server; a message on the console, or a request elsewhere, fails the test."""
    faults: list[str] = []
    contexts = []

    def inside(route: Route) -> None:
        if route.request.url.startswith(address):
            route.continue_()
        else:
            faults.append(f"a request to {route.request.url}")
            route.abort()

    def opened(path: str, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        contexts.append(context)
        page = context.new_page()
        page.route("**/*", inside)
        page.on("console", lambda m: faults.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda e: faults.append(str(e)))
        page.goto(address + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults, faults


@pytest.fixture
def keep() -> Callable[[Page, str], None]:
    """Keep a screenshot of the whole page under build/screenshots."""

    def kept(page: Page, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(150)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    return kept
