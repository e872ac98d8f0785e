"""Levels, two persons, calling people, tasks, messages and restoration as the core decides them."""

import pytest

from openline.incident import (
    closing,
    damage,
    messages,
    opening,
    paging,
    record,
    restoration,
    roll_call,
    task_list,
    tasks,
    timers,
)
from openline.incident.activation import RESPONSE, struck_by
from openline.incident.aid import AidAnswers, propose
from openline.incident.approval import GiveApproval
from openline.incident.clocks import activity_clocks
from openline.incident.command import Context, NotAllowed, NotNow, Refused
from openline.incident.pace import critical_path
from openline.incident.permit import MayNotTouchTheWorld, Permit, ensure, permit
from openline.plan.incidents import Estimate
from tests.incident.plans import COMMANDER, DUTY, SECOND, STRANGER, Log, declared, harbor, reported


def test_calls_the_duty_officer_at_a_first_sign() -> None:
    log = reported("quay")

    assert [p.role for p in log.state.pages.values()] == ["duty-officer"]
    assert [j.kind for j in log.jobs] == ["page", "timer"]


def test_lets_only_those_declare_who_may_and_names_them() -> None:
    log = reported("quay")

    with pytest.raises(NotAllowed, match="incident-commander"):
        log.do(opening.DeclareLevel(level=4), DUTY)
    with pytest.raises(NotAllowed):
        log.do(opening.DeclareLevel(level=2), STRANGER)
    assert log.do(opening.DeclareLevel(level=3), DUTY)[0] == "level.declared"


def test_calls_every_role_of_the_level_once() -> None:
    log = declared(level=3)
    called = [p.role for p in log.state.pages.values()]

    log.do(opening.DeclareLevel(level=4))

    again = [p.role for p in log.state.pages.values()]
    assert len(called) == len(set(called)) > 5
    assert set(again) - set(called) == {"finance-lead"}


def test_climbs_the_ladder_until_somebody_answers() -> None:
    log = reported("quay")
    page = log.state.pages["page-1"]

    first = log.do(timers.EndTimer(timer="page", of="page-1", turn=0))
    stale = log.do(timers.EndTimer(timer="page", of="page-1", turn=0))
    log.do(paging.AcknowledgePage(page="page-1", person="duty-officer-b"))
    after = log.do(timers.EndTimer(timer="page", of="page-1", turn=1))

    assert (first, stale, after) == (["page.climbed"], [], [])
    assert (page.state, page.by, log.state.roles["duty-officer"]) == (
        "acknowledged",
        "duty-officer-b",
        "duty-officer-b",
    )


def test_raises_an_alarm_when_nobody_answers() -> None:
    log = reported("quay")
    turns = paging.turns(log.state.pages["page-1"])

    for turn in range(turns):
        last = log.do(timers.EndTimer(timer="page", of="page-1", turn=turn))

    assert last == ["page.exhausted", "alarm.raised"]


@pytest.mark.parametrize("when", ["before", "during", "after", "twice"])
def test_takes_an_answer_whenever_it_comes(when: str) -> None:
    log = reported("quay")
    answer = paging.AcknowledgePage(page="page-1", person="duty-officer-a")
    for turn in range({"during": 1, "after": 99}.get(when, 0)):
        log.do(timers.EndTimer(timer="page", of="page-1", turn=turn))

    log.do(answer)
    if when == "twice":
        log.do(answer)

    assert log.state.pages["page-1"].state == "acknowledged"


def test_takes_two_persons_to_stand_down_from_level_three() -> None:
    log = declared()
    criteria = opening.criteria_of(log.state, _context(log))

    asked = log.do(opening.StandDown(criteria=criteria))
    with pytest.raises(NotAllowed, match="two persons"):
        log.do(GiveApproval(approval="approval-1"))
    given = log.do(GiveApproval(approval="approval-1"), SECOND)

    assert asked == ["approval.asked", "page.ordered"]
    assert given == ["approval.given", "page.cancelled", "incident.stood_down"]
    assert log.state.phase == "stood_down"


def _context(log: Log) -> Context:
    return Context(log.plan, log.now, COMMANDER, log.now)


def test_passes_an_approval_on_when_nobody_answers_in_time() -> None:
    log = declared()
    log.do(opening.StandDown(criteria=opening.criteria_of(log.state, _context(log))))
    roles = log.state.approvals["approval-1"].roles

    ends = [log.do(timers.EndTimer(timer="approval", of="approval-1", turn=n)) for n in range(len(roles))]

    assert ends[:-1] == [["approval.passed_on", "page.cancelled", "page.ordered"]] * (len(roles) - 1)
    assert ends[-1] == ["approval.lapsed", "alarm.raised", "page.cancelled"]


def test_lists_safety_first_and_holds_the_rest_until_it_is_done() -> None:
    log = declared()
    log.do(task_list.AssembleTasks())
    names = list(log.state.tasks.values())
    business = next(t for t in names if not t.safety and not t.predecessors)
    last_safety = max(n for n, t in enumerate(names) if t.safety)

    assert all(t.lane == "safety" for t in names[: last_safety + 1] if t.safety)
    with pytest.raises(NotNow, match="come"):
        log.do(tasks.StartTask(task=business.id))
    assert log.do(tasks.StartTask(task=business.id, override="the street is clear")) == ["task.started"]


def test_takes_what_is_hit_from_a_scenario_with_its_procedures() -> None:
    scenario = next(s for s in harbor().scenarios if struck_by(harbor(), s) and harbor().scenarios[s].playbook)
    log = reported()
    log.do(opening.DeclareLevel(level=2))

    assert log.do(record.HitObjects(scenario=scenario)) == ["objects.hit"]
    assert set(struck_by(harbor(), scenario)) <= set(log.state.hit)
    with pytest.raises(NotNow):
        log.do(record.HitObjects(scenario=scenario))
    log.do(task_list.AssembleTasks())
    named = {s.partition("/")[0] for t in log.state.tasks.values() for s in t.source}
    playbook = [harbor().procedures[p] for p in harbor().scenarios[scenario].playbook]
    assert {p.id for p in playbook if p.phase in RESPONSE} <= named
    with pytest.raises(Refused, match="no scenario"):
        log.do(record.HitObjects(scenario="nowhere"))
    with pytest.raises(Refused, match="say what is down"):
        log.do(record.HitObjects())


def test_merges_steps_that_say_the_same_to_the_same_role() -> None:
    log = declared("quay", "hill")
    log.do(task_list.AssembleTasks())

    merged = [t for t in log.state.tasks.values() if len(t.source) > 1]

    assert any({"leave-quay/leave", "leave-hill/leave"} <= set(t.source) for t in merged)


def test_shortens_the_critical_path_as_tasks_are_finished() -> None:
    log = declared()
    log.do(task_list.AssembleTasks())
    before, chain = critical_path(log.state, log.now)

    log.do(tasks.CompleteTask(task=chain[0]))

    assert critical_path(log.state, log.now)[0] < before


def test_blocks_a_release_while_a_slot_is_open() -> None:
    log = declared()
    log.do(messages.DraftMessage(template="delay-customers", slots={"what": "Gas leak"}))
    approver = COMMANDER

    with pytest.raises(NotNow, match="since, effect, doing, ask, next_update, contact"):
        log.do(messages.ApproveMessage(message="message-1"), approver)
    with pytest.raises(NotNow, match="not approved"):
        log.do(messages.ReleaseMessage(message="message-1"))


FACTS = {
    "what": "Gas leak",
    "since": "10:00",
    "effect": "Waits are long.",
    "doing": "moving calls",
    "ask": "call later",
    "next_update": "11:00",
    "contact": "the web page",
}


def test_asks_why_when_audiences_are_told_different_facts() -> None:
    log = declared()
    log.do(messages.DraftMessage(template="delay-customers", slots=FACTS))
    log.do(messages.ApproveMessage(message="message-1"))
    log.do(messages.DraftMessage(template="outage-media", slots={"since": "09:30"}))

    with pytest.raises(NotNow, match="since differ"):
        log.do(messages.ApproveMessage(message="message-2"))
    log.do(messages.EditMessage(message="message-2", differs_because="Press asks for the first alarm"))
    assert log.do(messages.ApproveMessage(message="message-2")) == ["message.approved"]


def test_watches_a_promised_update() -> None:
    log = declared()
    log.do(messages.DraftMessage(template="delay-customers", slots=FACTS))
    log.do(messages.ApproveMessage(message="message-1"))

    with pytest.raises(NotNow, match="promise"):
        log.do(messages.ReleaseMessage(message="message-1"))
    log.do(messages.ReleaseMessage(message="message-1", next_update_in_s=3600))

    assert list(messages.updates_owed(log.state)) == ["customers"]
    assert log.do(timers.EndTimer(timer="update", of="message-1")) == ["message.update_fell_due"]


def test_raises_an_alarm_when_a_promised_update_does_not_come_also_after_the_stand_down() -> None:
    log = declared(level=2)
    log.do(messages.DraftMessage(template="delay-customers", slots=FACTS))
    log.do(messages.ApproveMessage(message="message-1"))
    log.do(messages.ReleaseMessage(message="message-1", next_update_in_s=3600))
    waits = {(j.payload["turn"], j.delay_s) for j in log.jobs if j.payload.get("timer") == "update"}
    log.do(opening.StandDown(reason="over"))

    assert waits == {(0, 3300.0), (1, 3600.0)}
    assert log.do(timers.EndTimer(timer="update", of="message-1")) == ["message.update_fell_due"]
    assert log.do(timers.EndTimer(timer="update", of="message-1", turn=1)) == ["alarm.raised"]
    with pytest.raises(NotNow, match="customers were promised an update"):
        log.do(closing.CloseIncident())
    log.do(messages.DraftMessage(template="delay-customers", slots=FACTS))
    log.do(messages.ApproveMessage(message="message-2"))
    log.do(messages.ReleaseMessage(message="message-2", is_last=True))
    assert log.do(timers.EndTimer(timer="update", of="message-1", turn=1)) == []
    assert log.do(closing.CloseIncident()) == ["incident.closed"]


def test_expects_nothing_back_by_a_repair_time_that_has_passed_or_a_list_that_is_finished() -> None:
    log = declared("quay")
    etr = Estimate(optimistic_s=60, likely_s=3600, pessimistic_s=7200)
    log.do(damage.AssessDamage(object="quay", state="unusable", etr=etr))

    def back() -> set[float | None]:
        return {c.back_in_s for c in activity_clocks(log.state, log.plan, log.now)}

    assert back() == {3600.0}
    log.do(task_list.AddTask(text="Route calls", likely_s=600))
    assert 3600.0 not in back()
    log.do(tasks.CompleteTask(task="added-1"))
    assert back() == {3480.0}
    log.do(record.WriteNote(text="still shut"), after_s=7200)
    assert back() == {None}


def test_raises_an_alarm_when_an_audience_was_not_told_by_its_deadline() -> None:
    log = declared()
    waits = sorted(j.delay_s for j in log.jobs if j.payload.get("timer") == "deadline")
    stated = {s.deadline_s for s in harbor().stakeholders.values() if s.deadline_s is not None}

    assert waits == sorted(stated)
    assert log.do(timers.EndTimer(timer="deadline", of="early")) == []
    assert log.do(timers.EndTimer(timer="deadline", of="first"), after_s=waits[0]) == ["alarm.raised"]
    assert "Nothing was released in time to" in log.state.notes[-1].text
    log.do(opening.DeclareLevel(level=4))
    assert len([j for j in log.jobs if j.payload.get("timer") == "deadline"]) == len(waits)


def test_stands_down_only_when_the_way_back_is_whole_or_a_reason_is_given() -> None:
    log = declared(level=2)
    log.do(restoration.BeginRestoration(why="the street is open"))
    log.do(
        restoration.SignWalkthrough(site="quay", answers=dict.fromkeys(restoration.WALKTHROUGH, "yes"), signed_by="A")
    )
    log.do(restoration.MoveTranche(share=0.5))
    log.do(restoration.ReportBacklog(contacts=40))
    log.do(restoration.Reconcile(what="Paper forms", records=12, differences=2))
    criteria = opening.criteria_of(log.state, _context(log))
    down = opening.StandDown(criteria=criteria)

    with pytest.raises(NotNow, match=r"40 still wait.*50% are, on hold.*Paper forms: 2 differences"):
        log.do(down)
    log.do(restoration.PassHold(note="as usual"))
    log.do(restoration.MoveTranche(share=1.0))
    log.do(restoration.PassHold(note="as usual"))
    log.do(restoration.Reconcile(what="Paper forms", records=12, differences=0))
    with pytest.raises(NotNow, match="the backlog"):
        log.do(down)
    log.do(restoration.ReportBacklog(contacts=0))
    assert log.do(down) == ["incident.stood_down"]


def test_counts_a_roll_call_by_site_role_and_skill() -> None:
    log = declared()
    log.do(roll_call.OpenRollCall())
    log.do(roll_call.ReportPerson(person="ops-head", safe="safe", able=True, where="home", kit=True))
    log.do(roll_call.ReportPerson(person="it-engineer-a", safe="needs_help"))
    roll = log.state.roll_calls["roll-call-1"]

    found = roll_call.headcounts(harbor(), log.state, roll)

    assert (found.total.safe, found.total.needs_help, found.total.able) == (1, 1, 1)
    assert found.total.unknown == len(roll.persons) - 2
    assert found.needs_help == ["it-engineer-a"]
    assert found.by["role"]["operations-manager"].safe == 1


def test_feeds_an_assessment_into_what_is_hit() -> None:
    log = declared("quay")
    log.do(damage.AssessDamage(object="acd-quay", state="destroyed", cause="water"))
    log.do(damage.AssessDamage(object="quay", state="ok"))

    assert set(log.state.hit) == {"acd-quay"}
    assert "assessed" in log.state.stamps


def test_routes_back_only_after_the_walkthrough_and_each_hold_point() -> None:
    log = declared("quay")
    log.do(restoration.BeginRestoration(why="the gas is off"))
    walked = dict.fromkeys(restoration.WALKTHROUGH, "yes")

    with pytest.raises(NotNow, match="walkthrough"):
        log.do(restoration.MoveTranche(share=0.1))
    log.do(restoration.SignWalkthrough(site="quay", answers=walked, signed_by="Facilities lead"))
    log.do(restoration.MoveTranche(share=0.1))
    with pytest.raises(NotNow, match="hold"):
        log.do(restoration.MoveTranche(share=0.25))
    log.do(restoration.PassHold(note="80 % in 20 s"))
    log.do(restoration.MoveTranche(share=1.0))
    log.do(restoration.PassHold(note="as on any day"))

    assert {"walkthrough", "routed back"} <= set(log.state.restored_steps)


def test_closes_only_when_every_area_to_improve_has_an_action() -> None:
    log = declared(level=2)
    log.do(closing.NoteFinding(text="The second contact was out of date"))
    log.do(opening.StandDown(reason="over"))

    with pytest.raises(NotNow, match="no action"):
        log.do(closing.CloseIncident())
    part = closing.AssignAction(finding="finding-1", text="Verify contacts", due_on="2026-12-31", retest="June drill")
    log.do(part)
    with pytest.raises(NotNow, match="an owner"):
        log.do(closing.CloseIncident())
    log.do(part.model_copy(update={"owner_role": "plan-owner" if "plan-owner" in harbor().roles else "it-lead"}))
    assert log.do(closing.CloseIncident()) == ["incident.closed"]


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({}, 1),
        ({"queues_hit": "none", "danger": "no"}, 0),
        ({"queues_hit": "one"}, 2),
        ({"danger": "yes"}, 3),
        ({"below_minimum": "yes", "lasts_over_rto": "yes"}, 3),
        ({"below_minimum": "yes", "outside_attention": "yes"}, 4),
    ],
)
def test_proposes_a_level_and_says_why(answers: dict[str, str], level: int) -> None:
    found, reasons = propose(AidAnswers.model_validate(answers))

    assert found == level
    assert all(reasons)


def test_gives_no_permit_to_an_exercise() -> None:
    with pytest.raises(MayNotTouchTheWorld):
        permit(reported("quay", exercise=True).state, "EX-1")
    with pytest.raises(MayNotTouchTheWorld):
        Permit("INC-1")
    with pytest.raises(MayNotTouchTheWorld):
        ensure(object())
    ensure(permit(reported("quay").state, "INC-1"))


def test_refuses_an_object_that_the_plan_does_not_have() -> None:
    with pytest.raises(Refused, match="no object 'nowhere'"):
        reported("nowhere")
