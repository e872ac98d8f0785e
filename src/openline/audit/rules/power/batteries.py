"""Batteries: what hangs on them, how long they last, how they are kept."""

from collections import defaultdict

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.loss import below_minimum, reason_short
from openline.audit.plant import (
    batteries_of,
    feed_the_same,
    months,
    power_is_listed,
    power_is_unsaid,
    runtime_s,
    sets_of,
)
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, no_plant, untiered, work_sites
from openline.impact.graph import feeds
from openline.plan.sites import Site
from openline.plan.systems import Component
from openline.units import format_duration as dur

SERVED = ("shared", "serviced")
"""Ownership of buildings whose plant is the landlord's."""

SERVING = ("server", "sbc", "disk", "psu")
"""Kinds of components without which a system stops; those of the network are AR-041's."""


@rule("AR-031", "critical", serves="STR-11 TEC-07")
def critical_system_not_on_a_battery(g: Ground) -> Verdicts:
    """A critical system is not on a battery.

    Why: a sag of a second restarts it and cuts off every call [backup power, UPS for sags and brownouts].
    Computed: an on-premises system that tier 1 needs is covered by no battery of its site (a battery that names
    nothing, or the site, covers the whole site; where none is listed, its servers may say that they are on one), or a
    server, border controller or disk of it (or a critical one of no system) is said to be on none. Where the plan says
    nothing of power, or nothing of that of a building run by somebody else, it is not known.
    Fix: put it on one.

        ups:
          - {id: hill-ups, site: hill, runtime_at_load_s: 30m, covers: [acd]}
    """
    yield from untiered(g)
    parts = _serving_parts(g)
    for s in g.critical_systems:
        if s.location is None and s.deployment in ("on_prem", "hybrid"):
            yield unknown(s, "location")
        elif s.location is not None and s.deployment in ("on_prem", "hybrid", None):
            site = g.plan.sites[s.location]
            if site.role in ("cloud_region", "home_virtual", "partner"):
                continue
            if g.is_composite(s):
                continue
            own = parts[s.id]
            told = own and all(c.on_ups for c in own) and not batteries_of(g, s.location)
            if batteries_of(g, s.location, s) or told:
                yield ok(s)
                for c in (c for c in own if c.on_ups is False):
                    yield fail(c, f"{c.title} of {s.title} is on no battery", s.id, at="on_ups")
            elif power_is_listed(g) and not (site.ownership in SERVED and power_is_unsaid(g, site)):
                yield fail(s, f"{s.title} at {site.title} is on no battery", site.id, at="location")
            else:
                yield unknown(s, why=f"nothing is known of the power of {site.title}")
    ours = {site.id for site in work_sites(g)}
    for c in parts[None]:
        if c.critical and c.on_ups is False and c.site in ours:
            yield fail(c, f"{c.title} is on no battery", c.site, at="on_ups")


def _serving_parts(g: Ground) -> dict[str | None, list[Component]]:
    """Return the parts without which a system stops, by system."""
    found: dict[str | None, list[Component]] = defaultdict(list)
    for c in g.plan.components.values():
        if c.kind in SERVING:
            found[c.system].append(c)
    return found


@rule("AR-032", "high", serves="STR-12 STR-13")
def battery_without_a_generator(g: Ground) -> Verdicts:
    """Work must go on, but after the battery there is no generator.

    Why: a battery is for minutes; longer power cuts need a generator [longer power outages require a backup generator].
    Computed: the mains of a site with a battery and without a generator (or what its generators do not feed) taken
    away: a tier-1 activity falls below its minimum when the battery ends, and nothing else carries it by then.
    Fix: a generator, or an automatic failover.

        generators:
          - {id: hill-generator, site: hill, tank_l: 1000, burn_l_per_h: 15, start_s: 10s}
    """
    yield from untiered(g)
    for site in work_sites(g):
        batteries = batteries_of(g, site.id)
        if not any(f.site == site.id and f.kind == "electric" for f in g.plan.feeds.values()) and not batteries:
            yield unknown(site, why=f"nothing is known of the power of {site.title}")
            continue
        lost = _dark_after_battery(g, site)
        if not batteries or not lost:
            yield ok(site)
            continue
        runtime = min(runtime_s(g, u) for u in batteries)
        answers = {a.id: below_minimum(g, a, lost, within_s=runtime) for a in g.tier_one}
        hurt = [a for a in g.tier_one if (short := answers[a.id]) is not None and short.lasts]
        unsure = [a for a in g.tier_one if answers[a.id] is None]
        if hurt:
            what = "no generator" if not sets_of(g, site.id) else f"no generator for {names(lost)}"
            message = f"{site.title} has {dur(runtime)} of battery and {what}; {names(list(hurt))} can not wait"
            yield fail(site, message, *(u.id for u in batteries), at="needs", runtime_s=round(runtime))
        elif unsure:
            yield unknown(site, why=f"{reason_short(g, unsure[0])} so what darkness at {site.title} does is not known")
        else:
            yield ok(site)


def _dark_after_battery(g: Ground, site: Site) -> tuple[str, ...]:
    """Return what a power cut takes when the batteries of a site are empty: its mains, else what stands there."""
    sets = sets_of(g, site.id)
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
    yield from no_plant(g, "ups")
    for u in g.plan.ups.values():
        for n in (n for n in sets_of(g, u.site) if feed_the_same(u, n)):
            bridge = g.limits.bridge_detect_s + n.start_attempts * n.start_s + n.transfer_s + g.limits.bridge_margin_s
            runtime = runtime_s(g, u)
            aging = u.battery_install is None and u.topology != "flywheel"
            if aging and u.runtime_at_load_s * 0.8 < bridge <= u.runtime_at_load_s:
                yield unknown(u, "battery_install")
            elif runtime < bridge:
                message = f"{u.title} lasts {dur(runtime)}, but {n.title} may need {dur(bridge)} to carry the load"
                yield fail(u, message, n.id, at="runtime_at_load_s", runtime_s=round(runtime), bridge_s=bridge)
            else:
                yield ok(u)


@rule("AR-037", "medium", serves="TEC-04 STR-11")
def battery_is_old_or_untested(g: Ground) -> Verdicts:
    """A battery is past its life, or was not tested.

    Why: 42 % of power-related outages involve the UPS [domain R18].
    Computed: age over its life in calendar months (48 when none is stated; a flywheel has no batteries), or last test
    over 180 days ago.
    Fix: replace or test it.

        ups:
          - {id: quay-ups, site: quay, runtime_at_load_s: 15m, battery_install: 2024-05-20, last_test: 2026-06-12}
    """
    yield from no_plant(g, "ups")
    for u in g.plan.ups.values():
        life = u.battery_life_mo or g.limits.ups_life_mo
        age = None if u.battery_install is None or u.topology == "flywheel" else months(u.battery_install, g.as_of)
        faults = {}
        if age is not None and age > life:
            faults["battery_install"] = f"its batteries are {age:.0f} months old, made for {life:g}"
        if u.last_test is not None and g.older(u.last_test, g.limits.ups_test_d):
            faults["last_test"] = f"it was last tested {g.age_d(u.last_test)} days ago"
        lacks = [f for f in ("battery_install", "last_test") if getattr(u, f) is None]
        lacks = [f for f in lacks if f == "last_test" or u.topology != "flywheel"]
        if faults:
            figures = {"age_months": None if age is None else round(age), "test_age_d": g.age_d(u.last_test)}
            yield fail(u, f"{u.title}: {'; '.join(faults.values())}", at=next(iter(faults)), figures=figures)
        elif lacks:
            yield unknown(u, *lacks)
        else:
            yield ok(u)
