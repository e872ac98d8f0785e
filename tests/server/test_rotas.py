"""Rotas, calendars, the daily look and the outbox as pages (requirements COM-05, PPL-07)."""

import json
import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.notifiers.servers import mail_server
from tests.server.test_reach import _crowd, _no_providers, hand_over, opened, roll_call  # noqa: F401 - fixtures

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.accounts.rights import Role


def test_shows_who_is_on_call_and_lets_another_stand_in(client: "Client") -> None:
    from django.utils import timezone

    from openline.server.plans.store import centre, plan_of
    from openline.server.rotas.models import Standing
    from openline.server.rotas.store import stand_ins

    plan, now = plan_of(centre("harbor")), timezone.now()
    role = next(r for r in plan.roles.values() if r.on_call)
    person = role.holders[-1]
    assert role.title in client.get("/harbor/on-call/").content.decode()
    sent = {"role": role.id, "person": person, "start": now.isoformat(), "end": (now + timedelta(hours=2)).isoformat()}

    made = client.post("/harbor/on-call/", {**sent, "why": "train is late"})

    assert made.status_code == 302
    assert [(s.role, s.person) for s in stand_ins("harbor", now)] == [(role.id, person)]
    text = client.get("/harbor/on-call/").content.decode()
    assert "standing in" in text
    assert "train is late" in text
    client.post(f"/harbor/on-call/{Standing.objects.get().pk}/withdraw/")
    assert not stand_ins("harbor", now)


def test_calls_who_stands_in_first_in_an_incident(client: "Client") -> None:
    from uuid import uuid4

    from django.utils import timezone

    from openline.incident.authority import duty_roles
    from openline.incident.command import SYSTEM
    from openline.incident.opening import Report
    from openline.server.incidents.store import reading, report
    from openline.server.plans.store import centre, plan_of
    from openline.server.rotas.store import put_in, withdraw

    revision, now = centre("harbor"), timezone.now()
    plan = plan_of(revision)
    role = duty_roles(plan)[0]
    person = plan.roles[role].holders[-1]
    row = put_in(plan, "harbor", role=role, person=person, start=now, end=now + timedelta(hours=1), why="", by="me")

    found = report(
        revision, Report(title="Smoke", plan_slug="harbor", plan_hash=revision.content_hash), SYSTEM, key=uuid4().hex
    )

    with reading(found) as state:
        assert next(p for p in state.pages.values() if p.role == role).rungs[0] == (person,)
    withdraw("harbor", row.pk)


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"role": "king"}, "Choose a role"), ({"person": "nobody"}, "Choose somebody"), ({"start": "soon"}, "no time"),
     ({"end": "2020-01-01T10:00"}, "end must lie after"),
     ({"start": "2020-01-01T10:00", "end": "2020-01-01T11:00"}, "over"),
     ({"end": "2099-01-01T10:00"}, "92 days")],
)  # fmt: skip
def test_refuses_a_stand_in_that_makes_no_sense(client: "Client", changes: dict[str, str], says: str) -> None:
    from django.utils import timezone

    now = timezone.now()
    sent = {
        "role": "incident-commander", "person": "commander-b", "start": now.isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
    }  # fmt: skip

    answer = client.post("/harbor/on-call/", {**sent, **changes})

    assert answer.status_code == 409
    assert says in answer.content.decode().replace("&#x27;", "'")


def test_gives_a_calendar_to_who_has_its_address_until_it_is_withdrawn(client: "Client", stranger: "Client") -> None:
    from icalendar import Calendar

    from openline.server.plans.store import centre, plan_of
    from openline.server.rotas.models import Feed

    role = next(r for r in plan_of(centre("harbor")).roles.values() if r.on_call)
    text = client.post("/harbor/on-call/calendar/", {"of": f"role:{role.id}"}).content.decode()
    link = re.search(r"http://[^<]+(/cal/[^<]+\.ics)", text)
    assert link

    found = stranger.get(link[1])
    events = Calendar.from_ical(found.content).walk("VEVENT")

    assert found["Content-Type"].startswith("text/calendar")
    assert events
    assert role.title in str(events[0]["summary"])
    assert stranger.get(link[1].replace(".ics", "x.ics")).status_code == 404
    client.post(f"/harbor/on-call/calendar/{Feed.objects.latest('pk').pk}/withdraw/")
    assert stranger.get(link[1]).status_code == 404


def test_lets_those_who_only_read_change_nothing(signed_in: "Callable[[Role], Client]") -> None:
    viewer = signed_in("viewer")

    assert viewer.get("/harbor/on-call/").status_code == 200
    assert "Let somebody stand in" not in viewer.get("/harbor/on-call/").content.decode()
    assert viewer.post("/harbor/on-call/", {}).status_code == 403
    assert viewer.get("/harbor/reach/").status_code == 403


def owned(folder: Path) -> None:
    """Take a plan in whose owner has an e-mail address, and a colleague who has none."""
    from openline.server.plans.store import take_in

    plan = {"format": 1, "organization": {"id": "owned", "name": "Owned", "tz": "UTC", "plan_owner_role": "owner"}}
    people = [{"id": "o", "contacts": [{"channel": "email", "value": "o@example.org"}]}, {"id": "lost"}]
    (folder / "openline.yaml").write_text(json.dumps(plan))
    (folder / "people.yaml").write_text(json.dumps({"persons": people}))
    (folder / "roles.yaml").write_text(json.dumps({"roles": [{"id": "owner", "primary": "o"}]}))
    revision, problems = take_in(folder)
    assert revision is not None, problems


def test_looks_every_day_and_mails_the_owner_of_the_plan(
    client: "Client", caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    from openline.server.incidents.world import WORK
    from openline.server.notifications.store import forget, keep
    from openline.server.rotas.models import Look

    owned(tmp_path)
    assert [s.kind for s in WORK.schedules] == ["reach"]
    with mail_server() as (port, box):
        options: dict[str, object] = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "o@example.org"}
        keep(None, name="mail", kind="smtp", options=options, channels=["email"], order=1)

        WORK.act("reach", "every/reach/x", {}, 1)
        forget()

    look = Look.objects.filter(slug="owned")[0]
    assert (look.people, look.unreachable, look.told) == (2, 2, "mailed to o")
    assert "owned: 2 of 2 people might not be reached" in caplog.text
    mails = [message_from_bytes(e.original_content or b"", policy=default) for e in box.mail]
    assert [(m["To"], m["Subject"]) for m in mails] == [("o@example.org", "Who could not be reached: Owned")]
    assert "lost: has no number or address" in str(mails[0].get_payload())
    assert "mailed to o" in client.get("/owned/reach/").content.decode()
    assert Look.objects.filter(slug="harbor")[0].told.startswith("not mailed: ")


@pytest.mark.usefixtures("_crowd")
def test_shows_every_message_of_an_exercise_as_caught(client: "Client", signed_in: "Callable[[Role], Client]") -> None:
    found = opened(exercise=True)
    hand_over(found)
    hand_over(found, page=roll_call(found))

    text = client.get(f"/bench/outbox/?incident={found.pk}").content.decode()
    one = client.get(f"/bench/outbox/?incident={found.pk}&person=agent-00001").content.decode()
    hidden = signed_in("viewer").get(f"/bench/outbox/?incident={found.pk}").content.decode()

    assert text.count("caught here, sent to nobody</span>") == 16
    assert "EXERCISE EXERCISE EXERCISE" in text
    assert "/a/" in text
    assert one.count("caught here, sent to nobody</span>") == 1
    assert "/a/" not in hidden
    assert "+447799000000" in text
    assert "+447799000000" not in hidden
    assert "…000" in hidden


@pytest.mark.usefixtures("_crowd")
def test_says_what_may_have_been_sent_twice(client: "Client") -> None:
    from openline.server.incidents.models import Delivery

    found = opened()
    hand_over(found)
    Delivery.objects.filter(incident=found).update(state="handed", maybe_twice=True, attempts=2)

    text = client.get("/bench/outbox/?state=twice").content.decode()

    assert "may have been sent twice</b>" in text
    assert "2 attempts" in text


def test_offers_to_swap_a_turn_with_its_role_and_its_times_filled_in(client: "Client") -> None:
    from urllib.parse import parse_qs, urlsplit

    text = client.get("/harbor/on-call/").content.decode()
    link = re.findall(r'href="(\?role=[^"]*)#stand-in"', text)[0].replace("&amp;", "&")

    asked = {k: v[0] for k, v in parse_qs(urlsplit(link).query).items()}
    filled = client.get(f"/harbor/on-call/{link}").content.decode()

    assert f'name="start" type="datetime-local" value="{asked["start"]}"' in filled
    assert f'name="end" type="datetime-local" value="{asked["end"]}"' in filled
    assert f'<option value="{asked["role"]}" selected>' in filled


def test_shows_a_hundred_people_a_page_of_those_who_might_not_be_reached(
    client: "Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    from openline.server.rotas import views

    monkeypatch.setattr(views, "A_PAGE", 20)
    first, second = (client.get(f"/harbor/reach/?page={n}").content.decode() for n in (1, 2))

    assert "1 to 20 of 28" in first
    assert "21 to 28 of 28" in second
    assert "Director of operations A" in first.partition("<tbody>")[2]
    assert "Director of operations A" not in second.partition("<tbody>")[2]
