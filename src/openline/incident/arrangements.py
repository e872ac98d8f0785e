"""Arrangements of the plan that are invoked, and what they give."""

from collections.abc import Sequence

from openline.incident.command import OPEN, Command, Context, NotNow, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import ArrangementUse, State
from openline.plan.record import Amount, Slug, Text


class InvokeArrangement(Command):
    """Start an arrangement of the plan."""

    arrangement: Slug
    reason: Text = ""


@stored("arrangement.invoked")
class ArrangementInvoked(Event):
    """An arrangement is started; it may cost a fee."""

    arrangement: Slug
    reason: Text = ""
    role: Slug | None = None


class ReportArrangement(Command):
    """Say what an arrangement gives now, or that it has ended."""

    arrangement: Slug
    capacity: Amount | None = None
    ended: bool = False


@stored("arrangement.reported")
class ArrangementReported(Event):
    """An arrangement works with this capacity, or has ended."""

    arrangement: Slug
    capacity: Amount | None = None
    ended: bool = False


@decides(InvokeArrangement, OPEN)
def invoke(state: State, command: InvokeArrangement, c: Context) -> Sequence[Event]:
    """Start an arrangement once."""
    if command.arrangement not in c.plan.arrangements:
        raise Refused(f"the plan has no arrangement {command.arrangement!r}")
    use = state.arrangements.get(command.arrangement)
    if use is not None and use.ended_at is None:
        raise NotNow("this arrangement is invoked already")
    return [ArrangementInvoked(arrangement=command.arrangement, reason=command.reason, role=c.actor.role)]


@folds(ArrangementInvoked)
def _invoked(state: State, e: ArrangementInvoked, entry: Entry) -> None:
    state.arrangements[e.arrangement] = ArrangementUse(e.arrangement, entry.happened_at, entry.by)


@decides(ReportArrangement, OPEN)
def report_arrangement(state: State, command: ReportArrangement, c: Context) -> Sequence[Event]:
    """Say what it gives."""
    use = state.arrangements.get(command.arrangement)
    if use is None or use.ended_at is not None:
        raise NotThere("this arrangement is not invoked")
    return [ArrangementReported(**command.model_dump())]


@folds(ArrangementReported)
def _arrangement(state: State, e: ArrangementReported, entry: Entry) -> None:
    use = state.arrangements[e.arrangement]
    use.capacity = e.capacity if e.capacity is not None else use.capacity
    use.working_at = use.working_at or (entry.happened_at if e.capacity else None)
    use.ended_at = entry.happened_at if e.ended else None
