"""How people leave a site."""

import math

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed


@rule("AR-098", "high", serves="PLN-09 PPL-08")
def evacuation_is_incomplete(g: Ground) -> Verdicts:
    """The evacuation of a site with people is not complete.

    Why: people first [emergency evacuation plans].
    Computed: a site where groups or seats are, without evacuation; or fewer wardens than one per 20 people of the
    fullest shift, under two assembly points, no source for the roll call, or no word on what happens to calls.
    Fix: complete it.

        sites:
          - id: quay
            role: primary
            evacuation: {assembly_points: [wall, car park], wardens_per_shift: 9, people_per_shift: 140,
                         roll_call_source: Badge list, call_flow: Calls go to Hill Court}
    """
    yield from nothing_listed(g.plan, "sites")
    for site in g.plan.sites.values():
        crews = [g.work.headcount(x) for x in g.groups_at[site.id]]
        if not crews and not (
            site.seats_total and site.role not in ("cloud_region", "data_centre", "home_virtual", "partner")
        ):
            continue
        e = site.evacuation
        if e is None:
            yield fail(site, f"{site.title} has no evacuation plan", at="evacuation")
            continue
        people = e.people_per_shift
        if people is None and crews and None not in crews:
            people = math.ceil(sum(c for c in crews if c is not None))
        faults = (
            [f"{len(e.assembly_points)} assembly point{'s' * (len(e.assembly_points) != 1)}"]
            if len(e.assembly_points) < 2
            else []
        )
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
            yield unknown(site, "evacuation.wardens_per_shift")
        else:
            yield ok(site)


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
        if not g.groups_at[site.id] and not site.seats_total:
            continue
        plans = site.personal_evacuation
        if plans.needed is None:
            yield unknown(site, "personal_evacuation.needed")
        elif plans.needed > 0 and not plans.pointer.strip():
            yield fail(
                site,
                f"{plans.needed} people at {site.title} need a personal plan, and nobody knows where it is",
                at="personal_evacuation",
                needed=plans.needed,
            )
        else:
            yield ok(site)
