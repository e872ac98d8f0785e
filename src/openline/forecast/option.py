"""An option of the room, and the step of the plan that starts it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from openline.forecast.change import UNCHANGED, Change
from openline.plan.document import Plan
from openline.plan.procedures import Procedure, Step
from openline.plan.record import Money
from openline.units import format_duration

ACTED = ("safety", "notify", "activate", "recover", "operate", "detect", "assess")
"""Phases whose procedures start something, in no order."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """A number that the forecast rests on: what it is, its value in words, and who says so (`assumed` for nobody)."""

    what: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Start:
    """The step that starts an option; `lead_s` from the decision until it is done."""

    lead_s: float = 0.0
    procedure: str | None = None
    step: str | None = None

    @property
    def assumed(self) -> Assumed:
        source = "assumed" if self.procedure is None else f"plan, procedure {self.procedure}, step {self.step}"
        return Assumed("time from the decision until it is started", format_duration(self.lead_s), source)


@dataclass(frozen=True, slots=True)
class Option:
    """Something that the room can decide now.

    `available` says whether it can; `reason` why or why not. `arrangement`, `procedure` and `step` are ids of the plan,
    None when it has none for this. `cost_per_h` is a partner's rate times its agents at the end of the ramp in the
    window; `fee` is paid once.
    """

    id: str
    kind: str
    title: str
    available: bool
    reason: str
    change: Change = UNCHANGED
    arrangement: str | None = None
    procedure: str | None = None
    step: str | None = None
    lead_s: float = 0.0
    assumptions: tuple[Assumed, ...] = ()
    cost_per_h: Money | None = None
    fee: Money | None = None
    under_way: bool = False

    def started(self, start: Start) -> "Option":
        """Return the option with the step that starts it and what is assumed about it."""
        return replace(
            self,
            procedure=start.procedure,
            step=start.step,
            lead_s=start.lead_s,
            assumptions=(start.assumed, *self.assumptions),
        )


def start_by(plan: Plan, covers: Iterable[str], says: Callable[[Step], bool]) -> Start:
    """Return the first step of the plan that says so: of procedures that cover most of these objects, the first.

    The time is that of the step alone, (o + 4 m + p) / 6; steps before it are taken to be done or not needed.
    """
    wanted = set(covers)
    found = [
        (-len(wanted & set(p.covers)), n, p, s)
        for n, p in enumerate(plan.procedures.values())
        if p.phase in ACTED
        for s in p.steps
        if says(s)
    ]
    if not found:
        return Start()
    procedure, step = _best(found)
    return Start(step.mean_s or 0.0, procedure.id, step.id)


def _best(found: list[tuple[int, int, Procedure, Step]]) -> tuple[Procedure, Step]:
    first = min(found, key=lambda f: f[:2])
    return first[2], first[3]


def says_any(*words: str) -> Callable[[Step], bool]:
    """Return whether a step's text has one of these words, or the step uses one of these objects."""

    def told(step: Step) -> bool:
        text = step.text.casefold()
        return any(w.casefold() in text for w in words if w) or any(w in step.objects for w in words)

    return told
