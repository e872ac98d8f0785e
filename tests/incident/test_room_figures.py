"""What the room computes: money an hour, what comes next, and clashes against their slow twin."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from openline.incident.decisions import OpenDecision
from openline.incident.money import FORMULA, money_per_hour, share_left
from openline.incident.opening import DeclareLevel
from openline.incident.pace import Clash, before, clashes, hands, remaining
from openline.incident.paging import AssumeRole
from openline.incident.record import WriteNote
from openline.incident.roll_call import OpenRollCall, ReportPerson
from openline.incident.task_list import AddTask, AssembleTasks
from openline.incident.tasks import SkipTask
from openline.incident.upcoming import VIEWS, dues, ready_tasks, todos
from tests.incident.plans import Log, declared, harbor, reported

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_adds_idle_pay_and_contacts_that_nobody_takes() -> None:
    found = money_per_hour(harbor(), {"quay-claims": 0.0}, NOON)
    idle = next(p for p in found.parts if "can not work" in p.what)
    agents = float(idle.sum.split(" agents")[0])

    assert idle.per_h == pytest.approx(agents * 24, rel=0.02)
    assert found.currency == "GBP"
    assert found.total == pytest.approx(sum(p.per_h for p in found.parts))
    assert "loaded hourly cost" in FORMULA


def test_costs_nothing_while_everything_works() -> None:
    assert money_per_hour(harbor(), {}, NOON).parts == ()
    assert money_per_hour(harbor(), {}, NOON).total is None


def test_calls_unknown_what_the_plan_does_not_say() -> None:
    plan = harbor()
    bare = replace(plan, organization=plan.organization.model_copy(update={"loaded_hourly_cost": None}))

    found = money_per_hour(bare, {"quay-claims": 0.0}, NOON)

    assert any("loaded hourly cost" in u for u in found.unknown)
    assert all("can not work" not in p.what for p in found.parts)


def test_halves_an_activity_when_half_of_its_people_are_gone() -> None:
    plan = harbor()
    everybody = {g.id: 0.5 for g in plan.agent_groups.values()}

    assert share_left(plan, plan.activities["claims"], everybody, NOON) == pytest.approx(0.5)
    assert share_left(plan, plan.activities["claims"], {"claims": 0.2}, NOON) == 0.2


@pytest.mark.parametrize("view", VIEWS)
def test_puts_who_needs_help_before_everything_in_every_view(view: str) -> None:
    log = declared()
    log.do(ReportPerson(person="team-lead-q", safe="needs_help"))

    first = todos(log.state, log.plan, view, log.now)[0]  # type: ignore[arg-type]

    assert first.what == "1 person needs help"
    assert first.is_urgent


def test_asks_the_commander_for_a_level_then_for_a_list_then_for_a_task() -> None:
    log = reported("quay")

    assert todos(log.state, log.plan, "commander", log.now)[0].what == "Decide on a level"
    log.do(DeclareLevel(level=3))
    assert "task list" in todos(log.state, log.plan, "commander", log.now)[0].what
    log.do(AssembleTasks())
    first = todos(log.state, log.plan, "commander", log.now)[0]
    assert log.state.tasks[first.task or ""].safety


def test_asks_the_commander_to_lead_to_count_and_to_see_that_others_begin() -> None:
    """Nobody holds a role yet and no roll call was opened: it is never "nothing waits for you" (PPL-03, PPL-08)."""
    log = reported("quay")
    log.do(DeclareLevel(level=3))
    log.do(AssembleTasks())

    found = todos(log.state, log.plan, "commander", log.now, "incident-commander")

    assert [t.what for t in found][:2] == ["Take the role Incident commander", "Ask everybody whether they are safe"]
    assert found[2].what.startswith("See that this begins: ")
    assert "Nobody holds that role yet" in found[2].why
    log.do(AssumeRole(role="incident-commander", name="Ann"))
    log.do(OpenRollCall(title="Are you safe?"))
    assert todos(log.state, log.plan, "commander", log.now, "incident-commander")[0].what.startswith("See that this")


def test_asks_the_scribe_to_write_when_the_log_is_silent() -> None:
    log = declared()
    assert "first line" in todos(log.state, log.plan, "scribe", log.now)[0].what
    log.do(WriteNote(text="Everybody is in the room"))

    late = todos(log.state, log.plan, "scribe", log.now + timedelta(minutes=40))[0]

    assert "40 minutes old" in late.why


def test_shows_the_executive_the_decision_that_comes_first() -> None:
    log = declared()
    log.do(OpenDecision(question="Send people home?", by_at=log.now + timedelta(hours=1)))

    assert todos(log.state, log.plan, "executive", log.now)[0].what == "Send people home?"
    assert dues(log.state, log.plan)[0].at <= dues(log.state, log.plan)[-1].at


def test_leaves_out_what_waits_and_what_is_finished() -> None:
    log = declared()
    log.do(AssembleTasks())
    first = ready_tasks(log.state)
    log.do(SkipTask(task=first[0].id, reason="done by others"))

    waits = before(log.state)
    assert all(log.state.tasks[p].state == "skipped" for t in ready_tasks(log.state) for p in waits[t.id])
    assert first[0].id not in {t.id for t in ready_tasks(log.state)}


def slow_clashes(log: Log) -> set[tuple[frozenset[str], str]]:
    """Return the clashes by looking at every pair."""
    left, first, start = remaining(log.state, log.now), before(log.state), dict[str, float]()
    while len(start) < len(left):
        for n in left:
            if all(p in start or p not in left for p in first[n]):
                start[n] = max((start[p] + left[p] for p in first[n] if p in start), default=0.0)
    found = set()
    for a, b in combinations(start, 2):
        x, y = log.state.tasks[a], log.state.tasks[b]
        lo, hi = (a, b) if start[a] <= start[b] else (b, a)
        if start[hi] >= start[lo] + left[lo]:
            continue
        wanted = [r for r in x.resources if r in y.resources]
        if x.role and x.role == y.role and hands(log.plan, x.role) < 2:
            wanted.append(x.role)
        found |= {(frozenset((a, b)), w) for w in wanted}
    return found


def test_finds_the_clashes_that_looking_at_every_pair_finds() -> None:
    log = declared()
    log.do(AssembleTasks())
    single = next((r for r in log.plan.roles if hands(log.plan, r) < 2), None)
    role = single or "nobody-of-the-plan"
    for n in range(12):
        log.do(AddTask(text=f"task {n}", role=role, likely_s=60.0 + 30 * n))

    quick = {(frozenset((c.a, c.b)), c.over) for c in clashes(log.state, log.plan, log.now)}

    assert quick == slow_clashes(log)
    assert quick or single is not None
    assert all(isinstance(c, Clash) for c in clashes(log.state, log.plan, log.now))
