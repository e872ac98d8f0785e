"""Where the data lives, as DATABASE_URL says."""

from pathlib import Path

import pytest

from openline.server.database import BadDatabaseUrl, databases, journal_mode


def test_is_one_sqlite_file_that_keeps_what_was_committed() -> None:
    found = databases("", Path("/data"))["default"]

    assert found["NAME"] == Path("/data/openline.sqlite3")
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "DELETE"),
        ((3, 44, 5), "DELETE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "DELETE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "DELETE"),
        ((3, 51, 3), "WAL"),
        ((3, 60, 0), "WAL"),
    ],
)
def test_writes_ahead_only_where_that_can_not_corrupt_the_file(version: tuple[int, ...], mode: str) -> None:
    assert journal_mode(version) == mode


def test_reads_several_hosts_and_asks_for_the_one_that_takes_writes() -> None:
    found = databases("postgres://me:p%40ss@h1:5433,h2:5434/centre?sslmode=require", Path())["default"]

    assert (found["HOST"], found["PORT"], found["NAME"], found["PASSWORD"]) == ("h1,h2", "5433,5434", "centre", "p@ss")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"
    assert found["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize("url", ["mysql://h/d", "postgres://h:5432", "postgres://h/d?colour=red"])
def test_says_what_to_write_instead(url: str) -> None:
    with pytest.raises(BadDatabaseUrl, match="DATABASE_URL"):
        databases(url, Path())


def test_ends_a_transaction_that_stands_still_and_keeps_other_options() -> None:
    found = databases("postgres://h/d?options=-c%20search_path%3Dours", Path())["default"]["OPTIONS"]["options"]

    assert found == "-c idle_in_transaction_session_timeout=10s -c search_path=ours"
