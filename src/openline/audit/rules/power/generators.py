"""Generators: their fuel, tests, place and size."""

from datetime import date

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.plant import batteries_of, feed_the_same, sets_of
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, no_plant, nothing_listed
from openline.plan.sites import Generator
from openline.scenarios.binding import selected


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
    yield from no_plant(g, "generators")
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
            message = f"{n.title} runs {n.autonomy_h:.1f} h; power cuts may last {need_h:.0f} h and {told}"
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
    yield from no_plant(g, "generators")
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
            ids = [*([r.vendor] if r.vendor else []), *sorted(shared)]
            yield fail(n, f"{n.title}: {'; '.join(faults)}", *ids, at="refuel", figures=figures)
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
    Computed: last run over 35 days ago (a load test is a run too); load in the test under 30 % of the rating; load test
    or fuel test over a year ago.
    Fix: a test regime with dates.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s,
             last_run: 2026-10-05, last_load_test: 2026-03-09, load_test_fraction: 0.5, last_fuel_test: 2026-03-09}
    """
    yield from no_plant(g, "generators")
    for n in g.plan.generators.values():
        known = (n.last_run, n.last_load_test, n.last_fuel_test, n.load_test_fraction)
        if all(k is None for k in known):
            yield unknown(n, "last_run", "last_load_test", "last_fuel_test")
            continue
        days = {"run": _last_run(g, n), "load test": n.last_load_test}
        days |= {} if n.fuel == "gas_pipeline" else {"fuel test": n.last_fuel_test}
        most = {
            "run": g.limits.generator_run_d,
            "load test": g.limits.generator_test_d,
            "fuel test": g.limits.generator_test_d,
        }
        field = {k: f"last_{k.replace(' ', '_')}" for k in days}
        faults = {
            field[k]: f"its last {k} was {g.age_d(d)} days ago"
            for k, d in days.items()
            if d is not None and g.older(d, most[k])
        }
        if n.load_test_fraction is not None and n.load_test_fraction < g.limits.load_test_frac:
            faults["load_test_fraction"] = f"it was tested at {n.load_test_fraction:.0%} of its rating"
        missing = [field[k] for k, d in days.items() if d is None]
        if faults:
            yield fail(n, f"{n.title}: {'; '.join(faults.values())}", at=next(iter(faults)), faults=len(faults))
        elif missing or n.load_test_fraction is None:
            yield unknown(n, *(missing or ("load_test_fraction",)))
        else:
            yield ok(n)


def _last_run(g: Ground, n: Generator) -> date | None:
    """Return when a set last ran; a load test alone tells so only while it is not too old to be the last run."""
    if n.last_run is None:
        return None if g.older(n.last_load_test, g.limits.generator_run_d) else n.last_load_test
    return n.last_run if n.last_load_test is None else max(n.last_run, n.last_load_test)


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
    Computed: basement or grade in a flood, surge or tsunami zone; grade or roof in a wildfire or hurricane zone. Where
    the plan lists no zone at all it is not known.
    Fix: move or protect it.

        generators:
          - {id: quay-generator, site: quay, tank_l: 1500, burn_l_per_h: 60, start_s: 10s, location_exposure: roof}
    """
    yield from no_plant(g, "generators")
    if g.plan.generators:
        yield from nothing_listed(g.plan, "hazard_zones")
    for n in g.plan.generators.values() if g.plan.hazard_zones else ():
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
    yield from no_plant(g, "generators")
    for n in g.plan.generators.values():
        cooling = sum(c.load_kw or 0.0 for c in g.plan.cooling.values() if c.site == n.site and c.on_backup_power)
        banks = [u.load_kw for u in batteries_of(g, n.site) if feed_the_same(u, n)]
        together = [o.rated_kw for o in sets_of(g, n.site) if o.id == n.id or feed_the_same(o, n)]
        critical = None if not banks or None in banks else sum(b for b in banks if b is not None) + cooling
        pairs = [(n.load_kw, n.rated_kw), (critical, None if None in together else sum(r or 0.0 for r in together))]
        known = [(load, rated) for load, rated in pairs if load is not None and rated is not None]
        over = [(load, rated) for load, rated in known if load > g.limits.generator_load_frac * rated]
        if over:
            load, rated = over[0]
            message = f"{n.title} of {rated:g} kW carries {load:g} kW, more than {g.limits.generator_load_frac:.0%}"
            ids = (u.id for u in batteries_of(g, n.site) if feed_the_same(u, n))
            yield fail(n, message, *ids, at="rated_kw", load_kw=load, rated_kw=rated, cooling_kw=cooling)
        elif not known:
            yield unknown(n, "rated_kw" if n.rated_kw is None else "load_kw")
        else:
            yield ok(n)
