"""Who is on call, and who can mend a system at what hour."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.places import least_way_min
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.plan.hours import Spans, joined, spans, uncovered_min
from openline.plan.people import Person
from openline.plan.roles import ContinuityRole
from openline.plan.systems import System


def service_hours(g: Ground) -> Spans | None:
    """Return the hours of the week in which any tier-1 activity is open, None when none says."""
    stated = [a.hours for a in g.tier_one or g.plan.activities.values() if a.hours is not None]
    return joined([s for h in stated for s in spans(h)]) if stated else None


def _duty(g: Ground, r: ContinuityRole) -> Spans:
    return joined([s for d in r.on_call if g.active(d.person) for s in spans(d.hours)])


@rule("AR-091", "high", serves="PPL-01")
def duty_has_a_gap(g: Ground) -> Verdicts:
    """In some hour nobody is on call.

    Why: things break at night [continuity duty officer].
    Computed: minutes of the week that the role's on_call_hours ask for (the service hours where it states none: 24x7
    where tier 1 is open day and night) and no active person's duty covers. Roles that are called first (level 1 or
    below) must cover the service hours together besides; one of them may do it for all, or they share the week.
    Fix: put somebody on call for these hours.

        roles:
          - {id: duty-officer, level_called: 1, on_call_hours: 24x7, on_call: [{person: officer-a, hours: 24x7}]}
    """
    first = [
        r
        for r in g.plan.roles.values()
        if r.on_call or r.on_call_hours or (r.level_called is not None and r.level_called <= 1)
    ]
    if not first:
        yield unknown(g.plan.organization, why="no role is on call or called first (level 1)")
    service = service_hours(g)
    leading = [r for r in first if r.level_called is not None and r.level_called <= 1]
    together = joined([s for r in leading for s in _duty(g, r)])
    alone = service is not None and any(uncovered_min(service, _duty(g, r)) == 0 for r in leading)
    for r in first:
        need = spans(r.on_call_hours) if r.on_call_hours else service
        if need is None:
            yield unknown(r, "on_call_hours")
            continue
        shared = r in leading and not r.on_call_hours and (not r.on_call or not alone)
        gap = uncovered_min(need, together if shared else _duty(g, r))
        if r in leading and r.on_call_hours and service is not None:
            gap = max(gap, uncovered_min(service, together))
        if gap > 0:
            yield fail(
                r,
                f"in {gap / 60:g} h of the week nobody is on call as {r.title}",
                at="on_call",
                uncovered_h=round(gap / 60, 2),
            )
        else:
            yield ok(r)


@rule("AR-092", "high", serves="PPL-06 PPL-07")
def no_technician_within_reach(g: Ground) -> Verdicts:
    """In some service hour nobody who can mend a system is within reach.

    Why: on-site tech support is the first line of defense [On-Site Tech Staff].
    Computed: for each on-premises system that tier 1 needs: minutes of the service hours without an active person with
    a skill of its competence (all of them when nobody has one) who is on shift at its site, or on call and there within
    30 min. Whoever belongs to another site is away from this one by at least the way between the two less their own way
    to work.
    Fix: a rota, or another person with the skill.

        persons:
          - {id: engineer-c, site: quay, shifts: "mon-sun 18:00-06:00", skills: [{skill: voice-systems}]}
    """
    yield from untiered(g)
    duty: dict[str, list[tuple[int, int]]] = {}
    for r in g.plan.roles.values():
        for d in r.on_call:
            duty.setdefault(d.person, []).extend(spans(d.hours))
    covers: dict[tuple[str, ...], tuple[Spans, bool]] = {}
    for s in g.on_prem:
        people = sorted({p for skill in s.competence for p in g.work.persons_with.get(skill, ())})
        if not s.competence:
            continue  # AR-081 says so
        need = _hours_of(g, s)
        key = (s.location or "", *people)
        if key not in covers:
            covers[key] = _reach(g, s.location or "", people, duty)
        given, known = covers[key]
        gap = uncovered_min(need or (), given)
        if need is None or (gap > 0 and not known):
            yield unknown(
                s, why=f"{'service hours' if need is None else f'shifts and ways of {names(people)}'} are not known"
            )
        elif gap > 0:
            message = f"in {gap / 60:g} service hours of the week nobody who can mend {s.title} is within reach"
            yield fail(s, message, *people, at="competence", uncovered_h=round(gap / 60, 2), able=len(people))
        else:
            yield ok(s)


def _hours_of(g: Ground, s: System) -> Spans | None:
    stated = [a.hours for a in g.dependents.get(s.id, ()) if g.tier(a) == 1 and a.hours is not None]
    return joined([x for h in stated for x in spans(h)]) if stated else None


def _least_min(g: Ground, person: Person, site: str) -> float:
    """Return the fewest minutes in which somebody on call is at a site.

    What is stated is the way to their own site; to another it is at least the way between the two less that.
    """
    own_min = person.on_site_within_min or 0.0
    if site not in g.plan.sites or person.site in (None, site):
        return own_min
    return max(own_min, least_way_min(g.plan.sites[site], g.plan.sites[person.site or ""]) - own_min)


def _reach(g: Ground, site: str, people: list[str], duty: dict[str, list[tuple[int, int]]]) -> tuple[Spans, bool]:
    """Return when somebody is there or near enough, and whether enough is known to say that it is never else."""
    found: list[tuple[int, int]] = []
    known, near = not people, True  # that nobody can is known
    for name in people:
        person = g.plan.persons[name]
        known |= person.shifts is not None or name in duty
        if person.shifts is not None and person.site == site:
            found += spans(person.shifts)
        if name in duty and person.on_site_within_min is None:
            near = False
        elif name in duty and _least_min(g, person, site) <= g.limits.reach_min:
            found += duty[name]
    return joined(found), known and near
