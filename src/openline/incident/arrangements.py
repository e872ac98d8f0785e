"""Arrangements of the plan that are invoked, and what they give."""

from collections.abc import Iterator, Sequence

from openline.incident.approval import ask, asked_for
from openline.incident.authority import activation_fee, may_spend, spenders
from openline.incident.command import OPEN, Command, Context, NotNow, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.state import ArrangementUse, State
from openline.plan.document import Plan
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
    """Start an arrangement once; a fee beyond what the role may spend takes the yes of one that may."""
    if command.arrangement not in c.plan.arrangements:
        raise Refused(f"the plan has no arrangement {command.arrangement!r}")
    use = state.arrangements.get(command.arrangement)
    if use is not None and use.ended_at is None:
        raise NotNow("this arrangement is invoked already")
    fee = activation_fee(c.plan, command.arrangement)
    if fee is None or may_spend(c, fee):
        return [ArrangementInvoked(arrangement=command.arrangement, reason=command.reason, role=c.actor.role)]
    act = f"arrangement:{command.arrangement}"
    asked_for(state, act)
    why = f" Why: {command.reason}" if command.reason else ""
    what = f"{c.plan.arrangements[command.arrangement].title}, for {fee.amount:,} {fee.currency}.{why}"
    return [ask(state, c, act, what[:4000], spenders(c.plan, fee))]


def agreed(state: State, plan: Plan) -> Iterator[Event]:
    """Yield the start of every arrangement whose fee was agreed to since it was last in use."""
    for a in state.approvals.values():
        name = a.act.removeprefix("arrangement:")
        if a.state != "given" or name == a.act or name not in plan.arrangements:
            continue
        use = state.arrangements.get(name)
        if use is None or (use.ended_at is not None and use.ended_at < a.asked_at):
            yield ArrangementInvoked(arrangement=name, reason=f"its fee was agreed to by {a.by}")


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
