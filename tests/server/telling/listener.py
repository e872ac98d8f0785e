"""A program that listens for webhooks on loopback, checks their signatures and keeps what it was told."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """What was told; `answers` are statuses for the next calls, `echo` is how it answers the challenge."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: list[int] = []
        self.echo: Callable[[str], bytes] = str.encode
        self.url = ""

    def take(self, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        """Take a call and return what to answer."""
        told = json.loads(body)
        if told.get("type") == "openline.challenge":
            return 200, self.echo(told["challenge"])
        status = self.answers.pop(0) if self.answers else 200
        if status == 200:
            self.told.append(told)
            self.headers.append(headers)
            self.bodies.append(body)
        return status, b""

    def is_signed(self, n: int, secret: str) -> bool:
        """Check a signature as the docs say."""
        parts = dict(p.split("=", 1) for p in self.headers[n]["Openline-Signature"].split(","))
        expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + self.bodies[n], hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, parts["v1"])


@contextmanager
def listening() -> Iterator[Listener]:
    """Run the program on a free port."""
    listener = Listener()

    class Calls(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = listener.take(body, dict(self.headers))
            self.send_response(status)
            if status in (301, 302):
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Calls)
    listener.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
