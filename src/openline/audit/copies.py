"""Copies of data and of papers, and what takes them away."""

from openline.audit.ground import Ground
from openline.impact.standing import Left
from openline.plan.data import Backup
from openline.plan.scenarios import Scenario
from openline.scenarios.binding import selected


def copies_used(g: Ground) -> list[Backup]:
    """Return the copies of what tier 1 uses."""
    return [b for b in g.plan.backups.values() if data_matter(g, b.of)]


def data_matter(g: Ground, name: str) -> bool:
    """Tell whether tier 1 uses a data set, or needs a system."""
    data = g.plan.data_sets.get(name)
    if data is None:
        return name in g.needed or any(s.id == name for s in g.critical_systems)
    first = {a.id for a in g.tier_one}
    asked = any(name in c.data_needed and c.activity in first for c in g.plan.contact_types.values())
    return asked or any(data_matter(g, i) for i in (*data.used_by, *((data.system,) if data.system else ())))


def copies_of(g: Ground, name: str) -> list[Backup]:
    """Return the copies of a data set, those of the system in which it lives included, or of a system."""
    data = g.plan.data_sets.get(name)
    return [b for b in g.plan.backups.values() if b.of == name or (data is not None and b.of == data.system)]


def kept(g: Ground) -> list[str]:
    """Return the data sets that tier 1 uses, and the systems that it needs of which copies are made as a whole."""
    used = [d.id for d in g.plan.data_sets.values() if data_matter(g, d.id)]
    living = {d.system for d in g.plan.data_sets.values()}
    return list(dict.fromkeys((*used, *(b.of for b in copies_used(g) if b.of not in living))))


def takes_all(g: Ground, s: Scenario, stored: tuple[str, ...], copies: list[str | None]) -> bool:
    """Tell whether a scenario takes away every place where a paper lies; a copy without a site is at somebody's
    home.
    """
    lost, closed = g.lost_in(s), g.closed_in(s)
    corrupt = any(e.type == "data_corrupt" for e in s.effects)
    if not (lost or closed or corrupt):
        return False
    if any(site is None or site not in closed for site in copies):
        return False
    after = g.standing.after(lost)
    spoilt = {i for e in s.effects if e.type == "data_corrupt" for i in selected(g.plan, e.selector)}
    return all(i in closed or i in spoilt or _can_not_be_opened(g, i, after) for i in stored)


def _can_not_be_opened(g: Ground, name: str, after: dict[str, Left]) -> bool:
    """Tell whether what holds a paper is down, or what one signs on to it through."""
    through = g.plan.systems[name].login_path if name in g.plan.systems else ()
    return any(i in after and after[i].capacity <= 0 for i in (name, *through))
