"""Surges, and work that waits."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed, untiered
from openline.units import format_duration as dur


@rule("AR-171", "medium", serves="RSK-05 MET-07")
def surge_not_planned(g: Ground) -> Verdicts:
    """Nobody has planned for three times the demand.

    Why: news and failures multiply calls by 3 to 15; drive-up beyond capacity [seed 004; domain R32].
    Computed: a tier-1 activity that no scenario hits with demand x 3 or more; campaigns, which we start, aside.
    Fix: a surge scenario with three times the contacts, and a playbook for it.

        scenarios:
          - {id: storm-of-calls, duration: {min_s: 1h, typical_s: 6h, max_s: 3d},
             effects: [{selector: {ids: [accidents]}, type: demand, factor: 3}]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "scenarios")
    most: dict[str, float] = {}
    for factors in g.surges:
        for name, factor in factors.items():
            most[name] = max(most.get(name, 1.0), factor)
    for a in g.tier_one if g.plan.scenarios else ():
        if a.kind == "outbound_campaign":
            continue
        if most.get(a.id, 1.0) < g.limits.surge_factor:
            yield fail(
                a,
                f"no scenario has {g.limits.surge_factor:g} times the contacts of {a.title}",
                most=most.get(a.id, 1.0),
            )
        else:
            yield ok(a)


@rule("AR-172", "high", serves="MET-07 COM-13 RST-04")
def backlog_never_clears(g: Ground) -> Verdicts:
    """Work that was put off is never caught up with.

    Why: a queue that grows on ordinary days never shrinks after a bad one [fluid rule, glossary 2.3].
    Computed: deferrable work whose agents (of groups with its skills, over the week, less what their other work
    needs in erlang) can not do the week's arrivals; or catching up after one lost day takes longer than its age target.
    Fix: overtime, a partner, or a later target.

        activities:
          - {id: mail, kind: email, deferrable: true, targets: {age_s: 3d}}
    """
    for a in g.plan.activities.values():
        if not a.deferrable:
            continue
        if g.bought_in(a):
            continue
        groups = g.work.groups_for(a)
        if a.volumes is None or a.aht_s is None:
            yield unknown(a, *(f for f in ("volumes", "aht_s") if getattr(a, f) is None))
            continue
        if not groups or any(x.roster is None for x in groups):
            yield unknown(a, why=f"who does {a.title}, by skill and roster, is not known")
            continue
        spare_h, week = _spare_h(g, a.id), g.work.weekly(a.volumes)
        if week is None:
            yield unknown(a, why=f"the volume table of {a.title} lacks a day of the week")
            continue
        if spare_h is None:
            yield unknown(a, why=f"how many people share the other work of those who do {a.title} is not known")
            continue
        need_h = week * a.aht_s / 3600 / a.concurrency
        day_h = need_h / 7
        if spare_h <= need_h:
            message = f"{a.title} needs {need_h:.0f} agent hours a week, its people have {spare_h:.0f} to spare"
            yield fail(a, message, at="aht_s", need_h=round(need_h, 1), spare_h=round(spare_h, 1))
        elif a.targets.age_s is None:
            yield unknown(a, "targets.age_s")
        elif (clear_s := day_h / (spare_h - need_h) * 7 * 86400) > a.targets.age_s:
            message = (
                f"{a.title} needs {dur(clear_s)} to catch up after one lost day, {dur(a.targets.age_s)} "
                f"is the oldest allowed"
            )
            yield fail(a, message, at="targets", clear_s=round(clear_s), age_s=a.targets.age_s)
        else:
            yield ok(a)


def _spare_h(g: Ground, name: str) -> float | None:
    """Return the agent hours a week that the people for deferrable work have beyond their other work's load.

    None when it is not known how many people do that other work.
    """
    activity = g.plan.activities[name]
    groups = g.work.groups_for(activity)
    rostered = 0.0
    for x in groups:
        profile = g.plan.profiles[x.roster or ""]
        week = [profile.days.get(d, ()) for d in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
        rostered += sum(sum(d) for d in week) * profile.slot_s / 3600 * (1 - x.shrinkage) / x.aht_factor
    busy = 0.0
    ids = {x.id for x in groups}
    for other in g.plan.activities.values():
        if other.id == name or other.volumes is None or other.aht_s is None:
            continue
        theirs = g.work.groups_for(other)
        if ids & {x.id for x in theirs} and any(g.work.headcount(x) is None for x in theirs):
            return None
        people = sum(g.work.headcount(x) or 0.0 for x in theirs)
        shared = sum(g.work.headcount(x) or 0.0 for x in theirs if x.id in ids)
        if people and shared:
            week_h = (g.work.weekly(other.volumes) or 0.0) * other.aht_s / 3600 / other.concurrency
            busy += week_h * shared / people
    return rostered - busy
