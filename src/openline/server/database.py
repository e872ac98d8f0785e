"""Where the data lives: one SQLite file, or the PostgreSQL that DATABASE_URL names."""

import sqlite3
from pathlib import Path
from typing import Any

POOL_SIZE = 20
"""Connections of the pages and jobs of one process; the engine itself has as many again at most."""

ENGINE_POOL_SIZE = 20

RECONNECT_S = 5.0
"""After that long an attempt to connect is given up, and whoever asks next makes a new one at once."""


STILL_S = 10
"""The server ends a transaction in which nothing was asked for so long: a node that is frozen in the middle of one
keeps rows that whoever takes its work over must write (assumed: none of ours is still for a second)."""


class BadDatabaseUrl(ValueError):
    """DATABASE_URL can not be used; the message says what to write."""


def databases(url: str, data: Path) -> dict[str, dict[str, Any]]:
    """Return Django's DATABASES. Raises BadDatabaseUrl."""
    return {"default": postgres(url) if url else sqlite(data / "openline.sqlite3")}


def sqlite(file: Path) -> dict[str, Any]:
    """Return the settings of a SQLite file: a writer waits its turn, and what is committed is on the disk."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": file,
        "OPTIONS": {
            "init_command": f"PRAGMA journal_mode={journal_mode(sqlite3.sqlite_version_info)}; PRAGMA synchronous=FULL",
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
        },
    }


def journal_mode(version: tuple[int, ...]) -> str:
    """Return WAL only where the race that can corrupt a file on its reset is mended (3.51.3, 3.50.7, 3.44.6)."""
    is_mended = version >= (3, 51, 3) or any(
        low <= version < high for low, high in (((3, 50, 7), (3, 51)), ((3, 44, 6), (3, 45)))
    )
    return "WAL" if is_mended else "DELETE"


def postgres(url: str) -> dict[str, Any]:
    """Return the settings of a PostgreSQL, which may name several hosts. Raises BadDatabaseUrl."""
    found = conninfo(url)
    rest = {k: v for k, v in found.items() if k not in ("host", "port", "dbname", "user", "password")}
    rest["options"] = f"-c idle_in_transaction_session_timeout={STILL_S}s {rest.get('options', '')}".strip()
    # Attempts wait twice as long each time until they are given up: after an outage of a minute, another minute.
    pool = {"min_size": 1, "max_size": POOL_SIZE, "timeout": 10, "reconnect_timeout": RECONNECT_S}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": found["dbname"],
        "USER": found.get("user", ""),
        "PASSWORD": found.get("password", ""),
        "HOST": found.get("host", ""),
        "PORT": found.get("port", ""),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"pool": pool, "connect_timeout": 5, "application_name": "openline", **rest},
    }


def conninfo(url: str) -> dict[str, Any]:
    """Return what libpq reads in the address; several hosts are written h1:5432,h2:5432. Raises BadDatabaseUrl."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(("postgres://", "postgresql://")):
        raise BadDatabaseUrl("DATABASE_URL must begin with postgres://; leave it out to use one SQLite file")
    try:
        found = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        raise BadDatabaseUrl(f"DATABASE_URL can not be read: {str(error).strip()}") from None
    if not found.get("dbname"):
        raise BadDatabaseUrl("DATABASE_URL must name a database: postgres://USER@HOST:5432/DATABASE")
    if "," in str(found.get("host", "")):
        found.setdefault("target_session_attrs", "read-write")
    return found
