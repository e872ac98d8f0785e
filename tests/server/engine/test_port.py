"""The engine behind its calls, on a SQLite file in this process."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest

from openline.server.engine.job import BadJob, NewJob, Outcome, Payload, Refused, Retry, UnknownKind

NUMBERS = count(1)

if TYPE_CHECKING:
    from openline.server.engine.models import Job


class World:
    """What the engine does here: outcomes by key, and how often each was tried."""

    def __init__(self) -> None:
        self.topic = f"topic-{next(NUMBERS)}"
        self.tried: list[tuple[str, int]] = []
        self.outcomes: dict[str, list[Outcome]] = {}
        self.unrecordable = 0

    def act(self, kind: str, key: str, payload: Payload, attempt: int) -> Payload | None:
        if not key.startswith(f"{self.topic}/"):
            return None  # left by another test, in the database that all of them share
        self.tried.append((key, attempt))
        if kind == "refused":
            raise Refused("no such number")
        if kind == "unknown":
            raise UnknownKind(kind)
        if kind == "broken" or (kind == "flaky" and attempt < 3):
            raise ConnectionError("500")
        if kind == "slow":
            time.sleep(1.0)
        return {"seen": payload.get("x")}

    def record(self, topic: str, kind: str, key: str, payload: Payload, outcome: Outcome) -> None:
        from openline.server.engine.port import enqueue

        if kind == "unrecordable" and self.unrecordable < 1:
            self.unrecordable += 1
            raise ZeroDivisionError("the log has a bug")
        self.outcomes.setdefault(key, []).append(outcome)
        if kind == "first":
            enqueue([self.job("second", "plain")])

    def job(self, name: str, kind: str, delay_s: float = 0.0, expires_s: float | None = None) -> NewJob:
        key = f"{self.topic}/{name}"
        return NewJob(key, kind, self.topic, {"x": 1}, delay_s=delay_s, expires_s=expires_s)

    def outcome(self, name: str, within_s: float = 20.0) -> Outcome:
        wait_for(lambda: f"{self.topic}/{name}" in self.outcomes, within_s)
        (found,) = self.outcomes[f"{self.topic}/{name}"]
        return found

    def stored(self, name: str) -> "Job":
        from openline.server.engine.models import Job

        return Job.objects.get(key=f"{self.topic}/{name}")


def wait_for(claim: Callable[[], object], within_s: float = 20.0) -> None:
    end = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < end, "it did not come in time"
        time.sleep(0.02)


def call_off_what_others_left() -> None:
    from django.db import transaction

    from openline.server.engine.models import OPEN, Job
    from openline.server.engine.port import cancel

    with transaction.atomic():
        cancel(list(Job.objects.filter(state__in=OPEN).values_list("key", flat=True)))


@pytest.fixture
def world(_server: None) -> Iterator[World]:
    """Give an engine that runs here, with quick retries."""
    from openline.server.engine import port

    found = World()
    call_off_what_others_left()
    quick = {kind: Retry(3, 0.1) for kind in ("broken", "flaky")}
    port.start(act=found.act, record=found.record, retries=quick)
    yield found
    port.stop()


def ask(*jobs: NewJob) -> list[str]:
    from django.db import transaction

    from openline.server.engine.port import enqueue

    with transaction.atomic():
        return enqueue(jobs)


def test_does_a_job_once_and_what_its_record_asks_for(world: World) -> None:
    ask(world.job("one", "first"))

    assert world.outcome("one") == Outcome("done", {"seen": 1}, "", 1, False)
    assert world.outcome("second").status == "done"
    assert ask(world.job("one", "first")) == []


def test_forgets_jobs_of_a_transaction_that_rolls_back(world: World) -> None:
    from openline.server.engine.models import Job

    with pytest.raises(KeyError):
        roll_back(world)

    assert not Job.objects.filter(topic=world.topic).exists()
    ask(world.job("after", "plain"))
    assert world.outcome("after").status == "done"
    assert [key for key, _ in world.tried] == [f"{world.topic}/after"]


def roll_back(world: World) -> None:
    from django.db import transaction

    from openline.server.engine.port import enqueue

    with transaction.atomic():
        enqueue([world.job("never", "plain")])
        raise KeyError


def test_refuses_jobs_outside_a_transaction_and_jobs_that_it_can_not_keep(world: World) -> None:
    from openline.server.engine.port import NotInTransaction, cancel, enqueue

    with pytest.raises(NotInTransaction):
        enqueue([world.job("x", "plain")])
    with pytest.raises(NotInTransaction):
        cancel(["x"])
    later = datetime.now(UTC)
    for bad in (
        NewJob("a~b", "plain", "t"),
        NewJob("a", "plain", "t", {"x": "y" * 5000}),
        NewJob("a", "plain", "t", delay_s=1, due_at=later),
        NewJob("a", "plain", "t", due_at=later.replace(tzinfo=None)),
        NewJob("a", "plain", "t", {"x": float("nan")}),
    ):
        with pytest.raises(BadJob):
            ask(bad)


def test_tries_again_within_bounds_and_says_how_often(world: World) -> None:
    ask(world.job("flaky", "flaky"), world.job("broken", "broken"), world.job("refused", "refused"))

    assert world.outcome("flaky") == Outcome("done", {"seen": 1}, "", 3, False)
    assert world.outcome("broken") == Outcome("failed", {}, "ConnectionError: 500", 3, False)
    assert world.outcome("refused") == Outcome("failed", {}, "no such number", 1, False)


def test_lets_timers_wait_and_called_off_ones_never_come(world: World) -> None:
    from django.db import transaction

    from openline.server.engine.port import cancel

    start = time.monotonic()
    ask(world.job("timer", "plain", 1.0), world.job("called-off", "plain", 0.8))
    with transaction.atomic():
        called_off = cancel([f"{world.topic}/called-off", f"{world.topic}/unknown"])

    assert called_off == [f"{world.topic}/called-off"]
    assert world.outcome("timer").status == "done"
    assert time.monotonic() - start >= 1.0
    assert world.stored("called-off").state == "cancelled"
    assert f"{world.topic}/called-off" not in world.outcomes


def test_records_the_end_of_an_action_that_was_called_off_too_late(world: World) -> None:
    from django.db import transaction

    from openline.server.engine.port import cancel

    ask(world.job("slow", "slow"))
    wait_for(lambda: world.tried)
    with transaction.atomic():
        assert cancel([f"{world.topic}/slow"]) == []

    assert world.outcome("slow").status == "done"


def test_keeps_an_outcome_that_can_not_be_recorded_at_once_without_acting_again(world: World) -> None:
    from openline.server.engine.port import status

    ask(world.job("late", "unrecordable"))

    assert world.outcome("late").attempts == 1
    assert world.tried == [(f"{world.topic}/late", 1)]
    assert any(a.code == "record-failed" and a.about == f"{world.topic}/late" for a in status().alarms)


def test_keeps_a_job_of_an_unknown_kind_and_says_so(world: World) -> None:
    from openline.server.engine.port import status

    ask(world.job("new", "unknown"))
    wait_for(lambda: world.stored("new").run == 1)

    assert world.stored("new").state == "waiting"
    assert world.stored("new").attempts == 0
    assert any(a.code == "unknown-kind" and a.about == f"{world.topic}/new" for a in status().alarms)


@pytest.mark.usefixtures("_server")
def test_records_a_job_that_nothing_ran_in_time_as_expired() -> None:
    from openline.server.engine import port
    from openline.server.engine.models import Job

    world = World()
    call_off_what_others_left()
    ask(world.job("drill", "plain", expires_s=60.0))
    long_ago = datetime.now(UTC) - timedelta(minutes=5)
    Job.objects.filter(topic=world.topic).update(due_at=long_ago, expires_at=long_ago + timedelta(minutes=1))
    port.start(act=world.act, record=world.record)
    try:
        assert world.outcome("drill").status == "expired"
        assert world.tried == []
    finally:
        port.stop()


def test_says_how_it_does_with_and_without_running(world: World) -> None:
    from openline.server.engine import port

    ask(world.job("later", "plain", 3600.0))
    here = port.status()
    port.stop()
    away = port.status()

    assert here.is_ready
    assert here.is_running_here
    assert here.open_jobs >= 1
    assert here.nodes == ("local",)
    assert away.is_ready
    assert not away.is_running_here


def test_starts_once_only(world: World) -> None:
    from openline.server.engine import port
    from openline.server.engine.refusals import AlreadyRunning

    with pytest.raises(AlreadyRunning):
        port.start(act=world.act, record=world.record)


def test_keeps_readable_rows_and_no_pickles(world: World) -> None:
    from django.db import connection

    ask(world.job("plain", "plain"))
    world.outcome("plain")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT serialization FROM workflow_status")
        assert cursor.fetchall() == [("portable_json",)]


def test_tidies_engine_rows_away_and_keeps_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from openline.server.engine import reconcile

    ask(world.job("plain", "plain"), world.job("open", "plain", 3600.0))
    world.outcome("plain")
    monkeypatch.setattr(reconcile, "KEPT_ROWS", timedelta(seconds=-2))

    def left() -> list[tuple[str]]:
        reconcile.tidy()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT workflow_uuid FROM workflow_status WHERE workflow_uuid LIKE %s", [f"{world.topic}/%"]
            )
            return list(cursor.fetchall())

    wait_for(lambda: left() == [(f"{world.topic}/open~0",)])
    assert ask(world.job("plain", "plain")) == []
