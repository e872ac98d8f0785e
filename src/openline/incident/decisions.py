"""Decisions: what is to be decided, by when at the latest, and what was chosen and why (ACT-03)."""

from collections.abc import Sequence

from pydantic import AwareDatetime

from openline.incident.command import OPEN, Command, Context, NotNow, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.pace import last_responsible_moment
from openline.incident.state import Decision, State
from openline.plan.incidents import Said
from openline.plan.record import Name, Slug, Text


class OpenDecision(Command):
    """Put a question; without `by_at` the last responsible moment is computed, without `owner_role` it is who leads."""

    question: Said
    options: tuple[Name, ...] = ()
    facts: Text = ""
    by_at: AwareDatetime | None = None
    owner_role: Slug | None = None


@stored("decision.opened")
class DecisionOpened(Event):
    """Something is to be decided. `by_at` is the last responsible moment: recovery time less the work left."""

    decision: Slug
    question: Text
    options: tuple[Name, ...] = ()
    facts: Text = ""
    by_at: AwareDatetime | None = None
    owner_role: Slug | None = None


class MakeDecision(Command):
    """Decide, and say why."""

    decision: Slug
    choice: Name
    why: Text = ""


@stored("decision.made")
class DecisionMade(Event):
    """It is decided."""

    decision: Slug
    choice: Name
    why: Text = ""
    role: Slug | None = None


@stored("decision.fell_due")
class DecisionFellDue(Event):
    """The last responsible moment of a decision has come."""

    decision: Slug


@decides(OpenDecision, OPEN)
def open_decision(state: State, command: OpenDecision, c: Context) -> Sequence[Event]:
    """Put a question with its last responsible moment."""
    if command.owner_role is not None and command.owner_role not in c.plan.roles:
        raise Refused(f"the plan has no role {command.owner_role!r}")
    by_at = command.by_at or last_responsible_moment(state, c.plan)
    return [
        DecisionOpened(
            decision=f"decision-{len(state.decisions) + 1}",
            question=command.question,
            options=command.options,
            facts=command.facts,
            by_at=by_at,
            owner_role=command.owner_role,
        )
    ]


@folds(DecisionOpened)
def _question(state: State, e: DecisionOpened, entry: Entry) -> None:
    state.decisions[e.decision] = Decision(
        e.decision, e.question, e.options, e.facts, entry.happened_at, e.by_at, e.owner_role
    )


@decides(MakeDecision, OPEN)
def make_decision(state: State, command: MakeDecision, c: Context) -> Sequence[Event]:
    """Decide once; a change of mind is a new decision."""
    found = state.decisions.get(command.decision)
    if found is None:
        raise NotThere(f"there is no decision {command.decision!r}")
    if found.choice is not None:
        raise NotNow(f"this was decided already: {found.choice}. Open a new decision to change it.")
    return [DecisionMade(decision=found.id, choice=command.choice, why=command.why, role=c.actor.role)]


@folds(DecisionMade)
def _decided(state: State, e: DecisionMade, entry: Entry) -> None:
    found = state.decisions[e.decision]
    found.choice, found.why, found.by, found.made_at = e.choice, e.why, entry.by, entry.happened_at


@folds(DecisionFellDue)
def _due(state: State, e: DecisionFellDue, entry: Entry) -> None:
    pass
