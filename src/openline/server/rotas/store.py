"""Those who stand in, and calendars, in and out of the database."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from icalendar import Calendar, Event

from openline.incident.command import StandIn
from openline.incident.paging import is_active
from openline.incident.rota import Turn, has_rota, turns
from openline.plan.document import Plan
from openline.server.plans.store import centre, plan_of
from openline.server.rotas.models import Feed, Standing

SALT = "openline.calendar"
AHEAD_D = 60
LONGEST_D = 92


class BadStandIn(ValueError):
    """Somebody can not stand in like this; the message says why."""


class NoSuchFeed(LookupError):
    """The calendar's address is not one that was handed out, or it was withdrawn."""


def stand_ins(slug: str, now: datetime) -> tuple[StandIn, ...]:
    """Return who stands in now or later; of two for one time the one entered later comes first."""
    rows = Standing.objects.filter(slug=slug, end_at__gt=now, withdrawn_at=None).order_by("-pk")
    return tuple(StandIn(r.role, r.person, r.start_at, r.end_at) for r in rows)


def put_in(
    plan: Plan, slug: str, *, role: str, person: str, start: datetime, end: datetime, why: str, by: str
) -> Standing:
    """Let somebody stand in. Raises BadStandIn."""
    if role not in plan.roles:
        raise BadStandIn("choose a role of the plan")
    if not is_active(plan, person):
        raise BadStandIn("choose somebody who is there: not on leave, and not gone")
    if end <= start:
        raise BadStandIn("the end must lie after the start")
    if end <= timezone.now():
        raise BadStandIn("this time is over: a stand-in is for now or later")
    if end - start > timedelta(days=LONGEST_D):
        raise BadStandIn(f"more than {LONGEST_D} days is no stand-in: change the plan's rota instead")
    return Standing.objects.create(
        slug=slug, role=role, person=person, start_at=start, end_at=end, why=why[:200], by=by
    )


def withdraw(slug: str, pk: int) -> bool:
    """Take a stand-in back; tells whether it was there."""
    return bool(Standing.objects.filter(slug=slug, pk=pk, withdrawn_at=None).update(withdrawn_at=timezone.now()))


def rota(plan: Plan, slug: str, start: datetime, end: datetime) -> dict[str, list[Turn]]:
    """Return the turns of every role that has a rota or somebody who stands in."""
    others = stand_ins(slug, start)
    roles = [r for r in plan.roles.values() if has_rota(r) or any(s.role == r.id for s in others)]
    return {r.id: turns(plan, r, start, end, others) for r in roles}


@transaction.atomic
def feed(plan: Plan, slug: str, kind: str, name: str, by: str) -> str:
    """Hand a calendar's address out and return its token; an earlier one of the same is withdrawn."""
    known = plan.roles if kind == "role" else plan.persons
    if kind not in ("role", "person") or name not in known:
        raise NoSuchFeed("choose a role or a person of the plan")
    Feed.objects.filter(slug=slug, kind=kind, name=name, withdrawn_at=None).update(withdrawn_at=timezone.now())
    made = Feed.objects.create(slug=slug, kind=kind, name=name, by=by)
    return signing.dumps(made.pk, salt=SALT)


def calendar(token: str) -> bytes:
    """Return the calendar of a token as iCalendar. Raises NoSuchFeed."""
    try:
        pk = int(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError):
        raise NoSuchFeed("this is not an address that was handed out") from None
    found = Feed.objects.filter(pk=pk, withdrawn_at=None).first()
    if found is None:
        raise NoSuchFeed("this calendar was withdrawn")
    plan, now = plan_of(centre(found.slug)), timezone.now()
    all_turns = rota(plan, found.slug, now - timedelta(days=1), now + timedelta(days=AHEAD_D))
    mine = [
        t
        for role, found_turns in all_turns.items()
        for t in found_turns
        if (role == found.name if found.kind == "role" else t.person == found.name)
    ]
    return as_calendar(plan, mine, now, f"On call: {found.name}")


def as_calendar(plan: Plan, found: list[Turn], now: datetime, title: str) -> bytes:
    """Return turns as iCalendar (RFC 5545); a gap is an event that says so."""
    calendar = Calendar()
    calendar.add("prodid", "-//Openline//On call//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    for t in found:
        event, role = Event(), plan.roles[t.role].title
        who = plan.persons[t.person].title if t.person and t.person in plan.persons else t.person
        event.add("uid", f"{t.role}.{t.start_at:%Y%m%dT%H%M%SZ}@openline")
        event.add("dtstamp", now)
        event.add("dtstart", t.start_at)
        event.add("dtend", t.end_at)
        event.add("summary", f"{role}: {who}" if who else f"GAP: nobody is on call for {role}")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    text: bytes = calendar.to_ical()
    return text
