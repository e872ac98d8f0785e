"""Batteries and generators of a site, and what hangs on them."""

from datetime import date

from openline.audit.ground import Ground
from openline.impact.graph import feeds
from openline.plan.record import Entity
from openline.plan.sites import Generator, Site, Ups


def batteries_of(g: Ground, site: str, entity: Entity | None = None) -> list[Ups]:
    """Return the batteries of a site; those that feed an object when one is named."""
    place = g.plan.sites[site]
    return [u for u in g.plan.ups.values() if u.site == site and (entity is None or feeds(u, entity, place))]


def sets_of(g: Ground, site: str) -> list[Generator]:
    """Return the generators of a site."""
    return [n for n in g.plan.generators.values() if n.site == site]


def feed_the_same(a: Ups | Generator, b: Ups | Generator) -> bool:
    """Tell whether something hangs on both; what names nothing, or the site, feeds all of it."""
    whole = any(not x.covers or x.site in x.covers for x in (a, b))
    return a.site == b.site and (whole or bool({*a.covers, a.id} & {*b.covers, b.id}))


def power_is_listed(g: Ground) -> bool:
    """Tell whether the plan says anything of power."""
    return bool(g.plan.feeds or g.plan.ups or g.plan.generators)


def power_is_unsaid(g: Ground, site: Site) -> bool:
    """Tell whether the plan lists neither mains nor plant of a site."""
    mains = any(f.site == site.id and f.kind == "electric" for f in g.plan.feeds.values())
    return not (mains or batteries_of(g, site.id) or sets_of(g, site.id))


def months(start: date, end: date) -> float:
    """Return the months from one day to another, a part of a month in 31sts."""
    return (end.year - start.year) * 12 + end.month - start.month + (end.day - start.day) / 31


def runtime_s(g: Ground, u: Ups) -> float:
    """Return a battery's runtime: as stated, falling to 0.8 of it at the end of its life (glossary 2.9)."""
    life = u.battery_life_mo or g.limits.ups_life_mo
    age = None if u.topology == "flywheel" or u.battery_install is None else months(u.battery_install, g.as_of)
    spent = 0.0 if age is None else min(max(age / life, 0.0), 1.0)
    return u.runtime_at_load_s * (1.0 - 0.2 * spent)
