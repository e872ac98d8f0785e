"""The end: what was learned, who mends it by when, and the report accepted."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.command import BEGUN, Command, Context, NotNow, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.messages import updates_owed
from openline.incident.state import Action, State
from openline.plan.incidents import Said
from openline.plan.record import Slug, Text


class NoteFinding(Command):
    """Note what went well or is to be better."""

    kind: Literal["strength", "area"] = "area"
    text: Said


@stored("finding.noted")
class FindingNoted(Event):
    """Something was learned."""

    finding: Slug
    kind: Literal["strength", "area"]
    text: Text


class AssignAction(Command):
    """Give a finding an action with an owner, a date and a retest: in words, as an exercise of the plan, or both."""

    finding: Slug
    text: Said
    owner_role: Slug | None = None
    due_on: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None = None
    retest: Text = ""
    exercise: Slug | None = None


@stored("action.assigned")
class ActionAssigned(Event):
    """Somebody will mend it."""

    action: Slug
    finding: Slug
    text: Text
    owner_role: Slug | None = None
    due_on: str | None = None
    retest: Text = ""
    exercise: Slug | None = None


class CloseIncident(Command):
    """Accept the after-action report and close."""

    reason: Text = ""


@stored("incident.closed")
class IncidentClosed(Event):
    """The after-action report was accepted."""

    reason: Text = ""


@decides(NoteFinding, BEGUN)
def note_finding(state: State, command: NoteFinding, c: Context) -> Sequence[Event]:
    """Note what was learned, any time."""
    return [FindingNoted(finding=f"finding-{len(state.findings) + 1}", kind=command.kind, text=command.text)]


@folds(FindingNoted)
def _finding(state: State, e: FindingNoted, entry: Entry) -> None:
    state.findings[e.finding] = f"{e.kind}: {e.text}"


@decides(AssignAction, BEGUN)
def assign(state: State, command: AssignAction, c: Context) -> Sequence[Event]:
    """Give a finding an action."""
    if command.finding not in state.findings:
        raise NotThere(f"there is no finding {command.finding!r}")
    if command.owner_role is not None and command.owner_role not in c.plan.roles:
        raise Refused(f"the plan has no role {command.owner_role!r}")
    if command.exercise is not None and command.exercise not in c.plan.exercises:
        raise Refused(f"the plan has no exercise {command.exercise!r}")
    return [ActionAssigned(action=f"action-{len(state.actions) + 1}", **command.model_dump())]


@folds(ActionAssigned)
def _action(state: State, e: ActionAssigned, entry: Entry) -> None:
    state.actions[e.action] = Action(e.action, e.finding, e.text, e.owner_role, e.due_on, e.retest, e.exercise)


@decides(CloseIncident, ("stood_down",))
def close(state: State, command: CloseIncident, c: Context) -> Sequence[Event]:
    """Accept the report; every area to improve has a whole action, and no promised update is owed."""
    left = list(_left(state))
    if left and not command.reason:
        raise NotNow(f"{'; '.join(left)}. Do it first, or say why not.")
    return [IncidentClosed(reason=command.reason)]


def _left(state: State) -> Iterator[str]:
    """Yield, in words, what is to be done before a report is accepted."""
    acted = {a.finding for a in state.actions.values() if a.owner_role and a.due_on and (a.retest or a.exercise)}
    bare = [t for f, t in state.findings.items() if t.startswith("area") and f not in acted]
    if bare:
        yield f"{len(bare)} areas to improve have no action with an owner, a date and a way to try it again"
    for audience in updates_owed(state):
        yield f"{audience.replace('_', ' ')} were promised an update that never came"


@folds(IncidentClosed)
def _closed(state: State, e: IncidentClosed, entry: Entry) -> None:
    state.phase, state.closed_at = "closed", entry.happened_at
