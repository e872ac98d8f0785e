"""Where data and the copies of them lie."""

from dataclasses import dataclass

from openline.audit.ground import OFF_SITE, Ground
from openline.plan.data import Backup, DataSet
from openline.plan.systems import System


@dataclass(frozen=True, slots=True)
class Place:
    """A building, or a cloud region and the account in it."""

    at: str
    account: str | None = None

    def holds(self, other: "Place") -> bool:
        """Tell whether another place is this one; an account that is not known is taken to be the same."""
        return self.at == other.at and (None in (self.account, other.account) or self.account == other.account)


def home_of(g: Ground, e: DataSet | System) -> System | None:
    """Return the system in which data live: the stated one, else the only one that uses them."""
    if isinstance(e, System):
        return e
    if e.system is not None:
        return g.plan.systems[e.system]
    users = [g.plan.systems[i] for i in e.used_by if i in g.plan.systems]
    return users[0] if len(users) == 1 else None


def place_of(g: Ground, system: System) -> Place | None:
    """Return where a system keeps its data, None when that is not known."""
    if system.location is not None:
        return Place(g.building(g.plan.sites[system.location]))
    if system.region is not None:
        return Place(system.region, system.fate.admin_domain)
    return None


def place_of_copy(g: Ground, b: Backup) -> Place:
    """Return where a copy lies."""
    if b.location is not None:
        return Place(g.building(g.plan.sites[b.location]))
    return Place(b.region or "", b.account)


def beside(g: Ground, b: Backup, e: DataSet | System) -> bool | None:
    """Tell whether a copy lies with its source, None when the source's place is not known."""
    home = home_of(g, e)
    if home is None:
        return None
    place = place_of(g, home)
    if place is None:
        return False if home.deployment in OFF_SITE and b.location is not None else None
    return place.holds(place_of_copy(g, b))
