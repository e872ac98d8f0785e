"""Whether everything that matters is listed, ranked and linked."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.inventory import INVENTORY, classes_explained, classes_there
from openline.audit.orphans import spoken_of, uses
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.plan.people import Team
from openline.plan.sites import Site


@rule("AR-013", "medium", serves="IMP-03")
def too_much_is_tier_one(g: Ground) -> Verdicts:
    """Too much is called tier 1.

    Why: when everything is critical nothing comes first (assumed limit).
    Computed: tier-1 share of activities above 40 %, or of weekly volume above 80 %; one or two activities are too few
    to judge, and where no volumes are stated the number alone counts.
    Fix: rank them against each other.

        activities:
          - {id: accidents, criticality: 1}
          - {id: mail, criticality: 4}
    """
    tiers = {a.id: g.tier(a) for a in g.plan.activities.values()}
    known = [a for a in g.plan.activities.values() if tiers[a.id] is not None]
    if not known:
        yield from untiered(g)
        return
    organization = g.plan.organization
    if len(known) < 3:
        yield ok(organization)
        return
    share = len(g.tier_one) / len(known)
    weeks = {a.id: g.work.weekly(a.volumes) if a.volumes else None for a in known}
    blind = [a for a in known if weeks[a.id] is None]
    whole = sum(w or 0.0 for w in weeks.values())
    volume = sum(weeks[a.id] or 0.0 for a in g.tier_one) / whole if whole else 0.0
    too_many = share > g.limits.tier_one_share_frac
    if blind and whole and not too_many and volume > g.limits.tier_one_volume_frac:
        yield unknown(organization, why=f"the volumes of {names(blind)} are not known")
    elif too_many or volume > g.limits.tier_one_volume_frac:
        message = f"{share:.0%} of the activities and {volume:.0%} of the contacts are tier 1"
        ids = (a.id for a in g.tier_one)
        yield fail(organization, message, *ids, activities_frac=round(share, 3), volume_frac=round(volume, 3))
    else:
        yield ok(organization)


@rule("AR-015", "medium", serves="IMP-13")
def work_without_an_activity(g: Ground) -> Verdicts:
    """People or systems work on something that is not in the plan.

    Why: outbound and back-office work is lost from sight, though sales hang on it [seed 004].
    Computed: an operations team that names no activity and whose people and agents serve none (a team that states no
    kind and only acts in procedures, or mends systems, is not one); agents of whose skills no activity asks for any; a
    dialler without an outbound activity.
    Fix: add the activity.

        activities:
          - {id: renewals, kind: outbound_campaign, skills: [sales]}
    """
    asked = {s for a in g.plan.activities.values() for s in a.skills}
    if not g.plan.activities:
        yield unknown(g.plan.organization, why="the plan lists no activities")
        return
    working = {g_.team for g_ in g.plan.agent_groups.values() if set(g_.skills) & asked}
    for team in g.plan.teams.values():
        if _responds_only(g, team):
            continue
        serves = team.activities or team.id in working or asked & set(_skills_of(g, team))
        if team.kind == "operations" and not serves:
            yield fail(team, f"{team.title} works, but on no activity of the plan", at="activities")
        elif team.kind == "operations":
            yield ok(team)
    for group in g.plan.agent_groups.values():
        idle = [s for s in group.skills if s not in asked and not g.plan.skills[s].technical]
        if idle and not set(group.skills) & asked:
            yield fail(group, f"nothing asks for what {group.title} can do: {names(idle)}", *idle, at="skills")
        else:
            yield ok(group)
    for system in g.plan.systems.values():
        if system.kind == "dialler":
            calls_out = any(a.kind == "outbound_campaign" for a in g.plan.activities.values())
            yield ok(system) if calls_out else fail(system, f"{system.title} dials, but no outbound activity is listed")


def _responds_only(g: Ground, team: Team) -> bool:
    """Tell whether a team whose kind is not stated acts in procedures or mends systems instead of serving customers."""
    if "kind" in team.model_fields_set:
        return False
    acts = any(p.team == team.id or any(s.role == team.id for s in p.steps) for p in g.plan.procedures.values())
    skills = _skills_of(g, team)
    return acts or (bool(skills) and all(g.plan.skills[s].technical for s in skills))


def _skills_of(g: Ground, team: Team) -> list[str]:
    """Return what the people of a team can do."""
    people = {*team.members, *([team.lead] if team.lead else [])}
    people |= {p.id for p in g.plan.persons.values() if p.team == team.id}
    return [has.skill for i in people for has in g.plan.persons[i].skills]


@rule("AR-016", "high", serves="IMP-14 TEC-05")
def class_of_inventory_is_missing(g: Ground) -> Verdicts:
    """A class of critical systems or support functions is not in the inventory.

    Why: what is not listed is not protected [GSA: make a list of critical systems and support operations functions].
    Computed: no object of one of the eleven classes (network, IVR, ACD, e-mail, web chat, CRM, other applications,
    electrical power, IT support, HR support, facility), and no reason under not_applicable.
    Fix: add it, or say why there is none.

        organization:
          not_applicable: {webchat: We answer no chats}
    """
    p, organization = g.plan, g.plan.organization
    if not p.systems and not p.sites:
        yield unknown(organization, why="the plan lists neither systems nor sites")
        return
    there = classes_there(p) | classes_explained(p)
    for name in INVENTORY:
        if name in there:
            yield ok(organization)
        else:
            yield fail(organization, f"nothing of the class {name.replace('_', ' ')} is listed", at=name, missing=name)


@rule("AR-017", "low", serves="IMP-05")
def object_is_orphaned(g: Ground) -> Verdicts:
    """An object is used by nothing, or an activity needs nothing.

    Why: either the map is incomplete or the object is dead weight (assumed).
    Computed: a system, vendor or site that no activity reaches and nothing makes use of (to back it up, keep, watch,
    review or strike it is no use), nor names as a provider, owner, upstream or carrier of messages; an activity without
    any need, number, site or vendor, whose people need nothing either. A site that stands for homes is used when people
    without a site are.
    Fix: link it, or take it out.

        activities:
          - {id: claims, needs: [{to: [acd]}]}
    """
    if not g.plan.activities:
        yield unknown(g.plan.organization, why="the plan lists no activities")
        return
    for a in g.plan.activities.values():
        theirs = any(x.needs or (x.remote and x.remote.needs) for x in g.work.groups_for(a))
        if not (a.needs or a.numbers or a.sites or a.vendors or theirs):
            yield fail(a, f"{a.title} needs nothing, says the plan", at="needs")
        else:
            yield ok(a)
    used, named = uses(g.plan), spoken_of(g.plan)
    at_home = any(x.site is None for x in g.plan.agent_groups.values())
    for collection in ("systems", "vendors", "sites"):
        for e in g.plan.collection(collection).values():
            apart = isinstance(e, Site) and (e.role == "command_centre" or (e.role == "home_virtual" and at_home))
            if e.id in used[collection] or e.id in g.dependents or apart or named & {e.id, e.title}:
                yield ok(e)
            else:
                yield fail(e, f"nothing in the plan uses {e.title}")
