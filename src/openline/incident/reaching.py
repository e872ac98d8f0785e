"""Who could not be reached if something happened now: people, roles without a holder, and gaps in rotas (COM-05)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from openline.incident.command import StandIn
from openline.incident.paging import is_active
from openline.incident.rota import Turn, has_rota, turns
from openline.plan.document import Plan
from openline.plan.people import Person

AHEAD_D = 7


@dataclass(frozen=True, slots=True)
class Reaching:
    """What is wrong with reaching people: reasons by person, roles that nobody active holds, gaps ahead."""

    people: int
    reasons: dict[str, tuple[str, ...]]
    empty_roles: tuple[str, ...]
    gaps: tuple[Turn, ...]

    @property
    def is_well(self) -> bool:
        return not (self.reasons or self.empty_roles or self.gaps)


def reaching(plan: Plan, now: datetime, served: Collection[str], stand_ins: Iterable[StandIn] = ()) -> Reaching:
    """Return who could not be reached; `served` are the ways for which a provider is on."""
    active = [p for p in plan.persons.values() if p.status == "active"]
    found = {p.id: tuple(_reasons(plan, p, now, served)) for p in active}
    empty = tuple(r.id for r in plan.roles.values() if not any(is_active(plan, h) for h in r.holders))
    until, mine = now + timedelta(days=AHEAD_D), list(stand_ins)
    gaps = [t for r in plan.roles.values() if has_rota(r) for t in turns(plan, r, now, until, mine) if t.is_gap]
    return Reaching(len(active), {k: v for k, v in found.items() if v}, empty, tuple(gaps))


def _reasons(plan: Plan, person: Person, now: datetime, served: Collection[str]) -> Iterator[str]:
    """Yield why somebody might not be reached; a plan that keeps numbers elsewhere has addresses without a value."""
    there = [a for a in person.contacts if a.value]
    if not there:
        kept = " here; what is kept elsewhere can not be used" if person.contacts else ""
        yield f"has no number or address{kept}"
        return
    days = plan.organization.thresholds.contact_age_d
    if not any(a.verified_on and (now.date() - a.verified_on).days <= days for a in there):
        yield f"no number or address was checked in the last {days:g} days"
    if all(a.corporate_dependent for a in there):
        yield "every way fails when our own systems fail"
    if not any(a.channel in served for a in there):
        yield f"no provider is set up for {', '.join(dict.fromkeys(a.channel for a in there))}"
