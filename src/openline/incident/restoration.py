"""Back to normal: walkthrough, recall, calls back in tranches with hold points, records, backlog (RST-01..04)."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from openline.incident.command import DECLARED, Command, Context, NotNow, NotThere, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.opening import criteria_of
from openline.incident.paging import OrderPage, order_page
from openline.incident.people import Page
from openline.incident.state import Backlog, Confirmed, Reconciled, State, Tranche
from openline.plan.record import Amount, Count, Name, Slug, Text

SHARES = (0.10, 0.25, 0.50, 1.0)
"""Tranches in which calls come back, with a hold point after each (requirement RST-03)."""

WALKTHROUGH: dict[str, str] = {
    "structure": "The building is sound: no smell of gas, no water, no loose parts.",
    "fire": "Fire alarm, extinguishers and ways out work.",
    "power": "Power, light and batteries are normal.",
    "climate": "Heating or cooling and fresh air work.",
    "welfare": "Water, toilets and rest rooms can be used.",
    "access": "Doors and badges work; nobody is inside who should not be.",
    "network": "Network and telephones answer at ten desks.",
    "systems": "Every system that agents need opens at a desk.",
}
"""What is looked at before people come back; all must be yes, or the site is not handed over."""

Answer = Literal["yes", "no", "not_applicable"]


class BeginRestoration(Command):
    """Begin the way back: the exit criteria are in sight and the cause is gone."""

    why: Annotated[Text, Field(min_length=1)]


@stored("restoration.begun")
class RestorationBegun(Event):
    """The way back has begun."""

    why: Text


class SignWalkthrough(Command):
    """Sign the walkthrough of a site."""

    site: Slug
    answers: dict[Slug, Answer]
    signed_by: Name
    note: Text = ""


@stored("walkthrough.signed")
class WalkthroughSigned(Event):
    """Somebody walked through a site and signed for it."""

    site: Slug
    answers: dict[str, Answer]
    signed_by: Name
    note: Text = ""


class Recall(Command):
    """Call people back to work."""

    teams: tuple[Slug, ...] = ()
    persons: tuple[Slug, ...] = ()
    when: Text = ""
    text: Annotated[Text, Field(min_length=1)]


class MoveTranche(Command):
    """Route the next share of the calls back."""

    share: Annotated[float, Field(gt=0, le=1)]


@stored("tranche.moved")
class TrancheMoved(Event):
    """A share of the calls comes back; the next waits for the hold point."""

    share: float


class PassHold(Command):
    """Say that the share that came back is served well."""

    note: Annotated[Text, Field(min_length=1)]


@stored("hold.passed")
class HoldPassed(Event):
    """The hold point was passed."""

    note: Text


class FallBack(Command):
    """Send the calls away again: it does not hold."""

    reason: Annotated[Text, Field(min_length=1)]


@stored("tranche.fell_back")
class TrancheFellBack(Event):
    """The calls were sent away again."""

    reason: Text


class Reconcile(Command):
    """Say that records kept by hand or on the standby were entered and compared."""

    what: Annotated[Text, Field(min_length=1)]
    records: Count | None = None
    differences: Count | None = None


@stored("records.reconciled")
class RecordsReconciled(Event):
    """Records agree again."""

    what: Text
    records: int | None = None
    differences: int | None = None


class ReportBacklog(Command):
    """Say how many contacts still wait to be worked off."""

    contacts: Count
    worked_per_h: Amount | None = None
    arriving_per_h: Amount | None = None


@stored("backlog.reported")
class BacklogReported(Event):
    """What waits; zero is cleared. Rates in contacts per hour."""

    contacts: int
    worked_per_h: Amount | None = None
    arriving_per_h: Amount | None = None


class ConfirmCriterion(Command):
    """Say that an exit criterion of the level is met, and by what one sees it."""

    criterion: Annotated[Text, Field(min_length=1)]
    evidence: Annotated[Text, Field(min_length=1)]


@stored("criterion.confirmed")
class CriterionConfirmed(Event):
    """An exit criterion was found to be met."""

    criterion: Text
    evidence: Text


class WithdrawCriterion(Command):
    """Say that a criterion is not met after all."""

    criterion: Annotated[Text, Field(min_length=1)]
    reason: Annotated[Text, Field(min_length=1)]


@stored("criterion.withdrawn")
class CriterionWithdrawn(Event):
    """A criterion is not met after all."""

    criterion: Text
    reason: Text


@decides(BeginRestoration, ("active",))
def begin(state: State, command: BeginRestoration, c: Context) -> Sequence[Event]:
    """Begin."""
    return [RestorationBegun(why=command.why)]


@folds(RestorationBegun)
def _begun(state: State, e: RestorationBegun, entry: Entry) -> None:
    state.phase = "restoring"
    state.restored_steps["begun"] = entry.happened_at


@decides(SignWalkthrough, ("active", "restoring"))
def sign(state: State, command: SignWalkthrough, c: Context) -> Sequence[Event]:
    """Sign; every question is answered, and a no is kept as it is."""
    if command.site not in c.plan.sites:
        raise Refused(f"the plan has no site {command.site!r}")
    left = [q for q in WALKTHROUGH if q not in command.answers]
    if left:
        raise Refused(f"not every question is answered: {', '.join(left)}")
    return [WalkthroughSigned(**command.model_dump())]


@folds(WalkthroughSigned)
def _signed(state: State, e: WalkthroughSigned, entry: Entry) -> None:
    passed = "no" not in e.answers.values()
    state.walkthroughs.append(
        {"site": e.site, "by": e.signed_by, "passed": "yes" if passed else "no", "at": entry.happened_at.isoformat()}
    )
    if passed:
        state.restored_steps["walkthrough"] = entry.happened_at


@decides(Recall, ("active", "restoring"))
def recall(state: State, command: Recall, c: Context) -> Sequence[Event]:
    """Call people back."""
    page = OrderPage(
        ask="recall", teams=command.teams, persons=command.persons, subject="Return to work", text=_when(command)
    )
    return order_page(state, page, c)


def _when(command: Recall) -> str:
    return f"{command.text} When: {command.when}" if command.when else command.text


def confirmations(state: State, page: Page) -> tuple[list[str], list[str], list[str]]:
    """Return (coming, not coming, silent) of those whom a recall called."""
    coming: list[str] = []
    not_coming: list[str] = []
    silent: list[str] = []
    for p in dict.fromkeys(p for rung in page.rungs for p in rung):
        report = state.reports.get(p)
        heard = report is not None and report.at is not None and report.at >= page.ordered_at
        into = silent if not heard or report is None or report.able is None else coming if report.able else not_coming
        into.append(p)
    return coming, not_coming, silent


@decides(MoveTranche, ("restoring",))
def move(state: State, command: MoveTranche, c: Context) -> Sequence[Event]:
    """Route more back: after the walkthrough of what was hit, and after the hold point of the share before."""
    last = state.tranches[-1] if state.tranches else None
    if last is not None and last.held:
        raise NotNow("the share that came back last is still on hold: pass the hold point first, or fall back")
    if last is not None and command.share <= last.share:
        raise Refused(f"{last.share:.0%} are back already: give a larger share, or fall back")
    hit = [s for s in c.plan.sites if s in state.hit]
    walked = {w["site"] for w in state.walkthroughs if w["passed"] == "yes"}
    left = [s for s in hit if s not in walked]
    if left:
        raise NotNow(f"nobody has signed the walkthrough of {', '.join(left)} yet")
    return [TrancheMoved(share=command.share)]


@folds(TrancheMoved)
def _moved(state: State, e: TrancheMoved, entry: Entry) -> None:
    state.tranches.append(Tranche(e.share, entry.happened_at, entry.by))


@decides(PassHold, ("restoring",))
def pass_hold(state: State, command: PassHold, c: Context) -> Sequence[Event]:
    """Pass the hold point of the latest share."""
    if not state.tranches or not state.tranches[-1].held:
        raise NotThere("no share is on hold")
    return [HoldPassed(note=command.note)]


@folds(HoldPassed)
def _passed(state: State, e: HoldPassed, entry: Entry) -> None:
    last = state.tranches[-1]
    last.held, last.passed_by = False, entry.by
    if last.share >= 1:
        state.restored_steps["routed back"] = entry.happened_at


@decides(FallBack, ("restoring",))
def fall_back(state: State, command: FallBack, c: Context) -> Sequence[Event]:
    """Send the calls away again."""
    if not state.tranches:
        raise NotThere("no calls have come back yet")
    return [TrancheFellBack(reason=command.reason)]


@folds(TrancheFellBack)
def _fell(state: State, e: TrancheFellBack, entry: Entry) -> None:
    state.tranches.clear()
    state.fallen_back.append((entry.happened_at, e.reason))
    state.restored_steps.pop("routed back", None)


@decides(Reconcile, ("active", "restoring"))
def reconcile(state: State, command: Reconcile, c: Context) -> Sequence[Event]:
    """Say that records agree."""
    return [RecordsReconciled(**command.model_dump())]


@folds(RecordsReconciled)
def _reconciled(state: State, e: RecordsReconciled, entry: Entry) -> None:
    state.reconciled.append(Reconciled(e.what, e.records, e.differences, entry.happened_at, entry.by))
    if not e.differences:
        state.restored_steps["reconciled"] = entry.happened_at


@decides(ReportBacklog, ("active", "restoring"))
def backlog(state: State, command: ReportBacklog, c: Context) -> Sequence[Event]:
    """Say what waits."""
    return [BacklogReported(**command.model_dump())]


@folds(BacklogReported)
def _backlog(state: State, e: BacklogReported, entry: Entry) -> None:
    state.backlog.append(Backlog(e.contacts, entry.happened_at, e.worked_per_h, e.arriving_per_h))
    if e.contacts == 0:
        state.restored_steps["backlog cleared"] = entry.happened_at
    else:
        state.restored_steps.pop("backlog cleared", None)


def clears_in_s(worked: Sequence[Backlog]) -> float | None:
    """Return the seconds until a backlog is worked off; infinite when it never is, None when nothing tells.

    Fluid: t = backlog / (capacity - arrivals) when capacity is above arrivals, else never (glossary 2.4). Without
    rates, what the last two reports show together; golden: 120 waiting, 100 an hour worked, 40 come: 2 h.
    """
    if not worked:
        return None
    last = worked[-1]
    net_per_h = _net_per_h(worked)
    if last.contacts == 0:
        return 0.0
    if net_per_h is None:
        return None
    return last.contacts / net_per_h * 3600 if net_per_h > 0 else float("inf")


def _net_per_h(worked: Sequence[Backlog]) -> float | None:
    last = worked[-1]
    if last.worked_per_h is not None and last.arriving_per_h is not None:
        return last.worked_per_h - last.arriving_per_h
    if len(worked) < 2:
        return None
    took_h = (last.at - worked[-2].at).total_seconds() / 3600
    return (worked[-2].contacts - last.contacts) / took_h if took_h > 0 else None


@decides(ConfirmCriterion, DECLARED)
def confirm(state: State, command: ConfirmCriterion, c: Context) -> Sequence[Event]:
    """Keep it with its evidence."""
    if command.criterion not in criteria_of(state, c):
        raise NotThere("the level in force has no such exit criterion")
    return [CriterionConfirmed(**command.model_dump())]


@folds(CriterionConfirmed)
def _confirmed(state: State, e: CriterionConfirmed, entry: Entry) -> None:
    state.criteria[e.criterion] = Confirmed(e.evidence, entry.by, entry.happened_at)


@decides(WithdrawCriterion, DECLARED)
def withdraw(state: State, command: WithdrawCriterion, c: Context) -> Sequence[Event]:
    """Take it back."""
    if command.criterion not in state.criteria:
        raise NotThere("nobody has said that this criterion is met")
    return [CriterionWithdrawn(**command.model_dump())]


@folds(CriterionWithdrawn)
def _withdrawn(state: State, e: CriterionWithdrawn, entry: Entry) -> None:
    state.criteria.pop(e.criterion, None)
