"""Parts, their spares, their age and their maintenance."""

from openline.audit.fallback import has_standby
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.places import same_building
from openline.audit.remedies import effect_s
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import has_plant, nothing_listed
from openline.plan.systems import Component, System
from openline.units import format_duration as dur


def _parts_listed(g: Ground) -> Verdicts:
    """Yield that nothing can be said of parts when there is plant, and the plan lists none."""
    if has_plant(g):
        yield from nothing_listed(g.plan, "components")


def critical_parts(g: Ground) -> list[Component]:
    """Return components that are critical: called so, or of a critical system and not called otherwise."""
    systems = {s.id for s in g.critical_systems}
    return [c for c in g.plan.components.values() if c.critical or (c.critical is None and c.system in systems)]


@rule("AR-063", "critical", serves="STR-22 STR-23")
def no_spare_and_part_comes_late(g: Ground) -> Verdicts:
    """A critical part has no spare, and a new one comes after the RTO.

    Why: the centre may need to have an emergency part shipped [spare parts].
    Computed: no spare, no more in service than needed, its system has no standby (the local network of another place is
    none), nothing is arranged for it that helps within the RTO, and lead time (the expedited one where it is promised)
    + fitting > RTO.
    Fix: stock a spare, or put a second one in service.

        components:
          - {id: acd-psu, kind: psu, system: acd, critical: true, qty_needed: 1, qty_spare: 1, lead_time_s: 5d,
             fit_time_s: 40m}
    """
    yield from _parts_listed(g)
    for c in critical_parts(g):
        rto = _rto_s(g, c)
        if (c.qty_spare or 0) > 0 or _doubled(g, c, rto):
            yield ok(c)
            continue
        lead = c.expedited_s if c.expedited_s is not None else c.lead_time_s
        in_time = lead is not None and rto is not None and lead + (c.fit_time_s or 0.0) <= rto
        if in_time:
            yield ok(c)
        elif c.qty_spare is None or lead is None or rto is None:
            fields = ("qty_spare",) * (c.qty_spare is None) + ("lead_time_s",) * (lead is None)
            yield unknown(c, *(fields or ("rto_s of its system",)))
        else:
            back_s = lead + (c.fit_time_s or 0.0)
            message = f"there is no spare of {c.title}; a new one works after {dur(back_s)}, the RTO is {dur(rto)}"
            yield fail(c, message, *((c.system,) if c.system else ()), at="qty_spare", takes_s=back_s, rto_s=rto)


def _rto_s(g: Ground, c: Component) -> float | None:
    """Return the RTO that a part must meet: its system's, else the tightest of tier 1."""
    if c.system:
        return g.rto_of(c.system)
    return min((a.rto_s for a in g.tier_one if a.rto_s is not None), default=None)


def _doubled(g: Ground, c: Component, rto: float | None) -> bool:
    """Tell whether another does a part's work: one in service beyond need, a standby, or what is arranged in time."""
    if c.qty_in_service is not None and c.qty_needed is not None and c.qty_in_service > c.qty_needed:
        return True
    if c.system is not None and _stands_in(g, c, g.plan.systems[c.system]):
        return True
    ways = [r for r in g.arrangements.get(c.id, ()) if r.option in ("redundancy", "failover", "spare")]
    return any(rto is None or effect_s(g, r) <= rto for r in ways)


def _stands_in(g: Ground, c: Component, s: System) -> bool:
    """Tell whether a part's system has a standby; of a local network, one in the same place."""
    other = None if s.standby_system is None else g.plan.systems[s.standby_system].location
    elsewhere = {s.standby_location, other} - {None, s.location, c.site}
    return has_standby(g, s) and not (s.kind == "lan" and elsewhere)


@rule("AR-064", "medium", serves="STR-22")
def spares_only_beside_the_primary(g: Ground) -> Verdicts:
    """Spares lie beside what they replace, or nobody counts them.

    Why: what destroys the part destroys the spare; and a shelf is as good as its last count [DATAMARK; spare parts].
    Computed: spare_site is the part's site or in its building (the system's where the part states none), or the last
    count over 180 days ago or never, for parts with spares that are critical, or not called otherwise at a site that
    tier 1 needs.
    Fix: keep some of the spares at another site, and count them twice a year.

        components:
          - {id: acd-psu, kind: psu, critical: true, site: quay, qty_spare: 1, spare_site: hill,
             last_stock_count: 2026-08-31}
    """
    yield from _parts_listed(g)
    for c in _spared_parts(g):
        if not c.qty_spare:
            continue
        faults = []
        place = c.site or (g.plan.systems[c.system].location if c.system else None)
        if c.spare_site is not None and place is not None and _one_place(g, c.spare_site, place):
            faults.append("they lie where the part is")
        if g.older(c.last_stock_count, g.limits.stock_count_d):
            age = g.age_d(c.last_stock_count)
            faults.append("they were never counted" if age is None else f"they were counted {age} days ago")
        if faults:
            at = "spare_site" if faults[0].startswith("they lie") else "last_stock_count"
            yield fail(c, f"spares of {c.title}: {'; '.join(faults)}", at=at, age_d=g.age_d(c.last_stock_count))
        elif c.spare_site is None or place is None:
            yield unknown(c, "spare_site" if c.spare_site is None else "site")
        else:
            yield ok(c)


def _spared_parts(g: Ground) -> list[Component]:
    """Return parts with spares that are critical, or that nobody calls uncritical at a site that tier 1 needs."""
    critical = {c.id for c in critical_parts(g)}
    parts = [c for c in g.plan.components.values() if c.qty_spare]
    return [c for c in parts if c.id in critical or (c.critical is None and c.system is None and c.site in g.needed)]


def _one_place(g: Ground, a: str, b: str) -> bool:
    return same_building(g, g.plan.sites[a], g.plan.sites[b])


@rule("AR-065", "medium", serves="TEC-04 STR-22")
def component_past_its_support(g: Ground) -> Verdicts:
    """A part is past, or nearly past, its support.

    Why: spares and corrections vanish (assumed).
    Computed: end_of_support < the day of the audit + 180 days.
    Fix: replace it before its support ends, or buy support that lasts longer.

        components:
          - {id: acd-server, kind: server, end_of_support: 2029-12-31}
    """
    yield from _parts_listed(g)
    for c in g.plan.components.values():
        if c.end_of_support is None:
            if c.critical:
                yield unknown(c, "end_of_support")
        elif (left := (c.end_of_support - g.as_of).days) < g.limits.end_of_support_d:
            told = f"ended {-left} days ago" if left < 0 else f"ends in {left} days"
            yield fail(c, f"support of {c.title} {told}", at="end_of_support", days_left=left)
        else:
            yield ok(c)


@rule("AR-069", "medium", serves="TEC-04")
def maintenance_is_overdue(g: Ground) -> Verdicts:
    """Maintenance is overdue, or failed last time.

    Why: system maintenance keeps infrastructure events away [seed 004].
    Computed: day of the audit > last_done + 1.1 x interval, or the last result failed; the same of the inspection of
    fire safety where its interval is stated.
    Fix: do it now, mend what failed, and note the day and the result.

        maintenance_tasks:
          - {id: generator-run, object: quay-generator, kind: load run, interval_d: 31, last_done: 2026-10-05}
    """
    if has_plant(g):
        yield from nothing_listed(g.plan, "maintenance_tasks")
    for t in g.plan.maintenance_tasks.values():
        if t.result == "failed":
            yield fail(t, f"{t.title} failed last time", t.object, at="result", last_done=t.last_done)
        elif t.interval_d is None or t.last_done is None:
            yield unknown(t, *(f for f in ("interval_d", "last_done") if getattr(t, f) is None))
        elif g.older(t.last_done, t.interval_d * g.limits.maintenance_slack):
            age = g.age_d(t.last_done)
            told = f"was done {age} days ago, every {t.interval_d} is planned"
            yield fail(t, f"{t.title} {told}", t.object, at="last_done", age_d=age, interval_d=t.interval_d)
        else:
            yield ok(t)
    for f in g.plan.fire_safety.values():
        if f.inspection_interval_d is None:
            continue
        if f.last_inspection is None:
            yield unknown(f, "last_inspection")
        elif g.older(f.last_inspection, f.inspection_interval_d * g.limits.maintenance_slack):
            age = g.age_d(f.last_inspection)
            told = f"was inspected {age} days ago, every {f.inspection_interval_d} is planned"
            yield fail(f, f"{f.title} {told}", f.site, at="last_inspection", age_d=age)
        else:
            yield ok(f)
