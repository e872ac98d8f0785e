"""Power and environment."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.loss import below_minimum, reason_short
from openline.audit.places import is_ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered, work_sites
from openline.impact.graph import feeds
from openline.plan.record import Entity
from openline.plan.sites import Generator, Site, Ups
from openline.scenarios.binding import selected
from openline.units import format_duration as dur

MONTH_D = 30.44


def _ups_of(g: Ground, site: str, entity: Entity | None = None) -> list[Ups]:
    """Return the batteries of a site; those that feed an object when one is named."""
    place = g.plan.sites[site]
    return [u for u in g.plan.ups.values() if u.site == site and (entity is None or feeds(u, entity, place))]


def _sets_of(g: Ground, site: str) -> list[Generator]:
    return [n for n in g.plan.generators.values() if n.site == site]


def _feed_the_same(a: Ups | Generator, b: Ups | Generator) -> bool:
    """Tell whether something hangs on both; what names nothing, or the site, feeds all of it."""
    whole = any(not x.covers or x.site in x.covers for x in (a, b))
    return a.site == b.site and (whole or bool({*a.covers, a.id} & {*b.covers, b.id}))


def _power_is_listed(g: Ground) -> bool:
    return bool(g.plan.feeds or g.plan.ups or g.plan.generators)


def _no_plant(g: Ground, collection: str) -> Verdicts:
    """Yield that plant can not be judged where the plan says nothing of power, unless all work is elsewhere.

    Where it does say something, what it does not list is not there, and AR-031 and AR-032 say whether that is wrong.
    """
    on_ground = [s for s in g.plan.sites.values() if is_ground(s) and s.role not in ("partner", "command_centre")]
    own = [
        s for s in g.plan.systems.values() if s.deployment not in OFF_SITE and not g.is_composite(s) and not s.region
    ]
    elsewhere = bool(g.plan.sites or g.plan.systems) and not on_ground and not own
    if not _power_is_listed(g) and not elsewhere:
        yield from nothing_listed(g.plan, collection)


def _runtime_s(g: Ground, u: Ups) -> float:
    """Return a battery's runtime: as stated, falling to 0.8 of it at the end of its life (glossary 2.9)."""
    life = u.battery_life_mo or g.limits.ups_life_mo
    age = g.age_d(u.battery_install)
    spent = 0.0 if age is None else min(max(age / MONTH_D / life, 0.0), 1.0)
    return u.runtime_at_load_s * (1.0 - 0.2 * spent)


SERVING = ("server", "sbc", "disk", "psu")
"""Kinds of components without which a system stops; those of the network are AR-041's."""


@rule("AR-031", "critical", serves="STR-11 TEC-07")
def critical_system_not_on_a_battery(g: Ground) -> Verdicts:
    """A critical system is not on a battery.

    Why: a sag of a second restarts it and cuts off every call [backup power, UPS for sags and brownouts].
    Computed: an on-premises system that tier 1 needs is covered by no battery of its site (a battery that names
    nothing, or the site, covers the whole site; nor do all its servers stand on one), or a server, border
    controller or disk of it is said to be on none. Where the plan says nothing of power at all it is not known.
    Fix: put it on one.

        ups:
          - {id: hill-ups, site: hill, runtime_at_load_s: 30m, covers: [acd]}
    """
    yield from untiered(g)
    for s in g.critical_systems:
        if s.location is None and s.deployment in ("on_prem", "hybrid"):
            yield unknown(s, "location")
        elif s.location is not None and s.deployment in ("on_prem", "hybrid", None):
            site = g.plan.sites[s.location]
            if site.role in ("cloud_region", "home_virtual", "partner"):
                continue
            parts = [c for c in g.plan.components.values() if c.system == s.id and c.kind in SERVING]
            bare = [c for c in parts if c.on_ups is False]
            if g.is_composite(s):
                continue
            if _ups_of(g, s.location, s) or (parts and all(c.on_ups for c in parts)):
                yield ok(s)
                for c in bare:
                    yield fail(c, f"{c.title} of {s.title} is on no battery", s.id, at="on_ups")
            elif _power_is_listed(g):
                yield fail(s, f"{s.title} at {site.title} is on no battery", site.id, at="location")
            else:
                yield unknown(s, why=f"nothing is known of the power of {site.title}")


@rule("AR-032", "high", serves="STR-12 STR-13")
def battery_without_a_generator(g: Ground) -> Verdicts:
    """Work must go on, but after the battery there is no generator.

    Why: a battery is for minutes; longer power cuts need a generator [longer power outages require a backup generator].
    Computed: the mains of a site with a battery and without a generator (or what its generators do not feed) taken
    away: a tier-1 activity falls below its minimum when the battery ends, and nothing brings it back within its RTO.
    Fix: a generator, or an automatic failover.

        generators:
          - {id: hill-generator, site: hill, tank_l: 1000, burn_l_per_h: 15, start_s: 10s}
    """
    yield from untiered(g)
    for site in work_sites(g):
        batteries = _ups_of(g, site.id)
        if not any(f.site == site.id and f.kind == "electric" for f in g.plan.feeds.values()) and not batteries:
            yield unknown(site, why=f"nothing is known of the power of {site.title}")
            continue
        lost = _dark_after_battery(g, site)
        if not batteries or not lost:
            yield ok(site)
            continue
        runtime = min(_runtime_s(g, u) for u in batteries)
        answers = {a.id: below_minimum(g, a, lost) for a in g.tier_one}
        hurt = [a for a in g.tier_one if (short := answers[a.id]) is not None and short.lasts]
        unsure = [a for a in g.tier_one if answers[a.id] is None]
        if hurt:
            what = "no generator" if not _sets_of(g, site.id) else f"no generator for {names(lost)}"
            message = f"{site.title} has {dur(runtime)} of battery and {what}; {names(list(hurt))} can not wait"
            yield fail(site, message, *(u.id for u in batteries), at="needs", runtime_s=round(runtime))
        elif unsure:
            yield unknown(site, why=f"{reason_short(g, unsure[0])} so what darkness at {site.title} does is not known")
        else:
            yield ok(site)


def _dark_after_battery(g: Ground, site: Site) -> tuple[str, ...]:
    """Return what a power cut takes when the batteries of a site are empty: its mains, else what stands there."""
    sets = _sets_of(g, site.id)
    if sets:
        critical = [s for s in g.critical_systems if s.location == site.id]
        return tuple(s.id for s in critical if not any(feeds(n, s, site) for n in sets))
    mains = tuple(f.id for f in g.plan.feeds.values() if f.site == site.id and f.kind == "electric")
    return mains or (site.id,)


@rule("AR-033", "critical", serves="STR-11 STR-13")
def battery_empties_before_the_generator_carries(g: Ground) -> Verdicts:
    """The battery is empty before the generator carries the load.

    Why: bridge time must be proven, not read from a sticker [domain R38].
    Computed: runtime (falling to 0.8 over the battery's life) < detection 2 s + attempts x start + transfer + 60 s.
    Fix: more battery, and a start test.

        ups:
          - {id: quay-ups, site: quay, runtime_at_load_s: 15m}
    """
    yield from _no_plant(g, "ups")
    for u in g.plan.ups.values():
        for n in (n for n in _sets_of(g, u.site) if _feed_the_same(u, n)):
            bridge = g.limits.bridge_detect_s + n.start_attempts * n.start_s + n.transfer_s + g.limits.bridge_margin_s
            runtime = _runtime_s(g, u)
            if u.battery_install is None and u.runtime_at_load_s * 0.8 < bridge <= u.runtime_at_load_s:
                yield unknown(u, "battery_install")
            elif runtime < bridge:
                message = f"{u.title} lasts {dur(runtime)}, but {n.title} may need {dur(bridge)} to carry the load"
                yield fail(u, message, n.id, at="runtime_at_load_s", runtime_s=round(runtime), bridge_s=bridge)
            else:
                yield ok(u)


@rule("AR-034", "high", serves="STR-12 STR-13")
def fuel_shorter_than_the_outage(g: Ground) -> Verdicts:
    """Fuel runs out before the longest credible power cut ends.

    Why: after storms 95 % were back after 7 to 16 days; the FCC asks for 24 or 72 h [domain R20, R14].
    Computed: tank x usable share / burn < 72 h, or < what 95 % of a power cut of the plan's scenarios do not exceed,
    and no contract for fuel that is valid today (its own contract_end, and its vendor's).
    Fix: a larger tank, a contract, or another place to work.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s, refuel: {contracted: true}}
    """
    yield from _no_plant(g, "generators")
    for n in g.plan.generators.values():
        if n.fuel == "gas_pipeline":
            yield ok(n)
            continue
        if n.tank_l <= 0:
            yield unknown(n, "tank_l")
            continue
        need_h = max([g.limits.fuel_h, *(h for h in _outages_h(g, n.site))])
        seller = g.plan.vendors.get(n.refuel.vendor or "")
        ends = (n.refuel.contract_end, seller.contract_end if seller is not None else None)
        lapsed = any(end is not None and end < g.as_of for end in ends)
        if n.autonomy_h < need_h and (not n.refuel.contracted or lapsed):
            told = "its fuel contract has ended" if lapsed and n.refuel.contracted else "there is no contract for fuel"
            message = f"{n.title} runs {n.autonomy_h:.1f} h; power cuts may last {need_h:g} h and {told}"
            yield fail(n, message, at="refuel", autonomy_h=round(n.autonomy_h, 2), outage_h=need_h)
        else:
            yield ok(n)


def _outages_h(g: Ground, site: str) -> list[float]:
    """Return the hours that 95 % of each scenario's power cuts at a site do not exceed."""
    mains = {f.id for f in g.plan.feeds.values() if f.site == site and f.kind == "electric"}
    found = []
    for s in g.plan.scenarios.values():
        long_s, typical_s = s.duration.quantile_s(0.95), s.duration.typical_s
        for e in s.effects:
            if e.type in ("down", "degraded") and mains & set(selected(g.plan, e.selector)):
                own = e.duration_s is not None and typical_s > 0
                found.append((e.duration_s or 0.0) * long_s / typical_s / 3600 if own else long_s / 3600)
    return found


@rule("AR-035", "high", serves="STR-12")
def fuel_comes_too_late(g: Ground) -> Verdicts:
    """Fuel comes after the tank is empty.

    Why: after a storm everybody wants fuel and roads are closed (assumed); a promise must fit the tank.
    Computed: promised delivery + 4 h > hours on the tank; where the plan says at which level fuel is ordered, > hours
    left then; or the supplier lies in a hazard zone of the site; or we are no priority client.
    Fix: a second supplier, order earlier, agree priority.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s,
             refuel: {contracted: true, guaranteed_delivery_h: 13, priority_client: true}}
    """
    yield from _no_plant(g, "generators")
    for n in g.plan.generators.values():
        r = n.refuel
        if n.fuel == "gas_pipeline" or not r.contracted:
            continue
        left_h = n.autonomy_h * (r.order_at_fraction if "order_at_fraction" in r.model_fields_set else 1.0)
        zones = set(g.plan.sites[n.site].hazard_zones)
        shared = zones & set(g.plan.vendors[r.vendor].hazard_zones) if r.vendor else set()
        faults = []
        if r.guaranteed_delivery_h is not None and r.guaranteed_delivery_h + g.limits.refuel_margin_h > left_h:
            faults.append(f"fuel comes after {r.guaranteed_delivery_h:g} h, what is left lasts {left_h:.1f} h")
        faults += [f"the supplier lies in {names(sorted(shared))} as well"] if shared else []
        faults += ["we are no priority client"] if r.priority_client is False else []
        if faults:
            figures = {"delivery_h": r.guaranteed_delivery_h, "left_h": round(left_h, 2)}
            yield fail(n, f"{n.title}: {'; '.join(faults)}", at="refuel", figures=figures)
        elif r.guaranteed_delivery_h is None or r.priority_client is None:
            lacks = [f for f in ("guaranteed_delivery_h", "priority_client") if getattr(r, f) is None]
            yield unknown(n, *(f"refuel.{f}" for f in lacks))
        else:
            yield ok(n)


@rule("AR-036", "high", serves="TEC-04 TEC-07")
def generator_not_tested_under_load(g: Ground) -> Verdicts:
    """A generator is not run and tested as it should be.

    Why: half of poorly kept sets fail within 48 h; NFPA 110 asks for a monthly run at 30 % and a yearly fuel test
    [domain R16, R17].
    Computed: last run over 35 days ago; load in the test under 30 % of the rating; load test or fuel test over a year
    ago.
    Fix: a test regime with dates.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s,
             last_run: 2026-10-05, last_load_test: 2026-03-09, load_test_fraction: 0.5, last_fuel_test: 2026-03-09}
    """
    yield from _no_plant(g, "generators")
    for n in g.plan.generators.values():
        known = (n.last_run, n.last_load_test, n.last_fuel_test, n.load_test_fraction)
        if all(k is None for k in known):
            yield unknown(n, "last_run", "last_load_test", "last_fuel_test")
            continue
        days = {"run": n.last_run, "load test": n.last_load_test}
        days |= {} if n.fuel == "gas_pipeline" else {"fuel test": n.last_fuel_test}
        most = {
            "run": g.limits.generator_run_d,
            "load test": g.limits.generator_test_d,
            "fuel test": g.limits.generator_test_d,
        }
        faults = [
            f"its last {k} was {g.age_d(d)} days ago" for k, d in days.items() if d is not None and g.older(d, most[k])
        ]
        if n.load_test_fraction is not None and n.load_test_fraction < g.limits.load_test_frac:
            faults.append(f"it was tested at {n.load_test_fraction:.0%} of its rating")
        missing = [f"last_{k.replace(' ', '_')}" for k, d in days.items() if d is None]
        if faults:
            yield fail(n, f"{n.title}: {'; '.join(faults)}", at="last_run", faults=len(faults))
        elif missing or n.load_test_fraction is None:
            yield unknown(n, *(missing or ("load_test_fraction",)))
        else:
            yield ok(n)


@rule("AR-037", "medium", serves="TEC-04 STR-11")
def battery_is_old_or_untested(g: Ground) -> Verdicts:
    """A battery is past its life, or was not tested.

    Why: 42 % of power-related outages involve the UPS [domain R18].
    Computed: age over its life (48 months when none is stated), or last test over 180 days ago or never.
    Fix: replace or test it.

        ups:
          - {id: quay-ups, site: quay, runtime_at_load_s: 15m, battery_install: 2024-05-20, last_test: 2026-06-12}
    """
    yield from _no_plant(g, "ups")
    for u in g.plan.ups.values():
        life = u.battery_life_mo or g.limits.ups_life_mo
        age = g.age_d(u.battery_install)
        faults = []
        if age is not None and age / MONTH_D > life:
            faults.append(f"its batteries are {age / MONTH_D:.0f} months old, made for {life:g}")
        if u.last_test is not None and g.older(u.last_test, g.limits.ups_test_d):
            faults.append(f"it was last tested {g.age_d(u.last_test)} days ago")
        if faults:
            yield fail(
                u, f"{u.title}: {'; '.join(faults)}", at="battery_install", age_months=round((age or 0) / MONTH_D)
            )
        elif age is None or u.last_test is None:
            yield unknown(u, *(f for f in ("battery_install", "last_test") if getattr(u, f) is None))
        else:
            yield ok(u)


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
        if not _ups_of(g, site.id) and not _sets_of(g, site.id):
            continue
        seats = () if site.role == "data_centre" and not g.groups_at[site.id] else ("workstations",)
        state = {f: getattr(site.on_backup_power, f) for f in ("lighting", *seats, "access_control")}
        cooled = [c for c in g.plan.cooling.values() if c.site == site.id]
        state |= {c.title: c.on_backup_power for c in cooled}
        if any(not n.covers or site.id in n.covers for n in _sets_of(g, site.id)):
            state = {k: v is not False for k, v in state.items()}
        dark = [k.replace("_", " ") for k, v in state.items() if v is False]
        if dark:
            yield fail(
                site, f"at {site.title} {names(dark)} is not on backup power", at="on_backup_power", lacking=dark
            )
        elif None in state.values():
            yield unknown(
                site,
                why=f"whether {names([k for k, v in state.items() if v is None])} of {site.title} is on backup "
                f"power is not known",
            )
        else:
            yield ok(site)


EXPOSED = {
    "basement": ("flood", "storm_surge", "tsunami"),
    "grade": ("flood", "storm_surge", "tsunami", "wildfire", "hurricane"),
    "roof": ("hurricane", "wildfire"),
}
REACHING = {kind for kinds in EXPOSED.values() for kind in kinds}


@rule("AR-039", "medium", serves="RSK-02 TEC-07")
def plant_is_exposed(g: Ground) -> Verdicts:
    """Generator or fuel stand where the hazard reaches them.

    Why: a generator in a cellar drowns first [domain R16b].
    Computed: basement or grade in a flood, surge or tsunami zone; grade or roof in a wildfire or hurricane zone.
    Fix: move or protect it.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s, location_exposure: roof}
    """
    yield from _no_plant(g, "generators")
    for n in g.plan.generators.values():
        zones = [g.plan.hazard_zones[z] for z in g.plan.sites[n.site].hazard_zones]
        if n.location_exposure is None:
            yield unknown(n, "location_exposure") if any(z.kind in REACHING for z in zones) else ok(n)
            continue
        reached = [z for z in zones if z.kind in EXPOSED[n.location_exposure]]
        if reached:
            message = f"{n.title} stands at {n.location_exposure} in {names(list(reached))}"
            yield fail(n, message, *(z.id for z in reached), at="location_exposure", exposure=n.location_exposure)
        else:
            yield ok(n)


@rule("AR-040", "high", serves="STR-12 TEC-07")
def generator_is_too_small(g: Ground) -> Verdicts:
    """A generator is too small for what hangs on it.

    Why: starting currents and old age need room (assumed limit 80 %).
    Computed: its stated load (taken as the whole) > 0.8 x its rating, or the load of the batteries that it feeds plus
    cooling on backup power > 0.8 x the rating of all sets that feed them.
    Fix: shed load, or get a larger set.

        generators:
          - {id: quay-generator, site: quay, rated_kw: 150, load_kw: 95, tank_l: 1500, burn_l_per_h: 60, start_s: 10s}
    """
    yield from _no_plant(g, "generators")
    for n in g.plan.generators.values():
        cooling = sum(c.load_kw or 0.0 for c in g.plan.cooling.values() if c.site == n.site and c.on_backup_power)
        banks = [u.load_kw for u in _ups_of(g, n.site) if _feed_the_same(u, n)]
        together = [o.rated_kw for o in _sets_of(g, n.site) if o.id == n.id or _feed_the_same(o, n)]
        critical = None if not banks or None in banks else sum(b for b in banks if b is not None) + cooling
        pairs = [(n.load_kw, n.rated_kw), (critical, None if None in together else sum(r or 0.0 for r in together))]
        known = [(load, rated) for load, rated in pairs if load is not None and rated is not None]
        over = [(load, rated) for load, rated in known if load > g.limits.generator_load_frac * rated]
        if over:
            load, rated = over[0]
            message = f"{n.title} of {rated:g} kW carries {load:g} kW, more than {g.limits.generator_load_frac:.0%}"
            yield fail(n, message, at="rated_kw", load_kw=load, rated_kw=rated, cooling_kw=cooling)
        elif not known:
            yield unknown(n, "rated_kw" if n.rated_kw is None else "load_kw")
        else:
            yield ok(n)


@rule("AR-041", "medium", serves="TEC-07")
def access_network_unpowered(g: Ground) -> Verdicts:
    """Switches, telephones or modems go dark while servers run on.

    Why: the wiring closet is what is forgotten most often [backup power; practice].
    Computed: a switch, router, gateway or firewall at a site that tier 1 needs is not on a battery; or a network path
    there whose powered_by names only generators, or nothing although the site's batteries cover only named things.
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
    for p in g.plan.network_paths.values():
        if p.site not in sites or not _ups_of(g, p.site) or any(i in g.plan.ups for i in p.powered_by):
            continue
        named = _ups_of(g, p.site, p) and not p.powered_by
        yield ok(p) if named else fail(p, f"the equipment of {p.title} is on no battery", p.site, at="powered_by")


@rule("AR-042", "medium", serves="RSK-02 STR-24 PPL-10")
def homes_are_taken_as_untouched(g: Ground) -> Verdicts:
    """A regional scenario leaves people at home untouched.

    Why: their power and internet fail with ours [seed 004: the remote centre must work independently].
    Computed: a scenario that strikes a hazard zone or grid region (or, when it is a large-scale one, mains in one),
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
        wide = s.category == "large_scale" and e.type in ("down", "degraded")
        hit = set(selected(g.plan, e.selector)) if wide else set()
        found |= {
            region
            for f in g.plan.feeds.values()
            if f.id in hit and f.kind == "electric" and (region := g.plan.sites[f.site].grid_region)
        }
    return found
