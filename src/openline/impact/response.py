"""What the arrangements bring, and when: people at home, a partner's agents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openline.impact.course import ALWAYS_UP, Course, at, lowest
from openline.impact.graph import remote_course
from openline.impact.timeline import Timeline
from openline.plan.arrangements import Arrangement
from openline.plan.document import Plan
from openline.plan.partners import OverflowAgreement
from openline.plan.people import AgentGroup
from openline.units import format_duration

Ramp = tuple[tuple[float, float], ...]
"""(seconds after the onset, value from then on) in order of time."""


@dataclass(frozen=True, slots=True)
class Response:
    """One arrangement at work.

    `points` are (seconds after the onset, value from then on): the share of the group at work at home, or the
    partner's agents. `start_s` is when it was decided and is under way; all ends at `end_s`.
    """

    arrangement_id: str
    kind: Literal["remote_work", "partner_overflow"]
    group_or_agreement: str
    start_s: float
    points: Ramp
    end_s: float
    why: str


def responses(plan: Plan, timeline: Timeline) -> tuple[Response, ...]:
    """Return every remote_work and partner_overflow arrangement that starts under this timeline.

    It starts when what it is for has lost capacity for the organization's detection and decision time and the
    arrangement's own time to effect. A loss that is over by then starts nothing.
    """
    found: list[Response] = []
    for arrangement in plan.arrangements.values():
        if arrangement.option == "remote_work":
            for group in arrangement.for_:
                found += _sent_home(plan, timeline, arrangement, group)
        elif arrangement.option == "partner_overflow":
            found += _called_out(plan, timeline, arrangement)
    return tuple(found)


def losses(course: Course, horizon_s: float) -> Iterator[tuple[float, float]]:
    """Yield (start, end) of each stretch with less than full capacity."""
    start: float | None = None
    for p in course:
        if p.capacity < 1 and start is None:
            start = p.at_s
        elif p.capacity >= 1 and start is not None:
            yield start, p.at_s
            start = None
    if start is not None:
        yield start, horizon_s


def delay_s(plan: Plan, arrangement: Arrangement) -> float:
    """Return the time from the loss until the arrangement is under way."""
    people = plan.organization.response
    return people.detect_s + people.decide_s + arrangement.time_to_effect_s


def _sent_home(plan: Plan, timeline: Timeline, arrangement: Arrangement, group_id: str) -> Iterator[Response]:
    group = plan.agent_groups.get(group_id)
    if group is None or group.remote is None:
        return
    course = timeline.objects[group_id]
    for start, end in losses(course, timeline.horizon_s):
        begun = start + delay_s(plan, arrangement)
        end = _limited(end, begun, arrangement.max_sustain_s)
        hit_itself = not at(course, start).cause_id  # people who are gone can not work at home either
        if begun >= end or hit_itself:
            continue
        why = f"{group.title} work from home, {format_duration(begun - start)} after the loss"
        points = ramp_at_home(timeline, group, begun, end, able_frac=group.remote.able_frac)
        yield Response(arrangement.id, "remote_work", group_id, begun, points, end, why)


def _called_out(plan: Plan, timeline: Timeline, arrangement: Arrangement) -> Iterator[Response]:
    agreement = plan.agreements[arrangement.agreement or ""]
    course = lowest([timeline.objects[i] for i in arrangement.for_])
    for start, end in losses(course, timeline.horizon_s):
        begun = start + delay_s(plan, arrangement)
        end = _limited(end, begun, arrangement.max_sustain_s, agreement.max_duration_s)
        if begun >= end:
            continue
        why = f"{agreement.title} is called out {format_duration(begun - start)} after the loss"
        yield Response(
            arrangement.id, "partner_overflow", agreement.id, begun, ramp_of(timeline, agreement, begun, end), end, why
        )


def ramp_at_home(timeline: Timeline, group: AgentGroup, begun: float, end: float, *, able_frac: float) -> Ramp:
    """Return the share of a group at work at home from the time it is sent there, as far as what it needs works."""
    if group.remote is None:
        return ()
    ramp = [(begun + p.t_s, p.share * able_frac) for p in group.remote.ramp]
    return _scaled(ramp, home_needs(timeline, group), end)


def home_needs(timeline: Timeline, group: AgentGroup) -> Course:
    """Return the course of what a group needs at home."""
    kit = [] if group.remote is None else remote_course(group.remote, timeline.objects.__getitem__, timeline.titles)
    return lowest(kit) if kit else ALWAYS_UP


def ramp_of(timeline: Timeline, agreement: OverflowAgreement, begun: float, end: float) -> Ramp:
    """Return a partner's agents from the time it is called out, as far as what they need works."""
    ramp = [(begun + p.t_s, float(p.agents)) for p in agreement.ramp]
    return _scaled(ramp, timeline.objects[agreement.id], end)


def _limited(end: float, begun: float, *longest: float | None) -> float:
    return min([end, *(begun + most for most in longest if most is not None)])


def _scaled(ramp: list[tuple[float, float]], works: Course, end: float) -> Ramp:
    """Return the ramp times the capacity of what the people need, until the end."""
    moments = sorted({t for t, _ in ramp} | {p.at_s for p in works if p.at_s > ramp[0][0]})
    found = []
    for t in moments:
        if t < end:
            value = next(v for s, v in reversed(ramp) if s <= t)
            found.append((t, value * at(works, t).capacity))
    return tuple(found)
