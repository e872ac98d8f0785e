"""Delivering: each entry at least once, in its incident's order, and into a list when an address never takes it."""

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from openline.incident.entry import Entry, as_json
from openline.server.engine import port as engine
from openline.server.incidents.folded import entry_of
from openline.server.incidents.models import Incident, Line
from openline.server.webhooks.models import Cursor, DeadLetter, Hook
from openline.server.webhooks.sending import BadTarget, NotTaken, call, unlocked

KIND, AGAIN = "webhook", "webhook_again"
LEASE = timedelta(seconds=60)
EVERYTHING = "*"
OF_PEOPLE = ("person.reported",)
"""Entries that say how somebody is: that one was made is told, what it says is not."""


class Busy(RuntimeError):
    """Another job tells this address of the same incident now; this one waits for it."""


def wants(hook: Hook, kind: str, *, exercise: bool) -> bool:
    """Tell whether an address wants entries of a kind: all, one by name, or all of a noun such as `message.*`."""
    is_of_kind = any(k in (EVERYTHING, kind) or k == f"{kind.partition('.')[0]}.*" for k in hook.kinds)
    return hook.is_on and is_of_kind and (hook.wants_exercises or not exercise)


def wanted(incident: Incident, entries: tuple[Entry, ...]) -> Sequence[engine.NewJob]:
    """Return a job for each address that wants one of these entries; a demo is told to nobody."""
    if incident.is_demo:
        return ()
    found = []
    for hook in Hook.objects.filter(is_on=True):
        if any(wants(hook, e.event.stored_as, exercise=incident.is_exercise) for e in entries):
            # Made here, while nobody else adds entries: a later job that runs first must not begin after these.
            Cursor.objects.get_or_create(hook=hook, incident=incident, defaults={"seq": entries[0].seq - 1})
            key = f"{incident.pk}/{KIND}/{hook.pk}/{entries[-1].seq}"
            payload: dict[str, Any] = {"hook": hook.pk, "incident": incident.pk, "upto": entries[-1].seq}
            found.append(engine.NewJob(key=key, kind=KIND, topic=str(incident.pk), payload=payload))
    return found


def body_of(line: Line, incident: Incident) -> bytes:
    """Return an entry as addresses are told it."""
    entry = as_json(entry_of(line))
    told = {
        "id": f"{incident.pk}/{line.seq}",
        "type": line.kind,
        "exercise": incident.is_exercise,
        "incident": {"id": incident.pk, "ref": incident.ref, "centre": incident.slug, "title": incident.title},
        "entry": entry | ({"data": None, "withheld": "read_contacts"} if line.kind in OF_PEOPLE else {}),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def send(hook: Hook, line: Line, incident: Incident) -> None:
    """Tell an address one entry. Raises NotTaken, or engine.Refused for what will not work later either."""
    try:
        call(hook.url, unlocked(hook.secret), body_of(line, incident), f"{hook.pk}/{incident.pk}/{line.seq}")
    except BadTarget as error:
        raise NotTaken(str(error)) from error
    except InvalidToken:
        raise engine.Refused("the server's own key has changed: register this address again") from None


def deliver(key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Tell an address everything that it has not been told of an incident, in order. Raises NotTaken and Busy."""
    hook = Hook.objects.filter(pk=payload["hook"], is_on=True).first()
    if hook is None:
        return None
    incident = Incident.objects.get(pk=payload["incident"])
    cursor = Cursor.objects.get(hook=hook, incident=incident)
    _take(cursor)
    try:
        cursor.refresh_from_db()
        for line in incident.lines.filter(seq__gt=cursor.seq).order_by("seq"):
            if wants(hook, line.kind, exercise=incident.is_exercise):
                send(hook, line, incident)
                Hook.objects.filter(pk=hook.pk).update(told_at=timezone.now(), error="")
            Cursor.objects.filter(pk=cursor.pk, seq__lt=line.seq).update(
                seq=line.seq, busy_until=timezone.now() + LEASE
            )
    except (NotTaken, engine.Refused) as error:
        Hook.objects.filter(pk=hook.pk).update(error=str(error)[:300])
        raise
    finally:
        Cursor.objects.filter(pk=cursor.pk).update(busy_until=timezone.now())
    return None


def _take(cursor: Cursor) -> None:
    """Hold the cursor for a minute; raises Busy when another job holds it. A node that died lets go by itself."""
    now = timezone.now()
    if not Cursor.objects.filter(pk=cursor.pk, busy_until__lte=now).update(busy_until=now + LEASE):
        raise Busy("another job tells this address of the same incident: this one waits")


def ended(key: str, payload: dict[str, Any], outcome: engine.Outcome) -> None:
    """Put what was not taken into the list, so that what comes after it is not held up."""
    hook = Hook.objects.filter(pk=payload["hook"]).first()
    if outcome.status == "done" or hook is None:
        return
    incident = Incident.objects.get(pk=payload["incident"])
    cursor = Cursor.objects.get(hook=hook, incident=incident)
    for line in _left(hook, incident, cursor.seq, payload["upto"]):
        DeadLetter.objects.get_or_create(
            hook=hook, incident=incident, seq=line.seq, defaults={"kind": line.kind, "reason": outcome.error[:300]}
        )
    Cursor.objects.filter(pk=cursor.pk, seq__lt=payload["upto"]).update(seq=payload["upto"])


def _left(hook: Hook, incident: Incident, after: int, upto: int) -> Iterator[Line]:
    for line in incident.lines.filter(seq__gt=after, seq__lte=upto).order_by("seq"):
        if wants(hook, line.kind, exercise=incident.is_exercise):
            yield line


@transaction.atomic
def send_again(letter: DeadLetter) -> None:
    """Try a dead letter once more; pressing twice is once."""
    if DeadLetter.objects.filter(pk=letter.pk, is_being_sent=False).update(is_being_sent=True):
        key = f"{AGAIN}/{letter.pk}/{timezone.now():%Y%m%d%H%M%S%f}"
        engine.enqueue([engine.NewJob(key=key, kind=AGAIN, topic="webhooks", payload={"letter": letter.pk})])


def deliver_again(key: str, payload: dict[str, Any]) -> dict[str, Any] | None:
    """Send a dead letter. Raises NotTaken."""
    letter = DeadLetter.objects.select_related("hook", "incident").filter(pk=payload["letter"]).first()
    if letter is not None and letter.hook.is_on:
        send(letter.hook, letter.incident.lines.get(seq=letter.seq), letter.incident)
    return None


def again_ended(key: str, payload: dict[str, Any], outcome: engine.Outcome) -> None:
    """Take a letter that arrived off the list; keep one that did not, with the new reason."""
    letters = DeadLetter.objects.filter(pk=payload["letter"])
    if outcome.status == "done":
        letters.delete()
    else:
        letters.update(is_being_sent=False, reason=outcome.error[:300], at=timezone.now())
