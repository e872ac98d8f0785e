"""Agents by skill and place, at home and absent."""

import math

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.people import Need, assigned
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered, work_sites
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.record import Entity


@rule("AR-093", "high", serves="PPL-05 STR-24")
def skill_in_one_place_or_few_people(g: Ground) -> Verdicts:
    """A skill that tier 1 needs is at one site only, or with too few people.

    Why: cross-skill agents so they can offset labor shortages [seed 004].
    Computed: fewer than 3 people have it, or nobody outside one site; or the people who have all of the activity's
    skills outside the site with most of them (other sites, at home) < agents of the minimum. Where the work is a
    partner's alone, it is not judged.
    Fix: train people at another site, or at home.

        agent_groups:
          - {id: hill-service, site: hill, skills: [service, claims], headcount: 40}
    """
    yield from untiered(g)
    for a in g.tier_one:
        lacking = [x for x in g.work.groups_for(a) if g.work.headcount(x) is None]
        counts = _by_place(g, a)
        if a.skills and not counts and g.bought_in(a):
            continue
        if not a.skills or lacking or (not counts and not g.plan.agent_groups and not g.plan.persons):
            yield unknown(lacking[0] if lacking else a, "headcount" if lacking else "skills")
            continue
        total = sum(counts.values())
        outside = total - max((n for place, n in counts.items() if place), default=0.0)
        need = g.work.minimum(a)
        if total < g.limits.skill_people:
            yield fail(a, f"{total:.0f} people can serve {a.title}", *a.skills, at="skills", people=total)
        elif outside == 0:
            yield fail(a, f"everybody who can serve {a.title} sits at one site", *a.skills, at="skills", people=total)
        elif need is None:
            yield unknown(a, why=f"the agents of the minimum of {a.title} can not be computed")
        elif outside < need.agents:
            message = f"outside one site {outside:.0f} people can serve {a.title}, its minimum is {need.agents}"
            yield fail(a, message, *a.skills, at="skills", outside=outside, minimum=need.agents)
        else:
            yield ok(a)


def _by_place(g: Ground, a: Activity) -> dict[str, float]:
    """Return the people with all of an activity's skills by site; those at home, who share no place, under ''."""
    counts: dict[str, float] = {}
    groups = g.work.groups_for(a)
    for x in groups:
        place = "" if g.at_home(x.site) else x.site or ""
        counts[place] = counts.get(place, 0.0) + (g.work.headcount(x) or 0.0)
    for person in g.plan.persons.values() if not groups else ():
        if person.status == "active" and {p.skill for p in person.skills} >= set(a.skills):
            place = "" if g.at_home(person.site) else person.site or ""
            counts[place] = counts.get(place, 0.0) + 1
    return counts


def _verified(g: Ground, activities: list[Activity]) -> tuple[float, list[Entity]]:
    """Return the people verified to serve these from home, after shrinkage, and those of whom too little is known.

    Where no group has the skills, the people who have them count one by one.
    """
    groups = {x.id: x for a in activities for x in g.work.groups_for(a)}
    total, lacking = 0.0, list[Entity]()
    for x in groups.values():
        people = g.work.headcount(x)
        if people is None:
            lacking.append(x)
        elif g.at_home(x.site):
            total += people * (1 - x.shrinkage)
        elif x.remote is not None and x.remote.verified_on is not None:
            total += people * x.remote.able_frac * (1 - x.shrinkage)
        elif x.remote is not None:
            lacking.append(x)
    wanted = [set(a.skills) for a in activities if a.skills and not g.work.groups_for(a)]
    for p in g.plan.persons.values() if wanted else ():
        able = p.status == "active" and any({s.skill for s in p.skills} >= w for w in wanted)
        if able and p.remote is not None and p.remote.verified_on is None:
            lacking.append(p)
        elif able and p.remote is not None:
            total += 1
    return total, lacking


@rule("AR-094", "critical", serves="STR-33 STR-24 TEC-02")
def too_few_verified_at_home(g: Ground) -> Verdicts:
    """Work is to go on from home, and too few people are known to be able to.

    Why: the remote team must carry the minimum [Remote access; establish a remote team].
    Computed: where remote work is the arrangement for tier-1 people or their site: people with the skills whose home
    set-up is verified x (1 - shrinkage), teams at home included, < agents of the minimum. Where partners or other
    sites are arranged besides, their agents and free seats count as well.
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
        need = g.work.minimum(a)
        total, lacking = _verified(g, [a])
        total += sum(_brought(g, r) for r in ways)
        if need is None:
            yield unknown(a, "minimum_capacity", "volumes")
        elif total >= need.agents:
            yield ok(a)
        elif lacking:
            yield unknown(lacking[0], "remote.verified_on")
        else:
            message = f"{total:.0f} people are verified to serve {a.title} from home, its minimum is {need.agents}"
            yield fail(a, message, *g.group_ids(a), verified=round(total, 1), minimum=need.agents)


def _brought(g: Ground, r: Arrangement) -> float:
    """Return the agents that another way than home brings: of a partner's full ramp, or free seats elsewhere."""
    if r.agreement is not None:
        return float(g.plan.agreements[r.agreement].ramp[-1].agents)
    if r.option not in ("alternate_site", "relocation"):
        return 0.0
    free = g.free_seats(r.standby) if r.standby in g.plan.sites else math.inf
    return free if r.capacity is None else min(r.capacity, free)


@rule("AR-095", "medium", serves="STR-33 TEC-02")
def remote_capability_unverified(g: Ground) -> Verdicts:
    """Nobody has seen lately that people can work from home.

    Why: paper and real life differ [fail real-life tests].
    Computed: a group counted on from home (able_frac above 0) with verified_on over 180 days ago or never; a person
    with a home set-up likewise, persons taken together.
    Fix: a day on which all log in from home, and note the day.

        agent_groups:
          - {id: quay-claims, remote: {able_frac: 0.6, verified_on: 2026-09-08, ramp: [{t_s: 45m, share: 1}]}}
    """
    counted = [x for x in g.plan.agent_groups.values() if x.remote is not None and x.remote.able_frac > 0]
    for x in counted:
        day = x.remote.verified_on if x.remote else None
        if g.older(day, g.limits.remote_check_d):
            age = g.age_d(day)
            told = "was never seen to work from home"
            told = told if age is None else f"was last seen to work from home {age} days ago"
            yield fail(x, f"{x.title} {told}", at="remote", age_d=age)
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
    supply: dict[str, float] = {}
    demand: dict[str, int] = {}
    able: dict[str, list[str]] = {}
    for a in g.tier_one:
        need = g.work.minimum(a)
        there = {} if need is None else _there(g, a, need)
        if need is None or there is None or not (there or (a.skills and g.plan.agent_groups)):
            yield unknown(a, why=f"minimum, volume or staff of {a.title} are not known")
            continue
        demand[a.id], able[a.id] = need.agents, list(there)
        for name, people in there.items():
            supply[name] = max(supply.get(name, 0), people)
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


def _there(g: Ground, a: Activity, need: Need) -> dict[str, float] | None:
    """Return who can serve an activity when many are absent, by group, lot of people or agreement; None when unknown.

    Where no group has the skills, the people who have them count together.
    """
    found: dict[str, float] = {}
    for x in g.work.groups_for(a):
        if g.work.headcount(x) is None:
            return None
        found[x.id] = (g.work.agents(x, need.slot) or 0.0) * (1 - g.limits.absence_frac)
    skilled = [] if found or not a.skills else [set(g.work.persons_with.get(s, ())) for s in a.skills]
    if people_ := set.intersection(*skilled) if skilled else set():
        found[f"people with {' '.join(a.skills)}"] = len(people_) * (1 - g.limits.absence_frac)
    for agreement in g.plan.agreements.values():
        called = any(r.agreement == agreement.id for r in g.plan.arrangements.values())
        if (called or g.bought_in(a)) and set(agreement.skills) >= set(a.skills):
            found[agreement.id] = max(p.agents for p in agreement.ramp)
    return found


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


@rule("AR-100", "medium", serves="STR-32 STR-31")
def not_enough_seats(g: Ground) -> Verdicts:
    """The other sites have too few seats for the minimum.

    Why: office space and social distancing are two of the nine considerations [seed 000].
    Computed: for each site with tier-1 people lost: seats of the other sites (distanced where a scenario of the plan
    asks people to keep distance) < agents of the minima served there - people verified at home. Where there is no
    other site, what partners bring by arrangement counts as well.
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
            if s.id != site.id and s.role in ("primary", "secondary", "hot", "warm", "cold", "mobile", "remote_hub")
        ]
        seats = [s.seats_distanced if distanced else s.seats_total for s in others]
        ids = dict.fromkeys(a.id for x in g.groups_at[site.id] for a in g.first_by_group[x.id])
        served = [g.plan.activities[i] for i in ids]

        needs = [g.work.minimum(a) for a in served]
        if None in needs:
            yield unknown(served[needs.index(None)], "minimum_capacity", "volumes")
            continue
        home, _ = _verified(g, served)
        need = sum(n.agents for n in needs if n is not None)
        if need <= home or (not others and need <= home + _bought(g, served)):
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


def _bought(g: Ground, activities: list[Activity]) -> float:
    """Return the agents of partners whom an arrangement calls out and who can serve any of these."""
    called = {r.agreement for r in g.plan.arrangements.values()}
    skills = [set(a.skills) for a in activities]
    theirs = [o for o in g.plan.agreements.values() if o.id in called and any(set(o.skills) >= s for s in skills)]
    return float(sum(o.ramp[-1].agents for o in theirs))
