"""The real process for the faults: incidents of the example harbor, whose messages a gateway outside takes.

An incident has every kind of work: ladders that are answered before, during and after they are climbed, a roll call,
steps that Openline does itself, timers, and a message that is approved by two.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from openline.incident import messages, paging, roll_call
from openline.incident.command import Actor, Command
from openline.incident.entry import BrokenChain, verify
from openline.incident.opening import DeclareLevel, Report
from openline.incident.paging import AcknowledgePage, PageClimbed, PageHanded, PageOrdered
from openline.incident.people import Page
from openline.incident.roll_call import PersonReported, ReportPerson
from openline.incident.state import State, fold
from openline.incident.task_list import AssembleTasks
from openline.plan.directory import read_directory
from openline.server.engine import work
from openline.server.engine.job import Outcome, Payload, Retry, Work
from openline.server.engine.models import OPEN, Job
from openline.server.incidents import world
from openline.server.incidents.folded import entry_of
from openline.server.incidents.models import Delivery, Incident, Line
from openline.server.incidents.store import carry_out, lines_of, reading, report
from openline.server.notifications import breaker
from openline.server.notifications import store as notifications
from openline.server.notifications.models import Provider
from openline.server.plans import store as plans

EXAMPLE = Path(__file__).parents[4] / "examples" / "harbor"
WAIT_S = float(os.environ.get("OPENLINE_FAULT_WAIT", "0.7"))
NEAR = timedelta(minutes=2)
"""Timers that ring later than this (the next situation report, the next update) are not waited for."""

PROVIDER = "outside"
NO_WAY = ("broken", "refused")
"""Kinds of incidents in which nobody can be sent anything."""

STEPS = """procedures:
  - id: by-itself
    name: What Openline does itself
    phase: safety
    covers: [quay]
    owner_role: duty-officer
    steps:
      - {{id: hook, text: Tell the partner's system, safety: true, automation: {{kind: webhook, options: {{url: "{url}"}}}}}}
      - {{id: count, text: Ask how everybody is, safety: true, predecessors: [hook], automation: {{kind: roll_call, options: {{teams: command-team}}}}}}
      - {{id: call, text: Call the continuity manager, safety: true, predecessors: [count], automation: {{kind: page, options: {{roles: continuity-manager, text: "{{title}} needs you"}}}}}}
      - {{id: draft, text: Draft the first words, safety: true, predecessors: [count], automation: {{kind: message, options: {{template: delay-agents}}}}}}
"""  # noqa: E501

NOBODY = "[{name: All agents, channel: app and team leads}]"
READERS = "[{name: One, channel: sms, person: team-lead-q}, {name: Two, channel: sms, person: team-lead-h}]"
"""Who reads what agents are told."""

COMMANDER = Actor("Commander", "account:1", role="incident-commander", person="commander-a")
SPOKEN = Actor("Communications lead", "account:2", role="communications-lead", person="communications-a")
SLOTS = {"since": "10:00", "effect": "Waits are longer.", "doing": "moving calls",
         "ask": "work from home", "next_update": "in an hour"}  # fmt: skip


def files(url: str) -> dict[str, str]:
    """Return the example's files with short waits, numbers to call, and steps that Openline does itself."""
    found = dict(read_directory(EXAMPLE)[0])
    found["roles.yaml"] = found["roles.yaml"].replace("timeout_s: 3m", f"timeout_s: {WAIT_S}")
    number = iter(range(10**6))
    found["people.yaml"] = re.sub(
        r"\{channel: mobile,", lambda _: f'{{channel: mobile, value: "+4470{next(number):08d}",', found["people.yaml"]
    )
    found["communication.yaml"] = found["communication.yaml"].replace(NOBODY, READERS)
    found["procedures.yaml"] = STEPS.format(url=url) + found["procedures.yaml"].partition("procedures:\n")[2]
    return found


def record(topic: str, kind: str, key: str, payload: Payload, outcome: Outcome) -> None:
    """Record as the product does, with a place at which the process can be ended."""
    world.record(topic, kind, key, dict(payload), outcome)
    work.seam("in-record")


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the log."""

    seq: int
    key: str
    kind: str
    attempts: int
    at: float


@dataclass(frozen=True, slots=True)
class Call:
    """One person called in one turn of a page; `key` is the one that the gateway sees."""

    page: str
    turn: int
    person: str
    key: str


class Harbor:
    """Incidents of the example harbor, as the harness drives them."""

    work = Work(
        world.act,
        record,
        retries={
            "page": Retry(4, 0.3, 1.5, 2.0),
            "automate": Retry(4, 0.3),
            "message": Retry(4, 0.3),
            "timer": Retry(1),
        },
    )

    def hurry(self) -> None:
        """Let what takes minutes in earnest take seconds in this process."""
        roll_call.WAIT_S = WAIT_S
        paging.WAIT_S = WAIT_S
        breaker.FAILURES = 10**6  # the one gateway is good to some incidents and bad to others at the same time

    def set_up(self) -> None:
        """Need nothing but the server's own tables."""

    def reach(self, url: str) -> None:
        """Set the gateway up as a provider, and bring the plan into force that names it."""
        row = Provider.objects.filter(name=PROVIDER).first()
        options: dict[str, object] = {"url": f"{url}/sms", "timeout_s": 10}
        notifications.keep(row, name=PROVIDER, kind="gateway", options=options, channels=["mobile", "sms"], order=1)
        plans.keep("harbor", "Harbor Mutual", files(f"{url}/hook"), "faults", by="faults", why="faults")

    def declare(self, topic: str, kind: str) -> None:
        """Report an incident; one of the kind `process` is declared, gets its tasks and a message besides."""
        revision = plans.centre("harbor")
        with transaction.atomic():
            told = Report(title=f"<{topic} {kind}>", plan_slug="harbor", plan_hash="0" * 64, objects=("quay",))
            found = report(revision, told, COMMANDER, key=f"{topic}/report")
            if kind == "process":
                self._begun(found, topic, told.title)
            work.seam("before-commit")
        work.seam("after-commit")

    def _begun(self, found: Incident, topic: str, title: str) -> None:
        answer = AcknowledgePage(page="page-1", person="duty-officer-a")
        words = messages.DraftMessage(template="delay-agents", slots=SLOTS | {"what": title})
        for n, (command, actor) in enumerate(
            (
                (answer, COMMANDER),  # before anything was sent, and twice
                (answer, COMMANDER),
                (DeclareLevel(level=2), COMMANDER),
                (AssembleTasks(), COMMANDER),
                (words, COMMANDER),
                (messages.ApproveMessage(message="message-1"), SPOKEN),
                (messages.ReleaseMessage(message="message-1", next_update_in_s=3600), SPOKEN),
            )
        ):
            carry_out(found, command, actor, key=f"{topic}/begun/{n}")

    def live(self, topic: str) -> None:
        """Answer calls: some as soon as one is sent, some after the next is called, some when it is too late."""
        found = _incident(topic)
        if found is None:
            return
        with reading(found) as state:
            due = list(_due(state))
        for name, command in due:
            # The key is the same when the answer of the server was lost, and the act is asked for again.
            carry_out(found, command, COMMANDER, key=f"{topic}/{name}")

    def is_over(self, topic: str) -> bool:
        """Tell whether every call has ended, every step is done, and no job is left that rings soon."""
        found = _incident(topic)
        if found is None:
            return False
        with reading(found) as state:
            if any(True for _ in _due(state)) or any(p.state == "open" for p in state.pages.values()):
                return False
            if any(t.automation and t.state not in ("done", "failed") for t in state.tasks.values()):
                return False
        return not _open_jobs(found)

    def events(self, topic: str) -> list[Told]:
        """Return the log."""
        found = _incident(topic)
        lines = found.lines.order_by("seq") if found else ()
        return [Told(x.seq, x.key or "", x.kind, 1, x.entered_at.timestamp()) for x in lines]

    def expected_effects(self, topic: str) -> list[str]:
        """Return the keys of all messages that were ordered by the log, and of the steps that went out."""
        found = _incident(topic)
        if found is None or _kind(found) in NO_WAY:
            return []
        read = _messages(found).values_list("key", flat=True)
        return [f"{topic}/{key}" for key in (*(c.key for c in _owed(found)), *read, *_hooks(found))]

    def said_once(self, topic: str) -> list[str]:
        """Return the keys of messages and steps of which the log says nothing of a repeat."""
        found = _incident(topic)
        if found is None:
            return []
        told = _told(found)
        once = [c.key for c in _owed(found) if not told.get((c.page, c.turn, c.person))]
        with reading(found) as state:
            hooks = [k for k in _hooks(found) if "twice" not in state.tasks[k.split("/")[2]].note]
        read = _messages(found).filter(maybe_twice=False).values_list("key", flat=True)
        return [f"{topic}/{key}" for key in (*once, *read, *hooks)]

    def wrong(self, topic: str) -> list[str]:
        """Compare log, fold and rows."""
        found = _incident(topic)
        return ["it is not there"] if found is None else [f"{topic}: {w}" for w in _wrong(found)]


def _incident(topic: str) -> Incident | None:
    line = Line.objects.filter(key=f"{topic}/report").select_related("incident").first()
    return line.incident if line else None


def _kind(found: Incident) -> str:
    return found.title.strip("<>").split()[1]


def _open_jobs(found: Incident) -> list[str]:
    near = Job.objects.filter(topic=str(found.pk), state__in=OPEN, due_at__lt=timezone.now() + NEAR)
    return list(near.values_list("key", flat=True))


def _due(state: State) -> Iterator[tuple[str, Command]]:
    """Yield what people do by now, each with its name."""
    for n, page in enumerate(state.pages.values()):
        if page.ask == "acknowledge" and page.state != "acknowledged" and _is_answered(page, n):
            person = page.rungs[-1 if page.state == "exhausted" else 0][0]
            yield f"answer/{page.id}/1", AcknowledgePage(page=page.id, person=person)
            yield f"answer/{page.id}/2", AcknowledgePage(page=page.id, person=page.rungs[-1][0], how="told")
        if page.ask == "roll_call" and page.handed:
            for person in page.rungs[0][::2]:
                if person not in state.reports:
                    yield f"here/{person}", ReportPerson(person=person, safe="safe", able=True)


def _is_answered(page: Page, n: int) -> bool:
    """Tell whether a call is answered by now: when it was sent, after it climbed, or only when all is over."""
    is_sent = any(h.ok for h in page.handed.values())
    by_turn = {0: is_sent, 1: is_sent, 2: is_sent and page.turn >= 1, 3: False}
    return page.state == "exhausted" or by_turn[n % 4]


def _calls(found: Incident) -> Iterator[Call]:
    """Yield who was to be called by the log; of a roll call only those who had not answered by then."""
    pages: dict[str, PageOrdered] = {}
    here: set[str] = set()
    for entry in map(entry_of, found.lines.order_by("seq")):
        event = entry.event
        if isinstance(event, PersonReported):
            here.add(event.person)
        if isinstance(event, PageOrdered):
            pages[event.page] = event
        if not isinstance(event, PageOrdered | PageClimbed):
            continue
        page, turn = pages[event.page], getattr(event, "turn", 0)
        people = page.rungs[turn % len(page.rungs)]
        for person in people:
            if page.ask == "acknowledge" or person not in here:
                key = f"{found.pk}/page/{event.page}/{turn}/0/{person}"
                yield Call(event.page, turn, person, key)


def _owed(found: Incident) -> list[Call]:
    """Return the calls that must have been made: not those of people who answered before their turn was sent."""
    sent = set(Delivery.objects.filter(incident=found).values_list("key", flat=True))
    with reading(found) as state:
        return [c for c in _calls(found) if c.key in sent or c.person not in state.reports]


def _messages(found: Incident) -> QuerySet[Delivery]:
    """Return a row for each reader of the messages that were released."""
    return Delivery.objects.filter(incident=found, key__startswith=f"{found.pk}/message/")


def _told(found: Incident) -> dict[tuple[str, int, str], bool]:
    """Return, for each call that the log says was handed over, whether it may have been so twice."""
    told: dict[tuple[str, int, str], bool] = {}
    for line in found.lines.filter(kind=PageHanded.stored_as):
        event = entry_of(line).event
        assert isinstance(event, PageHanded)
        for d in event.deliveries:
            told[event.page, event.turn, d.person] = d.maybe_twice
    return told


def _hooks(found: Incident) -> list[str]:
    done = Job.objects.filter(topic=str(found.pk), kind="automate", state="done", payload__automation="webhook")
    return list(done.values_list("key", flat=True))


def _wrong(found: Incident) -> Iterator[str]:
    try:
        count, last = verify(lines_of(found))
    except BrokenChain as error:
        yield str(error)
        return
    if (count, last) != (found.last_seq, found.last_hash):
        yield "the row does not name the last entry of the log"
    fresh = fold(entry_of(x) for x in found.lines.order_by("seq"))
    with reading(found) as state:
        if state != fresh:
            yield "what was folded on the way is not what the log folds to"
    yield from _wrong_pages(found, fresh)
    yield from (f"{d.key} is {d.state}: {d.reason}" for d in _messages(found).exclude(state="handed"))
    yield from (f"job {key} is left open" for key in _open_jobs(found))
    yield from (f"task {t.id} is {t.state}" for t in fresh.tasks.values() if t.automation and t.state != "done")


def _wrong_pages(found: Incident, state: State) -> Iterator[str]:
    told, is_shut = _told(found), _kind(found) in NO_WAY
    rows = {d.key: d for d in Delivery.objects.filter(incident=found)}
    for p in state.pages.values():
        if p.state == "open" or (p.ask == "acknowledge" and p.state != "acknowledged"):
            yield f"{p.id} ended as {p.state}"
    for call in _owed(found):
        row, maybe = rows.get(call.key), told.get((call.page, call.turn, call.person))
        if maybe is None:
            yield f"nothing is said of {call.key}"
        elif row is not None and row.state != ("failed" if is_shut else "handed"):
            yield f"{call.key} is {row.state}: {row.reason}"
        elif row is not None and row.maybe_twice and not maybe:
            yield f"{call.key} may have gone twice, and the log does not say so"


HARBOR = Harbor()
