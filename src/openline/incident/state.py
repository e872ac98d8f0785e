"""The state of an incident: a fold of its log. Changed only by folding an entry."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from openline.incident.command import FOLDERS, Phase
from openline.incident.entry import Entry
from openline.incident.people import Page, Report, RollCall, TreeRun

TaskState = Literal["open", "awaiting_approval", "running", "paused", "done", "failed", "skipped", "rolled_back"]
TASK_STATES: tuple[TaskState, ...] = (
    "open",
    "awaiting_approval",
    "running",
    "paused",
    "done",
    "failed",
    "skipped",
    "rolled_back",
)
FINISHED: tuple[TaskState, ...] = ("done", "skipped", "rolled_back")
Lane = Literal["safety", "mitigate", "resume", "restore"]
ApprovalState = Literal["asked", "given", "refused", "lapsed"]
MessageState = Literal["draft", "approved", "released", "withdrawn"]


@dataclass(slots=True)
class Task:
    """Something to do. Durations in seconds; `predecessors` are ids of tasks that come first."""

    id: str
    text: str
    role: str | None
    lane: Lane
    kind: str
    phase: str
    source: tuple[str, ...]
    predecessors: tuple[str, ...]
    mean_s: float | None
    variance_s2: float
    resources: tuple[str, ...]
    safety: bool
    irreversible: bool
    approver: str | None
    approval_timeout_s: float | None
    automation: str | None
    options: dict[str, str]
    expected_result: str
    if_fails: str
    rollback: str
    order: int
    state: TaskState = "open"
    assignee: str | None = None
    by: str | None = None
    approved_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    note: str = ""
    attempts: int = 0


@dataclass(slots=True)
class Approval:
    """A yes that `asker` asks for: `act` is what it is for, `roles` who may say it, in order of succession."""

    id: str
    act: str
    what: str
    roles: tuple[str, ...]
    turn: int
    asked_by: str
    asked_at: datetime
    expires_at: datetime | None
    state: ApprovalState = "asked"
    by: str | None = None
    reason: str = ""
    asker: str | None = None


@dataclass(slots=True)
class Decision:
    """A question to decide; `by_at` is the last responsible moment, `owner_role` who decides (else who leads)."""

    id: str
    question: str
    options: tuple[str, ...]
    facts: str
    opened_at: datetime
    by_at: datetime | None
    owner_role: str | None = None
    choice: str | None = None
    why: str = ""
    by: str | None = None
    made_at: datetime | None = None


@dataclass(slots=True)
class ServiceWord:
    """How an activity does, as a message says it; `words` are the writer's own."""

    kind: Literal["working", "slow", "partly", "down"]
    words: str = ""


@dataclass(slots=True)
class Handover:
    """What became of a released message: recipients that a provider took it for, that none did, that may have it twice.

    In an exercise `caught` is set: nothing left this machine.
    """

    at: datetime
    handed: int
    failed: int
    maybe_twice: int
    caught: bool
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Message:
    """Words for an audience. `next_update_at` is what they were promised; `is_last` when nothing more follows."""

    id: str
    template: str | None
    audience: str
    channel: str
    language: str
    text: str
    slots: dict[str, str]
    drafted_at: datetime
    drafted_by: str
    approver: str | None
    due_at: datetime | None
    state: MessageState = "draft"
    approved_by: str | None = None
    released_at: datetime | None = None
    next_update_at: datetime | None = None
    differs_because: str = ""
    services: dict[str, ServiceWord] = field(default_factory=dict)
    said: str = ""
    is_last: bool = False
    withdrawn_at: datetime | None = None
    withdrawn_because: str = ""
    handover: Handover | None = None


@dataclass(slots=True)
class Damage:
    """The latest assessment of one object at one stage; times to restore in seconds from `at`."""

    object: str
    stage: Literal["initial", "detailed"]
    state: str
    safety: str
    cause: str
    spreading: bool | None
    action: str | None
    etr_s: tuple[float, float, float] | None
    assessor: str
    at: datetime
    next_look_at: datetime | None
    answers: dict[str, str] = field(default_factory=dict)
    role: str | None = None


@dataclass(slots=True)
class ArrangementUse:
    """An arrangement that was invoked, what it gives now, and when it ended."""

    arrangement: str
    invoked_at: datetime
    by: str
    working_at: datetime | None = None
    capacity: float | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class LevelChange:
    """A level that was declared."""

    level: int
    at: datetime
    by: str
    role: str | None
    reason: str


@dataclass(slots=True)
class Sitrep:
    """A situation report: facts, changes, actions, needs, when the next one comes."""

    number: int
    at: datetime
    by: str
    facts: str
    changes: str
    actions: str
    needs: str
    next_at: datetime | None
    role: str | None = None
    """In which role it was issued."""


@dataclass(slots=True)
class Tranche:
    """A share of the calls that was routed back, and whether its hold point was passed."""

    share: float
    at: datetime
    by: str
    held: bool = True
    passed_by: str | None = None


@dataclass(slots=True)
class Confirmed:
    """An exit criterion that somebody found to be met, and by what it is shown."""

    evidence: str
    by: str
    at: datetime


@dataclass(slots=True)
class Backlog:
    """Contacts that wait, and what is worked off and comes in per hour when that was said."""

    contacts: int
    at: datetime
    worked_per_h: float | None = None
    arriving_per_h: float | None = None


@dataclass(slots=True)
class Reconciled:
    """Records that were compared."""

    what: str
    records: int | None
    differences: int | None
    at: datetime
    by: str


@dataclass(slots=True)
class Action:
    """A corrective action of the after-action report."""

    id: str
    finding: str
    text: str
    owner_role: str | None
    due_on: str | None
    retest: str
    exercise: str | None
    """Exercise of the plan in which it is tried again."""


@dataclass(slots=True)
class Note:
    """A line of the scribe, a correction, or an alarm."""

    at: datetime
    entered_at: datetime
    by: str
    text: str
    corrects: int | None = None
    is_alarm: bool = False


STAMPS = (
    "onset",
    "detected",
    "acknowledged",
    "mitigated",
    "assessed",
    "declared",
    "resumed",
    "full",
    "restored",
    "stood_down",
)
"""T0, Td, Ta, Tm, Tv, Tc, Tr, Tf, Tx, Ts of the glossary, in its order."""


@dataclass(slots=True)
class State:
    """Everything that is so after the entries that were folded."""

    phase: Phase = "new"
    title: str = ""
    what: str = ""
    is_exercise: bool = False
    is_demo: bool = False
    plan_slug: str = ""
    plan_hash: str = ""
    scenario: str | None = None
    how: str = ""
    level: int = 0
    level_declared_at: datetime | None = None
    levels: list[LevelChange] = field(default_factory=list)
    aid: tuple[int, tuple[str, ...]] | None = None
    stamps: dict[str, datetime] = field(default_factory=dict)
    hit: dict[str, datetime] = field(default_factory=dict)
    why_hit: dict[str, str] = field(default_factory=dict)
    ever_hit: dict[str, datetime] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    approvals: dict[str, Approval] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    trees: dict[str, TreeRun] = field(default_factory=dict)
    roll_calls: dict[str, RollCall] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    heard: dict[str, list[datetime]] = field(default_factory=dict)
    """When each person was heard of, in the order of entry."""
    decisions: dict[str, Decision] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    damage: dict[tuple[str, str], Damage] = field(default_factory=dict)
    shared: list[str] = field(default_factory=list)
    """Pages by which the results of an assessment were sent to roles."""
    arrangements: dict[str, ArrangementUse] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    sitreps: list[Sitrep] = field(default_factory=list)
    tranches: list[Tranche] = field(default_factory=list)
    walkthroughs: list[dict[str, str]] = field(default_factory=list)
    restored_steps: dict[str, datetime] = field(default_factory=dict)
    criteria: dict[str, Confirmed] = field(default_factory=dict)
    fallen_back: list[tuple[datetime, str]] = field(default_factory=list)
    backlog: list[Backlog] = field(default_factory=list)
    reconciled: list[Reconciled] = field(default_factory=list)
    snapshot: dict[str, dict[str, float]] = field(default_factory=dict)
    snapshot_at: datetime | None = None
    costs: list[tuple[str, str, datetime]] = field(default_factory=list)
    findings: dict[str, str] = field(default_factory=dict)
    actions: dict[str, Action] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    closed_at: datetime | None = None
    last_seq: int = 0
    last_hash: str = ""
    last_at: datetime | None = None

    def strike(self, name: str, at: datetime, why: str) -> None:
        """Mark an object as hit; the first time and reason stand."""
        self.hit.setdefault(name, at)
        self.why_hit.setdefault(name, why)
        self.ever_hit.setdefault(name, at)

    def clear(self, name: str) -> None:
        """Mark an object as working again."""
        self.hit.pop(name, None)
        self.why_hit.pop(name, None)

    def apply(self, entry: Entry) -> None:
        """Fold one entry, the one after the last folded."""
        if entry.seq != self.last_seq + 1:
            raise ValueError(f"entry {entry.seq} does not follow {self.last_seq}")
        FOLDERS[type(entry.event)](self, entry.event, entry)
        self.last_seq, self.last_hash, self.last_at = entry.seq, entry.hash, entry.entered_at


def fold(entries: Iterable[Entry], state: State | None = None) -> State:
    """Return the state after these entries, from `state` on when one is given (it is changed)."""
    found = State() if state is None else state
    for entry in entries:
        found.apply(entry)
    return found
