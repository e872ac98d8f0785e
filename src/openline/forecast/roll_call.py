"""The roll call: who is safe and able to work, where, and with which kit."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field, model_validator

from openline.impact.timeline import Timeline
from openline.plan.document import Plan
from openline.plan.record import Fraction, Record, Slug

People = Annotated[int, Field(ge=0, le=100_000)]


class GroupRollCall(Record):
    """The people of one agent group who are on duty now."""

    able: People = Field(description="Safe and able to work, wherever they are.")
    with_kit: People | None = Field(
        None, description="Of them, those who could work at home; by the plan when unknown."
    )
    at_home: People = Field(0, description="Of them, those who work at home already.")
    unknown: People = Field(0, description="Those who have not answered.")
    unable: People = Field(0, description="Those who can not work.")

    @model_validator(mode="after")
    def _adds_up(self) -> "GroupRollCall":
        if max(self.with_kit or 0, self.at_home) > self.able:
            raise ValueError(f"with_kit and at_home are among the able, who are {self.able}")
        return self


class RollCall(Record):
    """People by agent group."""

    groups: dict[Slug, GroupRollCall] = Field(default_factory=dict, description="By id of the agent group.")
    unknown_share: Fraction = Field(
        0.5, description="Assumed share of those who have not answered that will work; 0.5 is assumed when not given."
    )

    def able(self, group: str) -> float:
        """Return how many of a group can work, those not heard from by their assumed share."""
        people = self.groups[group]
        return people.able + self.unknown_share * people.unknown


def able_by_place(plan: Plan, roll_call: RollCall) -> dict[str, float]:
    """Return how many can work by site, those without one and those at home now under `home`."""
    found: dict[str, float] = {}
    for name, people in roll_call.groups.items():
        site = plan.agent_groups[name].site or "home"
        found["home"] = found.get("home", 0.0) + people.at_home
        found[site] = found.get(site, 0.0) + roll_call.able(name) - people.at_home
    return found


def able_by_skill(plan: Plan, roll_call: RollCall) -> dict[str, float]:
    """Return how many can work by skill; who has several counts in each."""
    found: dict[str, float] = {}
    for name in roll_call.groups:
        for skill in plan.agent_groups[name].skills:
            found[skill] = found.get(skill, 0.0) + roll_call.able(name)
    return found


def with_roll_call(course: Timeline, roll_call: RollCall, rostered: dict[str, float], now_s: float) -> Timeline:
    """Return the timeline with as many people from now on as the roll call found, in proportion to the roster.

    `rostered` are the people on duty now by group, `now_s` is in seconds after the onset. Those at home already are
    not counted at their place.
    """
    staff = dict(course.staff)
    for name, people in roll_call.groups.items():
        on_duty = rostered.get(name, 0.0)
        if on_duty > 0:
            earlier = tuple(p for p in staff.get(name, ()) if p[0] < now_s)
            staff[name] = (*earlier, (now_s, (roll_call.able(name) - people.at_home) / on_duty))
    return replace(course, staff=staff)
