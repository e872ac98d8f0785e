"""Options that bring people: a partner called out, people sent home, agents kept for a more urgent queue."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from zoneinfo import ZoneInfo

from openline.forecast.change import Change, Move
from openline.forecast.option import Assumed, Option, Start, says_any, start_by
from openline.forecast.setting import Setting
from openline.impact.course import ChangePoint, at
from openline.impact.response import Response, home_needs, ramp_at_home, ramp_of
from openline.plan.activities import Activity
from openline.plan.arrangements import Arrangement
from openline.plan.hours import spans
from openline.plan.partners import OverflowAgreement
from openline.plan.people import AgentGroup
from openline.plan.procedures import Step
from openline.plan.record import Money
from openline.sim.places import HOME
from openline.sim.reshape import agents_over_time
from openline.units import format_duration

MOVED_FRAC = 0.5
"""Assumed: this share of those who can do both is moved."""
MOVE_S = 600.0
"""Assumed time to move skills when the plan has no step for it."""


def call_out(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield one option for each agreement with a partner."""
    plan = setting.plan
    for agreement in plan.agreements.values():
        arrangement = next((a for a in plan.arrangements.values() if a.agreement == agreement.id), None)
        partner = plan.partners[agreement.partner]
        start = start_by(plan, agreement.covers, says_any(partner.title, agreement.id, partner.id))
        effect_s = 0.0 if arrangement is None else arrangement.time_to_effect_s
        response = _called(setting, agreement, arrangement, decided_s + start.lead_s + effect_s)
        able, reason = _partner_can(setting, agreement)
        first = min((p.t_s for p in agreement.ramp if p.agents), default=0.0)
        most = max((n for _, n in response.points), default=0.0)
        ramp = Assumed("agents of the partner over time", _ramp_text(agreement), f"plan, agreement {agreement.id}")
        yield Option(
            id=f"call-out-{agreement.id}",
            kind="call_out",
            title=f"Call out {partner.title}: first agents after {format_duration(first)}, {most:g} by the end",
            available=able,
            reason=reason,
            change=Change(responses=(response,)),
            arrangement=None if arrangement is None else arrangement.id,
            assumptions=(ramp,),
            cost_per_h=_times(agreement.rate, most),
            fee=agreement.activation_fee,
        ).started(start)


def _called(
    setting: Setting, agreement: OverflowAgreement, arrangement: Arrangement | None, after_s: float
) -> Response:
    """Return what the partner brings when it is under way `after_s` after now."""
    begun, ends = setting.state.since_onset_s + after_s, setting.horizon_s
    if agreement.max_duration_s is not None:
        ends = min(ends, begun + agreement.max_duration_s)
    points, name = ramp_of(setting.timeline, agreement, begun, ends), arrangement.id if arrangement else agreement.id
    why = f"{agreement.title} is called out"
    return Response(name, "partner_overflow", agreement.id, begun, points, ends, why)


def _partner_can(setting: Setting, agreement: OverflowAgreement) -> tuple[bool, str]:
    now = setting.state.at
    course = at(setting.timeline.objects[agreement.id], setting.state.since_onset_s)
    if agreement.expires is not None and agreement.expires < now.date():
        return False, f"the agreement ended on {agreement.expires:%d %B %Y}"
    if course.capacity <= 0:
        return False, f"what the partner's people need does not work: {course.cause or 'it is down'}"
    if agreement.hours is not None and not _open(setting, agreement.hours):
        return False, f"the partner works {agreement.hours}, not now"
    return True, f"agreed: {agreement.agents_contracted} agents, {format_duration(agreement.notice_s)} notice"


def _open(setting: Setting, hours: str) -> bool:
    local = setting.state.at.astimezone(ZoneInfo(setting.plan.organization.tz))
    minute = local.weekday() * 1440 + local.hour * 60 + local.minute
    return any(a <= minute < b for a, b in spans(hours))


def _ramp_text(agreement: OverflowAgreement) -> str:
    return ", ".join(f"{p.agents} after {format_duration(p.t_s)}" for p in agreement.ramp)


def _times(rate: Money | None, agents: float) -> Money | None:
    return None if rate is None else Money(amount=rate.amount * Decimal(str(agents)), currency=rate.currency)


def send_home(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield one option for each arrangement to work at home, and for each group with kit that none is for."""
    plan, told = setting.plan, set()
    for arrangement in plan.arrangements.values():
        if arrangement.option == "remote_work":
            groups = [plan.agent_groups[i] for i in arrangement.for_ if i in plan.agent_groups]
            told |= {g.id for g in groups}
            yield _home(setting, decided_s, arrangement, groups)
    for group in plan.agent_groups.values():
        if group.remote is not None and group.id not in told:
            yield _home(setting, decided_s, None, [group])


def _home(setting: Setting, decided_s: float, arrangement: Arrangement | None, groups: list[AgentGroup]) -> Option:
    start = start_by(setting.plan, (g.id for g in groups), says_any("home"))
    begun = setting.state.since_onset_s + decided_s + start.lead_s
    begun += 0.0 if arrangement is None else arrangement.time_to_effect_s
    found = [_home_one(setting, g, begun) for g in groups]
    responses = tuple(r for r, _, _ in found if r is not None)
    reasons = "; ".join(f"{g.title}: {why}" for g, (_, why, _) in zip(groups, found, strict=True))
    name = arrangement.id if arrangement else groups[0].id
    titles = " and ".join(g.title for g, f in zip(groups, found, strict=True) if f[0] or not responses)
    return Option(
        id=f"send-home-{name}",
        kind="send_home",
        title=f"Send home to work there: {titles}",
        available=bool(responses),
        reason=reasons,
        change=Change(responses=responses),
        arrangement=None if arrangement is None else arrangement.id,
        assumptions=tuple(a for _, _, assumed in found for a in assumed),
    ).started(start)


def _home_one(setting: Setting, group: AgentGroup, begun: float) -> tuple[Response | None, str, tuple[Assumed, ...]]:
    """Return what sending one group home brings, why or why not, and what that rests on."""
    now_s, remote = setting.state.since_onset_s, group.remote
    place = setting.timeline.objects[group.id]
    if remote is None or remote.verified_on is None:
        return None, "no set-up at home has been verified", ()
    if not _lost(place, now_s, setting.horizon_s):
        return None, "they can work where they are", ()
    if not at(place, now_s).cause_id and at(place, now_s).capacity < 1:
        return None, "the people themselves are missing", ()
    kit = at(home_needs(setting.timeline, group), now_s)
    share, source = _kit_share(setting, group)
    points = ramp_at_home(setting.timeline, group, begun, setting.horizon_s, able_frac=share)
    if not any(v > 0 for _, v in points):
        return None, f"what they need at home does not work: {kit.cause}" if kit.capacity <= 0 else "nobody has kit", ()
    ramp = ", ".join(f"{p.share:.0%} after {format_duration(p.t_s)}" for p in remote.ramp)
    assumed = (
        Assumed(f"{group.title} with kit at home", f"{share:.0%} of those able to work", source),
        Assumed(f"{group.title} at work at home after they left", ramp, f"plan, group {group.id}"),
    )
    why = f"{group.title} work at home"
    response = Response(group.id, "remote_work", group.id, begun, points, setting.horizon_s, why)
    return response, "their place can not be used, their kit was verified", assumed


def _kit_share(setting: Setting, group: AgentGroup) -> tuple[float, str]:
    """Return the share of a group's able people who can work at home: by the roll call, else by the plan."""
    planned = group.remote.able_frac if group.remote is not None else 0.0
    people = setting.roll_call.groups.get(group.id)
    if people is None or people.with_kit is None:
        return planned, f"plan, group {group.id}"
    able = setting.roll_call.able(group.id) - people.at_home
    unknown = setting.roll_call.unknown_share * people.unknown
    kit = max(people.with_kit - people.at_home, 0) + planned * unknown
    return (min(kit / able, 1.0) if able > 0 else 0.0), "roll call"


def _lost(course: tuple[ChangePoint, ...], now_s: float, horizon_s: float) -> bool:
    return at(course, now_s).capacity < 1 or any(p.capacity < 1 for p in course if now_s < p.at_s < horizon_s)


def move_skills(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield an option for each two sets of skills that some agents have both: towards the more urgent queues."""
    kinds: dict[frozenset[str], list[Activity]] = {}
    for activity in setting.plan.activities.values():
        kinds.setdefault(frozenset(activity.skills), []).append(activity)
    for giving, givers in kinds.items():
        for taking, takers in kinds.items():
            both = [g for g in setting.plan.agent_groups.values() if giving | taking <= set(g.skills)]
            urgent = min(a.priority for a in takers) < min(a.priority for a in givers)
            if giving != taking and both and urgent:
                yield _move(setting, decided_s, givers, takers, both)


def _move(
    setting: Setting, decided_s: float, givers: list[Activity], takers: list[Activity], both: list[AgentGroup]
) -> Option:
    start = start_by(setting.plan, (a.id for a in takers), _moves_to(takers))
    start = start if start.procedure else Start(MOVE_S)
    inputs, queues = setting.nothing, tuple(a.id for a in takers)
    moves = tuple(
        Move(name, queues, MOVED_FRAC, decided_s + start.lead_s)
        for g in both
        for name in (g.id, g.id + HOME)
        if name in inputs.groups
    )
    present = [g for g in both if any(n > 0 for _, n, _ in agents_over_time(inputs.model, inputs.groups.index(g.id)))]
    away, there = _titles(givers), _titles(takers)
    names = ", ".join(g.title for g in present)
    return Option(
        id=f"move-{givers[0].id}-to-{takers[0].id}",
        kind="move_skills",
        title=f"Keep half of those who can do both for {there} instead of {away}",
        available=bool(present),
        reason=f"these can do both: {names}" if present else "nobody who can do both works in these hours",
        change=Change(moves=moves),
        assumptions=(Assumed("share of them who are moved", f"{MOVED_FRAC:.0%}", "assumed"),),
    ).started(start)


def _moves_to(takers: list[Activity]) -> Callable[[Step], bool]:
    """Return whether a step moves people to one of these queues, by its words."""
    moves, there = says_any("move "), says_any(*(word for a in takers for word in (a.title, *a.skills)))
    return lambda step: moves(step) and there(step)


def _titles(activities: list[Activity]) -> str:
    names = [a.title for a in activities]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
