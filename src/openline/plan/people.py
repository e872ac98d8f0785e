"""Skills and the groups of agents who have them."""

import itertools
from typing import Annotated

from pydantic import Field

from openline.plan.record import (
    Amount,
    Count,
    Dependency,
    Entity,
    Factor,
    Fraction,
    Record,
    Ref,
    Seconds,
    Slug,
    TableFile,
)
from openline.plan.sites import SiteRef


class Skill(Entity):
    """Something an agent can be trained to do."""

    training_h: Amount | None = None


class RampShare(Record):
    """A point of a rising curve: `share` of the people work `t_s` after the start."""

    t_s: Seconds
    share: Fraction


class Remote(Record):
    """How a group works from home when its place can not be used."""

    able_frac: Fraction = Field(description="Share with a verified home set-up.")
    ramp: tuple[RampShare, ...] = Field(min_length=1, description="Share of the able at work, by time.")
    aht_factor: Annotated[Factor, Field(gt=0)] = Field(1.0, description="Handling time at home over normal.")
    needs: tuple[Dependency, ...] = Field((), description="What they need at home, such as the VPN.")


class AgentGroup(Entity):
    """Agents of one place with the same skills; at home when `site` is not given."""

    site: SiteRef | None = Field(None, description="Where they sit; none means they work at home.")
    skills: tuple[Annotated[Slug, Ref(("skills",))], ...] = Field(min_length=1)
    roster: Annotated[str, TableFile("roster")] = Field(description="CSV: agents by day and interval.")
    shrinkage: Fraction = Field(0.0, description="Paid time not available, when the roster counts paid people.")
    aht_factor: Annotated[Factor, Field(gt=0)] = Field(1.0, description="Handling time over the activity's mean.")
    remote: Remote | None = None
    needs: tuple[Dependency, ...] = ()


class RampAgents(Record):
    """A point of a partner's ramp: `agents` work `t_s` after the call-out."""

    t_s: Seconds
    agents: Count


def rising(points: tuple[tuple[float, float], ...]) -> bool:
    """Tell whether a curve's times ascend and its values never fall (invariant 9)."""
    return all(b[0] > a[0] and b[1] >= a[1] for a, b in itertools.pairwise(points))
