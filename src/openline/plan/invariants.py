"""Invariants of single entities that their types can not say (domain 3.8); breaking one is an error."""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from functools import cache

from pydantic import BaseModel

from openline.plan.activities import Activity, Law
from openline.plan.arrangements import Arrangement
from openline.plan.data import Backup
from openline.plan.incidents import Incident, entry_hash
from openline.plan.monitoring import Trigger
from openline.plan.organization import Organization
from openline.plan.partners import OverflowAgreement
from openline.plan.people import AgentGroup, rising
from openline.plan.procedures import Procedure
from openline.plan.record import Dependency, Entity
from openline.plan.refs import Path, record_fields
from openline.plan.roles import ContinuityRole
from openline.plan.systems import System
from openline.plan.telephony import TrunkGroup

Breach = tuple[Path, str, str]
"""Path in the entity, message, hint."""

MOST_NAMED = 12
"""So many are named in a message; a file of thousands would make one of its square."""


def breaches(entity: Entity, lacking: Collection[str] = ()) -> Iterator[Breach]:
    """Yield every invariant that this entity breaks by itself.

    `lacking` are the fields that can not be read: what reads one of them can not be judged and is left out.
    """
    for path, record in _records(entity, ()):
        if isinstance(record, Dependency):
            yield from _dependency(entity, path, record)
    yield from _told(entity)
    for kind in type(entity).__mro__:
        reads, rule = _RULES.get(kind, ((), None))
        if rule is not None and not any(key in lacking for key in reads):
            yield from rule(entity)


def _told(entity: Entity) -> Iterator[Breach]:
    """Provenance is of fields that there are, and no text holds a secret (invariant 23)."""
    for key in entity.provenance:
        if key.partition(".")[0] not in _keys(type(entity)):
            yield ("provenance", key), f"there is no field {key!r} here", "name the field whose number it is"
    for name, value in entity:
        if isinstance(value, str) and SECRET.search(value):
            hint = "write where it is kept: envelope 3 in the safe of Hill Court"
            yield (name,), "this looks like the secret itself", hint


@cache
def _keys(model: type[Entity]) -> frozenset[str]:
    return frozenset(info.alias or name for name, info in model.model_fields.items())


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


def _system(s: System) -> Iterator[Breach]:
    """What takes over is another system (invariant 8)."""
    if s.standby_system == s.id:
        yield ("standby_system",), "a standby can not be what it stands by for", "name the other one"


def _trunk_group(t: TrunkGroup) -> Iterator[Breach]:
    """Calls that can not come here go elsewhere (invariant 20)."""
    if t.alt_destination == t.id:
        yield ("alt_destination",), "the alternative is the same lines", "name other lines, or a partner"


def _procedure(p: Procedure) -> Iterator[Breach]:
    """Steps are told apart, follow steps of the same procedure, and never themselves (invariant 6)."""
    known = {s.id: n for n, s in reversed(list(enumerate(p.steps)))}
    hint = "steps are " + ", ".join([s.id for s in p.steps[:MOST_NAMED]])
    for n, step in enumerate(p.steps):
        if known[step.id] < n:
            yield ("steps", n, "id"), f"the step {step.id!r} stands twice", "ids are unique in a procedure"
        for i, before in enumerate(step.predecessors):
            if before not in known:
                yield ("steps", n, "predecessors", i), f"there is no step {before!r} in this procedure", hint
    ring = _ring({s.id: s.predecessors for s in p.steps})
    if ring:
        told = " after ".join([*ring[:MOST_NAMED], "..."] if len(ring) > MOST_NAMED else [*ring, ring[0]])
        yield (
            ("steps", known[ring[0]], "predecessors"),
            f"steps wait for each other: {told}",
            "take one predecessor out",
        )


def _ring(before: dict[str, tuple[str, ...]]) -> list[str]:
    """Return steps that wait for each other in a ring, none when there is no ring."""
    waits = {step: {n for n in needs if n in before} for step, needs in before.items()}
    followers: dict[str, list[str]] = defaultdict(list)
    for step, needs in waits.items():
        for need in needs:
            followers[need].append(step)
    left, ready = dict(waits), [step for step, needs in waits.items() if not needs]
    while ready:
        done = ready.pop()
        del left[done]
        for step in followers[done]:
            waits[step].discard(done)
            if not waits[step]:
                ready.append(step)
    if not left:
        return []
    trail: dict[str, int] = {}
    at = next(iter(left))
    while at not in trail:
        trail[at] = len(trail)
        at = next(n for n in before[at] if n in left)
    return list(trail)[trail[at] :]


def _role(r: ContinuityRole) -> Iterator[Breach]:
    """The holder is not among the alternates, and nobody stands there twice (invariant 7)."""
    seen: set[str] = set()
    for i, person in enumerate(r.alternates):
        if person == r.primary:
            yield ("alternates", i), f"{person!r} is the primary already", "name somebody else"
        elif person in seen:
            yield ("alternates", i), f"{person!r} stands twice", "name each once"
        seen.add(person)


def _trigger(t: Trigger) -> Iterator[Breach]:
    """The threshold to clear lies on the safe side of the one to fire (invariant 13)."""
    if t.threshold is None or t.clear_threshold is None:
        return
    above = t.comparator in ("above", "at_least") and t.clear_threshold > t.threshold
    below = t.comparator in ("below", "at_most") and t.clear_threshold < t.threshold
    if above or below:
        yield ("clear_threshold",), "it would clear while it still fires", "put it on the safe side of threshold"


def _incident(i: Incident) -> Iterator[Breach]:
    """Stamps are in order whichever of them are known (invariant 4); the log is as it was written (14)."""
    hint = "times carry their zone: 2026-02-03T13:04:00+00:00"
    told = set()
    for chain in STAMP_ORDER:
        known = [(name, at) for name in chain if (at := getattr(i.stamps, name)) is not None]
        for (before, first), (after, then) in itertools.pairwise(known):
            if then < first and (before, after) not in told:
                told.add((before, after))
                yield ("stamps", after), f"{after} comes before {before}", hint
    yield from _log(i)


STAMP_ORDER = (
    ("onset", "detected", "acknowledged", "declared"),
    ("onset", "mitigated"),
    ("onset", "assessed"),
    ("onset", "resumed", "full", "restored", "stood_down"),
)
"""T0 <= Td <= Ta <= Tc; Tm, Tv, Tr, Tf >= T0; Tr <= Tf <= Tx <= Ts."""


def _log(i: Incident) -> Iterator[Breach]:
    """Each line holds the hash of the line before; what is wrong is put right by a new line, never changed."""
    earlier: list[str] = []
    for n, entry in enumerate(i.log):
        hint = "lines are added, never changed: write a new line that corrects the wrong one"
        if entry.hash != entry_hash(entry):
            yield ("log", n, "hash"), "this line is not as it was written", hint
        if entry.before != (earlier[-1] if earlier else None):
            yield ("log", n, "before"), "this is not the hash of the line before", hint
        if entry.corrects is not None and entry.corrects not in earlier:
            yield ("log", n, "corrects"), "no earlier line has this hash", "name the line that is put right"
        earlier.append(entry.hash)


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


SECRET = re.compile(
    r"\b(?:pin|password|passwort|passphrase|secret)\b\s*"
    r"(?:is\s+(?=\S*\d)\S{3}|[=:]\s*(?!(?:see|kept|held|stored|in|at|on|with|ask|by|none|no|yes|the|a)\b)\S)",
    re.IGNORECASE,
)
"""`PIN: 4711` and `password is h0rse`, but not `the PIN is in envelope 3` or `password: see the safe`."""

_RULES: dict[type, tuple[tuple[str, ...], Callable[..., Iterator[Breach]]]] = {
    OverflowAgreement: (("ramp", "notice_s", "agents_contracted"), _agreement),
    AgentGroup: (("remote", "site"), _group),
    Arrangement: (("standby", "for", "option", "agreement"), _arrangement),
    Activity: (("deferrable", "patience_s", "patience_law", "aht_s", "aht_law"), _activity),
    Procedure: (("steps",), _procedure),
    ContinuityRole: (("primary", "alternates"), _role),
    Trigger: (("comparator", "threshold", "clear_threshold"), _trigger),
    Incident: (("stamps", "log"), _incident),
    System: (("id", "standby_system"), _system),
    TrunkGroup: (("id", "alt_destination"), _trunk_group),
    Backup: (("location", "region", "method", "lag_s"), _backup),
    Organization: (("impact_scale",), _scale),
}
"""By model: the fields that its rule reads, as the files name them, and the rule."""
