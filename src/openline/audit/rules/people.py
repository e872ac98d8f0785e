"""People and roles."""

import itertools
import math
from collections.abc import Iterator

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.people import assigned
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered, work_sites
from openline.plan.activities import Activity
from openline.plan.hours import Spans, joined, spans, uncovered_min
from openline.plan.roles import ContinuityRole
from openline.plan.systems import System

FULL_WEEK = "24x7"


def service_hours(g: Ground) -> Spans | None:
    """Return the hours of the week in which any tier-1 activity is open, None when none says."""
    stated = [a.hours for a in g.tier_one or g.plan.activities.values() if a.hours is not None]
    return joined([s for h in stated for s in spans(h)]) if stated else None


@rule("AR-085", "critical", serves="PPL-01 PPL-02")
def key_role_without_alternate(g: Ground) -> Verdicts:
    """A key role has no alternate.

    Why: the person is on leave, ill, or hit [ISO 22301 8.4.2, personnel and alternates].
    Computed: a key role without any active alternate.
    Fix: name one.

        roles:
          - {id: duty-officer, primary: officer-a, alternates: [officer-b]}
    """
    yield from nothing_listed(g.plan, "roles")
    for r in g.key_roles:
        behind = [p for p in r.alternates if g.active(p)]
        if not behind:
            yield fail(r, f"{r.title} has no alternate", at="alternates", alternates=0)
        else:
            yield ok(r)


@rule("AR-086", "high", serves="PPL-01")
def succession_of_command_is_shallow(g: Ground) -> Verdicts:
    """Fewer than two alternates stand behind the commander.

    Why: orders of succession go at least three deep [FCD 1].
    Computed: active alternates of roles with the function command < 2.
    Fix: add one.

        roles:
          - {id: incident-commander, ics_function: command, primary: a, alternates: [b, c]}
    """
    commands = [r for r in g.plan.roles.values() if r.ics_function == "command"]
    if not commands:
        yield unknown(g.plan.organization, why="no role has the function command")
    for r in commands:
        behind = sum(g.active(p) for p in r.alternates)
        if behind < 2:
            yield fail(
                r,
                f"{behind} alternate{'s' * (behind != 1)} behind {r.title}, two are needed",
                at="alternates",
                alternates=behind,
            )
        else:
            yield ok(r)


@rule("AR-087", "high", serves="PPL-02")
def one_person_holds_two_roles(g: Ground) -> Verdicts:
    """One person is first in two roles that are called together.

    Why: nobody can do both in the first hour [ICS span of control].
    Computed: the same active primary in two key roles that one level calls (all roles called at or below its number,
    or named by it).
    Fix: split them.

        roles:
          - {id: safety-officer, level_called: 3, primary: safety-a, alternates: [safety-b]}
    """
    yield from nothing_listed(g.plan, "roles")
    for a, b in itertools.combinations(g.key_roles, 2):
        if a.primary is None or a.primary != b.primary:
            continue
        together = a.level_called is not None and b.level_called is not None
        together |= any({a.id, b.id} <= set(level.roles_called) for level in g.plan.levels.values())
        person = g.plan.persons[a.primary]
        if together:
            yield fail(person, f"{person.title} is first in {names([a, b])}", a.id, b.id, roles=2)
        else:
            yield unknown(b if b.level_called is None else a, "level_called")
    for r in g.key_roles:
        if r.primary is None:
            yield unknown(r, "primary")
        else:
            yield ok(r)


def _fillable(g: Ground, roles: list[ContinuityRole], absent: set[str]) -> int:
    """Return how many roles can be held at once by different people when some are absent."""
    able = {r.id: [p for p in g.holders(r) if p not in absent] for r in roles}
    people = {p: 1 for holders in able.values() for p in holders}
    return assigned(people, {r.id: 1 for r in roles}, able)


@rule("AR-088", "high", serves="PPL-01 PPL-13")
def roles_can_not_all_be_filled(g: Ground) -> Verdicts:
    """The key roles can not all be held when somebody is absent.

    Why: alternates are often promised to several roles at once (hidden double counting).
    Computed: largest matching of key roles to active holders, for each single absence; short by one is high, short only
    when two are absent is medium. Roles that have no two holders at all are AR-085's.
    Fix: widen the pool.

        roles:
          - {id: duty-officer, primary: officer-a, alternates: [officer-b, officer-c]}
    """
    yield from nothing_listed(g.plan, "roles")
    roles = [r for r in g.key_roles if len(g.holders(r)) >= 2]
    thin = [r for r in g.key_roles if not r.holders]
    for r in thin:
        yield unknown(r, "primary")
    if not roles:
        return
    organization = g.plan.organization
    people = sorted({p for r in roles for p in g.holders(r)})
    shared = [p for p in people if sum(p in g.holders(r) for r in roles) > 1]
    if _fillable(g, roles, set()) < len(roles):
        yield fail(
            organization,
            f"there are not enough people for {len(roles)} key roles even when all are there",
            *people,
            roles=len(roles),
            people=len(people),
        )
        return
    single = [p for p in people if _fillable(g, roles, {p}) < len(roles)] if shared else []
    if single:
        told = names([g.plan.persons[p] for p in single])
        yield fail(
            organization, f"not all key roles can be held without {told}", *single, roles=len(roles), people=len(people)
        )
        return
    deep = [r for r in roles if len(g.holders(r)) >= 3]
    couples = (
        [c for c in itertools.combinations(shared, 2) if _fillable(g, deep, set(c)) < len(deep)]
        if len(shared) <= 40
        else []
    )
    if couples:
        told = names([g.plan.persons[p] for p in couples[0]])
        yield fail(
            organization,
            f"not all key roles can be held without {told}",
            *couples[0],
            severity="medium",
            roles=len(roles),
        )
    else:
        yield ok(organization)


@rule("AR-089", "high", serves="PPL-01 RSK-12")
def alternate_shares_place_with_primary(g: Ground) -> Verdicts:
    """Every alternate works and lives where the primary does.

    Why: what keeps the one away keeps the other away [a backup beside the primary, applied to people].
    Computed: site and home area of all active alternates equal those of the primary.
    Fix: one from another site.

        persons:
          - {id: officer-b, site: hill, home_area: moor-side}
    """
    yield from nothing_listed(g.plan, "roles")
    for r in g.key_roles:
        behind = [g.plan.persons[p] for p in r.alternates if g.active(p)]
        if r.primary is None or not behind:
            continue
        first = g.plan.persons[r.primary]
        if any(p.site is None and p.home_area is None for p in (first, *behind)):
            lacking = next(p for p in (first, *behind) if p.site is None and p.home_area is None)
            yield unknown(lacking, "site", "home_area")
        elif all(p.site == first.site and p.home_area == first.home_area for p in behind):
            message = f"everybody behind {first.title} in {r.title} works and lives where they do"
            yield fail(
                r,
                message,
                first.id,
                *(p.id for p in behind),
                at="alternates",
                site=first.site,
                home_area=first.home_area,
            )
        else:
            yield ok(r)


@rule("AR-090", "medium", serves="PPL-02 PPL-03")
def role_without_written_authority(g: Ground) -> Verdicts:
    """It is not written down what a role may decide.

    Why: in the first hour nobody has time to ask [ISO 22301 5.3, 8.4.2; delegation of authority, FCD 1].
    Computed: authority missing, or declare_level_max, spend_limit or media in it missing.
    Fix: delegate in writing.

        roles:
          - {id: duty-officer, authority: {declare_level_max: 3, spend_limit: 20000 GBP, media: false}}
    """
    yield from nothing_listed(g.plan, "roles")
    for r in g.key_roles:
        if r.authority is None:
            yield fail(r, f"what {r.title} may decide is not written down", at="authority")
            continue
        lacks = [f for f in ("declare_level_max", "spend_limit", "media") if getattr(r.authority, f) is None]
        if lacks:
            yield fail(r, f"the authority of {r.title} says nothing of {names(lacks)}", at="authority", lacks=lacks)
        else:
            yield ok(r)


def _duty(g: Ground, r: ContinuityRole) -> Spans:
    return joined([s for d in r.on_call if g.active(d.person) for s in spans(d.hours)])


@rule("AR-091", "high", serves="PPL-01")
def duty_has_a_gap(g: Ground) -> Verdicts:
    """In some hour nobody is on call.

    Why: things break at night [continuity duty officer].
    Computed: minutes of the week that the role's on_call_hours (for roles called at level 1 or below, else the service
    hours; 24x7 where tier 1 is open day and night) ask for and no active person's duty covers. Roles without a rota and
    without on_call_hours are judged only when they are called first.
    Fix: fill the rota.

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
    for r in first:
        need = spans(r.on_call_hours) if r.on_call_hours else service_hours(g)
        if need is None:
            yield unknown(r, "on_call_hours")
            continue
        gap = uncovered_min(need, _duty(g, r))
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
    a skill of its competence who is on shift at its site, or on call and there within 30 min.
    Fix: a rota, or another person with the skill.

        persons:
          - {id: engineer-c, site: quay, shifts: "mon-sun 18:00-06:00", skills: [{skill: voice-systems}]}
    """
    yield from untiered(g)
    duty: dict[str, list[tuple[int, int]]] = {}
    for r in g.plan.roles.values():
        for d in r.on_call:
            duty.setdefault(d.person, []).extend(spans(d.hours))
    covers: dict[tuple[str, ...], Spans | None] = {}
    for s in g.on_prem:
        people = sorted({p for skill in s.competence for p in g.work.persons_with.get(skill, ())})
        if not people:
            continue  # AR-081 says so
        need = _hours_of(g, s)
        key = (s.location or "", *people)
        if key not in covers:
            covers[key] = _reach(g, s.location or "", people, duty)
        given = covers[key]
        if need is None or given is None:
            yield unknown(
                s, why=f"{'service hours' if need is None else f'shifts and sites of {names(people)}'} are not known"
            )
            continue
        gap = uncovered_min(need, given)
        if gap > 0:
            message = f"in {gap / 60:g} service hours of the week nobody who can mend {s.title} is within reach"
            yield fail(s, message, *people, at="competence", uncovered_h=round(gap / 60, 2), able=len(people))
        else:
            yield ok(s)


def _hours_of(g: Ground, s: System) -> Spans | None:
    stated = [a.hours for a in g.dependents.get(s.id, ()) if g.tier(a) == 1 and a.hours is not None]
    return joined([x for h in stated for x in spans(h)]) if stated else None


def _reach(g: Ground, site: str, people: list[str], duty: dict[str, list[tuple[int, int]]]) -> Spans | None:
    """Return when somebody is there or near enough; None when nothing is known of their times."""
    found: list[tuple[int, int]] = []
    known = False
    for name in people:
        person = g.plan.persons[name]
        near = person.on_site_within_min is not None and person.on_site_within_min <= g.limits.reach_min
        known |= person.shifts is not None or name in duty
        if person.shifts is not None and person.site == site:
            found += spans(person.shifts)
        if near and name in duty:
            found += duty[name]
    return joined(found) if known else None


@rule("AR-093", "high", serves="PPL-05 STR-24")
def skill_in_one_place_or_few_people(g: Ground) -> Verdicts:
    """A skill that tier 1 needs is at one site only, or with too few people.

    Why: cross-skill agents so they can offset labor shortages [seed 004].
    Computed: fewer than 3 people have it; or the people who have all of the activity's skills outside the site with
    most of them (other sites, at home) < agents of the minimum.
    Fix: train people elsewhere.

        agent_groups:
          - {id: hill-service, site: hill, skills: [service, claims], headcount: 40}
    """
    yield from untiered(g)
    for a in g.tier_one:
        counts: dict[str, float] = {}
        lacking = [x for x in g.work.groups_for(a) if g.work.headcount(x) is None]
        for x in g.work.groups_for(a):
            counts[x.site or "home"] = counts.get(x.site or "home", 0.0) + (g.work.headcount(x) or 0.0)
        grouped = bool(g.work.groups_for(a))
        for person in g.plan.persons.values() if not grouped else ():
            if person.status == "active" and {p.skill for p in person.skills} >= set(a.skills):
                counts[person.site or "home"] = counts.get(person.site or "home", 0.0) + 1
        if not a.skills or lacking or (not counts and not g.plan.agent_groups and not g.plan.persons):
            yield unknown(lacking[0] if lacking else a, "headcount" if lacking else "skills")
            continue
        total = sum(counts.values())
        outside = total - max(counts.values(), default=0.0)
        need = g.work.minimum(a)
        if total < g.limits.skill_people:
            yield fail(a, f"{total:.0f} people can serve {a.title}", *a.skills, at="skills", people=total)
        elif need is None:
            yield unknown(a, why=f"the agents of the minimum of {a.title} can not be computed")
        elif outside < need.agents:
            message = f"outside one site {outside:.0f} people can serve {a.title}, its minimum is {need.agents}"
            yield fail(a, message, *a.skills, at="skills", outside=outside, minimum=need.agents)
        else:
            yield ok(a)


def _verified(g: Ground, a: Activity) -> tuple[float, list[str]]:
    """Return verified remote agents for an activity after shrinkage, and groups of which too little is known."""
    total, lacking = 0.0, []
    for x in g.work.groups_for(a):
        people = g.work.headcount(x)
        if people is None:
            lacking.append(x.id)
        elif x.site is None:
            total += people * (1 - x.shrinkage)
        elif x.remote is not None and x.remote.verified_on is not None:
            total += people * x.remote.able_frac * (1 - x.shrinkage)
        elif x.remote is not None:
            lacking.append(x.id)
    return total, lacking


@rule("AR-094", "critical", serves="STR-33 STR-24 TEC-02")
def too_few_verified_at_home(g: Ground) -> Verdicts:
    """Work is to go on from home, and too few people are known to be able to.

    Why: the remote team must carry the minimum [Remote access; establish a remote team].
    Computed: where remote work is the arrangement for tier-1 people or their site and no other way (partner, other
    site)
    is: people with the skills whose home set-up is verified x (1 - shrinkage), teams at home included, < agents of the
    minimum.
    Fix: equip and verify more.

        agent_groups:
          - {id: quay-claims, remote: {able_frac: 0.6, verified_on: 2026-09-08, ramp: [{t_s: 45m, share: 1}]}}
    """
    yield from untiered(g)
    for a in g.tier_one:
        ids = {i for x in g.work.groups_for(a) for i in (x.id, x.site) if i} | {a.id, *a.sites}
        ways = [r for r in g.plan.arrangements.values() if ids & set(r.for_)]
        if not any(r.option == "remote_work" for r in ways):
            continue
        if any(r.option in ("partner_overflow", "alternate_site", "relocation") for r in ways):
            yield ok(a)
            continue
        need = g.work.minimum(a)
        total, lacking = _verified(g, a)
        if need is None:
            yield unknown(a, "minimum_capacity", "volumes")
        elif total >= need.agents:
            yield ok(a)
        elif lacking:
            yield unknown(g.plan.agent_groups[lacking[0]], "remote.verified_on")
        else:
            message = f"{total:.0f} people are verified to serve {a.title} from home, its minimum is {need.agents}"
            yield fail(a, message, *g.group_ids(a), verified=round(total, 1), minimum=need.agents)


@rule("AR-095", "medium", serves="STR-33 TEC-02")
def remote_capability_unverified(g: Ground) -> Verdicts:
    """Nobody has seen lately that people can work from home.

    Why: paper and real life differ [fail real-life tests].
    Computed: a group counted on from home (able_frac above 0) with verified_on over 180 days ago or never; a person
    with a home set-up likewise, persons taken together.
    Fix: a day on which all log in from home.

        agent_groups:
          - {id: quay-claims, remote: {able_frac: 0.6, verified_on: 2026-09-08, ramp: [{t_s: 45m, share: 1}]}}
    """
    counted = [x for x in g.plan.agent_groups.values() if x.remote is not None and x.remote.able_frac > 0]
    for x in counted:
        day = x.remote.verified_on if x.remote else None
        if g.older(day, g.limits.remote_check_d):
            age = g.age_d(day)
            told = "was never seen to" if age is None else f"last did so {age} days ago:"
            yield fail(x, f"{x.title} {told} work from home", at="remote", age_d=age)
        else:
            yield ok(x)
    people = [p for p in g.plan.persons.values() if p.remote is not None and p.status == "active"]
    stale = [p for p in people if p.remote is not None and g.older(p.remote.verified_on, g.limits.remote_check_d)]
    if stale:
        yield fail(
            g.plan.organization,
            f"{len(stale)} of {len(people)} people with a home set-up were not seen to use it lately",
            *(p.id for p in stale[:50]),
            stale=len(stale),
        )
    elif people:
        yield ok(g.plan.organization)
    if not g.plan.agent_groups and not g.plan.persons:
        yield unknown(g.plan.organization, why="the plan lists neither agent groups nor people")


@rule("AR-096", "high", serves="PPL-05 RSK-05 PPL-09")
def absence_breaks_the_minimum(g: Ground) -> Verdicts:
    """With four in ten absent the minimum of tier 1 can not be staffed.

    Why: pandemic planning counts on 25 to 40 % absence [domain R26].
    Computed: largest assignment of agents to tier-1 activities, each group at its busiest-interval roster x (1 -
    shrinkage) x (1 - 40 %), and partners after their full ramp, < agents of the minima.
    Fix: cross-skill, a partner, other hours.

        organization:
          thresholds: {absence_frac: 0.4}
    """
    yield from untiered(g)
    supply: dict[str, int] = {}
    demand: dict[str, int] = {}
    able: dict[str, list[str]] = {}
    for a in g.tier_one:
        need = g.work.minimum(a)
        if need is None or any(g.work.headcount(x) is None for x in g.work.groups_for(a)):
            yield unknown(a, why=f"minimum, volume or staff of {a.title} are not known")
            continue
        demand[a.id], able[a.id] = need.agents, []
        for x in g.work.groups_for(a):
            people = (g.work.agents(x, need.slot) or 0.0) * (1 - g.limits.absence_frac)
            supply[x.id] = max(supply.get(x.id, 0), math.floor(people + 1e-9))
            able[a.id].append(x.id)
        for agreement in g.plan.agreements.values():
            called = any(r.agreement == agreement.id for r in g.plan.arrangements.values())
            if called and set(agreement.skills) >= set(a.skills):
                supply[agreement.id] = max(p.agents for p in agreement.ramp)
                able[a.id].append(agreement.id)
    for part in _apart(able):
        wanted = {i: demand[i] for i in part}
        have = assigned({n: supply[n] for i in part for n in able[i]}, wanted, {i: able[i] for i in part})
        subject = g.plan.activities[part[0]]
        short = sum(wanted.values()) - have
        if short > 0:
            told = names([g.plan.activities[i] for i in part])
            message = (
                f"with {g.limits.absence_frac:.0%} absent, {have} of {sum(wanted.values())} agents are left for {told}"
            )
            yield fail(subject, message, *part[1:], agents=have, needed=sum(wanted.values()), short=short)
        else:
            yield ok(subject)


def _apart(able: dict[str, list[str]]) -> list[list[str]]:
    """Return the activities in lots that share no people."""
    lots: list[tuple[list[str], set[str]]] = []
    for activity, groups in able.items():
        mine: tuple[list[str], set[str]] = ([activity], set(groups))
        rest = []
        for lot in lots:
            if lot[1] & mine[1]:
                mine = (lot[0] + mine[0], lot[1] | mine[1])
            else:
                rest.append(lot)
        lots = [*rest, mine]
    return [names_ for names_, _ in lots]


@rule("AR-097", "high", serves="MNT-02 COM-05")
def role_held_by_somebody_gone(g: Ground) -> Verdicts:
    """A role, a rota, a call tree or a carrier's list names somebody who has left or is on long leave.

    Why: keep your plan and emergency contacts up to date at all times [GSA].
    Computed: a person whose status is not active and who is named there.
    Fix: replace them; let the HR system tell of changes.

        persons:
          - {id: officer-a, status: active}
    """
    gone = {p.id: p for p in g.plan.persons.values() if p.status != "active"}
    named: dict[str, set[str]] = {}
    for entity, person in _named(g):
        named.setdefault(person, set()).add(entity)
    if not named:
        yield unknown(g.plan.organization, why="no role, rota or call tree names anybody")
    for i in named:
        if i in gone:
            told = "has left" if gone[i].status == "left" else "is on leave"
            yield fail(
                gone[i],
                f"{gone[i].title} {told} and is still named in {names(sorted(named[i]))}",
                *sorted(named[i]),
                at="status",
                status=gone[i].status,
            )
        else:
            yield ok(g.plan.persons[i])


def _named(g: Ground) -> Iterator[tuple[str, str]]:
    """Yield (entity, person) wherever the plan counts on somebody."""
    for r in g.plan.roles.values():
        yield from ((r.id, i) for i in (*r.holders, *(d.person for d in r.on_call)))
    for tree in g.plan.call_trees.values():
        yield tree.id, tree.root
        yield from ((tree.id, i) for n in tree.nodes for i in (n.person, *n.children, n.fallback) if i)
    for door in g.plan.carrier_access.values():
        yield from ((door.id, i) for i in door.authorised_callers)
    for team in g.plan.teams.values():
        yield from ((team.id, i) for i in (team.lead, *team.members) if i)


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


@rule("AR-100", "medium", serves="STR-32 STR-31")
def not_enough_seats(g: Ground) -> Verdicts:
    """The other sites have too few seats for the minimum.

    Why: office space and social distancing are two of the nine considerations [seed 000].
    Computed: for each site with tier-1 people lost: seats of the other sites (distanced where a scenario of the plan
    asks people to keep distance) < agents of the minima served there - people verified at home.
    Fix: seats, or more people at home.

        sites:
          - {id: hill, role: secondary, seats_total: 110, seats_distanced: 66}
    """
    yield from untiered(g)
    distanced = any(s.distanced for s in g.plan.scenarios.values())
    places = [s for s in work_sites(g) if g.groups_at[s.id]]
    for site in places:
        others = [
            s
            for s in g.plan.sites.values()
            if s.id != site.id and s.role in ("primary", "secondary", "hot", "warm", "cold", "remote_hub")
        ]
        seats = [s.seats_distanced if distanced else s.seats_total for s in others]
        ids = dict.fromkeys(a.id for x in g.groups_at[site.id] for a in g.first_by_group[x.id])
        served = [g.plan.activities[i] for i in ids]

        needs = [g.work.minimum(a) for a in served]
        if None in needs:
            yield unknown(served[needs.index(None)], "minimum_capacity", "volumes")
            continue
        home = sum(_verified(g, a)[0] for a in served)
        need = sum(n.agents for n in needs if n is not None)
        if need <= home:
            yield ok(site)
        elif None in seats:
            yield unknown(others[seats.index(None)], "seats_distanced" if distanced else "seats_total")
        elif sum(s for s in seats if s is not None) < need - home:
            have = sum(s for s in seats if s is not None)
            message = (
                f"without {site.title} there are {have} seats for the {need - home:.0f} agents who must sit somewhere"
            )
            yield fail(
                site,
                message,
                *(s.id for s in others),
                at="seats_total",
                seats=have,
                needed=round(need - home),
                distanced=distanced,
            )
        else:
            yield ok(site)
