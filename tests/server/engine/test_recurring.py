"""Jobs that come again and again."""

from datetime import UTC, datetime

import pytest

from openline.server.engine.job import Schedule


@pytest.mark.usefixtures("_server")
def test_asks_for_each_tick_once_and_for_none_of_the_past() -> None:
    from openline.server.engine.models import Job
    from openline.server.engine.recurring import Recurring

    schedule = Schedule("weekly", "0 9 * * MON", "drill", "drills", tz="Europe/London")
    for _ in range(2):  # two nodes
        node = Recurring((schedule,))
        node.arm()
        node.arm()

    (job,) = Job.objects.filter(topic="drills")
    assert job.due_at > datetime.now(UTC)
    assert job.expires_at is not None
    assert (job.expires_at - job.due_at).total_seconds() == 60


def test_goes_by_the_time_of_the_place() -> None:
    from openline.server.engine.recurring import next_tick

    schedule = Schedule("daily", "0 9 * * *", "drill", "drills", tz="Europe/London")

    summer = next_tick(schedule, datetime(2026, 7, 1, 12, tzinfo=UTC))
    winter = next_tick(schedule, datetime(2026, 12, 1, 12, tzinfo=UTC))

    assert (summer.hour, winter.hour) == (8, 9)
