"""Who holds the roles, who steps in, and what they may decide."""

import itertools
from collections.abc import Iterator

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.people import assigned
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.people import Person
from openline.plan.roles import ContinuityRole


@rule("AR-085", "critical", serves="PPL-01 PPL-02")
def key_role_without_alternate(g: Ground) -> Verdicts:
    """A key role has no alternate.

    Why: the person is on leave, ill, or hit [ISO 22301 8.4.2, personnel and alternates].
    Computed: a key role without any active alternate.
    Fix: name somebody who can step in, with the same authority and training.

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
    Fix: add alternates until two stand behind the commander.

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
    Computed: the same active primary in two key roles that one level calls: from the role's level_called on, and at
    each level that names it.
    Fix: give one of the roles to somebody else.

        roles:
          - {id: safety-officer, level_called: 3, primary: safety-a, alternates: [safety-b]}
    """
    yield from nothing_listed(g.plan, "roles")
    for a, b in itertools.combinations(g.key_roles, 2):
        if a.primary is None or a.primary != b.primary or not g.active(a.primary):
            continue
        person, at = g.plan.persons[a.primary], (_called_at(g, a), _called_at(g, b))
        if at[0] & at[1]:
            yield fail(person, f"{person.title} is first in {names([a, b])}", a.id, b.id, roles=2)
        elif not (at[0] and at[1]):
            yield unknown(a if not at[0] else b, "level_called")
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


def _called_at(g: Ground, r: ContinuityRole) -> set[int]:
    """Return the numbers of the levels that call a role."""
    named = {level.number for level in g.plan.levels.values() if r.id in level.roles_called}
    return named if r.level_called is None else named | set(range(r.level_called, 5))


@rule("AR-088", "high", serves="PPL-01 PPL-13")
def roles_can_not_all_be_filled(g: Ground) -> Verdicts:
    """The key roles can not all be held when somebody is absent.

    Why: alternates are often promised to several roles at once (hidden double counting).
    Computed: largest matching of key roles to active holders, for each single absence; short by one is high, short only
    when two are absent is medium. A role that has one holder only keeps that person busy; that it falls with them is
    AR-085's.
    Fix: train more people as alternates, so that nobody is promised twice.

        roles:
          - {id: duty-officer, primary: officer-a, alternates: [officer-b, officer-c]}
    """
    yield from nothing_listed(g.plan, "roles")
    roles = [r for r in g.key_roles if g.holders(r)]
    thin = [r for r in g.key_roles if not r.holders]
    for r in thin:
        yield unknown(r, "primary")
    if not any(len(g.holders(r)) >= 2 for r in roles):
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
    single = [p for p in people if _short_without(g, roles, p)] if shared else []
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


def _short_without(g: Ground, roles: list[ContinuityRole], absent: str) -> bool:
    """Tell whether a role that others could hold falls empty when somebody is absent."""
    left = [r for r in roles if g.holders(r) != [absent]]
    return _fillable(g, left, {absent}) < len(left)


@rule("AR-089", "high", serves="PPL-01 RSK-12")
def alternate_shares_place_with_primary(g: Ground) -> Verdicts:
    """Every alternate works and lives where the primary does.

    Why: what keeps the one away keeps the other away [a backup beside the primary, applied to people].
    Computed: building and home area of all active alternates equal those of the primary; the building alone where the
    plan knows the home area of neither.
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
        shares = [_same_place(g, first, p) for p in behind]
        if False in shares:
            yield ok(r)
        elif None in shares:
            lacking = behind[shares.index(None)]
            pair = (lacking, first)
            yield unknown(*next((p, f) for f in ("site", "home_area") for p in pair if getattr(p, f) is None))
        else:
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


def _same_place(g: Ground, a: Person, b: Person) -> bool | None:
    """Tell whether two people work in one building and live in one area; None when too little is known of them."""
    if a.home_area and b.home_area and a.home_area != b.home_area:
        return False
    if a.site is None or b.site is None:
        return True if a.site == b.site and a.home_area and b.home_area else None
    if g.building(g.plan.sites[a.site]) != g.building(g.plan.sites[b.site]):
        return False
    return True if (a.home_area is None) == (b.home_area is None) else None


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


@rule("AR-097", "high", serves="MNT-02 COM-05")
def role_held_by_somebody_gone(g: Ground) -> Verdicts:
    """A role, a rota, a call tree or a list of contacts names somebody who has left or is on long leave.

    Why: keep your plan and emergency contacts up to date at all times [GSA].
    Computed: a person whose status is not active and who is named in a role, rota, call tree, team, as somebody a
    carrier or vendor listens to, as a stakeholder's contact or as a holder of keys.
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
    for group in g.plan.stakeholders.values():
        yield from ((group.id, c.person) for c in group.contacts if c.person)
    for site in g.plan.sites.values():
        yield from ((site.id, i) for i in site.keys_holders)
    called = {name: p.id for p in g.plan.persons.values() for name in (p.id, p.title)}
    for vendor in g.plan.vendors.values():
        yield from ((vendor.id, called[i]) for i in vendor.authorised_callers if i in called)
