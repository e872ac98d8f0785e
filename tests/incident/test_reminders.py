"""Who is called for a decision, a level or a situation report that is overdue, and who is not (ACT-02, ACT-08)."""

import heapq
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openline.incident import authority, decisions, opening, paging, reminders, sitrep, timers
from openline.incident.command import SYSTEM, Command, NotNow
from openline.incident.event import read
from openline.incident.people import Page
from openline.incident.permit import MayNotTouchTheWorld, permit
from openline.incident.telephone import DeclareFromCall
from openline.plan.document import Plan
from tests.incident.plans import COMMANDER, DUTY, STRANGER, Log, harbor, reported

MINUTE = 60.0
HOUR = 3600.0


@dataclass
class Running:
    """An incident whose waits end by themselves as time passes, as the engine ends them."""

    log: Log
    waits: list[tuple[datetime, int, dict[str, Any]]] = field(default_factory=list)
    seen: int = 0

    def do(self, command: Command, actor: Any = COMMANDER, after_s: float = 0.0) -> list[str]:
        """Carry a command out after some time, without ending the waits meanwhile."""
        found = self.log.do(command, actor, after_s=after_s)
        for n, job in enumerate(self.log.jobs[self.seen :], self.seen):
            if job.kind == "timer":
                heapq.heappush(self.waits, (self.log.now + timedelta(seconds=job.delay_s), n, job.payload))
        self.seen = len(self.log.jobs)
        return found

    def wait(self, seconds: float) -> None:
        """Let time pass: every wait ends when it is over."""
        until = self.log.now + timedelta(seconds=seconds)
        while self.waits and self.waits[0][0] <= until:
            at, _, payload = heapq.heappop(self.waits)
            self.do(timers.EndTimer(**payload), SYSTEM, after_s=(at - self.log.now).total_seconds())
        self.log.now = until

    def ask(self, question: str = "Invoke the partner?", in_s: float = HOUR, owner: str | None = None) -> str:
        """Put a question that is to be decided within a time."""
        by_at = self.log.now + timedelta(seconds=in_s)
        self.do(decisions.OpenDecision(question=question, by_at=by_at, owner_role=owner))
        return f"decision-{len(self.log.state.decisions)}"

    def told(self, about: str, ask: str = "remind") -> list[Page]:
        """Return the calls, or the warnings, about something."""
        return [p for p in self.log.state.pages.values() if about in p.about and p.ask == ask]

    def sent(self, page: Page) -> list[str]:
        """Return whom a call was handed over for, in order; who hands over asks the state at that moment."""
        own = [j.payload for j in self.log.jobs if j.kind == "page" and j.payload["page"] == page.id]
        return [p for j in own for p in paging.rung(page, j["turn"])]


def running(level: int = 3, plan: Plan | None = None, *, exercise: bool = False) -> Running:
    """Return an incident with a level in force, whose reports are not due for a day."""
    run = Running(reported("quay", plan=plan, exercise=exercise))
    run.do(opening.DeclareLevel(level=level), COMMANDER)
    run.do(sitrep.IssueSitrep(facts="It begins", next_in_s=86400))
    return run


def test_calls_the_owner_of_a_decision_once_when_its_last_moment_has_passed() -> None:
    run = running()
    name = run.ask(owner="finance-lead")

    run.wait(HOUR - 1)
    before = run.told(name)
    run.wait(2)
    run.do(timers.EndTimer(timer="call", of=name), SYSTEM)

    assert before == []
    (page,) = run.told(name)
    assert (page.role, page.rungs, page.subject) == (
        "finance-lead",
        paging.ladder(harbor(), "finance-lead", run.log.now),
        "Overdue: Invoke the partner?",
    )
    assert "Overdue: Decide: Invoke the partner? (since 11:01)." in page.text
    assert page.text.endswith("Acknowledge by the link, or reply 1.")


@pytest.mark.parametrize(("level", "taken", "lead"), [
    (3, None, "incident-commander"),
    (2, None, "duty-officer"),
    (2, "incident-commander", "incident-commander"),
])  # fmt: skip
def test_calls_who_leads_for_a_decision_that_names_nobody(level: int, taken: str | None, lead: str) -> None:
    run = running(level)
    if taken:
        run.do(paging.AssumeRole(role=taken, name="commander-a"))

    name = run.ask()
    run.wait(HOUR)

    assert [p.role for p in run.told(name)] == [lead]


def test_climbs_as_the_policy_says_and_then_goes_to_the_next_in_the_order_of_succession() -> None:
    run = running()
    name = run.ask(owner="finance-lead")

    run.wait(HOUR + 2 * HOUR)

    pages = run.told(name)
    called = [p for page in pages for p in dict.fromkeys(run.sent(page))]
    assert [(p.role, p.state) for p in pages] == [
        ("finance-lead", "exhausted"),
        ("incident-commander", "exhausted"),
        ("duty-officer", "exhausted"),
    ]
    assert len(called) == len(set(called)) == sum(len(p.rungs) for p in pages)
    assert [len(run.sent(p)) for p in pages] == [paging.turns(p) for p in pages]
    alarms = [n.text for n in run.log.state.notes if "Overdue: Invoke the partner?" in n.text]
    assert len(alarms) == reminders.MOST_ROLES
    assert pages[1].ordered_at - pages[0].ordered_at == timedelta(seconds=paging.turns(pages[0]) * pages[0].wait_s)


def test_stops_after_three_roles_however_many_may_declare_the_level() -> None:
    run = running(level=1)
    name = run.ask()

    run.wait(HOUR + 3 * HOUR)

    assert len(authority.leaders(run.log.state, harbor())) > reminders.MOST_ROLES
    assert [p.state for p in run.told(name)] == ["exhausted"] * reminders.MOST_ROLES


def test_calls_nobody_further_once_somebody_has_it() -> None:
    run = running()
    name = run.ask(owner="finance-lead")
    run.wait(HOUR)
    (page,) = run.told(name)

    run.do(paging.AcknowledgePage(page=page.id, person=page.rungs[0][0]))
    run.wait(5 * HOUR)

    assert run.told(name) == [page]
    assert (page.state, run.sent(page)) == ("acknowledged", [page.rungs[0][0]])
    assert "finance-lead" not in run.log.state.roles
    assert paging.recipients(run.log.state, page, 0) == ()


def test_lets_a_late_answer_end_the_calls_of_those_who_came_next() -> None:
    run = running()
    name = run.ask(owner="finance-lead")
    run.wait(HOUR + 20 * MINUTE)
    first, second = run.told(name)[0], run.told(name)[-1]
    assert (first.state, second.state) == ("exhausted", "open")

    run.do(paging.AcknowledgePage(page=first.id, person=first.rungs[0][0]))

    assert (first.state, second.state) == ("acknowledged", "cancelled")


def test_calls_nobody_for_what_was_decided_in_time() -> None:
    run = running()
    name = run.ask()
    run.wait(HOUR - 1)

    run.do(decisions.MakeDecision(decision=name, choice="yes"))
    run.wait(2 * HOUR)

    assert run.told(name) == []


def test_calls_off_who_is_being_called_once_it_is_decided() -> None:
    run = running()
    name = run.ask()
    run.wait(HOUR)
    (page,) = run.told(name)

    come = run.do(decisions.MakeDecision(decision=name, choice="yes"))
    run.wait(2 * HOUR)

    assert come == ["decision.made", "page.cancelled"]
    assert run.told(name) == [page]
    # What is on its way to a provider that is down goes to nobody either.
    assert [paging.recipients(run.log.state, page, n) for n in range(paging.turns(page))] == [()] * paging.turns(page)


def test_does_not_name_to_the_next_what_was_decided_meanwhile() -> None:
    run = running()
    first = run.ask("Invoke the partner?")
    second = run.ask("Send people home?", in_s=HOUR + MINUTE)
    run.wait(HOUR)
    (page,) = run.told(second)
    assert page.about == (first, second)
    assert "Decide: Send people home? (by 11:02)" in page.text

    run.do(decisions.MakeDecision(decision=first, choice="yes"))
    run.wait(page.wait_s)

    later = run.told(second)[-1]
    assert (page.state, later.state, later.about) == ("cancelled", "open", (second,))
    assert "Invoke" not in later.text
    assert later.rungs == page.rungs[1:]


def test_calls_the_authority_of_a_level_whose_time_limit_has_passed() -> None:
    run = running(level=2)

    run.wait(4 * HOUR)

    (page,) = run.told("level-1")
    assert (page.role, page.state) == ("duty-officer", "open")
    assert "Decide again whether level 2 is right (since 14:01)" in page.text
    assert "reply the code and the level" in page.text


def test_goes_to_the_next_authority_when_the_first_does_not_answer() -> None:
    run = running(level=2)

    run.wait(5 * HOUR)

    assert [p.role for p in run.told("level-1")][:2] == ["duty-officer", "incident-commander"]


def test_keeps_a_level_that_is_declared_anew_near_its_limit_and_calls_nobody() -> None:
    run = running(level=2)

    with pytest.raises(NotNow, match="in force already"):
        run.do(opening.DeclareLevel(level=2), DUTY)
    run.wait(4 * HOUR - 10 * MINUTE)
    with pytest.raises(NotNow, match="in force already"):
        run.do(opening.DeclareLevel(level=2), SYSTEM)
    assert run.do(opening.DeclareLevel(level=2), DUTY) == ["level.declared"]
    with pytest.raises(NotNow, match="in force already"):
        run.do(opening.DeclareLevel(level=2), DUTY)
    run.wait(3 * HOUR)

    assert run.told("level-1") == run.told("level-2") == []
    run.wait(HOUR)
    assert len(run.told("level-2")) == 1


@pytest.mark.parametrize("level", [2, 3])
def test_takes_the_answer_of_a_level_by_phone(level: int) -> None:
    run = running(level=2)
    run.wait(4 * HOUR)
    (page,) = run.told("level-1")

    run.do(DeclareFromCall(page=page.id, person="duty-officer-a", level=level), STRANGER)

    assert (run.log.state.level, page.state) == (level, "cancelled")


def test_calls_who_issued_the_last_report_when_the_next_is_late_and_nobody_once_it_is_sent() -> None:
    run = running()
    reporter = replace(STRANGER, role="communications-lead")
    run.do(sitrep.IssueSitrep(facts="So it is", next_in_s=30 * MINUTE), reporter)

    run.wait(30 * MINUTE)
    (page,) = run.told("sitrep-3")
    come = run.do(sitrep.IssueSitrep(facts="So it is now", next_in_s=30 * MINUTE), reporter)
    run.do(sitrep.IssueSitrep(facts="And now", next_in_s=86400), reporter, after_s=25 * MINUTE)
    run.wait(HOUR)

    assert (page.role, page.subject) == ("communications-lead", "Overdue: Situation report 3")
    assert come == ["sitrep.issued", "page.cancelled"]
    assert run.told("sitrep-4") == []


@pytest.mark.parametrize(("level", "called"), [(1, "duty-officer"), (3, "continuity-manager")])
def test_calls_for_the_first_report_who_plans_when_they_take_part_else_who_leads(level: int, called: str) -> None:
    run = Running(reported("quay"))
    run.do(opening.DeclareLevel(level=level), DUTY)
    is_here = "continuity-manager" in {p.role for p in run.log.state.pages.values()}

    run.wait(HOUR)

    assert (is_here, run.told("sitrep-1")[0].role) == (level == 3, called)


def test_waits_for_the_first_report_as_the_level_in_force_wants_it() -> None:
    run = Running(reported("quay"))
    run.do(opening.DeclareLevel(level=2))
    run.do(opening.DeclareLevel(level=3), after_s=20 * MINUTE)

    run.wait(20 * MINUTE)
    early = run.told("sitrep-1")
    run.wait(10 * MINUTE)

    assert (early, len(run.told("sitrep-1"))) == ([], 1)


def test_warns_once_a_quarter_of_an_hour_before_whoever_would_be_called_first() -> None:
    run = running(level=2)
    name = run.ask(owner="finance-lead")

    run.wait(45 * MINUTE - 1)
    before = run.told(name, "inform")
    run.wait(2)
    run.do(timers.EndTimer(timer="warning", of=name), SYSTEM)
    run.wait(3 * HOUR)

    assert before == []
    (page,) = run.told(name, "inform")
    assert page.rungs == (paging.ladder(harbor(), "finance-lead", run.log.now)[0],)
    assert "Due soon: Decide: Invoke the partner? (by 11:01)." in page.text
    assert "reply" not in page.text
    assert len(run.told("level-1", "inform")) == 1
    assert [p for p in run.log.state.pages.values() if p.ask == "inform" and "sitrep-2" in p.about] == []


def test_tells_with_a_warning_what_comes_soon_after_it_and_nothing_that_is_far_off() -> None:
    run = running()
    later, soon, far = run.ask("Later?", HOUR + 10 * MINUTE), run.ask("Soon?"), run.ask("Far?", 3 * HOUR)

    run.wait(46 * MINUTE)

    (page,) = run.told(soon, "inform")
    assert page.about == (soon, later)
    assert page.subject == "Due soon: Soon?"
    assert run.told(far, "inform") == []
    run.wait(15 * MINUTE)
    assert run.told(later, "inform") == [page]


def test_warns_of_nothing_that_was_decided_or_is_known_too_late() -> None:
    run = running()
    decided, late = run.ask(), run.ask("At once?", in_s=4 * MINUTE)
    run.do(decisions.MakeDecision(decision=decided, choice="yes"))

    run.wait(HOUR)

    assert run.told(decided, "inform") == run.told(late, "inform") == []
    assert run.log.state.decisions[late].choice is None


@pytest.mark.parametrize("in_s", [-HOUR, MINUTE])
def test_gives_who_puts_a_question_too_late_five_minutes_before_it_calls(in_s: float) -> None:
    run = running()
    name = run.ask(in_s=in_s)

    run.wait(5 * MINUTE - 1)
    before = run.told(name)
    run.wait(1)

    assert (before, len(run.told(name))) == ([], 1)


@pytest.mark.parametrize("phase", ["stood_down", "dismissed"])
def test_calls_nobody_when_the_response_is_over(phase: str) -> None:
    run = running(level=2) if phase == "stood_down" else Running(reported("quay"))
    overdue, later = run.ask(in_s=10 * MINUTE), run.ask("Later?")
    run.wait(10 * MINUTE)
    (page,) = run.told(overdue)

    end = opening.StandDown(reason="over") if phase == "stood_down" else opening.Dismiss(reason="a drill next door")
    come = run.do(end)
    run.wait(5 * HOUR)

    assert come == [f"incident.{phase}", "page.cancelled"]
    assert (page.state, run.told(later), run.told("level-1")) == ("cancelled", [], [])
    assert paging.recipients(run.log.state, page, 0) == ()


def test_watches_again_when_it_is_taken_up_again() -> None:
    run = running(level=2)
    fell_due, ahead = run.ask(in_s=HOUR), run.ask("Later?", in_s=6 * HOUR)
    run.do(opening.StandDown(reason="over"))
    run.wait(2 * HOUR)

    run.do(opening.Reopen(reason="it came back"))
    at_once = run.told(fell_due)
    run.wait(4 * HOUR)

    assert at_once == []
    assert run.told(fell_due)[0].ordered_at - run.log.now == timedelta(seconds=5 * MINUTE - 4 * HOUR)
    assert len(run.told(ahead)) == len(run.told("level-2")) == 1


def test_calls_an_exercise_only_in_a_state_that_has_no_permit() -> None:
    run = running(exercise=True)
    name = run.ask()

    run.wait(HOUR)

    assert len(run.told(name)) == 1
    with pytest.raises(MayNotTouchTheWorld):
        permit(run.log.state, "EX-1")


def away(person: str) -> Plan:
    """Return harbor while somebody is on leave."""
    gone = harbor().persons[person].model_copy(update={"status": "on_leave"})
    return replace(harbor(), persons={**harbor().persons, person: gone})


def test_passes_over_who_is_away_and_begins_with_who_has_taken_the_role_on_this_shift() -> None:
    run = running(plan=away("commander-a"))
    name = run.ask()
    run.wait(HOUR)
    taken = running()
    taken.do(paging.AssumeRole(role="continuity-manager", name=harbor().persons["continuity-deputy"].title))
    theirs = taken.ask(owner="continuity-manager")
    off_shift = taken.ask("Commander?", owner="incident-commander")
    taken.do(paging.AssumeRole(role="incident-commander", name="commander-b"))
    taken.wait(HOUR)

    assert "commander-a" not in [p for rung in run.told(name)[0].rungs for p in rung]
    assert taken.told(theirs)[0].rungs[0] == ("continuity-deputy",)
    assert taken.told(off_shift)[0].rungs[0] == ("commander-a",)


def test_raises_one_alarm_when_the_plan_names_nobody_to_call() -> None:
    run = Running(reported("quay", plan=replace(harbor(), roles={}, levels={})))
    run.ask()

    run.wait(5 * HOUR)

    alarms = [n.text for n in run.log.state.notes if n.is_alarm]
    assert alarms == ["Overdue, and the plan names nobody to call: Decide: Invoke the partner? (since 11:01)."]


@given(st.lists(st.tuples(st.floats(0, 20 * MINUTE), st.floats(-HOUR, 3 * HOUR)), min_size=1, max_size=25))
@settings(max_examples=25, deadline=None)
def test_never_calls_in_a_storm(asked: list[tuple[float, float]]) -> None:
    run = running()
    for after_s, in_s in asked:
        run.wait(after_s)
        run.ask(in_s=in_s)
    run.wait(12 * HOUR - 1)

    names = list(run.log.state.decisions)
    pages = [p for p in run.log.state.pages.values() if p.ask == "remind" and p.role == "incident-commander"]
    warnings = [p for p in run.log.state.pages.values() if p.ask == "inform"]
    assert [sum(name in p.about for p in pages) for name in names] == [1] * len(names)
    assert all(sum(name in p.about for p in warnings) <= 1 for name in names)
    assert all(len(run.told(name)) <= reminders.MOST_ROLES for name in names)
    for told in (pages, warnings):
        assert all(b.ordered_at - a.ordered_at >= reminders.NEAR for a, b in pairwise(told))


def test_keeps_a_call_short_however_much_is_overdue() -> None:
    run = running()
    for n in range(30):
        run.ask(f"Question {n}: " + "what shall be done? " * 40)

    run.wait(HOUR)

    (page,) = run.told("decision-30")
    assert page.text.count("Question") == reminders.MOST_NAMED
    assert "; 27 more. Enter it in the room" in page.text
    assert len(page.text) < 700


def test_reads_what_was_stored_before_anybody_was_called_for_what_is_overdue() -> None:
    page = read("page.ordered", 1, {"page": "page-1", "ask": "inform", "rungs": [["a"]], "subject": "x", "text": "x"})
    decision = read("decision.opened", 1, {"decision": "decision-1", "question": "x"})
    report = read("sitrep.issued", 1, {"number": 1, "facts": "x"})

    assert (page.about, decision.owner_role, report.role) == ((), None, None)  # type: ignore[attr-defined]
