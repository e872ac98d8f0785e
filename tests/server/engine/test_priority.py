"""A job of very many gives way to the others (ACT-02)."""

import pytest

from openline.incident.paging import BATCH
from openline.incident.react import react
from openline.incident.roll_call import OpenRollCall
from openline.server.engine.job import NewJob
from tests.incident.plans import declared
from tests.server.engine.test_port import World, ask, wait_for, world

__all__ = ["world"]


def test_marks_only_calls_of_more_than_one_batch() -> None:
    log = declared()
    log.do(OpenRollCall())
    pages = [j for e in log.entries for j in react(log.state, e, log.plan) if j.kind == "page"]

    assert len(log.plan.persons) < BATCH
    assert not any(j.payload["bulk"] for j in pages)


@pytest.mark.usefixtures("_server")
def test_takes_what_is_not_of_very_many_first() -> None:
    from django.db import connection, transaction

    from openline.server.engine import port

    with transaction.atomic():
        port.enqueue([port.NewJob("bulk/1", "none", "1", {"bulk": True}), port.NewJob("single/1", "none", "1")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT workflow_uuid, priority FROM workflow_status")
        found = {str(name).partition("~")[0]: priority for name, priority in cursor.fetchall()}

    assert found["bulk/1"] > found["single/1"]


def test_begins_a_call_before_what_is_left_of_very_many(world: World) -> None:
    from openline.server.engine.lifecycle import WORKERS

    rounds = 5
    ask(NewJob(f"{world.topic}/last", "plain", world.topic, {"bulk": True}))
    world.outcome("last", within_s=120.0)  # comes after all that other tests left in the database
    ask(*(NewJob(f"{world.topic}/bulk-{n}", "slow", world.topic, {"bulk": True}) for n in range(rounds * WORKERS)))
    wait_for(lambda: len(world.tried) > WORKERS)

    ask(world.job("call", "plain"))
    world.outcome("call")

    keys = [key for key, _ in world.tried]
    # Those that were under way end first, and others are taken in the same round as the call.
    assert keys.index(f"{world.topic}/call") <= 1 + 2 * WORKERS
    wait_for(lambda: len(world.outcomes) == rounds * WORKERS + 2)
