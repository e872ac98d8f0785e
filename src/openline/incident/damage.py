"""Damage assessment by object, first and in detail; estimated restore times feed the timeline (ACT-06, MON-06)."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from openline.incident.command import OPEN, Command, Context, NotNow, Refused, decides, folds
from openline.incident.entry import Entry
from openline.incident.event import Event, stored
from openline.incident.opening import known_object
from openline.incident.paging import OrderPage, PageOrdered, is_active, order_page
from openline.incident.state import Damage, State
from openline.plan.document import Plan
from openline.plan.incidents import Estimate
from openline.plan.record import Seconds, Slug, Text

Stage = Literal["initial", "detailed"]
Condition = Literal["ok", "degraded", "unusable", "destroyed", "unknown"]
BROKEN = ("unusable", "destroyed")


class AssessDamage(Command):
    """Say what was found of an object: safety first, then its state, the cause, and how long it will take."""

    object: Slug
    stage: Stage = "initial"
    state: Condition = "unknown"
    safety: Text = ""
    cause: Text = ""
    spreading: bool | None = None
    action: Literal["repair", "replace", "salvage", "abandon"] | None = None
    etr: Estimate | None = None
    next_look_at: AwareDatetime | None = None
    next_look_in_s: Seconds | None = None
    answers: dict[Slug, Text] = Field(default_factory=dict)


@stored("damage.assessed")
class DamageAssessed(Event):
    """An object was looked at."""

    object: Slug
    stage: Stage
    state: Condition
    safety: Text = ""
    cause: Text = ""
    spreading: bool | None = None
    action: Literal["repair", "replace", "salvage", "abandon"] | None = None
    etr: Estimate | None = None
    next_look_at: AwareDatetime | None = None
    answers: dict[Slug, Text] = Field(default_factory=dict)
    role: Slug | None = None


class ShareDamage(Command):
    """Send what was found to roles, whose holders are asked to say that they have it (COM-08)."""

    roles: Annotated[tuple[Slug, ...], Field(min_length=1)]
    text: Annotated[Text, Field(min_length=1)]


@stored("damage.shared")
class DamageShared(Event):
    """Results were sent to roles by a page."""

    page: Slug
    roles: tuple[Slug, ...]


@decides(AssessDamage, OPEN)
def assess(state: State, command: AssessDamage, c: Context) -> Sequence[Event]:
    """Write down what was found."""
    known_object(c, command.object)
    e = command.etr
    if e is not None and not e.optimistic_s <= e.likely_s <= e.pessimistic_s:
        raise Refused("the three times to restore must not fall: best case, likely, worst case")
    said = command.model_dump(exclude={"next_look_in_s"})
    if command.next_look_in_s is not None:
        said["next_look_at"] = c.happened_at + timedelta(seconds=command.next_look_in_s)
    return [DamageAssessed(**said, role=c.actor.role)]


@folds(DamageAssessed)
def _assessed(state: State, e: DamageAssessed, entry: Entry) -> None:
    etr = (e.etr.optimistic_s, e.etr.likely_s, e.etr.pessimistic_s) if e.etr else None
    state.damage[e.object, e.stage] = Damage(
        e.object, e.stage, e.state, e.safety, e.cause, e.spreading, e.action, etr, entry.by, entry.happened_at,
        e.next_look_at, dict(e.answers), e.role,
    )  # fmt: skip
    if e.stage == "initial":
        state.stamps.setdefault("assessed", entry.happened_at)
    if e.state in BROKEN:
        state.strike(e.object, entry.happened_at, e.cause or f"assessed {e.state}")
    elif e.state == "ok":
        state.clear(e.object)


@decides(ShareDamage, OPEN)
def share(state: State, command: ShareDamage, c: Context) -> Sequence[Event]:
    """Call every active holder of the roles once, by one page."""
    if not state.damage:
        raise NotNow("nothing has been assessed yet: look at something first")
    people = holders(c.plan, command.roles)
    if not people:
        raise Refused("none of these roles has an active holder: choose others, or tell them by other means")
    order = OrderPage(persons=people, subject=f"Damage: {state.title}"[:200], text=command.text)
    ordered = list(order_page(state, order, c))
    return [*ordered, *(DamageShared(page=e.page, roles=command.roles) for e in ordered if isinstance(e, PageOrdered))]


def holders(plan: Plan, roles: Sequence[str]) -> tuple[str, ...]:
    """Return the active holders of these roles, each once; raises Refused for a role that the plan does not have."""
    for r in roles:
        if r not in plan.roles:
            raise Refused(f"the plan has no role {r!r}")
    return tuple(dict.fromkeys(p for r in roles for p in plan.roles[r].holders if is_active(plan, p)))


@folds(DamageShared)
def _shared(state: State, e: DamageShared, entry: Entry) -> None:
    state.shared.append(e.page)


def latest(state: State, object_id: str) -> Damage | None:
    """Return the later of an object's assessments."""
    found = [d for (i, _), d in state.damage.items() if i == object_id]
    return max(found, key=lambda d: d.at, default=None)


def restored_by(state: State, object_id: str) -> tuple[datetime, datetime] | None:
    """Return (likely, worst) moment at which an object works again by its latest assessment with times."""
    found = [d for (i, _), d in state.damage.items() if i == object_id and d.etr_s is not None]
    if not found:
        return None
    last = max(found, key=lambda d: d.at)
    etr = last.etr_s or (0.0, 0.0, 0.0)
    return last.at + timedelta(seconds=etr[1]), last.at + timedelta(seconds=etr[2])


def looks_due(state: State, now: datetime) -> Iterator[Damage]:
    """Yield the assessments whose next look is overdue."""
    for d in state.damage.values():
        if d.next_look_at is not None and d.next_look_at <= now and latest(state, d.object) is d:
            yield d
