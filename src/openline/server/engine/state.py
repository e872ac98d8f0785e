"""What the engine says about itself, for the pages of health and for whoever wonders."""

import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import Error, connection

from openline.server.engine.clock import database_now
from openline.server.engine.models import OPEN, EngineAlarm, Job, Node, State

if TYPE_CHECKING:
    from openline.server.engine.lifecycle import Engine

OVERDUE = timedelta(seconds=60)
OLDEST_ROUND_S = 30.0
RECENT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that the engine repaired or could not repair."""

    code: str
    about: str
    message: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    """How the engine does. `is_ready` is what a load balancer wants to know of this process."""

    is_database_reachable: bool
    is_running_here: bool
    node: str
    round_age_s: float | None
    open_jobs: int
    overdue_jobs: int
    alarms: tuple[Alarm, ...]
    nodes: tuple[str, ...]
    trouble: str

    @property
    def is_ready(self) -> bool:
        is_turning = not self.is_running_here or (self.round_age_s or 0.0) < OLDEST_ROUND_S
        return self.is_database_reachable and is_turning and not self.trouble


def status() -> Status:
    """Look at the engine now; answers also when the database does not."""
    engine = _engine_here()
    trouble = _trouble()
    age_s = engine.housekeeping.age_s() if engine else None
    name = engine.name if engine else ""
    try:
        now = database_now()
        jobs, overdue = _count_jobs(now)
        nodes = tuple(Node.objects.order_by("id").values_list("id", flat=True)) or ((name,) if name else ())
        found = EngineAlarm.objects.filter(last_at__gt=now - RECENT).order_by("-last_at")[:100]
        alarms = tuple(Alarm(a.code, a.about, a.message, a.count, a.last_at) for a in found)
    except Error as error:
        connection.close()
        return Status(False, engine is not None, name, age_s, 0, 0, (), (), trouble or str(error).strip())
    return Status(True, engine is not None, name, age_s, jobs, overdue, alarms, nodes, trouble)


def _count_jobs(now: datetime) -> tuple[int, int]:
    jobs = Job.objects.filter(state__in=OPEN)
    return jobs.count(), jobs.filter(state=State.WAITING, due_at__lt=now - OVERDUE).count()


def _engine_here() -> "Engine | None":
    # Whoever asks must not pay for importing DBOS when no engine runs here.
    lifecycle = sys.modules.get("openline.server.engine.lifecycle")
    return lifecycle.current() if lifecycle else None


def _trouble() -> str:
    engine, work = _engine_here(), sys.modules.get("openline.server.engine.work")
    return (work.RUNNING.trouble if work else "") or (engine.housekeeping.trouble if engine else "")
