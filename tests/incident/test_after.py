"""What comes after the first hour: counts, assessments, the way back, the report's figures (PPL-08, ACT-06, RST-03)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from openline.incident import closing, damage, opening, paging, record, restoration, roll_call, task_list, tasks
from openline.incident.assessment import assessors, class_of, not_yet
from openline.incident.command import NotNow, NotThere, Refused
from openline.incident.entry import as_json, entries_of
from openline.incident.findings import suggested
from openline.incident.lessons import Origin, learned, lessons
from openline.incident.report import after_action
from openline.incident.restoration import clears_in_s
from openline.incident.state import Backlog, fold
from openline.plan.document import Plan
from openline.plan.exercises import CorrectiveAction
from tests.incident.plans import START, Log, declared, harbor

ORIGIN = Origin("inc-1", "INC-1", is_exercise=False)


def test_counts_how_fast_people_were_accounted_for() -> None:
    log = declared()
    log.do(roll_call.OpenRollCall(teams=("switch-team",)))
    roll = log.state.roll_calls["roll-call-1"]
    log.do(roll_call.ReportPerson(person=roll.persons[0], safe="safe"))
    log.do(roll_call.ReportPerson(person=roll.persons[0], safe="needs_help"))
    log.do(roll_call.ReportPerson(person=roll.persons[1], safe="unknown"))

    points = roll_call.curve(log.state, roll)

    assert points == [(0.0, 0.0), (60.0, 1 / len(roll.persons))]


def test_asks_only_the_groups_of_the_teams_that_were_named() -> None:
    log = declared()

    log.do(roll_call.OpenRollCall(teams=("claims-team",)))

    roll = log.state.roll_calls["roll-call-1"]
    assert {harbor().agent_groups[g].team for g in roll.expected} == {"claims-team"}
    assert [g for g, _, _ in roll_call.uncounted(harbor(), roll)] == list(roll.expected)


def test_counts_a_group_under_its_team_too() -> None:
    log = declared()
    log.do(roll_call.OpenRollCall())
    log.do(roll_call.CountGroup(group="quay-claims", safe=40, needs_help=1))

    counts = roll_call.headcounts(harbor(), log.state, log.state.roll_calls["roll-call-1"])

    assert counts.by["team"]["claims-team"].needs_help == 1


def test_calls_a_role_that_was_only_informed_before() -> None:
    log = declared(level=1)
    log.do(paging.OrderPage(ask="inform", roles=("telecom-engineer",), subject="Early word", text="Stay near a phone"))

    log.do(opening.DeclareLevel(level=2))

    assert any(p.role == "telecom-engineer" and p.ask == "acknowledge" for p in log.state.pages.values())


def test_computes_the_next_look_and_keeps_answers_and_role() -> None:
    log = declared("quay")

    log.do(damage.AssessDamage(object="quay", state="unusable", next_look_in_s=1800, answers={"enter": "nobody"}))

    found = log.state.damage["quay", "initial"]
    assert found.next_look_at == log.now + timedelta(minutes=30)
    assert (found.answers, found.role) == ({"enter": "nobody"}, "incident-commander")


def test_lists_what_is_not_assessed_first_and_in_detail() -> None:
    log = declared("quay", "acd-quay")
    log.do(damage.AssessDamage(object="quay", state="unusable"))
    log.do(damage.AssessDamage(object="acd-quay", state="ok"))

    assert list(not_yet(log.state, "initial")) == []
    assert list(not_yet(log.state, "detailed")) == ["quay"]


def test_names_the_assessor_of_the_plans_forms() -> None:
    assert assessors(harbor(), "quay", "detailed") == ("facilities-lead",)
    assert assessors(harbor(), "acd-quay", "detailed") == ("it-lead",)
    assert class_of(harbor(), "quay") == "site"


def test_refuses_to_send_results_before_anything_was_looked_at() -> None:
    log = declared("quay")

    with pytest.raises(NotNow, match="nothing has been assessed"):
        log.do(damage.ShareDamage(roles=("it-lead",), text="x"))
    log.do(damage.AssessDamage(object="quay"))
    with pytest.raises(Refused, match="no role 'nobody'"):
        log.do(damage.ShareDamage(roles=("nobody",), text="x"))


def test_keeps_who_said_that_they_have_the_results() -> None:
    log = declared("quay")
    log.do(damage.AssessDamage(object="quay", state="unusable"))
    log.do(damage.ShareDamage(roles=("it-lead",), text="Quay House is shut"))
    page = log.state.pages[log.state.shared[0]]

    for person in page.rungs[0]:
        log.do(paging.AcknowledgePage(page=page.id, person=person))

    assert set(page.answers) == set(page.rungs[0])
    assert "it-lead" not in log.state.roles


@pytest.mark.parametrize(
    ("reports", "seconds"),
    [
        ([], None),
        ([(0, None, None)], 0.0),
        ([(120, None, None)], None),
        ([(120, 100.0, 40.0)], 7200.0),
        ([(120, 40.0, 40.0)], float("inf")),
        ([(120, None, None), (60, None, None)], 3600.0),
        ([(60, None, None), (120, None, None)], float("inf")),
    ],
)
def test_tells_when_a_backlog_clears(
    reports: list[tuple[int, float | None, float | None]], seconds: float | None
) -> None:
    found = [Backlog(n, START + timedelta(hours=h), w, a) for h, (n, w, a) in enumerate(reports)]

    assert clears_in_s(found) == seconds


def test_stands_down_on_criteria_that_were_confirmed_before() -> None:
    log = declared(level=1)
    with pytest.raises(NotNow, match="No sign"):
        log.do(opening.StandDown())
    with pytest.raises(NotThere, match="no such"):
        log.do(restoration.ConfirmCriterion(criterion="made up", evidence="x"))
    log.do(restoration.ConfirmCriterion(criterion="No sign for two hours", evidence="the log"))
    log.do(restoration.WithdrawCriterion(criterion="No sign for two hours", reason="again"))
    with pytest.raises(NotThere, match="nobody has said"):
        log.do(restoration.WithdrawCriterion(criterion="No sign for two hours", reason="again"))
    log.do(restoration.ConfirmCriterion(criterion="No sign for two hours", evidence="the log"))

    assert log.do(opening.StandDown()) == ["incident.stood_down"]


def finished() -> Log:
    log = declared("quay", level=2)
    log.do(task_list.AssembleTasks())
    first = next(t for t in log.state.tasks.values() if t.safety and not t.predecessors and not t.automation)
    log.do(tasks.StartTask(task=first.id))
    log.do(tasks.CompleteTask(task=first.id), after_s=7200)
    log.do(record.SetStamp(stamp="resumed"))
    log.do(closing.NoteFinding(text="Door codes were old"))
    mend = closing.AssignAction(finding="finding-1", text="Change codes", owner_role="it-lead", due_on="2027-01-31")
    log.do(mend.model_copy(update={"retest": "Open every door at the drill"}))
    log.do(opening.StandDown(reason="over"))
    log.do(closing.CloseIncident())
    return log


def test_suggests_what_was_late_and_what_took_longer_until_it_is_noted() -> None:
    log = finished()
    report = after_action(log.state, harbor())

    texts = [s.text for s in suggested(report, log.state, harbor())]
    log.do(closing.NoteFinding(text=texts[0]))

    assert any("after its recovery time objective" in t for t in texts)
    assert any("took 2 h" in t for t in texts)
    assert texts[0] not in [s.text for s in suggested(report, log.state, harbor())]


def test_gives_measured_times_and_the_incident_back_to_the_plan_once() -> None:
    log = finished()
    report, on = after_action(log.state, harbor()), date(2026, 11, 30)
    found = lessons(harbor(), report, ORIGIN, on)
    chosen = [x.source for x in found]

    once = learned(harbor(), log.state, report, ORIGIN, steps=chosen, actions=["action-1", "action-9"])
    twice = learned(once, log.state, report, ORIGIN, steps=chosen, actions=["action-1"])

    assert found
    assert not any(x.in_plan for x in found)
    assert all(x.in_plan for x in lessons(once, report, ORIGIN, on))
    assert twice == once
    assert once.incidents["inc-1"].report_on is not None
    assert set(once.corrective_actions) - set(harbor().corrective_actions) == {"inc-1-action-1"}
    assert harbor().incidents.get("inc-1") is None


def mended(**retest: str) -> Log:
    """Return the log of an incident whose finding got an action with this retest."""
    log = declared("quay", level=2)
    log.do(closing.NoteFinding(text="Door codes were old"))
    log.do(closing.AssignAction.model_validate(
        {"finding": "finding-1", "text": "Change codes", "owner_role": "it-lead", "due_on": "2027-01-31", **retest}
    ))  # fmt: skip
    return log


def corrective(log: Log, plan: Plan) -> CorrectiveAction:
    report = after_action(log.state, harbor())
    return learned(plan, log.state, report, ORIGIN, steps=[], actions=["action-1"]).corrective_actions["inc-1-action-1"]


def test_gives_the_exercise_in_which_an_action_is_tried_again_back_as_the_link() -> None:
    """MNT-04: finding, action, change of the plan, retest."""
    exercise = next(iter(harbor().exercises))

    found = corrective(mended(exercise=exercise, retest="Open every door"), harbor())

    assert (found.retest, found.due) == (exercise, date(2027, 1, 31))
    assert found.notes == "Door codes were old Try again: Open every door."


def test_keeps_in_words_an_exercise_that_the_plan_lost_since() -> None:
    exercise = next(iter(harbor().exercises))

    found = corrective(mended(exercise=exercise), replace(harbor(), exercises={}))

    assert found.retest is None
    assert found.notes.endswith(f"Try again: {exercise}.")


def test_links_no_exercise_where_none_was_chosen() -> None:
    assert corrective(mended(retest="June drill"), harbor()).retest is None


def test_takes_an_exercise_for_how_an_area_is_tried_again_and_refuses_one_that_the_plan_has_not() -> None:
    log = mended(exercise=next(iter(harbor().exercises)))
    log.do(opening.StandDown(reason="over"))

    with pytest.raises(Refused, match="no exercise"):
        log.do(closing.AssignAction(finding="finding-1", text="Change codes", exercise="made-up"))
    assert log.do(closing.CloseIncident()) == ["incident.closed"]


def test_stores_an_action_without_an_exercise_as_before() -> None:
    log = mended(retest="June drill")

    stored = next(as_json(e) for e in log.entries if as_json(e)["event"] == "action.assigned")

    assert set(stored["data"]) == {"action", "finding", "text", "owner_role", "due_on", "retest"}
    assert fold(entries_of([as_json(e) for e in log.entries])) == log.state


def test_folds_what_was_added_from_its_export() -> None:
    log = finished()

    assert fold(entries_of([as_json(e) for e in log.entries])) == log.state
