"""Invariants of single entities that their types can not say (domain 3.8); breaking one is an error."""

import re
from collections.abc import Callable, Iterator

from pydantic import BaseModel

from openline.plan.activities import Activity, Law
from openline.plan.arrangements import Arrangement
from openline.plan.data import Backup
from openline.plan.incidents import Incident
from openline.plan.monitoring import Trigger
from openline.plan.organization import Organization
from openline.plan.partners import OverflowAgreement
from openline.plan.people import AgentGroup, rising
from openline.plan.procedures import Procedure
from openline.plan.record import Dependency, Entity
from openline.plan.refs import Path, record_fields
from openline.plan.roles import ContinuityRole
from openline.plan.telephony import CarrierAccess

Breach = tuple[Path, str, str]
"""Path in the entity, message, hint."""


def breaches(entity: Entity) -> Iterator[Breach]:
    """Yield every invariant that this entity breaks by itself."""
    for path, record in _records(entity, ()):
        if isinstance(record, Dependency):
            yield from _dependency(entity, path, record)
    rule = _RULES.get(type(entity))
    if rule is not None:
        yield from rule(entity)


def _records(record: BaseModel, path: Path) -> Iterator[tuple[Path, BaseModel]]:
    yield path, record
    for name, key in record_fields(type(record)):
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            yield from _records(value, (*path, key))
        elif isinstance(value, tuple):
            for i, member in enumerate(value):
                if isinstance(member, BaseModel):
                    yield from _records(member, (*path, key, i))


def _dependency(entity: Entity, path: Path, d: Dependency) -> Iterator[Breach]:
    if entity.id in d.to:
        yield (*path, "to"), "an object can not need itself", "name what it really stands on"
    if len(set(d.to)) < len(d.to):
        yield (*path, "to"), "the same object stands twice", "name each once"
    if (d.mode == "k_of_n") != (d.k is not None):
        yield (*path, "k"), "k goes with mode: k_of_n, and only with it", ""
    if d.k is not None and d.k > len(d.to):
        yield (*path, "k"), f"k is {d.k} but only {len(d.to)} are named", "k is 1 to the number of members"
    if d.switch_s and d.mode != "or":
        yield (*path, "switch_s"), "switch_s goes with mode: or, and only with it", ""


def _agreement(a: OverflowAgreement) -> Iterator[Breach]:
    points = tuple((p.t_s, float(p.agents)) for p in a.ramp)
    if not rising(points):
        yield ("ramp",), "the ramp must go up in time and never lose agents", ""
    if points[0][0] < a.notice_s:
        yield ("ramp", 0, "t_s"), "the ramp starts before the notice is over", "t_s counts from the call-out"
    if points[-1][1] > a.agents_contracted:
        yield ("ramp",), "the ramp ends above agents_contracted", ""


def _group(g: AgentGroup) -> Iterator[Breach]:
    if g.remote is None:
        return
    if g.site is None:
        yield ("remote",), "the group already works at home", "drop remote, or name the site"
    if not rising(tuple((p.t_s, p.share) for p in g.remote.ramp)):
        yield ("remote", "ramp"), "the ramp must go up in time and never fall", ""


def _arrangement(a: Arrangement) -> Iterator[Breach]:
    if a.standby in a.for_:
        yield ("standby",), "a standby can not be what it stands by for", "name the other one"
    if (a.option == "partner_overflow") != (a.agreement is not None):
        yield ("agreement",), "agreement goes with option: partner_overflow, and only with it", ""


def _activity(a: Activity) -> Iterator[Breach]:
    if a.deferrable and a.patience_s is not None:
        yield ("patience_s",), "deferrable work is kept, so nobody gives up", "drop patience_s or deferrable"
    for key, law, stated in (("patience_law", a.patience_law, a.patience_s), ("aht_law", a.aht_law, a.aht_s)):
        if stated is None and law != Law():
            yield (key,), "a law without its mean", "state the mean as well"


def _procedure(p: Procedure) -> Iterator[Breach]:
    """Steps are told apart, follow steps of the same procedure, and never themselves (invariant 6)."""
    known = [s.id for s in p.steps]
    for n, step in enumerate(p.steps):
        if step.id in known[:n]:
            yield ("steps", n, "id"), f"the step {step.id!r} stands twice", "ids are unique in a procedure"
        for i, before in enumerate(step.predecessors):
            if before not in known:
                hint = "steps are " + ", ".join(known)
                yield ("steps", n, "predecessors", i), f"there is no step {before!r} in this procedure", hint
    ring = _ring({s.id: s.predecessors for s in p.steps})
    if ring:
        at = known.index(ring[0])
        told = " after ".join([*ring, ring[0]])
        yield ("steps", at, "predecessors"), f"steps wait for each other: {told}", "take one predecessor out"


def _ring(before: dict[str, tuple[str, ...]]) -> list[str]:
    """Return steps that wait for each other in a ring, none when there is no ring."""
    left = dict(before)
    while ready := [s for s, needs in left.items() if not any(n in left for n in needs)]:
        for step in ready:
            del left[step]
    if not left:
        return []
    trail, at = [], next(iter(left))
    while at not in trail:
        trail.append(at)
        at = next(n for n in left[at] if n in left)
    return trail[trail.index(at) :]


def _role(r: ContinuityRole) -> Iterator[Breach]:
    """The holder is not among the alternates, and nobody stands there twice (invariant 7)."""
    for i, person in enumerate(r.alternates):
        if person == r.primary:
            yield ("alternates", i), f"{person!r} is the primary already", "name somebody else"
        elif person in r.alternates[:i]:
            yield ("alternates", i), f"{person!r} stands twice", "name each once"


def _trigger(t: Trigger) -> Iterator[Breach]:
    """The threshold to clear lies on the safe side of the one to fire (invariant 13)."""
    if t.threshold is None or t.clear_threshold is None:
        return
    above = t.comparator in ("above", "at_least") and t.clear_threshold > t.threshold
    below = t.comparator in ("below", "at_most") and t.clear_threshold < t.threshold
    if above or below:
        yield ("clear_threshold",), "it would clear while it still fires", "put it on the safe side of threshold"


def _incident(i: Incident) -> Iterator[Breach]:
    """T0 <= Td <= Ta <= Tc; Tm, Tr, Tf >= T0; Tr <= Tf <= Tx <= Ts (invariant 4)."""
    s = i.stamps
    order = [("onset", "detected"), ("detected", "acknowledged"), ("acknowledged", "declared")]
    order += [("onset", "mitigated"), ("onset", "resumed"), ("onset", "full"), ("resumed", "full")]
    order += [("full", "restored"), ("restored", "stood_down"), ("onset", "stood_down")]
    for before, after in order:
        first, then = getattr(s, before), getattr(s, after)
        if first is not None and then is not None and then < first:
            hint = "times carry their zone: 2026-02-03T13:04:00+00:00"
            yield ("stamps", after), f"{after} comes before {before}", hint


def _carrier_access(a: CarrierAccess) -> Iterator[Breach]:
    if SECRET.search(a.authentication_pointer):
        hint = "write where it is kept: envelope 3 in the safe of Hill Court"
        yield ("authentication_pointer",), "this looks like the secret itself", hint


def _backup(b: Backup) -> Iterator[Breach]:
    """A copy lies somewhere, and says what its method needs (invariant 10)."""
    if b.location is None and b.region is None:
        yield ("location",), "a copy needs its location", "name the site, or the region of the cloud"
    if b.method == "async_replica" and b.lag_s is None:
        yield ("lag_s",), "an asynchronous replica needs lag_s", "how far it is behind, at its worst"


def _scale(o: Organization) -> Iterator[Breach]:
    steps = o.impact_scale.steps_s
    if list(steps) != sorted(set(steps)):
        yield ("impact_scale", "steps_s"), "steps must ascend", ""
    if o.impact_scale.intolerable > o.impact_scale.highest:
        yield ("impact_scale", "intolerable"), "lies above the highest rating", ""


SECRET = re.compile(r"\b(pin|password|passwort|passphrase|secret)\b\s*(is|=|:)\s*\S", re.IGNORECASE)

_RULES: dict[type[Entity], Callable[..., Iterator[Breach]]] = {
    OverflowAgreement: _agreement,
    AgentGroup: _group,
    Arrangement: _arrangement,
    Activity: _activity,
    Procedure: _procedure,
    ContinuityRole: _role,
    Trigger: _trigger,
    Incident: _incident,
    CarrierAccess: _carrier_access,
    Backup: _backup,
    Organization: _scale,
}
