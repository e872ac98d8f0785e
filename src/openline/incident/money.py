"""What the disruption costs an hour, with the sum spelled out; what the plan does not say is unknown, never zero."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from openline.plan.activities import Activity
from openline.plan.document import Plan
from openline.plan.people import AgentGroup


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the sum, in the organization's currency an hour, and how it comes about in words."""

    what: str
    per_h: float
    sum: str


@dataclass(frozen=True, slots=True)
class MoneyPerHour:
    """Parts that are known, and what is not known and would add to them."""

    currency: str
    parts: tuple[Part, ...]
    unknown: tuple[str, ...]

    @property
    def total(self) -> float | None:
        """The sum of what is known; None when nothing is."""
        return sum(p.per_h for p in self.parts) if self.parts else None


FORMULA = (
    "people who are paid but can not work × loaded hourly cost, plus contacts an hour × share of people who can not "
    "work (or of the system that is lost) × revenue per contact. Some customers call again, so the second part is the "
    "most it can be."
)


def money_per_hour(plan: Plan, capacity: Mapping[str, float], now: datetime) -> MoneyPerHour:
    """Return the money an hour while objects work at these shares (0 to 1, those not named at 1).

    Parameters
    ----------
    capacity : share of each object that works now, by id, as the timeline has it.
    now : chooses the interval of rosters and volumes on the organization's clock.

    Source
    ------
    Idle pay and lost revenue are two of the loss categories of domain 2.6; the product is assumed.
    """
    currency = plan.organization.currency or _currency(plan)
    parts: list[Part] = []
    unknown: list[str] = []
    for found in (*_idle(plan, capacity, now), *_lost(plan, capacity, now)):
        if isinstance(found, Part):
            parts.append(found)
        else:
            unknown.append(found)
    return MoneyPerHour(currency, tuple(p for p in parts if p.per_h), tuple(dict.fromkeys(unknown)))


def _currency(plan: Plan) -> str:
    cost = plan.organization.loaded_hourly_cost
    return cost.currency if cost is not None else ""


def _idle(plan: Plan, capacity: Mapping[str, float], now: datetime) -> Iterator[Part | str]:
    cost = plan.organization.loaded_hourly_cost
    for group in plan.agent_groups.values():
        lost = 1 - capacity.get(group.id, 1.0)
        if lost <= 0:
            continue
        agents = on_duty(plan, group, now)
        if agents is None:
            yield f"who of {group.title} is on duty now: it has no roster for today"
        elif cost is None:
            yield "what a paid hour of an agent costs (loaded hourly cost)"
        else:
            idle = agents * lost
            yield Part(
                f"{group.title} can not work",
                idle * float(cost.amount),
                f"{idle:.0f} agents × {cost}",
            )


def _lost(plan: Plan, capacity: Mapping[str, float], now: datetime) -> Iterator[Part | str]:
    for activity in plan.activities.values():
        left = share_left(plan, activity, capacity, now)
        if left >= 1 or activity.deferrable:
            continue
        worth, contacts = activity.value.revenue_per_contact, contacts_per_h(plan, activity, now)
        if worth is None:
            yield f"what a contact of {activity.title} is worth"
        elif contacts is None:
            yield f"how many contacts {activity.title} has at this hour"
        else:
            yield Part(
                f"{activity.title} is not served in full",
                contacts * (1 - left) * float(worth.amount),
                f"{contacts:.0f} contacts/h × {1 - left:.0%} × {worth}".replace("%", " %"),
            )


def share_left(plan: Plan, activity: Activity, capacity: Mapping[str, float], now: datetime) -> float:
    """Return the share of an activity that is left: of what it needs, and of the people on duty who can do it."""
    left = capacity.get(activity.id, 1.0)
    groups = able(plan, activity)
    weights = [(on_duty(plan, g, now), capacity.get(g.id, 1.0)) for g in groups]
    known = [(1.0 if w is None else w, c) for w, c in weights]
    total = sum(w for w, _ in known)
    return min(left, sum(w * c for w, c in known) / total) if total else left


def able(plan: Plan, activity: Activity) -> list[AgentGroup]:
    """Return the agent groups that have every skill of an activity."""
    wanted = set(activity.skills)
    return [g for g in plan.agent_groups.values() if wanted and wanted <= set(g.skills)]


def on_duty(plan: Plan, group: AgentGroup, now: datetime) -> float | None:
    """Return how many agents of a group the roster has in the interval of now; None when it does not say."""
    found = _in_force(plan, group.roster, now)
    return None if found is None else found[0]


def contacts_per_h(plan: Plan, activity: Activity, now: datetime) -> float | None:
    """Return how many contacts an hour the plan expects of an activity now; None when it does not say."""
    found = _in_force(plan, activity.volumes, now)
    return None if found is None else found[0] * 3600 / found[1]


def _in_force(plan: Plan, file: str | None, now: datetime) -> tuple[float, int] | None:
    """Return (value, seconds of the interval) of a table now."""
    profile = plan.profiles.get(file or "")
    here = now.astimezone(ZoneInfo(plan.organization.tz))
    values = profile.on(here.date()) if profile is not None else None
    if profile is None or values is None:
        return None
    return values[(here.hour * 3600 + here.minute * 60) // profile.slot_s], profile.slot_s
