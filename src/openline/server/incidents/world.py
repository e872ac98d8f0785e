"""What the engine does for incidents: it acts in the world, or catches what an exercise would send, and notes it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openline.incident.command import SYSTEM, Command, Refused
from openline.incident.paging import DeliveryText, RecordHanded
from openline.incident.record import RaiseAlarm
from openline.incident.tasks import CompleteTask, FailTask
from openline.incident.timers import EndTimer
from openline.server.engine import port as engine
from openline.server.incidents import automation, handing, releasing
from openline.server.incidents.kept import OUT
from openline.server.incidents.models import Delivery
from openline.server.incidents.store import carry_out, incident, reading
from openline.server.rotas.look import look_at_all

Payload = dict[str, Any]
RETRIES = {
    "page": engine.Retry(attempts=24, first_s=1.0, factor=2.0, most_s=30.0),
    "automate": engine.Retry(attempts=3, first_s=1.0, factor=2.0, most_s=10.0),
    "message": engine.Retry(attempts=8, first_s=1.0, factor=2.0, most_s=60.0),
    "timer": engine.Retry(attempts=1),
    "reach": engine.Retry(attempts=3),
}
"""How often each kind of job is tried again (assumed: a provider that is away for ten minutes is worth waiting for)."""


@dataclass(frozen=True, slots=True)
class Other:
    """A kind of job of another slice, whose outcome is its own affair and no entry of an incident's log."""

    act: Callable[[str, Payload], Payload | None]
    ended: Callable[[str, Payload, engine.Outcome], None]


def _look(key: str, payload: Payload) -> Payload | None:
    return {"wrong": sum(look_at_all(key).values())}


OTHERS: dict[str, Other] = {"reach": Other(_look, lambda key, payload, outcome: None)}
"""Kinds of jobs that other slices add in ready(), with their retries in RETRIES."""


def act(kind: str, key: str, payload: Payload, attempt: int) -> Payload | None:
    """Do one job in the world; raises to be tried again."""
    if kind == "timer":
        return None
    if kind == "page":
        return handing.hand_over(kind, key, payload, attempt)
    if kind == "message":
        return releasing.hand_over(key, payload)
    if kind == "automate":
        return automation.run(key, payload)
    if kind in OTHERS:
        return OTHERS[kind].act(key, payload)
    raise engine.UnknownKind(f"this version of Openline knows no jobs of the kind {kind}")


def record(topic: str, kind: str, key: str, payload: Payload, outcome: engine.Outcome) -> None:
    """Write what came of a job into the incident's log, once."""
    if kind in OTHERS:
        OTHERS[kind].ended(key, payload, outcome)
        return
    found = incident(int(topic))
    for n, command in enumerate(RECORDS[kind](key, payload, outcome)):
        try:
            carry_out(found, command, SYSTEM, key=f"{key}#{n}")
        except Refused as refusal:
            # Somebody was quicker: the task was finished by hand, the incident is over. The log says what came late.
            carry_out(
                found, RaiseAlarm(text=f"{kind} ended after its time: {refusal}"[:4000]), SYSTEM, key=f"{key}#{n}"
            )


def _page(key: str, payload: Payload, outcome: engine.Outcome) -> list[Command]:
    page, turn = payload["page"], payload["turn"]
    told = tuple(_told(p, row, outcome) for p, row in handing.handed(key, payload))
    if not told:
        return []
    found: list[Command] = [RecordHanded(page=page, turn=turn, deliveries=told)]
    lost = [d.person for d in told if not d.ok]
    if lost and len(lost) == len(told):
        reasons = "; ".join(dict.fromkeys(d.reason for d in told if d.reason)) or outcome.error
        text = f"Nobody of {len(lost)} could be sent this call by any way: {reasons}. Reach them by other means."
        found.append(RaiseAlarm(text=text[:4000]))
    return found


def _told(person: str, row: Delivery | None, outcome: engine.Outcome) -> DeliveryText:
    if row is None:
        return DeliveryText(person=person, channel="none", provider="none", ok=False, reason=outcome.error[:300])
    return DeliveryText(
        person=person,
        channel=row.channel or "none",
        provider=row.provider or "none",
        ok=row.state in OUT,
        attempts=row.attempts,
        maybe_twice=row.maybe_twice,
        reason=row.reason or (outcome.error[:300] if row.state not in OUT else ""),
    )


def _timer(key: str, payload: Payload, outcome: engine.Outcome) -> list[Command]:
    return [EndTimer(timer=payload["timer"], of=payload["of"], turn=payload["turn"])]


def _automate(key: str, payload: Payload, outcome: engine.Outcome) -> list[Command]:
    # What Openline does to its own log has a key and is done once; only what went out can have gone out again.
    is_outside = payload["automation"] == "webhook"
    task, twice = payload["task"], " It may have been done twice." if is_outside and outcome.attempts > 1 else ""
    if key.rpartition("/")[2] != _begun_as(payload):
        # It was given up by hand and begun anew: what the earlier run did says nothing of the later one.
        return [
            RaiseAlarm(text=f"An earlier run of the step {task} ended late: {outcome.error or outcome.status}{twice}")
        ]
    if outcome.status == "done":
        return [CompleteTask(task=task, result=(str(outcome.result.get("told", "done")) + twice)[:4000])]
    return [FailTask(task=task, reason=f"{outcome.error or outcome.status}{twice}"[:4000])]


def _begun_as(payload: Payload) -> str:
    """Return the number of the run of a task that counts now, as its job's key ends with it."""
    with reading(incident(payload["incident"])) as state:
        return str(state.tasks[payload["task"]].attempts)


def _message(key: str, payload: Payload, outcome: engine.Outcome) -> list[Command]:
    return releasing.recorded(key, payload, outcome)


RECORDS: dict[str, Callable[[str, Payload, engine.Outcome], list[Command]]] = {
    "page": _page,
    "timer": _timer,
    "automate": _automate,
    "message": _message,
}

DAILY = engine.Schedule("reach", "0 6 * * *", "reach", "reach", expires_s=6 * 3600.0)
"""Every morning, before the first shift, it is looked at who could not be reached."""

WORK = engine.Work(act, record, RETRIES, (DAILY,))
