"""Which call an answer belongs to: by its code, by the message it answers, or by the number it comes from."""

import re
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from openline.incident.command import OPEN
from openline.plan.document import Plan
from openline.server.answers.reading import Call
from openline.server.incidents.answering import CODES
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import pinned, reading

LATE_D = 7
"""Days after the end of an incident in which an answer still finds it (assumed)."""


class NobodyMeant(LookupError):
    """Nobody, or more than one person, can be meant; the message says why."""


def _incidents() -> Iterator[Incident]:
    """Yield incidents to which an answer may belong, those under way first and the latest first."""
    lately = timezone.now() - timedelta(days=LATE_D)
    rows = Incident.objects.select_related("revision").defer("revision__files").filter(changed_at__gte=lately)
    yield from sorted(rows, key=lambda i: (i.phase not in OPEN, -i.pk))


def by_code(code: str, sender: str) -> Call:
    """Return the call of a reply code; the sender's number tells two apart that share one. Raises NobodyMeant."""
    found: list[tuple[Incident, Call]] = []
    for incident in _incidents():
        with reading(incident) as state:
            found += [(incident, Call(incident.pk, page, who)) for page, who in CODES.who(incident.pk, state, code)]
    if len(found) > 1:
        found = [(i, c) for i, c in found if has_number(pinned(i), c.person, sender)]
    if len(found) != 1:
        raise NobodyMeant("this code is not one that was sent" if not found else "two people have this code")
    return found[0][1]


def by_number(sender: str) -> Call:
    """Return the latest call of the person who has this number. Raises NobodyMeant."""
    for incident in _incidents():
        plan = pinned(incident)
        people = {p for p in plan.persons if has_number(plan, p, sender)}
        with reading(incident) as state:
            for page in reversed(state.pages.values()):
                called = [p for r in page.rungs for p in r if p in people] if people else []
                if len(set(called)) == 1:
                    return Call(incident.pk, page.id, called[0])
                if called:
                    raise NobodyMeant("several people have this number: reply with the code of the message")
    raise NobodyMeant("nobody who was called has this number: reply with the code of the message")


def by_delivery(key: str, reference: str) -> Call:
    """Return the call of a message, by our key or by the provider's reference. Raises NobodyMeant."""
    rows = Delivery.objects.filter(key=key) if key else Delivery.objects.filter(provider_ref=reference)
    found = list(rows.order_by("-pk").values_list("incident_id", "page", "person")[:2])
    if not found or (len(found) > 1 and not key):
        raise NobodyMeant("no message has this key or reference")
    return Call(*found[0])


def has_number(plan: Plan, person: str, number: str) -> bool:
    """Tell whether one of a person's addresses is this number, however it is written."""
    digits = _digits(number)
    return len(digits) >= 6 and any(_same(_digits(a.value or ""), digits) for a in plan.persons[person].contacts)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")


def _same(a: str, b: str) -> bool:
    """Tell whether two numbers are one: with and without the country in front."""
    short, long = sorted((a, b), key=len)
    return len(short) >= 6 and (a == b or (len(short) >= 9 and long.endswith(short)))
