"""The outside world of the fault tests: an HTTP gateway in a process of its own, which writes down what it took.

`python -m openline.bench.faults.gateway LEDGER` says its port, and ends when its input is closed. How it behaves is
said by the title of the incident, `<topic kind>`, which every message and every call of an automated step carries.
"""

import json
import os
import re
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from openline.bench.faults import ledger

TITLE = re.compile(r"<([\w-]+) (\w+)>")
SLOW_S = 1.5
SEEN: Counter[str] = Counter()
NAMED: dict[str, tuple[str, str]] = {}
"""Topic and kind of each incident by its number, with which every key begins; not every text has the title."""

GUARD = threading.Lock()


def arrivals_of(path: Path) -> Path:
    """Return the file of what arrived, beside the ledger of what was taken."""
    return path.with_name(path.name + "-arrived")


class Post(BaseHTTPRequestHandler):
    """Takes one message, or does not, as the kind of its incident says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Read, write down, answer."""
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        named = TITLE.search(json.loads(said).get("text") or json.loads(said).get("title", ""))
        # A message has one line for all ways to one person, since what counts is whether that person got it.
        own_key = (self.headers["Idempotency-Key"] or "").partition("~")[0]
        number = own_key.partition("/")[0]
        with GUARD:
            if named:
                NAMED[number] = (named[1], named[2])
            topic, kind = NAMED.get(number, ("nobody", "process"))
            key = f"{topic}/{own_key}"
            SEEN[key] += 1
            time_of_it = SEEN[key]
        ledger.write(key, time_of_it, arrivals_of(Path(os.environ[ledger.LEDGER])))
        self._answer(kind, key, time_of_it)

    def _answer(self, kind: str, key: str, nth: int) -> None:
        if kind == "refused":
            return self._say(404)
        if kind == "broken" or (kind == "flaky" and nth < 3):
            return self._say(503)
        if kind == "slow":
            time.sleep(SLOW_S)
        ledger.write(key, nth)
        if kind == "slow":
            time.sleep(SLOW_S)  # it was taken, and the answer is still to come
        if kind == "dies" and nth == 1:
            self.close_connection = True
            return None
        return self._say(500 if kind == "doubt" and nth == 1 else 200)

    def _say(self, code: int) -> None:
        self.send_response(code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing: what matters is in the ledger."""


class Server(ThreadingHTTPServer):
    """Is left by senders that are killed, and thinks nothing of it."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who was sending has gone."""


def main(path: str) -> None:
    """Serve until the input is closed."""
    os.environ[ledger.LEDGER] = path
    server = Server(("127.0.0.1", 0), Post)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
