"""Who was asked, opened, answered, signed off, and who has not been heard (IMP-06); scores of vendors (PAR-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from openline.exchange.owner import owned, things
from openline.plan.document import Plan
from openline.plan.vendors import QUESTIONS, Vendor
from openline.server.links.models import Turn

SOON_D = 60


@dataclass(frozen=True, slots=True)
class Last:
    """The last turn of one kind: when, who, and whether by a link or a file."""

    at: datetime
    who: str
    way: str


@dataclass(frozen=True, slots=True)
class Heard:
    """One row of the matrix: an owner, their departments, how far they have come."""

    id: str
    title: str
    holder: str
    departments: tuple[str, ...]
    things: int
    asked: Last | None
    opened: Last | None
    answered: Last | None
    signed_off: Last | None
    approved: int
    analysed: int

    @property
    def is_heard(self) -> bool:
        return self.answered is not None


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every owner, and the departments of which nobody has been heard yet."""

    rows: tuple[Heard, ...]
    silent: tuple[str, ...]

    @property
    def heard(self) -> int:
        return sum(r.is_heard for r in self.rows)


def matrix(plan: Plan, turns: Iterable[Turn]) -> Matrix:
    """Return who has been heard; `turns` come in the order of time."""
    last = _last(turns)
    rows = tuple(r for role in plan.roles if (r := _row(plan, role, last)).things)
    heard = {d for r in rows if r.is_heard for d in r.departments}
    return Matrix(rows, tuple(d for d in _departments(plan) if d not in heard))


def _last(turns: Iterable[Turn]) -> dict[tuple[str, str], Last]:
    return {(t.subject, t.did): Last(t.at, t.who, t.way) for t in turns}


def _departments(plan: Plan) -> list[str]:
    return sorted({t.department for t in plan.teams.values() if t.department})


def _row(plan: Plan, role: str, last: dict[tuple[str, str], Last]) -> Heard:
    part, entity = owned(plan, role), plan.roles[role]
    owns = [e for _, e in things(part) if e.owner_role == role]
    mine = part.activities.values()
    approved = sum(a.bia.approved_on is not None and a.bia.approved_on >= (a.bia.done_on or date.min) for a in mine)
    holder = plan.persons[entity.primary].title if entity.primary in plan.persons else ""
    return Heard(
        role,
        entity.title,
        holder,
        _departments_of(plan, role),
        things=len(owns),
        asked=last.get((role, "asked")),
        opened=last.get((role, "opened")),
        answered=last.get((role, "answered")),
        signed_off=last.get((role, "signed_off")),
        approved=approved,
        analysed=len(mine),
    )


def _departments_of(plan: Plan, role: str) -> tuple[str, ...]:
    """Return the departments that a role speaks for: of its first holder, and of teams whose work it answers for."""
    holder = plan.roles[role].primary
    team = plan.persons[holder].team if holder in plan.persons else None
    owns = {a.id for a in plan.activities.values() if a.owner_role == role}
    found = {
        t.department
        for t in plan.teams.values()
        if t.department and (t.id == team or holder in (t.lead, *t.members) or owns & set(t.activities))
    }
    return tuple(sorted(found))


@dataclass(frozen=True, slots=True)
class Card:
    """A vendor's readiness: the score, the dates of what proves it, and what has run out."""

    vendor: Vendor
    score: float | None
    is_low: bool
    is_old: bool
    answered: int
    lines: tuple[tuple[str, str, str, str, date | None, str], ...]
    expired: int
    soon: int
    contract: str
    asked: Last | None
    answer: Last | None


def scorecards(plan: Plan, turns: Iterable[Turn], today: date) -> list[Card]:
    """Return a card a vendor, those without a score first, then the worst first."""
    last = _last(turns)
    cards = [_card(plan, v, last, today) for v in plan.vendors.values()]
    return sorted(cards, key=lambda c: (c.score is not None, c.score or 0.0, c.vendor.title))


def _card(plan: Plan, vendor: Vendor, last: dict[tuple[str, str], Last], today: date) -> Card:
    sheet, limits = vendor.questionnaire, plan.organization.thresholds
    score = sheet.scored()
    lines = []
    for item, question in QUESTIONS.items():
        a = sheet.answers.get(item)
        until = a.valid_until if a else None
        said = (a.value, a.remark, a.evidence_text) if a else ("not answered", "", "")
        lines.append((question, *said, until, age(until, today)))
    return Card(
        vendor,
        score,
        is_low=score is not None and score < limits.assessment_score_frac,
        is_old=sheet.on is not None and (today - sheet.on).days > limits.assessment_age_d,
        answered=len(sheet.answers),
        lines=tuple(lines),
        expired=sum(line[5] == "expired" for line in lines),
        soon=sum(line[5] == "soon" for line in lines),
        contract=age(vendor.contract_end, today),
        asked=last.get((vendor.id, "asked")),
        answer=last.get((vendor.id, "answered")),
    )


def age(until: date | None, today: date) -> str:
    """Return expired, soon (within SOON_D days) or nothing."""
    if until is None:
        return ""
    left = (until - today).days
    return "expired" if left < 0 else "soon" if left <= SOON_D else ""
