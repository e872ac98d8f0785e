"""The daily look at who could not be reached: kept, written into the server's log, and mailed to the plan's owner."""

import logging
from datetime import datetime

from django.utils import timezone

from openline.incident.paging import ladder
from openline.incident.reaching import Reaching, reaching
from openline.notifiers.base import NotifierError, Outgoing, send_outside_incidents
from openline.plan.document import Plan
from openline.server.notifications.store import providers, served_channels
from openline.server.plans.models import Revision
from openline.server.plans.store import centres, plan_of
from openline.server.rotas.models import Look
from openline.server.rotas.store import stand_ins

log = logging.getLogger(__name__)


def reach(revision: Revision, now: datetime) -> Reaching:
    """Return who of a centre could not be reached now."""
    return reaching(plan_of(revision), now, served_channels(), stand_ins(revision.slug, now))


def look_at_all(key: str) -> dict[str, int]:
    """Look at every centre and tell; returns how much is wrong in each."""
    return {r.slug: look(r, timezone.now(), key) for r in centres()}


def look(revision: Revision, now: datetime, key: str) -> int:
    """Look at one centre; returns how many things are wrong."""
    found, plan = reach(revision, now), plan_of(revision)
    text = in_words(plan, found)
    told = ""
    if not found.is_well:
        log.warning("%s: %s", revision.slug, text.partition("\n")[0])
        told = _mailed(plan, now, f"{key}/{revision.slug}", text)
    Look.objects.create(
        slug=revision.slug,
        at=now,
        people=found.people,
        unreachable=len(found.reasons),
        empty_roles=len(found.empty_roles),
        gaps=len(found.gaps),
        told=told[:300],
    )
    return len(found.reasons) + len(found.empty_roles) + len(found.gaps)


def in_words(plan: Plan, found: Reaching) -> str:
    """Return the look in words: a sentence with its numbers, then each thing in a line; no number or address."""
    first = (
        f"{len(found.reasons)} of {found.people} people might not be reached, {len(found.empty_roles)} roles have no "
        f"holder who is there, {len(found.gaps)} gaps in rotas in the next 7 days."
    )
    lines = [f"{plan.persons[p].title}: {'; '.join(why)}" for p, why in found.reasons.items()][:200]
    lines += [f"Role {plan.roles[r].title}: nobody who holds it is there" for r in found.empty_roles]
    lines += [f"Rota {plan.roles[t.role].title}: nobody from {t.start_at:%a %d %b %H:%M} UTC" for t in found.gaps[:50]]
    return "\n".join([first, "", *lines])


def _mailed(plan: Plan, now: datetime, key: str, text: str) -> str:
    """Mail the look to who answers for the plan; returns what came of it."""
    role = plan.organization.plan_owner_role
    people = [p for rung in ladder(plan, role, now) for p in rung] if role else []
    for person in people:
        for address in plan.persons[person].contacts:
            if address.channel != "email" or not address.value:
                continue
            message = Outgoing(
                key, "email", address.value, f"Who could not be reached: {plan.organization.title}", text
            )
            for name, provider in providers("email"):
                try:
                    send_outside_incidents(provider, message)
                except NotifierError as error:
                    log.warning("the daily look was not mailed by %s: %s", name, error)
                else:
                    return f"mailed to {plan.persons[person].title}"
    return "not mailed: the role that owns the plan has no e-mail address, or no provider for e-mail works"
