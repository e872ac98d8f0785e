"""From plan, state and roll call to the inputs of the next hours."""

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from openline.forecast.change import Change, changed
from openline.forecast.roll_call import RollCall, with_roll_call
from openline.forecast.state import State, disruption_of, ensure_zones
from openline.impact.response import Response
from openline.impact.timeline import Timeline, timeline
from openline.plan.document import Plan
from openline.sim.capacity import Capacity
from openline.sim.inputs import Inputs, build, countable
from openline.sim.places import HOME
from openline.sim.reshape import working
from openline.sim.snapshot import Snapshot, ensure_fits
from openline.sim.steps import value_at
from openline.sim.window import Window

INTERVAL_S = 900
LONGEST_BEFORE_S = 86400.0
QUIET_BEFORE_S = 3600.0
"""The time until now is simulated from midnight, or from an hour before the onset when that is earlier."""


class BadRollCall(ValueError):
    """A roll call that names groups that the plan does not have."""


@dataclass(frozen=True)
class Setting:
    """All that a forecast is made from; `whole` is the plan as given, `plan` what of it can be simulated."""

    whole: Plan
    state: State
    snapshot: Snapshot
    roll_call: RollCall
    hours: float
    under_way: tuple[Response, ...] = ()
    """What was decided before now and brings people."""

    @cached_property
    def plan(self) -> Plan:
        return countable(self.whole)

    @cached_property
    def window(self) -> Window:
        """The next hours."""
        count = max(round(self.hours * 3600 / INTERVAL_S), 1)
        end = self.state.at + timedelta(seconds=count * INTERVAL_S)
        return Window(self.state.at, self.state.onset, end, INTERVAL_S, self.plan.organization.tz)

    @cached_property
    def before(self) -> Window:
        """The time until now, in one interval."""
        now = self.state.at
        midnight = now.astimezone(ZoneInfo(self.plan.organization.tz)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        start = min(midnight, self.state.onset - timedelta(seconds=QUIET_BEFORE_S))
        start = max(start, now - timedelta(seconds=LONGEST_BEFORE_S))
        length = max(int((now - start).total_seconds()), 1)
        return Window(now - timedelta(seconds=length), self.state.onset, now, length, self.plan.organization.tz)

    @property
    def horizon_s(self) -> float:
        """Seconds from the onset to the end of the window."""
        return (self.window.end - self.state.onset).total_seconds()

    @cached_property
    def rostered(self) -> dict[str, float]:
        """People on duty now by agent group."""
        capacity = Capacity(self.plan, self.window, None, ())
        return {i: value_at(capacity.rostered(g), 0.0) for i, g in self.plan.agent_groups.items()}

    @cached_property
    def timeline(self) -> Timeline:
        course = timeline(self.whole, disruption_of(self.whole, self.state, self.horizon_s), horizon_s=self.horizon_s)
        return with_roll_call(course, self.roll_call, self.rostered, self.state.since_onset_s)

    @cached_property
    def nothing(self) -> Inputs:
        """The next hours when nothing is decided and nothing is under way."""
        return self.inputs(Change())

    def having(self, under_way: tuple[Response, ...]) -> "Setting":
        """Return the setting with what is under way; this one, with all that it knows, when nothing is."""
        return replace(self, under_way=under_way) if under_way else self

    def ensure_fits(self) -> None:
        """Raise BadState, BadSnapshot or BadRollCall for what does not fit the plan."""
        ensure_zones(self.state)
        ensure_fits(self.whole, self.snapshot, self.state.at)
        strange = [g for g in self.roll_call.groups if g not in self.plan.agent_groups]
        if strange:
            known = ", ".join(self.plan.agent_groups)
            raise BadRollCall(f"the roll call names groups that there are not: {', '.join(strange)}; known are {known}")

    def inputs(self, change: Change) -> Inputs:
        """Return the next hours under a change, with the agents that the snapshot sees now."""
        return changed(self._manned(change.responses), change)

    def _manned(self, responses: tuple[Response, ...]) -> Inputs:
        """Return the next hours with those whom responses bring; most options bring nobody and share it."""
        if responses not in self._known:
            inputs = build(self.plan, self.window, self.timeline, responses)
            for group, (modelled, seen) in self._seen.items():
                inputs = working(inputs, group, modelled, seen)
            self._known[responses] = inputs
        return self._known[responses]

    @cached_property
    def _known(self) -> dict[tuple[Response, ...], Inputs]:
        return {}

    def inputs_before(self, change: Change) -> Inputs:
        """Return the time until now under what was under way then."""
        inputs = build(self.plan, self.before, self.timeline, change.responses)
        return changed(inputs, change, now_s=self.before.length_s)

    @cached_property
    def _seen(self) -> dict[str, tuple[int, int]]:
        """Agents as (modelled, seen) by group, where snapshot or roll call see some."""
        plain = build(self.plan, self.window, self.timeline, self.under_way)
        modelled = dict(zip(plain.groups, plain.model.group_capacity.tolist(), strict=True))
        seen = {i + HOME: g.at_home for i, g in self.roll_call.groups.items() if g.at_home and i + HOME in modelled}
        seen |= {i: g.working for i, g in self.snapshot.groups.items() if g.working is not None and i in modelled}
        return {i: (modelled[i], n) for i, n in seen.items()}
