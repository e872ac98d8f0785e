"""What rules of several groups look at, and what they say when the plan does not tell."""

from collections.abc import Iterator, Sequence

from openline.audit.finding import Verdict, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.places import is_ground
from openline.audit.plant import power_is_listed
from openline.plan.document import Plan
from openline.plan.record import Entity
from openline.plan.scenarios import Category, Scenario
from openline.plan.sites import Site
from openline.plan.systems import System

NOTHING = frozenset(
    {"", "-", "n/a", "na", "no", "none", "none yet", "not yet", "open", "tbc", "tbd", "todo", "unknown"}
)
"""Words of those who fill a field in to say that there is nothing."""


def untiered(g: Ground) -> Iterator[Verdict]:
    """Yield that nothing can be said of tier 1 because no activity's tier is known."""
    if not g.tiers_known:
        yield unknown(g.plan.organization, why="no activity states its criticality or its MTPD, so tier 1 is not known")


def nothing_listed(plan: Plan, collection: str, why: str = "") -> Iterator[Verdict]:
    """Yield that a rule can not be evaluated because the plan has none of what it is about.

    Nothing where the organization says, with a reason, that it needs none.
    """
    if not plan.collection(collection) and not excused(plan, collection):
        yield unknown(plan.organization, why=why or f"the plan lists no {collection.replace('_', ' ')}")


def excused(plan: Plan, collection: str) -> bool:
    """Tell whether the organization says that it needs none of a collection; without partners it has no agreements."""
    asked = (collection, "partners") if collection == "agreements" else (collection,)
    return any(plan.organization.not_applicable.get(name, "").strip() for name in asked)


def things_to_keep(g: Ground) -> list[System]:
    """Return critical systems that are things of their own, and those that people who are to go home need there.

    What is only the name of a choice among others is seen through them.
    """
    gone = {i for r in g.plan.arrangements.values() if r.option == "remote_work" for i in r.for_}
    homes = [x for x in g.plan.agent_groups.values() if x.remote and x.id in g.needed and {x.id, x.site} & gone]
    kit = g.closure([i for x in homes if x.remote for need in x.remote.needs for i in need.to])
    found = {s.id: s for s in (*g.critical_systems, *(s for i, s in g.plan.systems.items() if i in kit))}
    return [s for s in found.values() if not g.is_composite(s)]


LIBRARY: tuple[tuple[int, Category], ...] = (
    (16, "localised"), (43, "infrastructure"), (49, "cyber"), (59, "organisational"), (99, "large_scale"),
)  # fmt: skip
"""Last record of each part of the scenario library (domain 5), and its category."""


def category_of(s: Scenario) -> Category | None:
    """Return a scenario's category: as stated, else that of the library record it was bound from."""
    if s.category is not None or s.library is None:
        return s.category
    number = int(s.library.removeprefix("SC-"))
    return next(category for last, category in LIBRARY if number <= last)


def work_sites(g: Ground) -> list[Site]:
    """Return the sites that tier 1 needs, other than those of partners and cloud regions."""
    aside = ("partner", "cloud_region", "home_virtual")
    return [s for s in g.plan.sites.values() if s.id in g.needed and s.role not in aside]


def names(entities: Sequence[Entity | str]) -> str:
    """Return titles or ids as a list that people read; long ones are cut."""
    told = [e if isinstance(e, str) else e.title for e in entities]
    return ", ".join(told[:6]) + (f" and {len(told) - 6} more" if len(told) > 6 else "")


def said(text: str) -> bool:
    """Tell whether a field holds words, and not only that there are none."""
    return text.strip().rstrip(".").lower() not in NOTHING


def has_plant(g: Ground) -> bool:
    """Tell whether the plan has anything that parts, spares and maintenance are for; one without sites may have."""
    aside = ("partner", "cloud_region", "home_virtual")
    return not g.plan.sites or bool(g.on_prem) or any(s.role not in aside for s in g.plan.sites.values())


def no_plant(g: Ground, collection: str) -> Iterator[Verdict]:
    """Yield that plant can not be judged where the plan says nothing of power, unless all work is elsewhere.

    Where it does say something, what it does not list is not there, and AR-031 and AR-032 say whether that is wrong.
    """
    on_ground = [s for s in g.plan.sites.values() if is_ground(s) and s.role not in ("partner", "command_centre")]
    own = [
        s for s in g.plan.systems.values() if s.deployment not in OFF_SITE and not g.is_composite(s) and not s.region
    ]
    elsewhere = bool(g.plan.sites or g.plan.systems) and not on_ground and not own
    if not power_is_listed(g) and not elsewhere:
        yield from nothing_listed(g.plan, collection)
