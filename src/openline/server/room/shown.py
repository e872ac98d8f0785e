"""The room's values: read off the state while it is held, frozen, and rendered after it is let go."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from openline.incident.clocks import ActivityClock, activity_clocks, stamps
from openline.incident.command import SYSTEM, Context, Phase
from openline.incident.messages import owed_first, updates_owed
from openline.incident.opening import criteria_of, may_keep
from openline.incident.pace import last_responsible_moment
from openline.incident.people import Page
from openline.incident.reminders import owed
from openline.incident.roll_call import tally
from openline.incident.state import State
from openline.incident.upcoming import Due, Todo, View, dues, in_need, todos
from openline.plan.document import Plan
from openline.server.room.lanes import Lanes, lanes_of
from openline.server.room.picture import Hit, Service, Struck, hits_of, struck

NAMED = 8


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on top of the room."""

    title: str
    what: str
    phase: Phase
    is_open: bool
    is_exercise: bool
    is_demo: bool
    level: int
    level_word: str
    onset: datetime
    level_since: datetime | None
    may_keep: bool
    aid: tuple[int, tuple[str, ...]] | None
    last_seq: int
    next_decision: Due | None
    dues: tuple[Due, ...]
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A call for people: whom, how far it is, and what came of it."""

    who: str
    ask: str
    state: str
    turn: int
    turns: int
    handed: int
    failed: int
    maybe_twice: int
    people: int
    by: str
    at: datetime
    page: str


@dataclass(frozen=True, slots=True)
class Roll:
    """A roll call by numbers."""

    id: str
    title: str
    is_open: bool
    opened_at: datetime
    safe: int
    needs_help: int
    unknown: int

    @property
    def people(self) -> int:
        """Everybody asked."""
        return self.safe + self.needs_help + self.unknown


@dataclass(frozen=True, slots=True)
class Filled:
    """A role and who fills it; empty when nobody does."""

    id: str
    title: str
    by: str
    called: bool


@dataclass(frozen=True, slots=True)
class Help:
    """Somebody who needs help."""

    name: str
    where: str
    note: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Limit:
    """An activity against its recovery time and the longest that can be borne; widths 0 to 1000."""

    title: str
    clock: ActivityClock
    rto_s: float | None
    mtpd_s: float | None
    used_x: int
    rto_x: int | None
    back_x: int | None
    is_over: bool
    works: bool = False
    """By the plan it works at its minimum again, since something took over; nobody has confirmed it."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A message that is owed to an audience."""

    audience: str
    at: datetime
    is_first: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class Use:
    """An arrangement that was invoked."""

    id: str
    title: str
    since: datetime
    capacity: float | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A decision, open or made."""

    id: str
    question: str
    options: tuple[str, ...]
    facts: str
    by_at: datetime | None
    is_late: bool
    choice: str | None
    why: str
    by: str
    owner: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A yes that somebody waits for."""

    id: str
    what: str
    roles: tuple[str, ...]
    turn: str
    expires_at: datetime | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the scribe, or an alarm."""

    at: datetime
    entered_at: datetime
    by: str
    text: str
    corrects: int | None

    @property
    def is_late(self) -> bool:
        """Whether it was entered more than a minute after it happened."""
        return (self.entered_at - self.at).total_seconds() > 60


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the room shows of the state."""

    head: Head
    todos: tuple[Todo, ...]
    help: tuple[Help, ...]
    help_count: int
    hits: tuple[Hit, ...]
    down: Struck
    stamps: tuple[tuple[str, str, datetime | None], ...]
    limits: tuple[Limit, ...]
    last_moment: datetime | None
    lanes: Lanes
    roles: tuple[Filled, ...]
    calls: tuple[Call, ...]
    rolls: tuple[Roll, ...]
    decisions: tuple[Chosen, ...]
    approvals: tuple[Asked, ...]
    promises: tuple[Promise, ...]
    uses: tuple[Use, ...]
    can_invoke: tuple[tuple[str, str], ...]
    alarms: tuple[Said, ...]
    notes: tuple[Said, ...]
    sitrep: tuple[int, datetime, str, datetime | None] | None
    costs: tuple[tuple[str, str], ...]


def shown(state: State, plan: Plan, view: View, now: datetime, account: str, role: str | None) -> Shown:
    """Return what the room shows; `state` must be held meanwhile."""
    coming = dues(state, plan)
    onset = state.stamps["onset"]
    notes = [Said(n.at, n.entered_at, n.by, n.text, n.corrects) for n in state.notes if not n.is_alarm]
    alarms = [Said(n.at, n.entered_at, n.by, n.text, None) for n in state.notes if n.is_alarm]
    hurt = in_need(state)
    return Shown(
        head=_head(state, plan, coming, now),
        todos=tuple(todos(state, plan, view, now, role)[:5]),
        help=tuple(Help(_person(plan, r.person), r.where, r.note, r.at) for r in hurt[:NAMED]),
        help_count=len(hurt),
        hits=hits_of(state, plan),
        down=struck(state, onset, now),
        stamps=tuple(stamps(state)),
        limits=tuple(limits(state, plan, now)),
        last_moment=last_responsible_moment(state, plan) if state.hit else None,
        lanes=lanes_of(state, plan, now),
        roles=tuple(_roles(state, plan)),
        calls=tuple(_calls(state, plan)),
        rolls=tuple(rolls(state)),
        decisions=tuple(_decisions(state, plan, now)),
        approvals=tuple(_approvals(state, plan, account)),
        promises=tuple(_promises(state, plan, now)),
        uses=tuple(_uses(state, plan)),
        can_invoke=tuple(_can_invoke(state, plan)),
        alarms=tuple({a.text: a for a in reversed(alarms[-100:])}.values())[:NAMED],
        notes=tuple(reversed(notes[-12:])),
        sitrep=_sitrep(state),
        costs=tuple((what, amount) for what, amount, _ in state.costs[-NAMED:]),
    )


def _head(state: State, plan: Plan, coming: list[Due], now: datetime) -> Head:
    level = next((x.title for x in plan.levels.values() if x.number == state.level), "")
    return Head(
        title=state.title,
        what=state.what,
        phase=state.phase,
        is_open=state.phase in ("reported", "active", "restoring"),
        is_exercise=state.is_exercise,
        is_demo=state.is_demo,
        level=state.level,
        level_word=level if state.level else "",
        onset=state.stamps["onset"],
        level_since=state.level_declared_at,
        may_keep=may_keep(state, plan, now),
        aid=state.aid,
        last_seq=state.last_seq,
        next_decision=next((d for d in coming if d.is_decision), None),
        dues=tuple(coming[:NAMED]),
        criteria=tuple(criteria_of(state, Context(plan, now, SYSTEM, now))),
    )


def _person(plan: Plan, name: str) -> str:
    return plan.persons[name].title if name in plan.persons else name


def _role(plan: Plan, name: str) -> str:
    return plan.roles[name].title if name in plan.roles else name


def limits(state: State, plan: Plan, now: datetime) -> Iterable[Limit]:
    """Yield each hit activity against its limits, the most urgent first."""
    for c in activity_clocks(state, plan, now):
        activity = plan.activities[c.activity]
        if activity.rto_s is None and activity.mtpd_s is None:
            continue
        spent = _spent(activity.rto_s, c.rto_left_s, activity.mtpd_s, c.mtpd_left_s)
        scale = max(activity.mtpd_s or 0.0, (activity.rto_s or 0.0) * 1.25, spent) or 1.0
        back = None if c.back_in_s is None else min(1000, round(1000 * (spent + c.back_in_s) / scale))
        yield Limit(
            title=activity.title,
            clock=c,
            rto_s=activity.rto_s,
            mtpd_s=activity.mtpd_s,
            used_x=max(0, round(1000 * spent / scale)),
            rto_x=None if activity.rto_s is None else round(1000 * activity.rto_s / scale),
            back_x=back,
            is_over=c.rto_left_s is not None and c.rto_left_s < 0,
        )


def with_services(found: tuple[Limit, ...], services: Iterable[Service], plan: Plan) -> tuple[Limit, ...]:
    """Return the limits with what the timeline says of each now; what still does not work comes first."""
    share = {s.id: s.share for s in services if s.first_s >= 0}
    told = []
    for x in found:
        least = plan.activities[x.clock.activity].minimum_capacity
        told.append(replace(x, works=share.get(x.clock.activity, 0.0) >= (least.share if least else 1.0)))
    return tuple(sorted(told, key=lambda x: x.works))


def _spent(rto: float | None, rto_left: float | None, mtpd: float | None, mtpd_left: float | None) -> float:
    if rto is not None and rto_left is not None:
        return max(0.0, rto - rto_left)
    return max(0.0, (mtpd or 0.0) - (mtpd_left or 0.0))


def _roles(state: State, plan: Plan) -> Iterable[Filled]:
    called = {p.role for p in state.pages.values() if p.role}
    for name in dict.fromkeys([*state.roles, *(r for r in plan.roles if r in called)]):
        by = state.roles.get(name, "")
        yield Filled(name, _role(plan, name), _person(plan, by) if by else "", name in called)


def _rank(p: Page, left: set[str]) -> int:
    """Return 0 for a call that nobody answered, 1 for one under way, then the others; `left` is what is owed still."""
    if p.ask == "inform" or (p.ask == "remind" and left.isdisjoint(p.about)):
        return 2
    return {"exhausted": 0, "open": 1, "acknowledged": 2, "cancelled": 3}[p.state]


def _calls(state: State, plan: Plan) -> Iterable[Call]:
    left = {o.id for o in owed(state, plan)}
    for p in sorted(state.pages.values(), key=lambda p: (_rank(p, left), -p.ordered_at.timestamp()))[:20]:
        ok = sum(h.ok for h in p.handed.values())
        yield Call(
            who=f"{_role(plan, p.role)}: {p.subject}" if p.about and p.role else _role(plan, p.role or "") or p.subject,
            ask=p.ask,
            state=p.state,
            turn=p.turn + 1,
            turns=len(p.rungs) * (1 + p.repeats),
            handed=ok,
            failed=len(p.handed) - ok,
            maybe_twice=sum(h.maybe_twice for h in p.handed.values()),
            people=sum(map(len, p.rungs)),
            by=_person(plan, p.by) if p.by else "",
            at=p.answered_at or p.ordered_at,
            page=p.id,
        )


def rolls(state: State) -> Iterable[Roll]:
    """Yield the roll calls with their counts, the latest first; one pass over the people of each."""
    for r in reversed(state.roll_calls.values()):
        found = tally(state, r)
        yield Roll(r.id, r.title, r.is_open, r.opened_at, found["safe"], found["needs_help"], found["unknown"])


def _decisions(state: State, plan: Plan, now: datetime) -> Iterable[Chosen]:
    found = sorted(state.decisions.values(), key=lambda d: (d.choice is not None, d.by_at or d.opened_at))
    for d in found[:20]:
        late = d.choice is None and d.by_at is not None and d.by_at <= now
        owner = _role(plan, d.owner_role) if d.owner_role else ""
        yield Chosen(d.id, d.question, d.options, d.facts, d.by_at, late, d.choice, d.why, d.by or "", owner)


def _approvals(state: State, plan: Plan, account: str) -> Iterable[Asked]:
    for a in state.approvals.values():
        if a.state == "asked":
            roles = tuple(_role(plan, r) for r in a.roles)
            turn = roles[a.turn] if a.turn < len(roles) else ""
            yield Asked(a.id, a.what, roles, turn, a.expires_at, a.asked_by == account)


def _promises(state: State, plan: Plan, now: datetime) -> Iterable[Promise]:
    found = [(a, at, True) for a, at in owed_first(state, plan).items()]
    found += [(a, at, False) for a, at in updates_owed(state).items()]
    for audience, at, is_first in sorted(found, key=lambda f: f[1]):
        yield Promise(audience.replace("_", " "), at, is_first, at <= now)


def _uses(state: State, plan: Plan) -> Iterable[Use]:
    for u in state.arrangements.values():
        entity = plan.arrangements.get(u.arrangement)
        title = entity.title if entity else u.arrangement
        yield Use(u.arrangement, title, u.invoked_at, u.capacity, u.ended_at is not None)


def _can_invoke(state: State, plan: Plan) -> Iterable[tuple[str, str]]:
    """Yield the arrangements that are not invoked, those that help what is down first."""
    helped = {a.id for a in plan.arrangements.values() if set(a.for_) & set(state.hit)}
    for a in sorted(plan.arrangements.values(), key=lambda a: a.id not in helped):
        use = state.arrangements.get(a.id)
        if use is None or use.ended_at is not None:
            yield a.id, a.title


def _sitrep(state: State) -> tuple[int, datetime, str, datetime | None] | None:
    if not state.sitreps:
        return None
    last = state.sitreps[-1]
    return last.number, last.at, last.facts, last.next_at
