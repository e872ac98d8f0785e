"""What goes dark around the computers: cooling, light, desks, doors, wiring closets, homes."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.plant import batteries_of, sets_of
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import category_of, names, untiered, work_sites
from openline.scenarios.binding import selected


@rule("AR-038", "high", serves="TEC-05 TEC-07 PPL-12")
def environment_not_on_backup_power(g: Ground) -> Verdicts:
    """Cooling, lighting, desks or doors go dark while servers run on.

    Why: servers at 5 kW a rack may shut down from heat in minutes, and nobody works in the dark [domain R39].
    Computed: cooling, lighting, workstations (unless nobody sits there) or access control of a site that tier 1 needs,
    with backup power there, is not on it. What is not stated is on a generator that feeds the whole site.
    Fix: extend what the battery and the generator feed.

        sites:
          - {id: quay, role: primary, on_backup_power: {lighting: true, workstations: true, access_control: true}}
    """
    yield from untiered(g)
    for site in work_sites(g):
        if not batteries_of(g, site.id) and not sets_of(g, site.id):
            continue
        seats = () if site.role == "data_centre" and not g.groups_at[site.id] else ("workstations",)
        state = {f: getattr(site.on_backup_power, f) for f in ("lighting", *seats, "access_control")}
        cooled = [c for c in g.plan.cooling.values() if c.site == site.id]
        coolers = {c.title: c.on_backup_power for c in cooled}
        state |= coolers
        if any(not n.covers or site.id in n.covers for n in sets_of(g, site.id)):
            state = {k: v is not False for k, v in state.items()}
        dark = [k if k in coolers else k.replace("_", " ") for k, v in state.items() if v is False]
        if dark:
            told = f"at {site.title} {names(dark)} is not on backup power"
            warm = (c.id for c in cooled if c.title in dark)
            yield fail(site, told, *warm, at="on_backup_power", lacking=dark)
        elif None in state.values():
            yield unknown(
                site,
                why=f"whether {names([k for k, v in state.items() if v is None])} of {site.title} is on backup "
                f"power is not known",
            )
        else:
            yield ok(site)


@rule("AR-041", "medium", serves="TEC-07")
def access_network_unpowered(g: Ground) -> Verdicts:
    """Switches, telephones or modems go dark while servers run on.

    Why: the wiring closet is what is forgotten most often [backup power; practice].
    Computed: a switch, router, gateway or firewall at a site that tier 1 needs is not on a battery; or a network path
    there whose powered_by names only generators, or nothing although the site's batteries cover only named things (not
    known where no path of the plan says what feeds it).
    Fix: a battery in the wiring closet.

        components:
          - {id: floor-2-switch, kind: switch, site: quay, on_ups: true, poe: true}
    """
    yield from untiered(g)
    kinds = ("switch", "router", "gateway", "firewall", "sim_router")
    sites = {s.id for s in work_sites(g)}
    systems = g.plan.systems
    for c in g.plan.components.values():
        home = systems.get(c.system or "")
        place = c.site or (home.location if home is not None else None)
        if c.kind not in kinds or place not in sites or (home is not None and not g.matters(home)):
            continue
        if c.on_ups is None:
            yield unknown(c, "on_ups")
        else:
            yield ok(c) if c.on_ups else fail(c, f"{c.title} is on no battery", place or "", at="on_ups")
    paths = g.plan.network_paths
    told = any(p.powered_by for p in paths.values()) or any(i in paths for u in g.plan.ups.values() for i in u.covers)
    for p in paths.values():
        if p.site not in sites or not batteries_of(g, p.site) or any(i in g.plan.ups for i in p.powered_by):
            continue
        if batteries_of(g, p.site, p) and not p.powered_by:
            yield ok(p)
        elif told:
            yield fail(p, f"the equipment of {p.title} is on no battery", p.site, at="powered_by")
        else:
            yield unknown(p, "powered_by")


@rule("AR-042", "medium", serves="RSK-02 STR-24 PPL-10")
def homes_are_taken_as_untouched(g: Ground) -> Verdicts:
    """A regional scenario leaves people at home untouched.

    Why: their power and internet fail with ours [seed 004: the remote centre must work independently].
    Computed: a scenario that strikes a hazard zone or grid region (or, when it is large-scale, mains or a site in one),
    with people who work from home whose home area is that region or zone, and no effect on these people themselves.
    Fix: say how many of them are hit, and spread homes.

        scenarios:
          - id: storm
            duration: {min_s: 12h, typical_s: 2d, max_s: 7d}
            effects: [{selector: {ids: [home-team]}, type: staff, factor: 0.8}]
    """
    remote = [x for x in g.plan.agent_groups.values() if x.site is None or x.remote is not None]
    if not remote:
        return
    for s in g.plan.scenarios.values():
        areas = _areas(g, s.id)
        if not areas:
            continue
        touched = {
            i
            for e in s.effects
            if e.type in ("staff", "down", "degraded")
            for i in selected(g.plan, e.selector)
            if e.type == "staff" or i in g.plan.agent_groups
        }
        for x in remote:
            if x.home_area is None:
                yield unknown(x, "home_area")
            elif x.home_area in areas and x.id not in touched and not (x.site and x.site in touched):
                message = f"{s.title} strikes {x.home_area}, where {x.title} live, and leaves them untouched"
                yield fail(s, message, x.id, at="effects", home_area=x.home_area)
            else:
                yield ok(s)


def _areas(g: Ground, scenario: str) -> set[str]:
    """Return the regions and zones that a scenario strikes as a whole."""
    found: set[str] = set()
    s = g.plan.scenarios[scenario]
    for e in s.effects:
        if e.selector.fate in ("hazard_zone", "grid_region") and e.selector.value and e.type != "demand":
            found.add(e.selector.value)
        wide = category_of(s) == "large_scale" and e.type in ("down", "degraded")
        hit = set(selected(g.plan, e.selector)) if wide else set()
        found |= {r for i in hit & g.plan.sites.keys() if e.type == "down" and (r := g.plan.sites[i].grid_region)}
        found |= {
            region
            for f in g.plan.feeds.values()
            if f.id in hit and f.kind == "electric" and (region := g.plan.sites[f.site].grid_region)
        }
    return found
