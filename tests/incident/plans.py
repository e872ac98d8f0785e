"""A small plan for incidents, and a log that is written step by step on a clock of its own."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from openline.incident.command import Actor, Command
from openline.incident.decide import carried_out
from openline.incident.entry import Entry
from openline.incident.opening import DeclareLevel, Report
from openline.incident.react import Job, react
from openline.incident.state import State
from openline.plan.directory import read_directory
from openline.plan.document import Plan
from openline.plan.load import load_plan

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
COMMANDER = Actor("Commander", "account:1", role="incident-commander", person="commander-a")
SECOND = Actor("Second commander", "account:2", role="incident-commander", person="commander-b")
DUTY = Actor("Duty officer", "account:3", role="duty-officer", person="duty-officer-a")
STRANGER = Actor("Stranger", "account:4")


@cache
def harbor() -> Plan:
    """Return the example harbor."""
    plan = load_plan(read_directory(ROOT / "examples" / "harbor")[0]).plan
    assert plan is not None
    return plan


@dataclass
class Log:
    """An incident under way: `do` carries a command out a minute later."""

    plan: Plan = field(default_factory=harbor)
    state: State = field(default_factory=State)
    entries: list[Entry] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)
    now: datetime = START

    def do(
        self, command: Command, actor: Actor = COMMANDER, *, after_s: float = 60.0, late_s: float = 0.0
    ) -> list[str]:
        """Return the names of the events that came of it."""
        self.now += timedelta(seconds=after_s)
        new = []
        at = self.now - timedelta(seconds=late_s)
        for entry in carried_out(self.state, command, self.plan, self.now, actor, at):
            new.append(entry)
            self.jobs += react(self.state, entry, self.plan)
        self.entries += new
        return [e.event.stored_as for e in new]


def reported(*objects: str, exercise: bool = False, plan: Plan | None = None) -> Log:
    """Return an incident that was reported."""
    log = Log() if plan is None else Log(plan)
    log.do(Report(title="Gas leak", plan_slug="harbor", plan_hash="0" * 64, objects=objects, exercise=exercise))
    return log


def declared(*objects: str, level: int = 3, plan: Plan | None = None) -> Log:
    """Return an incident with a level in force."""
    log = reported(*(objects or ("quay",)), plan=plan)
    log.do(DeclareLevel(level=level))
    return log
