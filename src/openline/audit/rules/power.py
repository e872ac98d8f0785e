"""Power and environment."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.loss import arrangements_for, effect_s
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered, work_sites
from openline.plan.sites import Generator, Site, Ups
from openline.scenarios.binding import selected
from openline.units import format_duration as dur

MONTH_D = 30.44


def _ups_of(g: Ground, site: str, name: str | None = None) -> list[Ups]:
    """Return the batteries of a site; those that cover an object when one is named."""
    return [u for u in g.plan.ups.values() if u.site == site and (name is None or not u.covers or name in u.covers)]


def _sets_of(g: Ground, site: str) -> list[Generator]:
    return [n for n in g.plan.generators.values() if n.site == site]


def _runtime_s(g: Ground, u: Ups) -> float:
    """Return a battery's runtime: as stated, falling to 0.8 of it at the end of its life (glossary 2.9)."""
    life = u.battery_life_mo or g.limits.ups_life_mo
    age = g.age_d(u.battery_install)
    spent = 0.0 if age is None else min(max(age / MONTH_D / life, 0.0), 1.0)
    return u.runtime_at_load_s * (1.0 - 0.2 * spent)


@rule("AR-031", "critical", serves="STR-11 TEC-07")
def critical_system_not_on_a_battery(g: Ground) -> Verdicts:
    """A critical system is not on a battery.

    Why: a sag of a second restarts it and cuts off every call [backup power, UPS for sags and brownouts].
    Computed: an on-premises system that tier 1 needs is covered by no battery of its site (a battery that names nothing
    covers the whole site).
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
            covered = _ups_of(g, s.location, s.id)
            yield ok(s) if covered else fail(s, f"{s.title} at {site.title} is on no battery", site.id, at="location")


@rule("AR-032", "high", serves="STR-12 STR-13")
def battery_without_a_generator(g: Ground) -> Verdicts:
    """Work must go on, but after the battery there is no generator.

    Why: a battery is for minutes; longer power cuts need a generator [longer power outages require a backup generator].
    Computed: a site without generator whose people or systems tier 1 can not spare, and no arrangement for the site or
    for them that starts to help within the battery's runtime.
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
        if _sets_of(g, site.id) or not batteries:
            yield ok(site)
            continue
        runtime = min(_runtime_s(g, u) for u in batteries)
        lost = tuple(f.id for f in g.plan.feeds.values() if f.site == site.id and f.kind == "electric")
        hit = g.after(lost) if lost else {}
        hurt = [a for a in g.tier_one if _needs_the_site(g, a.id, site, lost)]
        ways = [r for r in arrangements_for(g, [site.id, *lost, *hit]) if effect_s(g, r) <= runtime]
        if hurt and not ways:
            message = f"{site.title} has {dur(runtime)} of battery and no generator; {names(list(hurt))} can not wait"
            yield fail(site, message, *(u.id for u in batteries), at="needs", runtime_s=round(runtime))
        else:
            yield ok(site)


def _needs_the_site(g: Ground, activity: str, site: Site, lost: tuple[str, ...]) -> bool:
    from openline.audit.loss import below_minimum

    if not lost:
        return site.id in g.closure_of(activity)
    short = below_minimum(g, g.plan.activities[activity], lost)
    return short is not None and short.lasts


@rule("AR-033", "critical", serves="STR-11 STR-13")
def battery_empties_before_the_generator_carries(g: Ground) -> Verdicts:
    """The battery is empty before the generator carries the load.

    Why: bridge time must be proven, not read from a sticker [domain R38].
    Computed: runtime (falling to 0.8 over the battery's life) < detection 2 s + attempts x start + transfer + 60 s.
    Fix: more battery, and a start test.

        ups:
          - {id: quay-ups, site: quay, runtime_at_load_s: 15m}
    """
    yield from nothing_listed(g.plan, "ups")
    for u in g.plan.ups.values():
        for n in _sets_of(g, u.site):
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
    Computed: tank x usable share / burn < 72 h, or < the longest power scenario of the plan, and no contract for fuel
    that is valid today.
    Fix: a larger tank, a contract, or another place to work.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s, refuel: {contracted: true}}
    """
    yield from nothing_listed(g.plan, "generators")
    for n in g.plan.generators.values():
        if n.fuel == "gas_pipeline":
            yield ok(n)
            continue
        if n.tank_l <= 0:
            yield unknown(n, "tank_l")
            continue
        need_h = max([g.limits.fuel_h, *(h for h in _outages_h(g, n.site))])
        lapsed = n.refuel.contract_end is not None and n.refuel.contract_end < g.as_of
        if n.autonomy_h < need_h and (not n.refuel.contracted or lapsed):
            told = "its fuel contract has ended" if lapsed else "there is no contract for fuel"
            message = f"{n.title} runs {n.autonomy_h:.1f} h; power cuts may last {need_h:g} h and {told}"
            yield fail(n, message, at="refuel", autonomy_h=round(n.autonomy_h, 2), outage_h=need_h)
        else:
            yield ok(n)


def _outages_h(g: Ground, site: str) -> list[float]:
    """Return the longest durations in hours of the plan's scenarios that take the mains of a site."""
    feeds = {f.id for f in g.plan.feeds.values() if f.site == site and f.kind == "electric"}
    return [
        s.duration.max_s / 3600
        for s in g.plan.scenarios.values()
        if any(e.type in ("down", "degraded") and feeds & set(selected(g.plan, e.selector)) for e in s.effects)
    ]


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
    yield from nothing_listed(g.plan, "generators")
    for n in g.plan.generators.values():
        r = n.refuel
        if n.fuel == "gas_pipeline" or not r.contracted:
            continue
        if r.guaranteed_delivery_h is None:
            yield unknown(n, "refuel.guaranteed_delivery_h")
            continue
        left_h = n.autonomy_h * (r.order_at_fraction if "order_at_fraction" in r.model_fields_set else 1.0)
        zones = set(g.plan.sites[n.site].hazard_zones)
        shared = zones & set(g.plan.vendors[r.vendor].hazard_zones) if r.vendor else set()
        faults = []
        if r.guaranteed_delivery_h + g.limits.refuel_margin_h > left_h:
            faults.append(f"fuel comes after {r.guaranteed_delivery_h:g} h, what is left lasts {left_h:.1f} h")
        faults += [f"the supplier lies in {names(sorted(shared))} as well"] if shared else []
        faults += ["we are no priority client"] if r.priority_client is False else []
        if faults:
            figures = {"delivery_h": r.guaranteed_delivery_h, "left_h": round(left_h, 2)}
            yield fail(n, f"{n.title}: {'; '.join(faults)}", at="refuel", figures=figures)
        elif r.priority_client is None:
            yield unknown(n, "refuel.priority_client")
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
    yield from nothing_listed(g.plan, "generators")
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
    yield from nothing_listed(g.plan, "ups")
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
    Computed: cooling, lighting, workstations or access control of a site that tier 1 needs, with backup power there,
    is not on it.
    Fix: extend what the battery and the generator feed.

        sites:
          - {id: quay, role: primary, on_backup_power: {lighting: true, workstations: true, access_control: true}}
    """
    yield from untiered(g)
    for site in work_sites(g):
        if not _ups_of(g, site.id) and not _sets_of(g, site.id):
            continue
        state = {f: getattr(site.on_backup_power, f) for f in ("lighting", "workstations", "access_control")}
        cooled = [c for c in g.plan.cooling.values() if c.site == site.id]
        state |= {c.title: c.on_backup_power for c in cooled}
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
    "roof": ("hurricane", "wildfire", "tornado"),
}


@rule("AR-039", "medium", serves="RSK-02 TEC-07")
def plant_is_exposed(g: Ground) -> Verdicts:
    """Generator or fuel stand where the hazard reaches them.

    Why: a generator in a cellar drowns first [domain R16b].
    Computed: basement or grade in a flood, surge or tsunami zone; grade or roof in a wildfire or hurricane zone.
    Fix: move or protect it.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s, location_exposure: roof}
    """
    yield from nothing_listed(g.plan, "generators")
    for n in g.plan.generators.values():
        zones = [g.plan.hazard_zones[z] for z in g.plan.sites[n.site].hazard_zones]
        if n.location_exposure is None:
            yield unknown(n, "location_exposure") if zones else ok(n)
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
    Computed: its load, or the load of the site's batteries, plus cooling on backup power that is not in it, > 0.8 x
    rating. Cooling counts beside the batteries' load; a stated load of the generator is taken as the whole.
    Fix: shed load, or get a larger set.

        generators:
          - {id: quay-generator, site: quay, rated_kw: 150, load_kw: 95, tank_l: 1500, burn_l_per_h: 60, start_s: 10s}
    """
    yield from nothing_listed(g.plan, "generators")
    for n in g.plan.generators.values():
        cooling = sum(c.load_kw or 0.0 for c in g.plan.cooling.values() if c.site == n.site and c.on_backup_power)
        banks = [u.load_kw for u in _ups_of(g, n.site)]
        critical = None if not banks or None in banks else sum(b for b in banks if b is not None)
        loads = [x for x in (n.load_kw, None if critical is None else critical + cooling) if x is not None]
        if n.rated_kw is None or not loads:
            yield unknown(n, "rated_kw" if n.rated_kw is None else "load_kw")
        elif (load := max(loads)) > g.limits.generator_load_frac * n.rated_kw:
            message = (
                f"{n.title} of {n.rated_kw:g} kW carries {load:g} kW, more than {g.limits.generator_load_frac:.0%}"
            )
            yield fail(n, message, at="rated_kw", load_kw=load, rated_kw=n.rated_kw, cooling_kw=cooling)
        else:
            yield ok(n)


@rule("AR-041", "medium", serves="TEC-07")
def access_network_unpowered(g: Ground) -> Verdicts:
    """Switches, telephones or modems go dark while servers run on.

    Why: the wiring closet is what is forgotten most often [backup power; practice].
    Computed: a switch, router, gateway or firewall at a site that tier 1 needs is not on a battery; or a network path
    whose powered_by names nothing although the site's batteries cover only named things.
    Fix: a battery in the wiring closet.

        components:
          - {id: floor-2-switch, kind: switch, site: quay, on_ups: true, poe: true}
    """
    yield from untiered(g)
    kinds = ("switch", "router", "gateway", "firewall", "sim_router")
    sites = {s.id for s in work_sites(g)}
    parts = [c for c in g.plan.components.values() if c.kind in kinds and c.site in sites]
    for c in parts:
        if c.on_ups is None:
            yield unknown(c, "on_ups")
        else:
            yield ok(c) if c.on_ups else fail(c, f"{c.title} is on no battery", c.site or "", at="on_ups")
    for p in g.plan.network_paths.values():
        narrow = [u for u in _ups_of(g, p.site) if u.covers]
        if p.site in sites and narrow and not p.powered_by and not any(p.id in u.covers for u in narrow):
            whole = any(not u.covers for u in _ups_of(g, p.site))
            yield ok(p) if whole else fail(p, f"the equipment of {p.title} is on no battery", p.site, at="powered_by")


@rule("AR-042", "medium", serves="RSK-02 STR-24 PPL-10")
def homes_are_taken_as_untouched(g: Ground) -> Verdicts:
    """A regional scenario leaves people at home untouched.

    Why: their power and internet fail with ours [seed 004: the remote centre must work independently].
    Computed: a scenario that strikes a hazard zone or grid region, or mains in one, with people whose home area is that
    region or zone, and no effect on these people.
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
            i for e in s.effects if e.type in ("staff", "down", "degraded") for i in selected(g.plan, e.selector)
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
    for e in g.plan.scenarios[scenario].effects:
        if e.selector.fate in ("hazard_zone", "grid_region") and e.selector.value and e.type != "demand":
            found.add(e.selector.value)
    return found
