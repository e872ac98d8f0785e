"""How people leave a site."""

import math

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed
from openline.plan.sites import Site
from openline.plan.tables import Profile


@rule("AR-098", "high", serves="PLN-09 PPL-08")
def evacuation_is_incomplete(g: Ground) -> Verdicts:
    """The evacuation of a site with people is not complete.

    Why: people first [emergency evacuation plans].
    Computed: a site where people work, without evacuation; or fewer wardens than one per 20 people of the fullest shift
    (the seats where rosters do not tell), under two assembly points, no source for the roll call, or no word on what
    happens to calls. Alternate sites where nobody works yet are judged by what they state; partners see to theirs.
    Fix: enough wardens, two assembly points, a list of who is inside, and a word on where calls go.

        sites:
          - id: quay
            role: primary
            evacuation: {assembly_points: [wall, car park], wardens_per_shift: 9, people_per_shift: 140,
                         roll_call_source: Badge list, call_flow: Calls go to Hill Court}
    """
    yield from nothing_listed(g.plan, "sites")
    for site in g.plan.sites.values():
        e = site.evacuation
        if not _peopled(g, site) and (e is None or site.role in ELSEWHERE):
            continue
        if e is None:
            yield fail(site, f"{site.title} has no evacuation plan", at="evacuation")
            continue
        points = {x.strip().casefold() for x in e.assembly_points}
        people = e.people_per_shift if e.people_per_shift is not None else _fullest(g, site)
        faults = [f"{len(points)} assembly point{'s' * (len(points) != 1)}"] if len(points) < 2 else []
        if (
            people is not None
            and e.wardens_per_shift is not None
            and e.wardens_per_shift * g.limits.people_per_warden < people
        ):
            faults.append(f"{e.wardens_per_shift} wardens for {people} people")
        faults += ["no source for the roll call"] if not e.roll_call_source else []
        faults += ["no word on what happens to calls"] if not e.call_flow else []
        if faults:
            yield fail(
                site,
                f"evacuation of {site.title}: {'; '.join(faults)}",
                at="evacuation",
                people=people,
                wardens=e.wardens_per_shift,
            )
        elif e.wardens_per_shift is None or people is None:
            yield unknown(site, f"evacuation.{'people' if people is None else 'wardens'}_per_shift")
        else:
            yield ok(site)


ELSEWHERE = ("home_virtual", "cloud_region", "partner")
"""Roles of sites that are no building of ours."""


def _peopled(g: Ground, site: Site) -> bool:
    """Tell whether people of ours work at a site on ordinary days."""
    if site.role in ELSEWHERE:
        return False
    staffed = bool(g.groups_at[site.id]) or site.id in g.staffed
    return staffed or (bool(site.seats_total) and site.role in ("primary", "secondary", "remote_hub"))


def _fullest(g: Ground, site: Site) -> int | None:
    """Return the people at a site at its fullest: the rosters together, headcounts, else seats; None when unknown."""
    groups = g.groups_at[site.id]
    tables = [g.plan.profiles[x.roster] for x in groups if x.roster is not None]
    people = [x.headcount for x in groups if x.roster is None]
    if not groups or None in people:
        return site.seats_total
    at = {(day, minute) for t in tables for day in t.days for minute in range(0, 1440, 15)}
    rostered = max((sum(_at(t, day, minute) for t in tables) for day, minute in at), default=0.0)
    return math.ceil(rostered + sum(p for p in people if p is not None))


def _at(table: Profile, day: str, minute: int) -> float:
    values = table.days.get(day)
    return 0.0 if values is None else values[minute * 60 // table.slot_s]


@rule("AR-099", "medium", serves="PLN-09")
def personal_evacuation_plan_missing(g: Ground) -> Verdicts:
    """Somebody needs a personal evacuation plan, and it is not said where it is.

    Why: a duty of care; the plan itself is not kept here, only where it is (no medical facts).
    Computed: needed above 0 and no pointer.
    Fix: arrange it, and write down where it lies.

        sites:
          - {id: quay, role: primary, personal_evacuation: {needed: 2, pointer: Sealed envelope at the guard's desk}}
    """
    yield from nothing_listed(g.plan, "sites")
    for site in g.plan.sites.values():
        plans = site.personal_evacuation
        if not _peopled(g, site) and not plans.needed:
            continue
        if plans.needed is None:
            yield unknown(site, "personal_evacuation.needed")
        elif plans.needed > 0 and not plans.pointer.strip():
            yield fail(
                site,
                f"where the personal plans of {plans.needed} at {site.title} who need one lie is not said",
                at="personal_evacuation",
                needed=plans.needed,
            )
        else:
            yield ok(site)
