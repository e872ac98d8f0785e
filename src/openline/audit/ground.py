"""What many rules stand on: tiers, what they need, pairs, places, holders, ages; each computed once for a plan."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from openline.audit.people import Workforce
from openline.impact.graph import PLACE, POWER, edges, site_of
from openline.impact.standing import Left, Standing
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.document import Plan
from openline.plan.network import NetworkPath
from openline.plan.people import AgentGroup
from openline.plan.procedures import Procedure
from openline.plan.record import Entity
from openline.plan.roles import ContinuityRole
from openline.plan.scenarios import Scenario
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.scenarios.binding import selected

OFF_SITE = ("hosted", "saas")


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary and what stands by for it; `source` is the entity that says so."""

    primary: Entity
    standby: Entity
    source: Entity


class Ground:
    """A plan, the day on which it is judged, and facts that are worked out once."""

    def __init__(self, plan: Plan, as_of: date, plan_hash: str = "") -> None:
        self.plan = plan
        self.as_of = as_of
        self.plan_hash = plan_hash
        self.limits = plan.organization.thresholds
        self._lost: tuple[str, ...] = ()
        self._after: dict[str, Left] = {}
        self._closures: dict[str, set[str]] = {}

    # Tiers and what they need

    def tier(self, activity: Activity) -> int | None:
        """Return the stated tier, else the one that the MTPD gives; None when neither is known (IMP-01)."""
        if activity.criticality is not None:
            return activity.criticality
        if activity.mtpd_s is None:
            return None
        first = self.limits.tier_one_mtpd_h * 3600
        return next((n for n, most in ((1, first), (2, 86400.0), (3, 259200.0)) if activity.mtpd_s <= most), 4)

    @cached_property
    def tier_one(self) -> list[Activity]:
        """The activities of tier 1."""
        return [a for a in self.plan.activities.values() if self.tier(a) == 1]

    @cached_property
    def tiers_known(self) -> bool:
        """Whether the tier of any activity is known."""
        return any(self.tier(a) is not None for a in self.plan.activities.values())

    @cached_property
    def edges(self) -> dict[str, list[tuple[str, str]]]:
        """(target, kind) of what each object needs."""
        found: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for e in edges(self.plan):
            found[e.source].append((e.target, e.kind))
        return found

    @cached_property
    def needed(self) -> frozenset[str]:
        """Ids of tier-1 activities and of everything that they need, their people's needs included."""
        return frozenset(self.closure([a.id for a in self.tier_one]))

    def closure(self, ids: Sequence[str]) -> set[str]:
        """Return the objects and all that they need, straight or through others; supplies of their sites too."""
        found: set[str] = set()
        waiting = list(ids)
        while waiting:
            name = waiting.pop()
            for prefix in (PLACE, POWER):
                name = name.removeprefix(prefix)
            if name in found:
                continue
            found.add(name)
            waiting += [t for t, _ in self.edges.get(name, ())]
            if name in self.plan.activities:
                waiting += [g.id for g in self.work.groups_for(self.plan.activities[name])]
                waiting += self.work.places_of(self.plan.activities[name])
            if name in self.plan.systems:
                waiting += self.plan.systems[name].login_path
            if name in self.plan.sites:
                waiting += self.supplies.get(name, ())
        return found

    @cached_property
    def signed_on_through(self) -> dict[str, list[str]]:
        """Systems by what signing on to them goes through."""
        found: dict[str, list[str]] = defaultdict(list)
        for system in self.plan.systems.values():
            for name in system.login_path:
                found[name].append(system.id)
        return found

    @cached_property
    def supplies(self) -> dict[str, list[str]]:
        """Feeds, batteries, generators and cooling by site."""
        found: dict[str, list[str]] = defaultdict(list)
        for collection in ("feeds", "ups", "generators", "cooling"):
            for entity in self.plan.collection(collection).values():
                found[site_of(entity) or ""].append(entity.id)
        return found

    @cached_property
    def critical_systems(self) -> list[System]:
        """Systems that tier 1 needs, or that are called critical."""
        return [s for s in self.plan.systems.values() if s.id in self.needed or s.criticality == "critical"]

    @cached_property
    def on_prem(self) -> list[System]:
        """Critical systems that stand in a site of ours."""
        stand = [(s, self.site(s)) for s in self.critical_systems if s.deployment not in OFF_SITE]
        return [s for s, at in stand if at is not None and at.role not in ("cloud_region", "partner")]

    def matters(self, entity: Entity) -> bool:
        """Tell whether tier 1 needs an object, or it is called critical."""
        return entity.id in self.needed or getattr(entity, "criticality", None) == "critical"

    def is_composite(self, system: System) -> bool:
        """Tell whether a system is only the name of a choice among others, and stands nowhere itself."""
        chosen = any(need.mode in ("or", "k_of_n") for need in system.needs)
        return chosen and system.location is None and system.region is None and system.vendor is None

    def rto_of(self, name: str) -> float | None:
        """Return the tightest RTO that an object must meet: its own, else that of the tier-1 activities that
        need it.
        """
        entity = self.plan.node(name)
        own: float | None = getattr(entity, "rto_s", None)
        if own is not None:
            return own
        return min((a.rto_s for a in self.dependents.get(name, ()) if a.rto_s is not None), default=None)

    @cached_property
    def dependents(self) -> dict[str, list[Activity]]:
        """The activities that need each object, straight or through others."""
        found: dict[str, list[Activity]] = defaultdict(list)
        for activity in self.plan.activities.values():
            for name in self.closure_of(activity.id):
                found[name].append(activity)
        return found

    def must_need(self, name: str) -> set[str]:
        """Return what an object can not do without: needs in mode `and`, straight or through others."""
        found: set[str] = set()
        waiting = [t for t, kind in self.edges.get(name, ()) if kind == "and"]
        while waiting:
            at = waiting.pop()
            if at not in found:
                found.add(at)
                waiting += [t for t, kind in self.edges.get(at, ()) if kind == "and"]
        return found

    @cached_property
    def procedures_for(self) -> dict[str, list[Procedure]]:
        """Procedures by what they cover."""
        found: dict[str, list[Procedure]] = defaultdict(list)
        for procedure in self.plan.procedures.values():
            for name in procedure.covers:
                found[name].append(procedure)
        return found

    # Losses and people

    @cached_property
    def standing(self) -> Standing:
        """What stands after a loss."""
        return Standing(self.plan)

    def after(self, lost: tuple[str, ...]) -> dict[str, Left]:
        """Return what a loss leaves of what it changes; the last answer is kept."""
        if lost != self._lost:
            self._lost, self._after = lost, self.standing.after(lost)
        return self._after

    def hit_by(self, name: str) -> list[Activity]:
        """Return the tier-1 activities that need an object, or whose people need it."""
        return [a for a in self.dependents.get(name, ()) if self.tier(a) == 1]

    def group_ids(self, activity: Activity) -> list[str]:
        """Return the ids of the groups that can serve an activity."""
        return [x.id for x in self.work.groups_for(activity)]

    def closure_of(self, name: str) -> set[str]:
        """Return an object and all that it needs."""
        if name not in self._closures:
            self._closures[name] = self.closure([name])
        return self._closures[name]

    def lost_in(self, scenario: Scenario) -> tuple[str, ...]:
        """Return the objects that a scenario takes away altogether; of a site that nobody may enter, its people."""
        found: dict[str, None] = {}
        for e in scenario.effects:
            gone = e.type in ("down", "untrusted") or (e.type in ("degraded", "staff") and e.factor == 0)
            names = selected(self.plan, e.selector) if gone or e.type == "access_denied" else ()
            for name in names:
                if e.type == "access_denied":
                    found |= dict.fromkeys(x.id for x in self.groups_at[name])
                elif self.plan.node(name) is not None:
                    found[name] = None
        return tuple(found)

    def closed_in(self, scenario: Scenario) -> set[str]:
        """Return the sites that a scenario destroys or closes."""
        return {
            name
            for e in scenario.effects
            if e.type in ("down", "access_denied")
            for name in selected(self.plan, e.selector)
            if name in self.plan.sites
        }

    @cached_property
    def surges(self) -> list[dict[str, float]]:
        """The usual demand, and that of each scenario that raises it: factor by activity."""
        found: list[dict[str, float]] = [{}]
        for s in self.plan.scenarios.values():
            factors: dict[str, float] = {}
            for e in s.effects:
                for name in selected(self.plan, e.selector) if e.type == "demand" else ():
                    factors[name] = factors.get(name, 1.0) * (e.factor or 1.0)
            if factors:
                found.append(factors)
        return found

    @cached_property
    def arrangements(self) -> dict[str, list[Arrangement]]:
        """Arrangements by what they are for."""
        found: dict[str, list[Arrangement]] = defaultdict(list)
        for arrangement in self.plan.arrangements.values():
            for name in arrangement.for_:
                found[name].append(arrangement)
        return found

    def free_seats(self, site: str) -> float:
        """Return the seats of a site beyond the people who sit there at the fullest; 0 when unknown."""
        seats = self.plan.sites[site].seats_total if site in self.plan.sites else None
        taken = sum(self.work.headcount(x) or 0.0 for x in self.groups_at[site])
        return max(0.0, (seats or 0.0) - taken)

    @cached_property
    def work(self) -> Workforce:
        """Agents by skill, and how many are needed."""
        return Workforce(self.plan)

    @cached_property
    def decision_s(self) -> float:
        """Detect, acknowledge, assess and decide, as the organization states them."""
        r = self.plan.organization.response
        return r.detect_s + r.acknowledge_s + r.assess_s + r.decide_s

    # Places and pairs

    def site(self, entity: Entity) -> Site | None:
        """Return the site in which an entity stands."""
        if isinstance(entity, Site):
            return entity
        name = site_of(entity)
        return self.plan.sites.get(name) if name else None

    def building(self, site: Site) -> str:
        """Return the building of a site; a site without one is a building of its own."""
        return site.building_id or f"site {site.id}"

    def at_home(self, site: str | None) -> bool:
        """Tell whether people who have this as their site work at home, each in a place of their own."""
        return site is None or self.plan.sites[site].role == "home_virtual"

    @cached_property
    def staffed(self) -> set[str]:
        """Sites at which somebody works who is named in the plan."""
        return {p.site for p in self.plan.persons.values() if p.site is not None and p.status == "active"}

    @cached_property
    def groups_at(self) -> dict[str, list[AgentGroup]]:
        """Agent groups by the site where they sit."""
        found: dict[str, list[AgentGroup]] = defaultdict(list)
        for group in self.plan.agent_groups.values():
            found[group.site or ""].append(group)
        return found

    @cached_property
    def housed(self) -> set[str]:
        """Sites in which systems stand."""
        return {s.location for s in self.plan.systems.values() if s.location}

    @cached_property
    def paths_at(self) -> dict[str, list[NetworkPath]]:
        """Network paths by site."""
        found: dict[str, list[NetworkPath]] = defaultdict(list)
        for path in self.plan.network_paths.values():
            found[path.site].append(path)
        return found

    @cached_property
    def choices(self) -> dict[str, list[str]]:
        """By system: those that are only the name of a choice in which it stands."""
        found: dict[str, list[str]] = defaultdict(list)
        for system in self.plan.systems.values():
            if self.is_composite(system):
                for name in (i for need in system.needs if need.mode != "and" for i in need.to):
                    found[name].append(system.id)
        return found

    @cached_property
    def first_by_group(self) -> dict[str, list[Activity]]:
        """Tier-1 activities by the agent groups that can serve them."""
        found: dict[str, list[Activity]] = defaultdict(list)
        for activity in self.tier_one:
            for name in self.group_ids(activity):
                found[name].append(activity)
        return found

    def company(self, activity: Activity) -> list[Activity]:
        """Return the other tier-1 activities that come no later and share people with this one."""
        ids = dict.fromkeys(o.id for name in self.group_ids(activity) for o in self.first_by_group[name])
        others = (self.plan.activities[i] for i in ids if i != activity.id)
        return [o for o in others if o.priority <= activity.priority]

    @cached_property
    def pairs(self) -> list[Pair]:
        """Every primary with each of its standbys, from arrangements, systems and alternatives among needs."""
        found: dict[tuple[str, str], Pair] = {}
        for primary, standby, source in self._pairs():
            if primary.id != standby.id and (standby.id, primary.id) not in found:
                found.setdefault((primary.id, standby.id), Pair(primary, standby, source))
        return list(found.values())

    def _pairs(self) -> Iterator[tuple[Entity, Entity, Entity]]:
        for system in self.plan.systems.values():
            if system.standby_system is not None:
                yield system, self.plan.systems[system.standby_system], system
        for arrangement in self.plan.arrangements.values():
            standby = self.plan.node(arrangement.standby) if arrangement.standby else None
            for name in arrangement.for_ if standby is not None else ():
                primary = self.plan.node(name)
                if primary is not None and standby is not None and type(primary) is type(standby):
                    yield primary, standby, arrangement
        for _, entity in self.plan.nodes():
            for need in getattr(entity, "needs", ()):
                members = [self.plan.node(i) for i in need.to] if need.mode != "and" else []
                spare = need.mode == "or" or (need.k or 0) < len(need.to)
                for other in members[1:] if spare else ():
                    if members[0] is not None and other is not None:
                        yield members[0], other, entity

    # People

    def bought_in(self, activity: Activity) -> bool:
        """Tell whether a partner serves an activity and nobody of our own does."""
        agreements = self.plan.agreements.values()
        theirs = any(activity.id in a.covers or set(activity.skills) <= set(a.skills) for a in agreements)
        return bool(activity.skills) and theirs and not self.work.groups_for(activity)

    def active(self, person: str | None) -> bool:
        """Tell whether a person is there to act."""
        return person is not None and self.plan.persons[person].status == "active"

    def holders(self, role: ContinuityRole) -> list[str]:
        """Return those who hold a role and are active, in order of succession."""
        return [p for p in role.holders if self.active(p)]

    def vacant(self, role_id: str | None) -> bool:
        """Tell whether a role is not named, or nobody active holds it."""
        return role_id is None or not self.holders(self.plan.roles[role_id])

    @cached_property
    def key_roles(self) -> list[ContinuityRole]:
        """Roles that the plan can not do without."""
        return [r for r in self.plan.roles.values() if r.key]

    # Time

    def age_d(self, day: date | None) -> int | None:
        """Return the days from a day until the day of the audit, None when it is not known."""
        return None if day is None else (self.as_of - day).days

    def older(self, day: date | None, most_d: float) -> bool:
        """Tell whether a day lies further back than `most_d` days; what never was does."""
        return day is None or (self.as_of - day).days > most_d
