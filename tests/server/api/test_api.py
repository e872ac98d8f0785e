"""The API: what programs read and do, and what they are told when it is not done (issue 4: API)."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from tests.server.api.programs import Program, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

EVERYTHING = (
    "read_plan", "read_contacts", "see_incidents", "report_in", "work_tasks", "declare", "release_messages", "command",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh(_server: None) -> "Iterator[None]":
    from openline.server.accounts import tokens
    from openline.server.accounts.models import ApiToken
    from openline.server.api import door

    for limit in (tokens.USES, tokens.MISSES, door.LIMIT):
        limit.forget()
    yield
    ApiToken.objects.all().delete()


@pytest.fixture
def program(client: "Client") -> Program:
    """A program that may do everything a program may."""
    return Program(client, *EVERYTHING)


def opened(program: Program, **more: Any) -> dict[str, Any]:
    """Declare an incident and return it."""
    body = {"centre": "harbor", "title": "Gas leak", "objects": ["quay"], **more}
    response = program.post("/incidents", body, key=uuid4().hex)
    assert response.status_code == 201, response.content
    return dict(told(response)["incident"])


def test_declares_once_for_a_key_and_says_so(program: Program) -> None:
    body = {"centre": "harbor", "title": "Gas leak", "level": 3, "role": "incident-commander"}
    key = uuid4().hex

    first, again = (told(program.post("/incidents", body, key=key)) for _ in range(2))

    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["incident"]["id"] == again["incident"]["id"]
    assert first["level"] == again["level"] == 3


def test_tells_that_the_report_stands_when_the_level_may_not_be_declared(program: Program) -> None:
    body = {"centre": "harbor", "title": "Gas leak", "level": 4, "role": "duty-officer"}

    answer = told(program.post("/incidents", body, key=uuid4().hex))

    assert answer["level"] == 0
    assert "reported, but not declared: level 4 may be declared by" in answer["refused"]


def test_strikes_what_a_scenario_puts_out_of_use_and_knows_no_other_scenario(program: Program) -> None:
    from openline.incident.activation import struck_by
    from openline.server.plans.store import centre, plan_of

    plan = plan_of(centre("harbor"))
    scenario = next(s for s in plan.scenarios if struck_by(plan, s))

    known = opened(program, objects=[], scenario=scenario)
    other = program.post(
        "/incidents", {"centre": "harbor", "title": "Gas leak", "scenario": "no-such-scenario"}, key="k"
    )

    assert set(told(program.get(f"/incidents/{known['id']}"))["state"]["hit"]) >= set(struck_by(plan, scenario))
    assert other.status_code == 409
    assert "no scenario" in other.content.decode()


def test_names_who_may_declare_when_the_role_may_not(program: Program) -> None:
    incident = opened(program)

    response = program.post(f"/incidents/{incident['id']}/commands/DeclareLevel?role=team-lead", {"level": 4})

    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
    assert "incident-commander" in told(response)["detail"]


def test_carries_out_a_command_once_for_a_key(program: Program) -> None:
    at = f"/incidents/{opened(program)['id']}/commands/WriteNote"

    first = told(program.post(at, {"text": "The alarm rings"}, key="note-1"))
    again = told(program.post(at, {"text": "The alarm rings"}, key="note-1"))

    assert first["entries"][0]["data"] == {"text": "The alarm rings"}
    assert [e["hash"] for e in first["entries"]] == [e["hash"] for e in again["entries"]]
    assert first["incident"]["last_seq"] == again["incident"]["last_seq"]


def test_keeps_the_keys_of_two_accounts_apart(program: Program, signed_in: Any) -> None:
    from openline.server.accounts.models import Account

    browser = signed_in("duty_officer")
    Account.objects.filter(email="duty_officer@example.org").update(role_names="duty_officer admin")
    other = Program(browser, "declare")
    body = {"centre": "harbor", "title": "Flood"}

    found = {told(p.post("/incidents", body, key="same"))["incident"]["id"] for p in (program, other)}

    Account.objects.filter(email="duty_officer@example.org").update(role_names="duty_officer")
    assert len(found) == 2


def test_reads_a_log_in_pages_that_follow_each_other(program: Program) -> None:
    incident = opened(program, level=3, role="incident-commander")
    seen, after = [], 0

    while page := told(program.get(f"/incidents/{incident['id']}/log?after={after}&limit=3"))["entries"]:
        seen += page
        after = page[-1]["seq"]

    assert [e["seq"] for e in seen] == list(range(1, incident["last_seq"] + 1))
    assert all(a["hash"] == b["previous"] for a, b in pairwise(seen))


def test_keeps_how_people_are_from_who_may_not_reach_them(program: Program, client: "Client") -> None:
    incident = opened(program)
    taken = told(program.post(f"/incidents/{incident['id']}/roll-call", {"reports": [
        {"person": "commander-a", "safe": "needs_help"}, {"person": "nobody-we-know", "safe": "safe"},
    ]}))  # fmt: skip
    reader = Program(client, "see_incidents")

    log = told(reader.get(f"/incidents/{incident['id']}/log"))["entries"]
    state = told(reader.get(f"/incidents/{incident['id']}"))["state"]

    assert (taken["taken"], list(taken["refused"])) == (1, ["nobody-we-know"])
    assert [e["withheld"] for e in log if e["event"] == "person.reported"] == ["read_contacts"]
    assert "needs_help" not in str(log) + str(state)
    assert "reports" in told(program.get(f"/incidents/{incident['id']}"))["state"]


def test_feeds_a_snapshot(program: Program) -> None:
    incident = opened(program)

    done = told(program.post(f"/incidents/{incident['id']}/snapshot", {"queues": {"claims": {"waiting": 41}}}))

    assert done["entries"][0]["event"] == "snapshot.fed"
    assert told(program.get(f"/incidents/{incident['id']}"))["state"]["snapshot"]["claims"]["waiting"] == 41


def test_lists_incidents_in_pages(program: Program) -> None:
    for _ in range(3):
        opened(program, title="Practice", exercise=True)

    page = told(program.get("/incidents?centre=harbor&exercise=yes&limit=2&offset=1"))

    assert page["total"] >= 3
    assert len(page["incidents"]) == 2
    assert all(i["is_exercise"] and i["ref"].startswith("EX-") for i in page["incidents"])


@pytest.mark.parametrize(
    ("path", "body", "status", "says"),
    [
        ("/incidents", {"centre": "nowhere", "title": "x"}, 404, "GET /api/v1/plans"),
        ("/incidents", {"centre": "harbor"}, 422, "title"),
        ("/incidents", b"{", 400, "JSON"),
        ("/incidents/999999/commands/WriteNote", {"text": "x"}, 404, "GET /api/v1/incidents"),
        (f"/incidents/{10**30}/commands/WriteNote", {"text": "x"}, 404, "no incident"),
        ("/triggers/no-such-trigger", {}, 404, "trigger"),
    ],
)
def test_says_what_to_do_instead(program: Program, path: str, body: Any, status: int, says: str) -> None:
    response = program.post(path, body)

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert says in told(response)["detail"]
    assert told(response)["status"] == status


def test_is_shut_without_a_token_or_its_scope_and_never_shows_a_page(client: "Client", stranger: "Client") -> None:
    reader = Program(client, "see_incidents")

    bare = stranger.get("/api/v1/incidents")
    lacking = reader.post("/incidents", {"centre": "harbor", "title": "x"})

    assert (bare.status_code, lacking.status_code) == (401, 403)
    assert "declare" in told(lacking)["detail"]
    assert all(r["Content-Type"] == "application/problem+json" for r in (bare, lacking))


def test_takes_no_act_from_another_site_by_the_cookie_of_who_is_signed_in(client: "Client") -> None:
    from django.test import Client

    browser = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)
    browser.cookies = client.cookies

    response = browser.post("/api/v1/incidents", {"centre": "harbor", "title": "x"}, "application/json")

    assert response.status_code == 403
    assert browser.get("/api/v1/incidents").status_code == 200


def test_slows_a_program_down_that_acts_too_often(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.api import door

    incident = opened(program)
    monkeypatch.setattr(door.LIMIT, "most", 2)

    answers = [program.post(f"/incidents/{incident['id']}/commands/WriteNote", {"text": "x"}) for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 429]
    assert answers[-1]["Retry-After"] == "60"


def test_gives_every_command_of_people_a_door_with_the_same_right(client: "Client") -> None:
    from openline.server.accounts.doors import doors
    from openline.server.incidents.acting import COMMAND_RIGHTS

    rights = {d.address.rpartition("/")[2]: d.right for d in doors() if "/commands/" in d.address}

    assert rights == {c.__name__: r for c, r in COMMAND_RIGHTS.items()}


@pytest.fixture
def trigger(_server: None) -> tuple[str, str]:
    """Give the ids of a trigger that declares and of one that calls the duty officer, with none under way."""
    from openline.incident.command import OPEN
    from openline.server.incidents.models import Incident
    from openline.server.plans.store import centre, plan_of

    found = plan_of(centre("harbor")).triggers.values()
    Incident.objects.filter(phase__in=OPEN).update(phase="dismissed")
    return (
        next(t.id for t in found if t.authority == "automatic" and t.level),
        next(t.id for t in found if t.authority == "duty_officer"),
    )


def test_declares_by_itself_what_the_plan_lets_a_trigger_declare(program: Program, trigger: tuple[str, str]) -> None:
    response = program.post(f"/triggers/{trigger[0]}", {"centre": "harbor", "value": 0.5})

    declared = told(response)
    log = told(program.get(f"/incidents/{declared['incident']['id']}/log"))["entries"]
    assert (response.status_code, declared["level"] > 0, declared["incident"]["phase"]) == (201, True, "active")
    assert {e["by"] for e in log} == {"Openline"}
    assert any(e["event"] == "level.declared" and e["data"].get("automatic") for e in log)


def test_calls_the_duty_officer_for_any_other_trigger(program: Program, trigger: tuple[str, str]) -> None:
    declared = told(
        program.post(f"/triggers/{trigger[1]}", {"centre": "harbor", "value": 7, "note": "third time today"})
    )

    state = told(program.get(f"/incidents/{declared['incident']['id']}"))["state"]
    assert (declared["level"], declared["incident"]["phase"]) == (0, "reported")
    assert "third time today" in state["what"]
    assert [p["role"] for p in state["pages"].values()] == ["duty-officer"]


def test_opens_one_incident_while_a_trigger_fires_on(program: Program, trigger: tuple[str, str]) -> None:
    fired = [told(program.post(f"/triggers/{trigger[0]}", {"centre": "harbor"})) for _ in range(3)]

    assert [f["is_new"] for f in fired] == [True, False, False]
    assert len({f["incident"]["id"] for f in fired}) == 1


@pytest.fixture
def twin(_server: None) -> str:
    """Give a second centre whose plan has the same triggers."""
    from openline.server.plans.store import centre, keep

    return keep("twin", "Twin", centre("harbor").files, "test", by=None, why="a test").slug


def test_asks_for_the_centre_when_several_have_the_trigger(
    program: Program, trigger: tuple[str, str], twin: str
) -> None:
    from openline.server.incidents.models import Incident

    before = Incident.objects.count()

    response = program.post(f"/triggers/{trigger[0]}", {"value": 0.5})

    refusal = told(response)
    assert (response.status_code, Incident.objects.count()) == (409, before)
    assert [e["field"] for e in refusal["errors"]] == ["centre"]
    assert {"harbor", twin} <= set(refusal["detail"].replace(",", " ").replace(".", " ").split())


def test_tells_centres_with_the_same_trigger_apart(program: Program, trigger: tuple[str, str], twin: str) -> None:
    fired = [told(program.post(f"/triggers/{trigger[0]}", {"centre": c})) for c in ("harbor", twin, "harbor")]

    assert [f["is_new"] for f in fired] == [True, True, False]
    assert [f["incident"]["centre"] for f in fired] == ["harbor", twin, "harbor"]


def test_knows_no_trigger_of_a_centre_that_has_none(program: Program, trigger: tuple[str, str]) -> None:
    assert program.post(f"/triggers/{trigger[0]}", {"centre": "nowhere"}).status_code == 404
