"""Jobs that come again and again: one run for each tick over all nodes, and no run is caught up later."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from croniter import croniter
from django.db import transaction

from openline.server.engine import store
from openline.server.engine.clock import database_now
from openline.server.engine.job import NewJob, Schedule


def next_tick(schedule: Schedule, now: datetime) -> datetime:
    """Return the first tick after now."""
    local = now.astimezone(ZoneInfo(schedule.tz))
    found: datetime = croniter(schedule.cron, local, second_at_beginning=True).get_next(datetime)
    return found.astimezone(UTC)


def tick_job(schedule: Schedule, at: datetime) -> NewJob:
    """Return the job of one tick; every node makes the same, so that there is one."""
    return NewJob(
        key=f"every/{schedule.name}/{at:%Y-%m-%dT%H:%M:%S}",
        kind=schedule.kind,
        topic=schedule.topic,
        payload={**schedule.payload, "tick": at.isoformat()},
        due_at=at,
        expires_s=schedule.expires_s,
    )


class Recurring:
    """Keeps the next tick of each schedule as a job."""

    def __init__(self, schedules: tuple[Schedule, ...]) -> None:
        self._schedules = schedules
        self._armed: dict[str, datetime] = {}

    def arm(self) -> None:
        """Ask for the next tick of every schedule whose last one has come."""
        if not self._schedules:
            return
        now = database_now()
        for schedule in self._schedules:
            armed = self._armed.get(schedule.name)
            if armed is None or now >= armed:
                at = next_tick(schedule, now)
                with transaction.atomic():
                    store.enqueue([tick_job(schedule, at)])
                self._armed[schedule.name] = at
