"""Who is on call when: the plan's hours with those who stand in, and the stretches in which nobody is."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from openline.incident.command import StandIn
from openline.incident.paging import is_active
from openline.plan.document import Plan
from openline.plan.hours import on_duty, spans
from openline.plan.roles import ContinuityRole

DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one person is on call for a role; nobody where `person` is None, which is a gap."""

    role: str
    person: str | None
    start_at: datetime
    end_at: datetime
    is_stand_in: bool = False

    @property
    def is_gap(self) -> bool:
        return self.person is None


def turns(
    plan: Plan, role: ContinuityRole, start: datetime, end: datetime, stand_ins: Iterable[StandIn] = ()
) -> list[Turn]:
    """Return who is on call for a role from `start` to `end`, in order; hours that need nobody are left out.

    Gaps are told only where the plan says which hours the rota must cover.
    """
    mine = [s for s in stand_ins if s.role == role.id and is_active(plan, s.person)]
    found: list[Turn] = []
    for at, until in _stretches(plan, role, start, end, mine):
        person, is_stand_in = _who(plan, role, at, mine)
        if person is None and not (role.on_call_hours and on_duty(role.on_call_hours, at, plan.organization.tz)):
            continue
        last = found[-1] if found else None
        if last and last.end_at == at and (last.person, last.is_stand_in) == (person, is_stand_in):
            found[-1] = Turn(role.id, person, last.start_at, until, is_stand_in)
        else:
            found.append(Turn(role.id, person, at, until, is_stand_in))
    return found


def _who(plan: Plan, role: ContinuityRole, at: datetime, stand_ins: list[StandIn]) -> tuple[str | None, bool]:
    """Return (who is on call, whether they stand in); the first of two stand-ins counts."""
    for s in stand_ins:
        if s.holds(role.id, at):
            return s.person, True
    for d in role.on_call:
        if is_active(plan, d.person) and on_duty(d.hours, at, plan.organization.tz):
            return d.person, False
    return None, False


def _stretches(
    plan: Plan, role: ContinuityRole, start: datetime, end: datetime, stand_ins: list[StandIn]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the stretches within which nothing changes."""
    hours = [d.hours for d in role.on_call] + ([role.on_call_hours] if role.on_call_hours else [])
    minutes = {m for h in hours for span in spans(h) for m in span}
    edges = {start, end, *(t for s in stand_ins for t in (s.start_at, s.end_at))}
    zone = ZoneInfo(plan.organization.tz)
    day = start.astimezone(zone).date() - timedelta(days=1)
    while day <= end.astimezone(zone).date():
        midnight = datetime.combine(day, time(0), zone)
        for m in minutes:
            if m // DAY_MIN % 7 == day.weekday():
                edges.add((midnight + timedelta(minutes=m % DAY_MIN)).astimezone(UTC))
        day += timedelta(days=1)
    points = sorted(e for e in edges if start <= e <= end)
    yield from ((a, b) for a, b in itertools.pairwise(points) if b > a)


def has_rota(role: ContinuityRole) -> bool:
    """Tell whether a role has somebody on call, or should have."""
    return bool(role.on_call or role.on_call_hours)
