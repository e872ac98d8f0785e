"""What is asked: fields made from the models for one activity or vendor, and what came back by their names."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from openline.exchange.answers import ANSWERS, RATINGS, Clash, Flat, Key, Place, flat
from openline.exchange.columns import columns
from openline.exchange.owner import things
from openline.exchange.questionnaire import BESIDES, PIECES
from openline.exchange.verdicts import LONGEST_NOTE, Verdict
from openline.plan.activities import Activity
from openline.plan.document import Plan
from openline.plan.organization import IMPACT_TYPES
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.vendors import QUESTIONS, Answer
from openline.reference.fields import field_rows
from openline.server.links.store import Subject
from openline.server.plans.forms import Field, field_of
from openline.server.plans.reading import label_of as words_of
from openline.server.plans.reading import row
from openline.units import format_duration

ASIDE = ("csrfmiddlewaretoken", "key", "who", "signs", "kind", "subject", "on")
MOST_VERDICTS = 300
KEPT = ("id", "owner_role", "classification", "approved_by", "approved_on")
"""Who answers for a thing can not give it away, reclassify or approve it by a form."""

ANALYSIS: dict[str, str] = {
    "mtpd_s": "Longest stop that can be borne (MTPD)",
    "rto_s": "Back at its minimum within (RTO)",
    "rto_clock": "The RTO counts from",
    "wrt_s": "Work to catch up once the systems are back (WRT)",
    "rpo_s": "Data that may be lost, as time (RPO)",
    "minimum_capacity.share": "Least share of contacts to serve in a disruption (MBCO)",
    "minimum_capacity.x": "Of those, share answered in time",
    "minimum_capacity.t_s": "In time means within",
    "minimum_capacity.hours": "Hours of the minimum",
    "criticality": "Tier; 1 is the most critical",
    "criticality_reason": "Why this tier, if not the one of its MTPD",
    "bia.weekly_contacts": "Contacts in a usual week",
    "regulated": "Law says how contacts are handled",
    "emergency_protocol": "How customers are served in an emergency",
}
"""The fields of an impact analysis that an owner is asked, in their order, in words; what they hold says the model."""

HINTS = {"duration": "such as 90s, 15m, 4h or 2d", "whole": "a whole number", "number": "a number"}


class NotAsked(ValueError):
    """A field came that was not asked; the message names it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One field on a page: its name there, what people call it, and what somebody else wrote meanwhile."""

    name: str
    label: str
    field: Field
    clash: Clash | None


@dataclass(frozen=True, slots=True)
class Ratings:
    """One type of impact: a field for each step of time."""

    kind: str
    cells: tuple[Asked, ...]
    error: str


@dataclass(frozen=True, slots=True)
class Question:
    """One of the ten questions, and the fields of its answer."""

    item: str
    text: str
    parts: tuple[Asked, ...]


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that an owner answers for, as the plan has it."""

    key: str
    kind: str
    title: str
    activity: str
    analysed: date | None
    facts: tuple[tuple[str, str], ...]
    notes: str
    reviewed: date | None
    said: str
    note: str
    error: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a form again after something was wrong: typed text, errors and clashes by place."""

    typed: Mapping[Key, Flat]
    errors: Mapping[Place, str]
    clashes: Mapping[Place, Clash]


NOTHING = Shown({}, {}, {})


def _asked(key: Key, field: Field, label: str, shown: Shown) -> Asked:
    return Asked(f"{key[0]}:{key[1]}:{field.name}", label, field, shown.clashes.get((*key, field.name)))


def _value(entity: Entity, key: Key, name: str, shown: Shown) -> str:
    typed = shown.typed.get(key, {})
    return typed[name] if name in typed else flat(entity).get(name, "")


def analysis(activity: Activity, shown: Shown) -> list[Asked]:
    """Return the fields of an activity's impact analysis."""
    key, known = ("activities", activity.id), {c.name: c for c in columns(Activity)}

    def asked(name: str, label: str) -> Asked:
        found = field_of(known[name], _value(activity, key, name, shown), _error(shown, key, name))
        hint = "0 to 1" if known[name].unit == "0..1" else HINTS.get(known[name].shape.kind, "")
        return _asked(key, replace(found, note=hint), label, shown)

    return [asked(n, label) for n, label in ANALYSIS.items()]


def label_of(name: str) -> str:
    """Return what people call a field of a form."""
    if name.startswith(f"{ANSWERS}."):
        item, part = name.removeprefix(f"{ANSWERS}.").split(".")
        return f"{item.replace('_', ' ')}: {PIECES[part].partition(':')[0].lower()}"
    return ANALYSIS.get(name) or words_of(name.replace(".", " "))


def _error(shown: Shown, key: Key, name: str) -> str:
    found = shown.errors.get((*key, name), "")
    parent = name.rpartition(".")[0]
    return found or (shown.errors.get((*key, parent), "") if parent and name.endswith((".share", ".value")) else "")


def steps(plan: Plan) -> list[str]:
    """Return the steps of time at which impact is rated, in words."""
    return [format_duration(s) for s in plan.organization.impact_scale.steps_s]


def ratings(plan: Plan, activity: Activity, shown: Shown) -> list[Ratings]:
    """Return the rows of the impact table."""
    key, after, found = ("activities", activity.id), steps(plan), []
    for kind in IMPACT_TYPES:
        names = [f"{RATINGS}.{kind}.{n}" for n in range(len(after))]
        cells = tuple(
            _asked(key, _plain(n, _value(activity, key, n, shown), shown.errors.get((*key, n), "")), t, shown)
            for n, t in zip(names, after, strict=True)
        )
        error = shown.errors.get((*key, f"{RATINGS}.{kind}")) or next(
            (c.field.error for c in cells if c.field.error), ""
        )
        found.append(Ratings(kind, cells, error))
    return found


def _plain(name: str, value: str, error: str, choices: tuple[str, ...] = (), note: str = "") -> Field:
    return Field(name, label_of(name), value, choices, False, False, note, "", error)


def questions(plan: Plan, vendor: str, shown: Shown) -> list[Question]:
    """Return the ten questions for a vendor, with the answers that are known."""
    key, entity = ("vendors", vendor), plan.vendors[vendor]
    shapes = {r.name: r for r in field_rows(Answer)}

    def part(item: str, name: str, label: str) -> Asked:
        full = f"{ANSWERS}.{item}.{name}"
        error = _error(shown, key, full)
        choices = shapes[name].shape.choices
        return _asked(key, _plain(full, _value(entity, key, full, shown), error, choices), label, shown)

    return [Question(i, text, tuple(part(i, p, label) for p, label in PIECES.items())) for i, text in QUESTIONS.items()]


def besides(plan: Plan, vendor: str, shown: Shown) -> list[Asked]:
    """Return the fields for the days that a vendor is asked besides the ten questions."""
    key, entity = ("vendors", vendor), plan.vendors[vendor]

    def asked(name: str, label: str) -> Asked:
        return _asked(key, _plain(name, _value(entity, key, name, shown), _error(shown, key, name)), label, shown)

    return [asked(name, label) for name, label in BESIDES.items()]


def to_verify(asked: Subject, verdicts: Mapping[Key, tuple[str, str]], errors: Mapping[Key, str]) -> list[Thing]:
    """Return everything that an owner answers for, with what was said of it when something was wrong."""
    titles = {e.id: e.title for _, e in things(asked.plan)}
    found = []
    first = sorted(things(asked.part), key=lambda t: t[0] != "activities")
    for collection, entity in first[:MOST_VERDICTS]:
        facts, key = row(entity, titles), (collection, entity.id)
        said, note = verdicts.get(key, ("", ""))
        kind = COLLECTIONS[collection].title
        found.append(
            Thing(f"{collection}:{entity.id}", kind, entity.title, *_analysed(entity), facts.facts, facts.notes,
                  entity.last_reviewed, said, note, errors.get(key, ""))
        )  # fmt: skip
    return found


def _analysed(entity: Entity) -> tuple[str, date | None]:
    return (entity.id, entity.bia.done_on) if isinstance(entity, Activity) else ("", None)


@dataclass(frozen=True, slots=True)
class Came:
    """What a form brought."""

    typed: dict[Key, Flat]
    said: dict[Key, tuple[str, str]]

    def verdicts(self) -> tuple[Verdict, ...]:
        """Return the verdicts that say something."""
        return tuple(
            Verdict(*key, is_right=said == "right", note=note) for key, (said, note) in self.said.items() if said
        )

    def lacking(self) -> dict[Key, str]:
        """Return what is wrong with verdicts: a change that is not named, a note without an answer."""
        found = {}
        for key, (said, note) in self.said.items():
            if said == "change" and not note:
                found[key] = "Write what needs to change."
            elif note and said != "change":
                found[key] = "There is a note: choose “needs change”, or empty the note."
        return found


def read(asked: Subject, posted: Mapping[str, str]) -> Came:
    """Return what came by names of fields; raises NotAsked for one that was not asked of this subject."""
    came = Came({}, {})
    for name, value in posted.items():
        if name in ASIDE:
            continue
        first, _, rest = name.partition(":")
        middle, _, last = rest.partition(":")
        text = value.replace("\r\n", "\n")
        if first in ("verdict", "note"):
            _said(asked, came, first, (middle, last), text.strip()[:LONGEST_NOTE])
        elif middle in asked.part.collection(first) if first in COLLECTIONS else False:
            _allow(asked, first, last)
            came.typed.setdefault((first, middle), {})[last] = text
        else:
            raise NotAsked(name[:120])
    return came


def _said(asked: Subject, came: Came, what: str, key: Key, text: str) -> None:
    if asked.kind != "owner" or key[0] not in COLLECTIONS or key[1] not in asked.part.collection(key[0]):
        raise NotAsked(":".join(key)[:120])
    if what == "verdict" and text not in ("", "right", "change"):
        raise NotAsked(":".join(key)[:120])
    said, note = came.said.get(key, ("", ""))
    came.said[key] = (text, note) if what == "verdict" else (said, text)


def _allow(asked: Subject, collection: str, name: str) -> None:
    if name not in set(_askable(asked, collection)):
        raise NotAsked(f"{collection}: {name}"[:120])


def _askable(asked: Subject, collection: str) -> Iterator[str]:
    """Yield the names of fields that this subject may answer."""
    if asked.kind == "vendor":
        yield from (f"{ANSWERS}.{i}.{p}" for i in QUESTIONS for p in PIECES)
        yield from BESIDES
        return
    for c in columns(COLLECTIONS[collection].model):
        if not c.is_record and c.path[-1] not in KEPT:
            yield c.name
    if collection == "activities":
        yield from (f"{RATINGS}.{k}.{n}" for k in IMPACT_TYPES for n in range(len(steps(asked.plan))))


def may_change(asked: Subject, collection: str, name: str) -> bool:
    """Tell whether this subject may answer a field."""
    return name in set(_askable(asked, collection))
