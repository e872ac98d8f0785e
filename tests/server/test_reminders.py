"""Calls for what is overdue, job by job as the engine runs them, to a gateway or to the outbox (ACT-02, ACT-08)."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest

from openline.bench.reach.gateway import Book
from openline.incident import decisions, opening
from tests.notifiers.servers import gateway_server
from tests.server.incidents_under_way import COMMANDER, at, begun, do
from tests.server.telephones import OFFICER, SECRET, SLUG, files
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from django.test import Client

    from openline.incident.people import Page
    from openline.server.incidents.models import Incident


@pytest.fixture
def desk(_server: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Book]:
    """Give a gateway that is the only provider, and the centre whose people have telephones."""
    from openline.server.answers.finding import CALLS
    from openline.server.notifications.models import Provider
    from openline.server.notifications.store import forget, keep
    from openline.server.plans.store import keep as keep_plan

    CALLS.forget()
    keep_plan(SLUG, SLUG.title(), files(), "test", by=None, why="a test")
    monkeypatch.setenv("OPENLINE_PROVIDER_INBOUND", SECRET)
    with gateway_server() as (port, book):
        options: dict[str, object] = {"url": f"http://127.0.0.1:{port}/messages", "reference": "id", "timeout_s": 2}
        keep(None, name="gateway", kind="gateway", options=options, channels=["sms"], order=1)
        yield book
    forget()
    Provider.objects.all().delete()


def at_the_phones() -> "Incident":
    """Return an incident of the centre whose people have telephones, with a level in force."""
    from openline.server.incidents.store import report
    from openline.server.plans.store import centre

    revision = centre(SLUG)
    wish = opening.Report(title="Gas leak", plan_slug=SLUG, plan_hash=revision.content_hash)
    found = report(revision, wish, COMMANDER)
    do(found, opening.DeclareLevel(level=2), by=replace(COMMANDER, role="commander"))
    return found


def overdue(found: "Incident", owner: str | None = None) -> "Page":
    """Put a question whose last moment is now, end the wait for its call as the engine does, and return the call."""
    from django.utils import timezone

    from openline.server.incidents.store import reading

    do(found, decisions.OpenDecision(question="Invoke the partner?", by_at=timezone.now(), owner_role=owner))
    with reading(found) as state:
        name = list(state.decisions)[-1]
    run(found, f"{found.pk}/timer/call/{name}/1")
    with reading(found) as state:
        return next(p for p in state.pages.values() if name in p.about)


def run(found: "Incident", key: str) -> dict[str, Any]:
    """Do a job that was enqueued, and write down what came of it; returns its payload."""
    from openline.server.engine.models import Job
    from openline.server.engine.port import Outcome
    from openline.server.incidents import world

    job = Job.objects.get(key=key)
    world.act(job.kind, job.key, job.payload, 1)
    world.record(str(found.pk), job.kind, job.key, job.payload, Outcome("done", {}, "", 1, False))
    return dict(job.payload)


def called(found: "Incident", page: "Page", turn: int = 0) -> None:
    run(found, f"{found.pk}/page/{page.id}/{turn}/0")


def test_calls_the_owner_by_the_gateway_and_takes_their_answer(desk: Book, stranger: "Client") -> None:
    from openline.server.incidents.store import reading

    found = at_the_phones()
    page = overdue(found, "duty-officer")

    called(found, page)
    (sent,) = [m for m in (json.loads(body) for _, _, body in desk.taken) if "Overdue" in m["text"]]
    code = re.search(r"or reply ([A-Z0-9]{6})$", sent["text"])
    assert code
    reply = {"from": OFFICER, "text": code[1]}
    stranger.post("/in/reply/", reply, content_type="application/json", headers={"X-Openline-Secret": SECRET})

    assert sent["to"] == OFFICER
    assert sent["text"].startswith("Gas leak. Overdue: Decide: Invoke the partner? (since ")
    with reading(found) as state:
        assert (state.pages[page.id].state, state.pages[page.id].by) == ("acknowledged", "officer")
        assert state.pages[page.id].handed["officer"].ok


def test_sends_nothing_that_was_on_its_way_when_it_was_decided(desk: Book) -> None:
    from openline.server.incidents.models import Delivery

    found = at_the_phones()
    page = overdue(found, "duty-officer")
    do(found, decisions.MakeDecision(decision="decision-1", choice="yes"))

    called(found, page)
    run(found, f"{found.pk}/timer/page/{page.id}/0")

    assert not [body for _, _, body in desk.taken if "Overdue" in body]
    assert not Delivery.objects.filter(incident=found, page=page.id).exists()
    assert not found.lines.filter(kind="page.climbed").exists()


def test_catches_the_call_of_an_exercise_in_the_outbox(client: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from openline.server.incidents.models import Delivery

    def refuse(*_: object) -> None:
        raise AssertionError("an exercise opened a connection")

    found = begun("quay", exercise=True)
    page = overdue(found, "finance-lead")
    monkeypatch.setattr(socket.socket, "connect", refuse)

    called(found, page)

    (row,) = Delivery.objects.filter(incident=found, page=page.id)
    assert (row.state, row.provider, row.person) == ("caught", "outbox", page.rungs[0][0])
    outbox = unescape(client.get(f"/harbor/outbox/?incident={found.pk}").content.decode())
    assert "EXERCISE EXERCISE EXERCISE. Gas leak. Overdue: Decide: Invoke the partner?" in outbox


def test_tells_in_the_log_who_was_called_for_what(client: "Client") -> None:
    found = begun("quay")
    overdue(found, "finance-lead")
    do(found, decisions.MakeDecision(decision="decision-1", choice="yes"))

    page = unescape(text_of(client, at(found, "log/?kind=page")))

    assert "ask: remind; role: Finance lead" in page
    assert "subject: Overdue: Invoke the partner?" in page
    assert "about:" not in page
    assert "Overdue: Invoke the partner?; reason: it is done or taken" in page


def test_names_in_the_room_who_decides_and_who_is_called_for_it(client: "Client") -> None:
    found = begun("quay")

    client.post(at(found, "do/OpenDecision/"), {"question": "Close the site?", "owner_role": "finance-lead"})
    page = overdue(found)
    room = unescape(text_of(client, at(found)))

    assert '<span class="muted">for Finance lead</span>' in room
    assert f"<b>Duty officer: {page.subject}</b> <span>▶ calling, 1 of 6</span>" in room


def test_refuses_an_owner_that_the_plan_does_not_have(client: "Client") -> None:
    answer = client.post(at(begun("quay"), "do/OpenDecision/"), {"question": "x", "owner_role": "king"})

    assert answer.status_code == 409
    assert "the plan has no role" in unescape(answer.content.decode())


def test_keeps_a_level_near_its_time_limit_by_one_press(client: "Client") -> None:
    from django.utils import timezone

    from openline.server.incidents.store import carry_out, reading

    found = begun("quay", level=2)
    early = text_of(client, at(found))
    declared = timezone.now() - timedelta(hours=3, minutes=50)
    carry_out(found, opening.DeclareLevel(level=1), COMMANDER, at=declared)

    near = text_of(client, at(found))
    client.post(at(found, "do/DeclareLevel/"), {"level": "1", "role": "duty-officer", "reason": "no change"})

    assert "Keep level" not in early
    assert "Keep level 1</button>" in near
    assert "Keep level" not in text_of(client, at(found))
    with reading(found) as state:
        assert [x.level for x in state.levels] == [2, 1, 1]


def test_says_that_a_warning_was_told_and_waits_for_no_answer(client: "Client") -> None:
    from django.utils import timezone

    found = begun("quay")
    soon = timezone.now() + timedelta(minutes=20)
    do(found, decisions.OpenDecision(question="Invoke the partner?", by_at=soon, owner_role="finance-lead"))

    run(found, f"{found.pk}/timer/warning/decision-1/1")

    room = unescape(text_of(client, at(found)))
    assert "<b>Finance lead: Due soon: Invoke the partner?</b> <span>● told</span>" in room
