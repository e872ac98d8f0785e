"""Standbys and copies in the place of what they stand by for."""

from openline.audit.copies import copies_of
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.places import is_ground, same_building, site_pairs, standby_is_nowhere, stands, stands_apart_too
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.audit.storage import beside, home_of, place_of
from openline.plan.sites import Site


@rule("AR-020", "critical", serves="RSK-12 RSK-13 STR-08")
def standby_beside_primary(g: Ground) -> Verdicts:
    """A standby stands in the building of what it stands by for.

    Why: one fire, flood or power cut takes both; some companies place the backup server with the primary one and
    think they are done [DATAMARK].
    Computed: the building of the two sites (the site itself where no building is given; one spot on the map is one
    building) is the same, for systems, people and sites that tier 1 needs and what stands by for them. A second standby
    elsewhere clears the first.
    Fix: move the standby to another building, or to a cloud.

        systems:
          - {id: acd-standby, kind: acd, location: hill}
    """
    yield from untiered(g)
    for p in stands(g):
        if p.standby_at is None or p.primary_at is None:
            yield unknown(p.primary if p.primary_at is None else p.standby, "location")
        elif not same_building(g, p.primary_at, p.standby_at) or stands_apart_too(g, p):
            yield ok(p.subject)
        else:
            same = p.primary_at.id == p.standby_at.id
            where = p.primary_at.title if same else f"one building ({g.building(p.standby_at)})"
            ids = dict.fromkeys((p.primary.id, p.standby.id, p.primary_at.id))
            told = f"{p.told} both stand in {where}"
            yield fail(p.subject, told, *ids, at="location", building=g.building(p.primary_at))
    paired = {frozenset((p.primary_at.id, p.standby_at.id)) for p in stands(g) if p.primary_at and p.standby_at}
    for a, b in site_pairs(g):
        if frozenset((a.id, b.id)) not in paired and same_building(g, a, b):
            told = f"{a.title} and {b.title}, its alternate, are in one building"
            yield fail(b, told, a.id, at="building_id", building=g.building(b))
    for s in g.critical_systems:
        if standby_is_nowhere(g, s):
            yield unknown(s, "standby_location")


@rule("AR-024", "critical", serves="RSK-12 TEC-09 TEC-08")
def copies_only_beside_the_source(g: Ground) -> Verdicts:
    """Every copy of data lies where the data are.

    Why: what destroys the one destroys the other; where the backup goes is half of the battle [DATAMARK].
    Computed: every backup of a data set (or system), copies of the system with its data included, lies in the building,
    or cloud region and account, of its source.
    Fix: a copy off site or in another cloud.

        backups:
          - {id: nightly, of: records, method: export, location: hill}
    """
    yield from nothing_listed(g.plan, "backups")
    living = {d.system for d in g.plan.data_sets.values()}
    copied = [b.of for b in g.plan.backups.values() if b.of in g.plan.systems and b.of not in living]
    for name in dict.fromkeys([*g.plan.data_sets, *copied]):
        subject = g.plan.data_sets.get(name) or g.plan.systems[name]
        home, copies = home_of(g, subject), copies_of(g, name)
        if not copies:
            continue
        near = [beside(g, b, subject) for b in copies]
        if None in near:
            yield unknown(subject, "system" if home is None else "location")
        elif all(near) and home is not None:
            told = f"every copy of {subject.title} lies where the original does"
            place = place_of(g, home)
            ids = (b.id for b in copies)
            yield fail(subject, told, *ids, at="system", place=place.at if place else None, copies=len(copies))
        else:
            yield ok(subject)


@rule("AR-030", "high", serves="STR-18")
def command_shares_the_fate_of_the_primary(g: Ground) -> Verdicts:
    """The command centre fails with the site that it is to lead.

    Why: the response must be led from outside what has failed [off-site emergency command center].
    Computed: the site with the role command_centre has the building, feeder or substation, conduit, central office or
    upstream, a needed object or the identity provider (of what it needs, or what stands there) of a primary site (where
    none has that role, of a site where people sit).
    Fix: a virtual or distant command centre.

        sites:
          - {id: command, role: command_centre, building_id: town-hall}
    """
    centres = [s for s in g.plan.sites.values() if s.role == "command_centre"]
    if not centres:
        yield unknown(g.plan.organization, why="no site of the plan is a command centre")
    primaries = [s for s in g.plan.sites.values() if s.role == "primary"]
    primaries = primaries or [s for s in g.plan.sites.values() if g.groups_at[s.id] and is_ground(s)]
    for centre in centres:
        others = [s for s in primaries if s.id != centre.id]
        common = {s.id: _site_keys(g, s) & _site_keys(g, centre) for s in others}
        for s in others:
            common[s.id] |= {f"the building {g.building(centre)}"} if same_building(g, s, centre) else set()
        shared = sorted(set().union(*common.values()))
        if shared:
            told = f"{centre.title} shares {names(shared)} with the primary site"
            yield fail(centre, told, *(i for i, keys in common.items() if keys), at="building_id", shared=shared)
        elif centre.building_id is None and centre.lat is None and not centre.needs:
            yield unknown(centre, "building_id")
        else:
            yield ok(centre)


def _site_keys(g: Ground, site: Site) -> set[str]:
    """Return what a site can be lost with."""
    keys = set()
    for feed in g.plan.feeds.values():
        if feed.site == site.id and feed.kind == "electric":
            keys |= {f"the supply {k}" for k in (feed.feeder, feed.substation) if k}
    for path in g.paths_at[site.id]:
        keys |= {f"the exchange {path.central_office}"} if path.central_office else set()
        ducts = [path.conduit] if path.conduit else g.plan.entrances[path.entrance].conduit_ids if path.entrance else ()
        keys |= {f"the conduit {c}" for c in ducts}
        keys |= {f"the upstream {u}" for u in path.upstream}
    needed = {t for need in site.needs for t in need.to}
    inside = {s.id for s in g.plan.systems.values() if s.location == site.id}
    for name in needed | inside:
        keys |= {name} if name in needed else set()
        if (system := g.plan.systems.get(name)) is not None:
            signs = {system.fate.identity, *system.login_path, name if system.kind == "identity" else None}
            keys |= {f"the sign-on {i}" for i in signs if i is not None}
    return keys
