"""A real PostgreSQL for tests: the one that OPENLINE_TEST_PG_DSN names, or a server of the session's own."""

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from openline.bench.postgres import Postgres

GIVEN = "OPENLINE_TEST_PG_DSN"


@pytest.fixture(scope="session")
def _own_server() -> Iterator[Postgres | None]:
    server = None if GIVEN in os.environ else Postgres.made()
    yield server
    if server is not None:
        server.stop()


@pytest.fixture
def database_url(_own_server: Postgres | None) -> Iterator[str]:
    """Give the address of an empty database."""
    name = f"openline_test_{uuid4().hex[:12]}"
    if _own_server is not None:
        yield _own_server.new_database(name)
        return
    import psycopg

    given = os.environ[GIVEN]
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    yield given.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(given, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())
