"""Agents, channels and open queues over the window, as the kernel's starting state and its controls."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from openline.impact.response import Response
from openline.impact.timeline import Timeline
from openline.plan.activities import Activity
from openline.plan.document import Plan
from openline.plan.people import AgentGroup
from openline.sim.model import (
    DROP,
    FINISH,
    GROUP_CAPACITY,
    QUEUE_HOLD,
    QUEUE_TRUNK,
    REQUEUE,
    SERVICE_FACTOR,
    TRUNK_CAPACITY,
)
from openline.sim.places import HOME, Place
from openline.sim.steps import Steps, combined, constant, profile_steps, shifted
from openline.sim.window import Window

NO_LIMIT = 1 << 40
CLOSED = -1
SAME_MOMENT_S = 1e-6
FATES = {"drop": DROP, "finish": FINISH, "requeue": REQUEUE}


@dataclass(frozen=True, slots=True)
class Control:
    """A change at a second of the window; the fields are the kernel's."""

    at_s: float
    kind: int
    index: int
    value: float
    fate: int


@dataclass(frozen=True, slots=True)
class ControlArrays:
    """Controls in order of time, a column each."""

    at_s: NDArray[np.float64]
    kind: NDArray[np.int8]
    index: NDArray[np.int64]
    value: NDArray[np.float64]
    fate: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Start:
    """agents int64[G], channels int64[H+1] (the last without limit), trunk_of int64[K] at the window's start."""

    agents: NDArray[np.int64]
    channels: NDArray[np.int64]
    trunk_of: NDArray[np.int64]


@dataclass(frozen=True)
class Capacity:
    """What the plan offers over the window under a timeline; without one, on a normal day."""

    plan: Plan
    window: Window
    timeline: Timeline | None
    responses: tuple[Response, ...]

    def at_start(self, groups: tuple[Place, ...]) -> Start:
        """Return the state at second 0."""
        return Start(
            np.array([self.agents(g)[0][1] for g in groups], dtype=np.int64),
            np.array([*(self.channels(t)[0][1] for t in self.plan.trunk_groups), NO_LIMIT], dtype=np.int64),
            np.array([self.trunk_of(a)[0][1] for a in self.plan.activities.values()], dtype=np.int64),
        )

    def controls(self, groups: tuple[Place, ...]) -> list[Control]:
        """Return every change after second 0, in order of time.

        At one moment queues and lines change before groups, so that a contact that is cut off is counted once.
        """
        found: list[Control] = []
        for k, activity in enumerate(self.plan.activities.values()):
            found += self._changes(QUEUE_TRUNK, k, self.trunk_of(activity), self._reach(activity))
            found += self._changes(QUEUE_HOLD, k, ((0.0, 0.0), *self.held(activity)), ())
            factor = self.service_factor(activity)
            found += self._changes(SERVICE_FACTOR, k, ((0.0, 1.0), *factor), ())
        for h, trunk in enumerate(self.plan.trunk_groups):
            found += self._changes(TRUNK_CAPACITY, h, self.channels(trunk), (trunk,))
        for g, place in enumerate(groups):
            found += self._changes(GROUP_CAPACITY, g, self.agents(place), (place.name.removesuffix(HOME),))
        order = (QUEUE_TRUNK, QUEUE_HOLD, TRUNK_CAPACITY, SERVICE_FACTOR, GROUP_CAPACITY)
        return sorted(found, key=lambda c: (c.at_s, order.index(c.kind), c.index))

    def agents(self, place: Place) -> Steps:
        """Return the agents at work in a place over the window, whole people, halves rounded up."""
        if place.name not in self._agents:
            self._agents[place.name] = self._at_work(place)
        return self._agents[place.name]

    @cached_property
    def _agents(self) -> dict[str, Steps]:
        """What was asked for before, by place."""
        return {}

    @cached_property
    def _rosters(self) -> dict[tuple[str, str], Steps]:
        """What was read before, by table and zone: many groups have one."""
        return {}

    def _at_work(self, place: Place) -> Steps:
        agreement = self.plan.agreements.get(place.name)
        if agreement is not None:
            return combined(_people, self._responding("partner_overflow", place.name), self._staff(place.name))
        group = self.plan.agent_groups[place.name.removesuffix(HOME)]
        at_home = place.name.endswith(HOME)
        if at_home and not any(r.group_or_agreement == group.id for r in self.responses):
            return constant(0.0)
        rostered, here = self.rostered(group), self._object(group.id)
        if at_home:
            able = self._responding("remote_work", group.id)
            absent = combined(lambda c: 1.0 - c, here)
            return combined(_people, rostered, able, absent, self._staff(group.id))
        return combined(_people, rostered, here, self._staff(group.id))

    def rostered(self, group: AgentGroup) -> Steps:
        """Return the people at work by the roster over the window, less shrinkage."""
        site = self.plan.sites.get(group.site or "")
        tz = site.tz if site is not None and site.tz else self.window.tz
        table = group.roster or ""
        if (table, tz) not in self._rosters:
            what = f"the roster of {group.title}"
            self._rosters[table, tz] = profile_steps(self.plan.profiles[table], self.window, tz, what=what)
        return combined(lambda n: n * (1.0 - group.shrinkage), self._rosters[table, tz])

    def channels(self, trunk: str) -> Steps:
        """Return the usable channels of a trunk group over the window, whole ones."""
        total = self.plan.trunk_groups[trunk].channels
        return combined(lambda c: float(int(total * c + 1e-9)), self._object(trunk))

    def trunk_of(self, activity: Activity) -> Steps:
        """Return the trunk group in use by its row, or CLOSED when nobody can get in; work that is kept always can."""
        if activity.deferrable:
            return self._row_in_use(activity)
        open_ = combined(lambda c: float(c > 0), self._object(activity.id))
        return combined(lambda ok, row: row if ok else float(CLOSED), open_, self._row_in_use(activity))

    def held(self, activity: Activity) -> Steps:
        """Return 1 while work that is kept can not be done at all."""
        if not activity.deferrable:
            return constant(0.0)
        return combined(lambda c: float(c <= 0), self._object(activity.id))

    def service_factor(self, activity: Activity) -> Steps:
        """Return the multiplier of handling times: the effect's, over the capacity that is left."""
        slower = constant(1.0)
        if self.timeline is not None and activity.id in self.timeline.aht:
            slower = shifted(self.timeline.aht[activity.id], self.window.onset_s, before=1.0)
        return combined(lambda f, c: f / c if c > 0 else f, slower, self._object(activity.id))

    def _row_in_use(self, activity: Activity) -> Steps:
        """Return the row of the first of its numbers that works; of no limit when it has no number."""
        rows = {trunk: float(h) for h, trunk in enumerate(self.plan.trunk_groups)}
        if not activity.numbers:
            return constant(float(len(rows)))
        ways = [self._number_row(n, rows) for n in activity.numbers]
        return combined(lambda *found: next((f for f in found if f >= 0), float(CLOSED)), *ways)

    def _number_row(self, number: str, rows: dict[str, float]) -> Steps:
        usual = rows[self.plan.numbers[number].routing_plans[0].to]
        if self.timeline is None or number not in self.timeline.routes:
            return constant(usual)
        route = self.timeline.routes[number]
        points = [(t, float(CLOSED) if trunk is None else rows[trunk]) for t, trunk in route]
        return shifted(points, self.window.onset_s, before=usual)

    def _object(self, name: str) -> Steps:
        """Return an object's capacity 0..1 over the window."""
        points = () if self.timeline is None else self.timeline.objects.get(name, ())
        return shifted(((p.at_s, p.capacity) for p in points), self.window.onset_s, before=1.0)

    def _staff(self, name: str) -> Steps:
        points = () if self.timeline is None else self.timeline.staff.get(name, ())
        return shifted(points, self.window.onset_s, before=1.0)

    def _responding(self, kind: str, name: str) -> Steps:
        """Return the share or the number of people that the arrangements bring, the most of any one of them."""
        ramps = [
            shifted([*r.points, (r.end_s, 0.0)], self.window.onset_s, before=0.0)
            for r in self.responses
            if r.kind == kind and r.group_or_agreement == name
        ]
        return combined(lambda *found: max(found), constant(0.0), *ramps)

    def _reach(self, activity: Activity) -> tuple[str, ...]:
        return (activity.id, *activity.numbers)

    def _changes(self, kind: int, index: int, steps: Steps, because: Iterable[str]) -> list[Control]:
        """Return the steps after the first as controls; contacts in progress fare as their cause says."""
        found = []
        for (_, old), (at_s, new) in pairwise(steps):
            if new != old and at_s < self.window.length_s:
                fate = self._fate(because, at_s) if new < old else FINISH
                found.append(Control(at_s, kind, index, new, fate))
        return found

    def _fate(self, because: Iterable[str], at_s: float) -> int:
        """Return the fate that the timeline states for a change of one of these objects at this moment."""
        if self.timeline is None:
            return FINISH
        since = at_s - self.window.onset_s
        for name in because:
            points = self.timeline.objects.get(name, ())
            if any(abs(p.at_s - since) < SAME_MOMENT_S for p in points):
                return FATES[self.timeline.fate(name, since)]
        return FINISH


def _people(*parts: float) -> float:
    """Return the product of the parts as whole people, halves rounded up."""
    product = 1.0
    for part in parts:
        product *= part
    return float(int(product + 0.5 + 1e-9))


def control_arrays(controls: list[Control]) -> ControlArrays:
    """Return the controls as columns."""
    return ControlArrays(
        np.array([c.at_s for c in controls], dtype=np.float64),
        np.array([c.kind for c in controls], dtype=np.int8),
        np.array([c.index for c in controls], dtype=np.int64),
        np.array([c.value for c in controls], dtype=np.float64),
        np.array([c.fate for c in controls], dtype=np.int8),
    )
