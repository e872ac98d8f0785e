"""The engine on PostgreSQL, in processes of its own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from openline.bench.faults.arena import Arena
from tests.postgres import _own_server, database_url

__all__ = ["_own_server", "database_url"]


def test_writes_jobs_in_the_transaction_of_their_cause(database_url: str, tmp_path: Path) -> None:
    with Arena(tmp_path, database_url=database_url) as arena:
        arena.cut_at("before-commit")
        assert arena.control.ask("engine_rows") == {}
        assert arena.control.ask("sql", "SELECT count(*) FROM engine_job") == [[0]]

        arena.topics = [arena.cut_at("after-commit")]
        assert arena.control.ask("engine_rows") == {"ENQUEUED": 1}

        arena.engine()
        arena.wait_until_over(60)
        assert arena.counts()["lost effects"] == 0
        kept = "SELECT DISTINCT serialization FROM engine.workflow_status"
        assert arena.control.ask("sql", kept) == [["portable_json"]]


def worker(**environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "openline", "worker"]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, timeout=60)


def test_needs_no_worker_beside_one_file() -> None:
    found = worker(DATABASE_URL="")

    assert found.returncode == 2
    assert "`openline serve` does the work itself" in found.stderr


def test_says_what_is_wrong_with_the_database() -> None:
    assert "must begin with postgres://" in worker(DATABASE_URL="mysql://h/d").stderr
    assert "can not be used" in worker(DATABASE_URL="postgres://postgres@127.0.0.1:1/none").stderr


def test_works_beside_another_node_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    command = [sys.executable, "-u", "-m", "openline", "worker"]
    environment = os.environ | {"DATABASE_URL": database_url, "OPENLINE_NODE": "worker-1"}
    starting = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)]
    with Arena(tmp_path, database_url=database_url) as arena:  # makes the tables at the same moment
        arena.engine()
        (worker_process,) = starting
        assert worker_process.stdout is not None
        assert worker_process.stdout.readline() == "Openline works as node worker-1\n"
        assert "worker-1" in arena.control.ask("status")["nodes"]

        worker_process.send_signal(signal.SIGTERM)
        assert worker_process.wait(20) == 0
        assert len(arena.control.ask("status")["nodes"]) == 1
        assert arena.alarms("node-dead") == []
        worker_process.stdout.close()
