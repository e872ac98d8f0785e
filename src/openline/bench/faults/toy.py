"""A small process for the faults: tell two levels of people with a wait between, do steps, settle, close."""

import json
import os
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from openline.bench.faults import ledger
from openline.server.engine import port, work
from openline.server.engine.job import NewJob, Outcome, Payload, Refused, Retry, Schedule, UnknownKind, Work

WAIT_S = float(os.environ.get("OPENLINE_FAULT_WAIT", "0.7"))
EFFECT_S = 0.05
STEPS = 3
KINDS = ("notify", "step", "drill", "slow", "flaky", "broken", "refused", "renamed")
DROPPED = os.environ.get("OPENLINE_FAULT_DROP", "")
"""A kind that this process does not know, as a version before or after might not."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the toy's record."""

    seq: int
    key: str
    kind: str
    attempts: int
    at: float


def act(kind: str, key: str, payload: Payload, attempt: int) -> Payload:
    """Have the effect of a job, or fail as its kind says."""
    if kind == DROPPED:
        raise UnknownKind(kind)
    if kind == "refused":
        raise Refused("the provider says that there is no such number")
    if kind == "broken":
        raise ConnectionError("500 from the provider")
    if kind == "flaky" and attempt < 3:
        raise TimeoutError("no answer from the provider")
    if kind in KINDS:
        time.sleep(1.5 if kind == "slow" else EFFECT_S)
        ledger.write(key, attempt)
    if kind == "slow":
        time.sleep(1.5)  # the provider has accepted, and its answer is still to come
    return {"attempt": attempt}


def record(topic: str, kind: str, key: str, payload: Payload, outcome: Outcome) -> None:
    """Append the outcome."""
    if kind in ("tick", "drill"):
        return
    tell(topic, f"{kind}.{outcome.status}", key=f"{key}#over", payload=payload, attempts=outcome.attempts)
    work.seam("in-record")


def tell(topic: str, kind: str, *, key: str, payload: Payload, attempts: int = 0) -> None:
    """Append one event and ask for the jobs that follow, in one transaction; nothing when the key is known."""
    with transaction.atomic(), connection.cursor() as cursor:
        lock = " FOR UPDATE" if connection.vendor == "postgresql" else ""
        cursor.execute(f"SELECT seq, state FROM toy_topic WHERE id = %s{lock}", [topic])
        seq, state = cursor.fetchone()
        cursor.execute("SELECT 1 FROM toy_event WHERE key = %s", [key])
        if cursor.fetchone():
            return
        state = json.loads(state)
        jobs = react(topic, state, kind, payload)
        cursor.execute(
            "INSERT INTO toy_event (topic, seq, key, kind, attempts, at) VALUES (%s, %s, %s, %s, %s, %s)",
            [topic, seq + 1, key, kind, attempts, time.monotonic()],
        )
        cursor.execute(
            "UPDATE toy_topic SET seq = %s, state = %s, is_over = %s WHERE id = %s",
            [seq + 1, json.dumps(state), int(state["phase"] == "closed"), topic],
        )
        port.enqueue(jobs)


def react(topic: str, state: dict[str, Any], kind: str, payload: Payload) -> list[NewJob]:
    """Change the state by an event; returns what is to be done next."""

    def job(kind: str, n: int, delay_s: float = 0.0) -> NewJob:
        return NewJob(f"{topic}/{kind}/{n}", kind, topic, {"n": n}, delay_s=delay_s)

    did, _, how = kind.partition(".")
    n = int(str(payload.get("n", 0)))
    if did == "declared" and state["kind"] != "process":
        state["phase"] = "single"
        return [job(state["kind"], 0)]
    if state["phase"] == "single":
        state["phase"], state["how"] = "closed", how
        return []
    if did == "declared":
        return [job("notify", 0)]
    if did == "notify":
        return [job("timer", n, WAIT_S)]
    if did == "timer" and n == 0:
        return [job("notify", 1)]
    if did == "timer" and n == 1:
        return [job("step", 0)]
    if did == "step" and n < STEPS:
        return [job("step", n + 1)]
    if did == "step" and n == STEPS:
        return [job("timer", 9, WAIT_S)]
    state["phase"] = "closed"
    return []


class Toy:
    """The toy as the harness drives it."""

    work = Work(
        act,
        record,
        retries={"flaky": Retry(5, 0.3), "broken": Retry(3, 0.3), "slow": Retry(3, 0.3)},
        schedules=(Schedule("drill", "*/2 * * * * *", "drill", "drills", expires_s=1.5),)
        if "OPENLINE_FAULT_CRON" in os.environ
        else (),
    )

    def hurry(self) -> None:
        """Be quick already."""

    def set_up(self) -> None:
        """Make the two tables."""
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS toy_topic"
                " (id varchar(60) PRIMARY KEY, seq integer, state text, is_over integer)"
            )
            cursor.execute(
                "CREATE TABLE IF NOT EXISTS toy_event (topic varchar(60), seq integer, key varchar(200) UNIQUE,"
                " kind varchar(60), attempts integer, at double precision, UNIQUE (topic, seq))"
            )
            cursor.execute("CREATE TABLE IF NOT EXISTS toy_count (count integer)")
            cursor.execute("INSERT INTO toy_count SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM toy_count)")

    def reach(self, url: str) -> None:
        """Write to the ledger without a gateway."""

    def live(self, topic: str) -> None:
        """Have no people."""

    def said_once(self, topic: str) -> list[str]:
        """Return the keys of jobs that took one attempt."""
        return [e.key.removesuffix("#over") for e in self.events(topic) if e.attempts < 2]

    def wrong(self, topic: str) -> list[str]:
        """Keep nothing twice that could disagree."""
        return []

    def declare(self, topic: str, kind: str) -> None:
        """Begin a process."""
        with transaction.atomic():
            with connection.cursor() as cursor:
                first = json.dumps({"kind": kind, "phase": "open"})
                cursor.execute("INSERT INTO toy_topic VALUES (%s, 0, %s, 0)", [topic, first])
            tell(topic, "declared", key=f"{topic}/declared", payload={})
            work.seam("before-commit")
        work.seam("after-commit")

    def is_over(self, topic: str) -> bool:
        """Tell whether the process is closed."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT is_over FROM toy_topic WHERE id = %s", [topic])
            row = cursor.fetchone()
        return bool(row and row[0])

    def events(self, topic: str) -> list[Entry]:
        """Return the record in its order."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT seq, key, kind, attempts, at FROM toy_event WHERE topic = %s ORDER BY seq", [topic])
            return [Entry(*row) for row in cursor.fetchall()]

    def expected_effects(self, topic: str) -> list[str]:
        """Return the keys of jobs that were done and have an effect."""
        done = [e.key.removesuffix("#over") for e in self.events(topic) if e.kind.endswith(".done")]
        return [key for key in done if key.split("/")[1] in KINDS]


TOY = Toy()
