"""Options that change what comes in: an announcement, work put off, calls sent elsewhere."""

from collections.abc import Iterator

from openline.forecast.change import AWAY, Change, Hold, Shift
from openline.forecast.option import Assumed, Option, Start, says_any, start_by
from openline.forecast.setting import Setting
from openline.impact.course import at
from openline.plan.activities import Activity
from openline.plan.telephony import Announcement, Number

HEEDED_FRAC = 0.5
"""Assumed: half of those whom an announcement asks to do something else do it."""
DEFLECTED_FRAC = 0.1
"""Assumed share of callers whom an announcement turns away when the plan does not say what they could do instead."""
SHIFTED_FRAC = 0.5
"""The share of calls that a shift moves."""
TURNED_AWAY = ("defer", "deflect", "decline")
SWITCH_S = 300.0
"""Assumed time to switch something on or off when the plan has no step for it."""


def announce(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield one option for each announcement."""
    for announcement in setting.plan.announcements.values():
        numbers = [n.id for n in setting.plan.numbers.values() if n.announcement == announcement.id]
        heard = [a for a in setting.plan.activities.values() if set(a.numbers) & set(numbers)]
        start = start_by(
            setting.plan, (a.id for a in heard), says_any("announcement", "front message", announcement.id)
        )
        yield _announcement(setting, decided_s, announcement, heard, start if start.procedure else Start(SWITCH_S))


def _announcement(
    setting: Setting, decided_s: float, announcement: Announcement, heard: list[Activity], start: Start
) -> Option:
    shares = {a.id: _deflected(setting, a) for a in heard}
    shifts = tuple(Shift(i, share, decided_s + start.lead_s, AWAY) for i, (share, _) in shares.items() if share > 0)
    able = bool(shifts)
    reason = "recorded" if announcement.audio else "its text is in the plan"
    if not heard:
        reason = "no number of a queue plays it"
    return Option(
        id=f"announce-{announcement.id}",
        kind="announce",
        title=f"Switch on the announcement “{announcement.title}”",
        available=able,
        reason=reason,
        change=Change(shifts=shifts),
        assumptions=tuple(
            Assumed(
                f"callers of {a.title} who hear it and do something else", f"{shares[a.id][0]:.0%}", shares[a.id][1]
            )
            for a in heard
        ),
    ).started(start)


def _deflected(setting: Setting, activity: Activity) -> tuple[float, str]:
    """Return the share of callers whom an announcement turns away, and who says so."""
    for arrangement in setting.plan.arrangements.values():
        if arrangement.option == "deflection" and activity.id in arrangement.for_ and (arrangement.capacity or 2) <= 1:
            return float(arrangement.capacity or 0.0), f"plan, arrangement {arrangement.id}"
    types = [t for t in setting.plan.contact_types.values() if t.activity == activity.id and t.share is not None]
    if types:
        could = sum(t.share or 0.0 for t in types if t.emergency_action in TURNED_AWAY)
        names = ", ".join(t.id for t in types if t.emergency_action in TURNED_AWAY) or "none"
        return could * HEEDED_FRAC, f"plan, contact types to be turned away: {names}; half of them assumed to heed it"
    return DEFLECTED_FRAC, "assumed"


def defer(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield one option for each queue that can wait: kept work is left, and chats are asked to write instead."""
    for activity in setting.plan.activities.values():
        if activity.deferrable or activity.channel != "voice":
            yield _deferred(setting, decided_s, activity)


def _deferred(setting: Setting, decided_s: float, activity: Activity) -> Option:
    start = start_by(setting.plan, [activity.id], says_any(activity.id, activity.title))
    start = start if start.procedure else Start(SWITCH_S)
    at_s, skills = decided_s + start.lead_s, set(activity.skills)
    freed = [
        g
        for g in setting.plan.agent_groups.values()
        if skills <= set(g.skills) and any(_serves(set(g.skills), a) for a in _others(setting, activity))
    ]
    if activity.deferrable:
        change, assumed = Change(holds=(Hold(activity.id, at_s),)), tuple[Assumed, ...]()
    else:
        change = Change(shifts=(Shift(activity.id, 1.0, at_s, AWAY),))
        assumed = (Assumed(f"customers of {activity.title} who write instead or come back later", "100%", "assumed"),)
    names = ", ".join(g.title for g in freed)
    return Option(
        id=f"defer-{activity.id}",
        kind="defer",
        title=f"Leave {activity.title} for later",
        available=bool(freed),
        reason=f"frees {names}" if freed else "those who do it can do nothing else",
        change=change,
        assumptions=assumed,
    ).started(start)


def _others(setting: Setting, activity: Activity) -> list[Activity]:
    return [a for a in setting.plan.activities.values() if a.id != activity.id and not a.deferrable]


def _serves(skills: set[str], activity: Activity) -> bool:
    return set(activity.skills) <= skills


def shift_half(setting: Setting, decided_s: float) -> Iterator[Option]:
    """Yield one option for each number and each other way that its calls could go: other lines, or a partner."""
    for number in setting.plan.numbers.values():
        queues = [a for a in setting.plan.activities.values() if a.numbers and a.numbers[0] == number.id]
        if not queues:
            continue
        start = start_by(setting.plan, [number.id], says_any("routing", "route"))
        start = start if start.procedure else Start(SWITCH_S)
        at_s = decided_s + start.lead_s
        for way in number.routing_plans:
            if way.to != _in_use(setting, queues[0]):
                yield _to_lines(setting, at_s, number, queues, way.to).started(start)
        yield from (o.started(start) for o in _to_partners(setting, at_s, number, queues))


def _in_use(setting: Setting, activity: Activity) -> str | None:
    """Return the trunk group over which a queue's calls come now."""
    inputs = setting.nothing
    row = int(inputs.model.queue_trunk[inputs.queues.index(activity.id)])
    return inputs.trunks[row] if 0 <= row < len(inputs.trunks) else None


def _to_lines(setting: Setting, at_s: float, number: Number, queues: list[Activity], trunk: str) -> Option:
    course = at(setting.timeline.objects[trunk], setting.state.since_onset_s)
    lines = setting.plan.trunk_groups[trunk]
    why = f"{lines.channels} lines, by the plan a way of this number"
    return Option(
        id=f"shift-{number.id}-to-{trunk}",
        kind="shift",
        title=f"Send half of the calls to {number.title} over {lines.title}",
        available=course.capacity > 0,
        reason=why if course.capacity > 0 else f"these lines do not work: {course.cause}",
        change=_half(queues, trunk, at_s),
        assumptions=(Assumed("share of calls that are sent", f"{SHIFTED_FRAC:.0%}", "assumed"),),
    )


def _to_partners(setting: Setting, at_s: float, number: Number, queues: list[Activity]) -> Iterator[Option]:
    out = {u.option_id.removeprefix("call-out-") for u in setting.state.under_way}
    for agreement in setting.plan.agreements.values():
        able = [a for a in queues if _serves(set(agreement.skills), a) and a.id in (agreement.covers or (a.id,))]
        if not able:
            continue
        partner = setting.plan.partners[agreement.partner].title
        here = agreement.id in out
        yield Option(
            id=f"shift-{number.id}-to-{agreement.id}",
            kind="shift",
            title=f"Send half of the calls for {', '.join(a.title for a in able)} to {partner}",
            available=here,
            reason=f"{partner} has been called out" if here else f"{partner} has not been called out",
            change=_half(able, agreement.id, at_s, own_platform=agreement.systems_access == "own"),
            assumptions=(Assumed("share of calls that are sent", f"{SHIFTED_FRAC:.0%}", "assumed"),),
        )


def _half(queues: list[Activity], to: str, at_s: float, *, own_platform: bool = False) -> Change:
    return Change(shifts=tuple(Shift(a.id, SHIFTED_FRAC, at_s, to, own_platform) for a in queues))
