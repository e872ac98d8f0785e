"""The after-action report: figures, judged, accepted, taken out, fed back (TST-07, MET-05, ACT-02)."""

import csv
import json
import re
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING

import pytest

from openline.incident import record, roll_call, tasks
from openline.incident.entry import verify
from openline.incident.opening import StandDown
from tests.server.incidents_under_way import at, begun, do
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from openline.server.incidents.models import Incident


def ended(slug: str = "harbor", *, exercise: bool = False) -> "Incident":
    """Return an incident with one step measured, one finding and its action, that was stood down."""
    from openline.incident import closing, task_list
    from openline.server.incidents.store import reading

    found = begun("quay", slug=slug, exercise=exercise)
    do(found, task_list.AssembleTasks(), roll_call.OpenRollCall())
    do(found, roll_call.ReportPerson(person="ops-head", safe="safe", able=True))
    with reading(found) as state:
        first = next(t for t in state.tasks.values() if not t.predecessors and t.safety and t.automation is None)
    do(
        found,
        tasks.StartTask(task=first.id),
        tasks.CompleteTask(task=first.id, result="everybody is out"),
        record.SetStamp(stamp="resumed"),
        record.BookCost(what="taxis", amount="120.50 GBP"),
        closing.NoteFinding(text="The second contact was old"),
        closing.AssignAction(
            finding="finding-1", text="Verify contacts", owner_role="it-lead", due_on="2027-03-01", retest="June drill"
        ),
        StandDown(reason="over"),
    )
    return found


def test_is_a_draft_from_the_start_and_has_a_place_for_everything(client: "Client") -> None:
    page = text_of(client, at(begun("quay"), "report/"))

    for part in ("The clock", "objective", "Who was reached when", "What each step took", "Messages", "Decisions"):
        assert part in page
    assert "this draft grows with the log" in page
    assert "Tr" in page


def test_shows_figures_costs_findings_and_the_curve_when_it_ended(client: "Client") -> None:
    page = text_of(client, at(ended(), "report/"))

    assert "Judge the draft" in page
    assert "120.50 GBP" in page
    assert "The second contact was old" in page
    assert "tried again: June drill" in page
    assert "polyline" in page
    assert "kept" in page


def test_suggests_what_the_figures_say_until_it_is_noted(client: "Client") -> None:
    found = ended()
    text = next(re.finditer(r'aria-label="Keep: ([^"]+)"', text_of(client, at(found, "report/"))))[1]

    client.post(at(found, "do/NoteFinding/"), {"text": text, "kind": "strength"})

    page = text_of(client, at(found, "report/"))
    assert f'aria-label="Keep: {text}"' not in page
    assert text in page


def test_is_accepted_when_every_area_has_an_action(client: "Client") -> None:
    found = ended()

    client.post(at(found, "do/CloseIncident/"), {})

    assert "The report is accepted" in text_of(client, at(found, "report/"))


def test_stands_alone_as_a_file(client: "Client") -> None:
    response = client.get(at(ended(exercise=True), "report.html"))
    text = response.content.decode()

    assert response["Content-Disposition"].startswith("attachment")
    assert "EXERCISE" in text
    assert "--accent" in text
    assert not re.search(r"(src|href)=", text)


def test_gives_its_figures_as_json(client: "Client") -> None:
    document = json.loads(client.get(at(ended(), "report.json")).content)

    assert document["level_max"] == 2
    assert document["rta_s"] > 0
    assert document["findings"][0]["actions"][0]["retest"] == "June drill"


def test_gives_the_log_as_json_that_anyone_can_check(client: "Client") -> None:
    found = ended()

    lines = json.loads(client.get(at(found, "log.json")).getvalue())

    assert verify(lines) == (found.last_seq, found.last_hash)


def test_gives_the_log_as_csv_that_no_spreadsheet_runs(client: "Client") -> None:
    found = begun("quay")
    from openline.incident.command import Actor

    do(found, record.WriteNote(text="hello"), by=Actor("=cmd()", "account:7"))

    text = client.get(at(found, "log.csv")).getvalue().decode()
    rows = list(csv.DictReader(StringIO(text)))

    assert rows[-1]["by"] == "'=cmd()"
    assert rows[-1]["event"] == "note.written"
    assert len(rows) == found.last_seq


def test_lets_only_who_changes_plans_feed_it_back(signed_in: "Callable[[str], Client]") -> None:
    found = ended()

    assert signed_in("viewer").get(at(found, "report/into-the-plan/")).status_code == 403
    assert signed_in("editor").get(at(found, "report/into-the-plan/")).status_code == 200


@pytest.fixture
def fed() -> str:
    """A centre of its own, since its plan is changed."""
    from openline.plan.directory import read_directory
    from openline.server.plans.store import keep
    from tests.server.conftest import ROOT

    files, _ = read_directory(ROOT / "examples" / "harbor")
    files["openline.yaml"] = files["openline.yaml"].replace("id: harbor", "id: fed")
    keep("fed", "Fed", files, "test", by=None, why="a test")
    return "fed"


def _take(client: "Client", found: "Incident") -> None:
    from openline.server.plans.store import centre

    page = text_of(client, at(found, "report/into-the-plan/"))
    steps = re.findall(r'name="steps" value="([^"]+)"', page)
    sent = {"based_on": centre(found.slug).content_hash, "steps": steps, "actions": ["action-1"]}
    response = client.post(at(found, "report/into-the-plan/"), sent)
    assert response.status_code == 302, response.content.decode()


@pytest.mark.usefixtures("_server")
def test_takes_measured_times_actions_and_the_incident_into_the_plan(client: "Client", fed: str) -> None:
    from openline.server.plans.store import centre, plan_of

    before = plan_of(centre(fed))
    found = ended(fed)
    _take(client, found)

    revision = centre(fed)
    plan = plan_of(revision)
    name = found.ref.lower()
    measured = [(p.id, s) for p in plan.procedures.values() for s in p.steps if s.measured]
    assert revision.why == f"Learned from {found.ref}"
    assert measured
    procedure, step = measured[0]
    old = next(s for s in before.procedures[procedure].steps if s.id == step.id)
    assert step.duration == old.duration, "the stated duration stays"
    assert step.measured[0].incident == name
    action = plan.corrective_actions[f"{name}-action-1"]
    assert (action.due, action.owner_role, action.incident) == (date(2027, 3, 1), "it-lead", name)
    assert plan.incidents[name].level_max == 2
    assert plan.incidents[name].rta_s is not None


@pytest.mark.usefixtures("_server")
def test_makes_the_rules_see_the_incident_and_its_action(client: "Client", fed: str) -> None:
    from openline.audit.run import audit
    from openline.plan.load import load_plan
    from openline.server.plans.store import centre

    found = ended(fed)
    _take(client, found)
    late = audit(load_plan(centre(fed).files), date(2029, 1, 1), only=("AR-153", "AR-167"))

    told = {(f.rule, o) for f in late.findings for o in f.objects}
    assert ("AR-167", found.ref.lower()) in told
    assert ("AR-153", f"{found.ref.lower()}-action-1") in told


@pytest.mark.usefixtures("_server")
def test_links_an_action_to_the_exercise_that_whoever_wrote_it_chose(client: "Client", fed: str) -> None:
    from openline.server.plans.store import centre, plan_of

    found = ended(fed)
    exercise = next(iter(plan_of(centre(fed)).exercises.values()))
    form = text_of(client, at(found, "report/")).partition('id="exercise"')[2].partition("</select>")[0]
    said = {"finding": "finding-1", "text": "Change codes", "owner_role": "it-lead", "due_on": "2027-05-01"}
    client.post(at(found, "do/AssignAction/"), {**said, "retest": "", "exercise": exercise.id})
    client.post(at(found, "do/AssignAction/"), {**said, "retest": "by hand", "exercise": ""})

    sent = {"based_on": centre(fed).content_hash, "actions": ["action-2", "action-3"]}
    client.post(at(found, "report/into-the-plan/"), sent)

    actions, name = plan_of(centre(fed)).corrective_actions, found.ref.lower()
    assert f'value="{exercise.id}">{exercise.title}' in form
    assert f"tried again: in {exercise.title}" in text_of(client, at(found, "report/"))
    assert (actions[f"{name}-action-2"].retest, actions[f"{name}-action-2"].due) == (exercise.id, date(2027, 5, 1))
    assert actions[f"{name}-action-3"].retest is None


@pytest.mark.usefixtures("_server")
def test_takes_the_same_in_only_once_and_nothing_of_an_exercise_as_an_incident(client: "Client", fed: str) -> None:
    from openline.server.plans.store import centre, plan_of

    found = ended(fed, exercise=True)
    _take(client, found)
    once = centre(fed)
    _take(client, found)

    plan = plan_of(once)
    assert centre(fed).pk == once.pk
    assert found.ref.lower() not in plan.incidents
    measured = [m for p in plan.procedures.values() for s in p.steps for m in s.measured]
    assert measured
    assert all(m.in_exercise and m.incident is None for m in measured)


@pytest.mark.usefixtures("_server")
def test_keeps_the_ticks_when_somebody_changed_the_plan_meanwhile(client: "Client", fed: str) -> None:
    found = ended(fed)

    response = client.post(at(found, "report/into-the-plan/"), {"based_on": "old", "actions": ["action-1"]})

    assert response.status_code == 409
    assert 'value="action-1" checked' in response.content.decode()
