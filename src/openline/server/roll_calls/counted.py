"""A roll call as its page shows it: counts, who needs help, who has not been heard of, a page of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from openline.incident.people import Report, RollCall
from openline.incident.roll_call import Headcount, Headcounts, headcounts, uncounted
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.people import Person

PEOPLE = 50
"""People on one page, and rows of one table."""

KINDS = ("site", "team", "role", "skill")
PHONES = ("mobile", "landline", "satellite", "sms")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf(Generic[T]):
    """One page of a list: its rows, its number from 1, and how many pages and rows there are."""

    rows: Sequence[T]
    number: int
    of: int
    all: int


def leaf(rows: Sequence[T], wanted: str | None) -> Leaf[T]:
    """Return the page that is wanted, the nearest when there is none like that."""
    of = max(1, -(-len(rows) // PEOPLE))
    number = min(of, max(1, int(wanted))) if wanted and wanted.isdecimal() and len(wanted) < 9 else 1
    return Leaf(rows[(number - 1) * PEOPLE : number * PEOPLE], number, of, len(rows))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person as a row; `phones` only for those who may read them."""

    id: str
    title: str
    where: str
    report: Report | None
    phones: tuple[str, ...]
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A roll call as of now."""

    roll: RollCall
    counts: Headcounts
    needs_help: list[Somebody]
    unknown: Leaf[Somebody]
    table: Leaf[Headcount]
    found: list[Somebody]
    uncounted: list[tuple[str, str, int | None]]

    @property
    def accounted(self) -> int:
        """How many are safe or known to need help."""
        return self.counts.total.safe + self.counts.total.needs_help

    @property
    def share(self) -> float:
        """The share of people who are accounted for; groups without numbers are in no count."""
        return self.accounted / self.counts.total.people if self.counts.total.people else 0.0


def counted(plan: Plan, state: State, roll: RollCall, asked: Mapping[str, str], *, with_contacts: bool) -> Counted:
    """Return a roll call counted by one pass over its people; `asked` has by, page, rows and q."""
    counts = headcounts(plan, state, roll)
    kind = asked.get("by", KINDS[0])
    rows = sorted(counts.by[kind if kind in KINDS else KINDS[0]].values(), key=lambda h: (-h.needs_help, -h.unknown))
    unknown = leaf(counts.unknown, asked.get("page"))

    def row(name: str) -> Somebody:
        return somebody(plan, state, roll, name, with_contacts=with_contacts)

    return Counted(
        roll,
        counts,
        [row(p) for p in counts.needs_help],
        Leaf([row(p) for p in unknown.rows], unknown.number, unknown.of, unknown.all),
        leaf(rows, asked.get("rows")),
        [row(p) for p in named(plan, roll, asked.get("q", ""))],
        uncounted(plan, roll),
    )


def somebody(plan: Plan, state: State, roll: RollCall, name: str, *, with_contacts: bool) -> Somebody:
    """Return a person's row; what was said before the roll call does not count."""
    person, report = plan.persons.get(name), state.reports.get(name)
    if person is None:
        return Somebody(name, name, "", report, (), False)
    site = plan.sites.get(person.site or "")
    team = plan.teams.get(person.team or "")
    where = ", ".join(x.title for x in (team, site) if x is not None)
    current = report if report is not None and _is_since(report.at, roll.opened_at) else None
    phones = phones_of(person)
    return Somebody(name, person.title, where, current, phones if with_contacts else (), bool(phones))


def _is_since(at: datetime | None, since: datetime) -> bool:
    return at is not None and at >= since


def phones_of(person: Person) -> tuple[str, ...]:
    """Return the numbers at which a person can be called, in their order."""
    ways = sorted((a for a in person.contacts if a.value and a.channel in PHONES), key=lambda a: a.order or 99)
    return tuple(dict.fromkeys(a.value for a in ways if a.value))


def named(plan: Plan, roll: RollCall, wanted: str) -> list[str]:
    """Return up to twenty people of a roll call whose name or id has these words."""
    words = wanted.lower().split()
    if not words:
        return []
    found = (p for p in roll.persons if p in plan.persons)
    hits = (p for p in found if all(w in f"{plan.persons[p].title} {p}".lower() for w in words))
    return [p for p, _ in zip(hits, range(20), strict=False)]
