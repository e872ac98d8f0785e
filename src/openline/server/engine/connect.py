"""Connections of DBOS: its own to Openline's database, and a borrowed one inside an open Django transaction."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from dbos import DBOSClient, DBOSPortableJSONSerializer
from django.db import connection, connections

from openline.server.database import ENGINE_POOL_SIZE

APP = "openline"
QUEUE = "jobs"
SCHEMA = "engine"
"""Where DBOS keeps its tables on PostgreSQL; in a SQLite file they lie beside Openline's own."""

LAST = 10
"""Priority of jobs that come in thousands; those without one go first."""

WORKFLOW = "openline.job"
JSON = DBOSPortableJSONSerializer()
"""How DBOS writes what it keeps: readable by anything, and never a pickle."""


def is_sqlite() -> bool:
    """Tell whether the data lies in one SQLite file."""
    return str(connections["default"].vendor) == "sqlite"


def libpq_settings(node: str) -> dict[str, Any]:
    """Return what psycopg connects with: what Django has, and keepalives that notice a dead server within seconds."""
    wrapper = connections["default"]
    found = {k: v for k, v in wrapper.get_connection_params().items() if k not in ("pool", "context", "cursor_factory")}
    found = {k: v for k, v in found.items() if k not in ("prepare_threshold", "server_side_binding", "client_encoding")}
    return found | {
        "application_name": f"openline {node}"[:63],
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }


def own_engine(node: str) -> sa.Engine:
    """Return the connections that DBOS may use by itself."""
    if is_sqlite():
        return _sqlite_engine()
    return sa.create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(**libpq_settings(node)),
        pool_size=ENGINE_POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,
    )


def sqlalchemy_url() -> str:
    """Return the database's address as SQLAlchemy writes it: several hosts are several host=NAME:PORT."""
    if is_sqlite():
        return f"sqlite:///{connections['default'].settings_dict['NAME']}"
    found = libpq_settings("migrate")
    hosts, ports = str(found.pop("host", "")).split(","), str(found.pop("port", "5432")).split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    query: dict[str, str | tuple[str, ...]] = {"host": tuple(f"{h}:{p}" for h, p in zip(hosts, ports, strict=True))}
    user, password, name = found.pop("user", None), found.pop("password", None), found.pop("dbname")
    query |= {k: str(v) for k, v in found.items()}
    url = sa.URL.create("postgresql+psycopg", username=user, password=password, database=name, query=query)
    return url.render_as_string(hide_password=False)


def _sqlite_engine() -> sa.Engine:
    engine = sa.create_engine(sqlalchemy_url(), pool_size=ENGINE_POOL_SIZE)

    @sa.event.listens_for(engine, "connect")
    def _prepare(raw: Any, _: Any) -> None:
        raw.isolation_level = "IMMEDIATE"
        raw.execute("PRAGMA busy_timeout=30000")
        raw.execute("PRAGMA foreign_keys=ON")
        raw.execute("PRAGMA synchronous=FULL")

    return engine


class _Borrowed:
    """Django's raw connection as SQLAlchemy sees it: it may execute, but not commit, roll back, close or change."""

    def __init__(self, raw: Any) -> None:
        self.__dict__["_raw"] = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def __setattr__(self, name: str, value: object) -> None:
        """Leave the connection as Django set it."""

    def commit(self) -> None:
        """Leave it to Django."""

    rollback = close = commit

    def create_function(self, *_: object, **__: object) -> None:
        """Keep Django's functions of the same name."""

    def add_notice_handler(self, _: object) -> None:
        """Add none, since one more would stay for each loan."""


@functools.cache
def _lender(vendor: str) -> sa.Engine:
    engine = sa.create_engine(
        "sqlite://" if vendor == "sqlite" else "postgresql+psycopg://",
        creator=lambda: _Borrowed(connection.connection),
        poolclass=sa.pool.NullPool,
        pool_reset_on_return=None,
    )
    if vendor != "sqlite":
        # It would ask the server for its version and schema, and end Django's transaction in passing.
        engine.dialect.initialize = lambda _: None  # type: ignore[method-assign, assignment]
    return engine


@contextmanager
def borrowed() -> Iterator[sa.Connection]:
    """Give SQLAlchemy the connection of the Django transaction that is open."""
    with _lender(connection.vendor).connect() as loan:
        yield loan


@functools.cache
def _client(vendor: str) -> DBOSClient:
    # Lazy, and on the lender's engine: it never has a connection of its own.
    return DBOSClient(
        system_database_engine=_lender(vendor),
        dbos_system_schema=SCHEMA,
        serializer=JSON,
        application_name=APP,
        lazy=True,
    )


def carry(rows: list[tuple[str, str, int, float, bool]]) -> None:
    """Write an engine row for each (row id, job key, run, delay in seconds, one of very many), in the open transaction.

    One of very many gives way to all others: a roll call of thousands does not hold up the next incident's first call.
    """
    client = _client(connection.vendor)
    with borrowed() as loan:
        for row_id, key, run, delay_s, is_bulk in rows:
            options: Any = {
                "workflow_name": WORKFLOW,
                "queue_name": QUEUE,
                "workflow_id": row_id,
                "application_name": APP,
            }
            if is_bulk:
                options["priority"] = LAST
            if delay_s > 0:
                options["delay_seconds"] = delay_s
            client.enqueue_in_transaction(loan, options, key, run)
