"""A job of very many gives way to the others (ACT-02)."""

import pytest

from openline.incident.paging import BATCH
from openline.incident.react import react
from openline.incident.roll_call import OpenRollCall
from tests.incident.plans import declared


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
