"""A real PostgreSQL for tests and benchmarks, in a directory of its own that goes with it; no system service."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self


class NoPostgres(RuntimeError):
    """There are no server programs here; the message says how to get them."""


def programs() -> Path:
    """Return the directory of initdb and postgres. Raises NoPostgres."""
    for directory in _candidates():
        if all(os.access(directory / name, os.X_OK) for name in ("initdb", "postgres")):
            return directory
    raise NoPostgres(
        "no PostgreSQL server programs: apt-get install postgresql, or brew install postgresql@17, or set PGBIN"
    )


def _candidates() -> Iterator[Path]:
    if "PGBIN" in os.environ:
        yield Path(os.environ["PGBIN"])
    if shutil.which("pg_config"):
        yield Path(subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip())
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    for root in ("/opt/homebrew/opt", "/usr/local/opt"):
        yield from sorted(Path(root).glob("postgresql@*/bin"), reverse=True)
    yield Path("/Applications/Postgres.app/Contents/Versions/latest/bin")


def free_port() -> int:
    """Return a port that nothing on loopback uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """A running server on loopback, as root run by another user since PostgreSQL refuses root."""

    def __init__(self, *, fsync: bool = False) -> None:
        self.bin, self.port = programs(), free_port()
        # Below /tmp, since the path of a socket may have about 100 characters.
        self.home = Path(tempfile.mkdtemp(prefix="olpg-", dir="/tmp"))
        self._as = _other_user(self.home)
        self.data = self.home / "data"
        self._env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.home)}
        self.settings: dict[str, object] = {"fsync": "on" if fsync else "off"}
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls, *, fsync: bool = False) -> Self:
        """Return a new empty server that answers."""
        found = cls(fsync=fsync)
        found.run("initdb", "-D", found.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        found.start()
        return found

    @classmethod
    def standby_of(cls, primary: "Postgres") -> Self:
        """Return a server that follows another, which from now on waits for it at each commit."""
        found = cls()
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby"
        found.run("pg_basebackup", "-D", found.data, "-R", "-X", "stream", "-c", "fast", "-d", source)
        found.start()
        primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        primary.execute("SELECT pg_reload_conf()")
        return found

    def run(self, program: str, *words: object) -> None:
        """Run one of the server's programs to its end."""
        command = [str(self.bin / program), *map(str, words)]
        subprocess.run(command, check=True, capture_output=True, cwd=self.home, env=self._env, **self._as)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.home,
            "max_connections": 300,
            "timezone": "UTC",
            **self.settings,
        }
        words = [f"--{k}={v}" for k, v in settings.items()]
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self.bin / "postgres", "-D", self.data, *words],
                stdout=log,
                stderr=log,
                cwd=self.home,
                env=self._env,
                start_new_session=True,
                **self._as,
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        for _ in range(600):
            if self.process is None or self.process.poll() is not None:
                raise NoPostgres((self.home / "log").read_text()[-2000:])
            with contextlib.suppress(subprocess.CalledProcessError):
                self.run("pg_isready", "-q", "-h", "127.0.0.1", "-p", self.port)
                return
            time.sleep(0.05)
        raise NoPostgres("PostgreSQL did not answer within 30 s")

    def dsn(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement by itself; returns its rows."""
        import psycopg

        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def new_database(self, name: str, like: str = "") -> str:
        """Make a database, as a copy of one that nobody uses when one is named; returns its address."""
        self.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{like}"' if like else ""))
        return self.dsn(name)

    def promote(self) -> None:
        """Make a standby the primary."""
        self.execute("SELECT pg_promote(true, 30)")

    def crash(self) -> None:
        """Stop at once, as if the machine had lost its power."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """Stop, and remove everything."""
        self._end(signal.SIGINT)
        shutil.rmtree(self.home, ignore_errors=True)

    def _end(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)
            self.process.wait(30)


def _other_user(home: Path) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            os.chown(home, user.pw_uid, user.pw_gid)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoPostgres("PostgreSQL refuses to run as root, and there is no user named postgres or nobody")
