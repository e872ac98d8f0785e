"""Which call an answer belongs to: by its code, by the message it answers, or by the number it comes from."""

import re
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache

from django.utils import timezone

from openline.incident.command import OPEN
from openline.plan.document import Plan
from openline.server.answers.reading import Call
from openline.server.incidents.answering import code as code_of
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import pinned, reading

LATE_D = 7
"""Days after the end of an incident in which an answer still finds it (assumed)."""

AGAIN_S = 0.1
"""How often incidents are looked through for new calls at the most: no answer to a new call comes sooner (assumed)."""

TAIL = 9
"""Digits at the end of a number by which it is known, with and without the country in front."""

SHORT = 6


class NobodyMeant(LookupError):
    """Nobody, or more than one person, can be meant; the message says why."""


class Calls:
    """Every call of the incidents that answers may belong to, by its reply code; kept in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: dict[str, list[Call]] = defaultdict(list)
        self._pages: set[tuple[int, str]] = set()
        self._seqs: dict[int, int] = {}
        self._incidents: list[Incident] = []
        self._looked_at_s = 0.0

    def by_code(self, code: str) -> list[Call]:
        """Return the calls that have this code: none, one, or, which is rare, several."""
        with self._lock:
            if code not in self._codes:
                self._look()
            return list(self._codes.get(code, ()))

    def incidents(self) -> list[Incident]:
        """Return the incidents that an answer may belong to, those under way first and the latest first."""
        with self._lock:
            self._look()
            return self._incidents

    def _look(self) -> None:
        now = time.monotonic()
        if self._incidents and now - self._looked_at_s < AGAIN_S:
            return
        lately = timezone.now() - timedelta(days=LATE_D)
        rows = Incident.objects.select_related("revision").defer("revision__files").filter(changed_at__gte=lately)
        self._incidents, self._looked_at_s = sorted(rows, key=lambda i: (i.phase not in OPEN, -i.pk)), now
        for incident in self._incidents:
            if self._seqs.get(incident.pk) != incident.last_seq:
                self._note(incident)
                self._seqs[incident.pk] = incident.last_seq

    def _note(self, incident: Incident) -> None:
        with reading(incident) as state:
            new = [p for p in state.pages.values() if (incident.pk, p.id) not in self._pages]
            called = [(p.id, tuple(dict.fromkeys(who for r in p.rungs for who in r))) for p in new]
        for page, people in called:
            self._pages.add((incident.pk, page))
            for person in people:
                self._codes[code_of(incident.pk, page, person)].append(Call(incident.pk, page, person))

    def forget(self) -> None:
        """Drop everything, as a restart does."""
        with self._lock:
            self._codes.clear()
            self._pages.clear()
            self._seqs.clear()
            self._incidents, self._looked_at_s = [], 0.0


CALLS = Calls()


def by_code(code: str, sender: str) -> Call:
    """Return the call of a reply code; the sender's number tells two apart that share one. Raises NobodyMeant."""
    found = CALLS.by_code(code)
    if len(found) > 1:
        plans = {i.pk: pinned(i) for i in CALLS.incidents()}
        found = [c for c in found if c.incident in plans and c.person in owners(plans[c.incident], sender)]
    if len(found) != 1:
        raise NobodyMeant("this code is not one that was sent" if not found else "two people have this code")
    return found[0]


def by_number(sender: str) -> Call:
    """Return the latest call of the person who has this number. Raises NobodyMeant."""
    for incident in CALLS.incidents():
        people = owners(pinned(incident), sender)
        with reading(incident) as state:
            for page in reversed(state.pages.values()):
                called = {p for r in page.rungs for p in r if p in people} if people else set()
                if len(called) == 1:
                    return Call(incident.pk, page.id, called.pop())
                if called:
                    raise NobodyMeant("several people have this number: reply with the code of the message")
    raise NobodyMeant("nobody who was called has this number: reply with the code of the message")


def by_delivery(key: str, reference: str) -> Call:
    """Return the call of a message, by our key or by the provider's reference. Raises NobodyMeant."""
    rows = (
        Delivery.objects.filter(key=key.partition("~")[0]) if key else Delivery.objects.filter(provider_ref=reference)
    )
    found = list(rows.order_by("-pk").values_list("incident_id", "page", "person")[:2])
    if not found or (len(found) > 1 and not key):
        raise NobodyMeant("no message has this key or reference")
    return Call(*found[0])


def owners(plan: Plan, number: str) -> frozenset[str]:
    """Return the people of a plan who have this number, however it is written."""
    digits = tail(number)
    return _numbers(id(plan), _Kept(plan)).get(digits, frozenset()) if len(digits) >= SHORT else frozenset()


def tail(number: str) -> str:
    """Return the digits by which a number is known, however it is written; none where there are none."""
    return re.sub(r"\D", "", number).lstrip("0")[-TAIL:]


class _Kept:
    """A plan as a cache takes it: equal for all, since the id beside it tells plans apart, and kept alive by it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept)


@lru_cache(maxsize=16)
def _numbers(plan_id: int, kept: _Kept) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for person in kept.plan.persons.values():
        for address in person.contacts:
            digits = tail(address.value or "")
            if len(digits) >= SHORT and address.channel != "email":
                found[digits].add(person.id)
    return {digits: frozenset(people) for digits, people in found.items()}
