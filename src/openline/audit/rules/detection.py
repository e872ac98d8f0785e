"""Detection and activation."""

import re
from collections import defaultdict

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.people.duty import service_hours
from openline.audit.rules.subjects import names, nothing_listed, things_to_keep, untiered, work_sites
from openline.plan.activities import Activity
from openline.plan.hours import joined, spans, uncovered_min
from openline.plan.monitoring import AssessmentForm, Monitor, Trigger
from openline.plan.network import NetworkPath
from openline.plan.record import Entity
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.plan.telephony import TrunkGroup
from openline.units import format_duration as dur

ON_THE_SPOT = ("human", "power_alarm", "temperature")
"""Methods that look at a place from within, as they must."""


def _watchers(g: Ground) -> dict[str, list[Monitor]]:
    found: dict[str, list[Monitor]] = defaultdict(list)
    for m in g.plan.monitors.values():
        for name in (m.object, *m.detects):
            if name is not None:
                found[name].append(m)
    return found


@rule("AR-120", "high", serves="MON-01 MON-02")
def critical_object_without_monitor(g: Ground) -> Verdicts:
    """Nothing notices when a critical object fails.

    Why: invest in a monitoring system to provide early detection of failures [GSA].
    Computed: a system (at home too, where it is arranged that people work there), trunk group or network path that tier
    1 needs (where there is no monitor at all, the tier-1 activities too) that no monitor looks at or detects. What is
    only a choice among others is seen through them.
    Fix: add a monitor from outside that looks at it often enough.

        monitors:
          - {id: test-call, method: synthetic_call, object: accident-line, detects: [acd], interval_s: 2m}
    """
    yield from untiered(g)
    watched = _watchers(g)
    things: list[Entity] = [*things_to_keep(g)]
    for collection in ("trunk_groups", "network_paths"):
        things += [e for e in g.plan.collection(collection).values() if e.id in g.needed]
    if things and not g.plan.monitors:
        things = [*things, *g.tier_one]
    for e in things:
        yield ok(e) if e.id in watched else fail(e, f"nothing notices when {e.title} fails", monitors=0)


@rule("AR-121", "high", serves="MON-01")
def monitor_inside_what_it_watches(g: Ground) -> Verdicts:
    """A monitor fails together with what it watches.

    Why: silence looks like health; the FCC asks for diverse monitoring [domain R14].
    Computed: taking the watched object away takes down what the monitor runs on, or every system that carries its alarm
    (or that signing on to it goes through), or a probe runs in the very site of the system, line or path that it is
    for; and no other monitor outside sees the object.
    Fix: a probe from outside.

        monitors:
          - {id: probe, method: ping, object: lan-quay, hosted_at: hill, alert_path: [notification]}
    """
    yield from nothing_listed(g.plan, "monitors")
    watched = _watchers(g)
    for m in g.plan.monitors.values():
        seen = [n for n in (m.object, *m.detects) if n is not None and g.plan.node(n) is not None]
        blind = [
            n
            for n in dict.fromkeys(seen)
            if _goes_down_with(g, m, n) and all(_goes_down_with(g, o, n) for o in watched[n])
        ]
        if blind:
            told = names([g.plan.node(n) or m for n in blind])
            yield fail(
                m,
                f"{m.title} fails together with {told}",
                *blind,
                at="hosted_at",
                hosted_at=m.hosted_at,
                alert_path=m.alert_path,
            )
        elif m.hosted_at is None and not m.alert_path and m.method not in ("human", "status_page", "weather_feed"):
            yield unknown(m, "hosted_at", "alert_path")
        else:
            yield ok(m)


def _goes_down_with(g: Ground, m: Monitor, name: str) -> bool:
    after = g.after((name,))

    def gone(i: str) -> bool:
        path = g.plan.systems[i].login_path if i in g.plan.systems else ()
        return any(n in after and after[n].capacity <= 0 for n in (i, *path))

    return (
        (m.hosted_at is not None and gone(m.hosted_at))
        or (bool(m.alert_path) and all(gone(i) for i in m.alert_path))
        or (name == m.object and _is_beside(g, m, name))
    )


def _is_beside(g: Ground, m: Monitor, name: str) -> bool:
    """Tell whether a probe runs in the site where the system, line or path stands that it is there for."""
    host = g.plan.node(m.hosted_at) if m.hosted_at is not None else None
    watched = g.plan.node(name)
    if host is None or m.method in ON_THE_SPOT or not isinstance(watched, System | TrunkGroup | NetworkPath):
        return False
    here = g.site(host)
    return here is not None and here.role != "cloud_region" and here == g.site(watched)


TRIGGER_PARTS = ("metric", "comparator", "threshold", "unit", "window_s", "level", "authority")


@rule("AR-122", "high", serves="ACT-01")
def trigger_is_not_measurable(g: Ground) -> Verdicts:
    """The plan has no triggers, or a trigger lacks a part.

    Why: identify a set of trigger criteria that will activate the plan [GSA; ISO 22301 8.4.4].
    Computed: no triggers though the plan has levels, plans or procedures; or a trigger without metric, comparator,
    threshold, unit, window, level or authority. A monitor does not say them for it: its window is how long a sign must
    last to be a sign.
    Fix: write down what is measured, from which figure on, for how long, and which level it calls for.

        triggers:
          - {id: wait, metric: share answered in 20 s, comparator: below, threshold: 0.6, unit: share, window_s: 10m,
             hold_s: 5m, clear_threshold: 0.8, level: watch, authority: automatic}
    """
    p = g.plan
    if not p.triggers and (p.levels or p.plans or p.procedures):
        yield fail(p.organization, "the plan has no triggers", triggers=0)
    elif not p.triggers:
        yield unknown(p.organization, why="the plan has neither triggers, levels nor procedures")
    for t in p.triggers.values():
        lacks = [f for f in TRIGGER_PARTS if getattr(t, f) is None]
        yield fail(t, f"{t.title} has no {names(lacks)}", at=lacks[0], lacks=lacks) if lacks else ok(t)


@rule("AR-123", "medium", serves="ACT-01")
def triggers_leave_gaps_or_flap(g: Ground) -> Verdicts:
    """Triggers are out of order, never clear, or cry wolf.

    Why: false declarations burn trust and money [domain R32].
    Computed: a trigger without clear_threshold; two triggers of one metric (or one monitor) whose thresholds are not in
    the order of their levels; more than 2 false alarms a month in a back-test.
    Fix: put thresholds in the order of their levels, give each one to clear at, and try them on past data.

        triggers:
          - {id: wait, metric: share answered, comparator: below, threshold: 0.6, clear_threshold: 0.8,
             false_alarms_per_month: 1}
    """
    yield from nothing_listed(g.plan, "triggers")
    for t in g.plan.triggers.values():
        faults = (
            ["it has no threshold to clear at"]
            if t.threshold is not None and t.clear_threshold is None and t.comparator != "equals"
            else []
        )
        if (t.false_alarms_per_month or 0) > g.limits.false_alarms:
            faults.append(f"it cried wolf {t.false_alarms_per_month:g} times a month")
        faults += [f"it is not stricter than {o.title}" for o in _out_of_order(g, t.id)]
        if faults:
            first = next(w for w in FAULT_FIELDS if faults[0].startswith(w))
            yield fail(
                t,
                f"{t.title}: {'; '.join(faults)}",
                at=FAULT_FIELDS[first],
                false_alarms_per_month=t.false_alarms_per_month,
            )
        elif t.threshold is None:
            yield unknown(t, "threshold")
        else:
            yield ok(t)


FAULT_FIELDS = {
    "it has no": "clear_threshold",
    "it cried": "false_alarms_per_month",
    "it is not": "threshold",
}
"""The field that is at fault, by how a fault begins."""


def _out_of_order(g: Ground, trigger: str) -> list[Entity]:
    """Return triggers of the same metric with a lower level whose threshold is as far out, or further."""
    t = g.plan.triggers[trigger]
    if t.level is None or t.threshold is None:
        return []
    found: list[Entity] = []
    for o in g.plan.triggers.values():
        if o.id == t.id or o.level is None or o.threshold is None or not _same_measure(t, o):
            continue
        higher = g.plan.levels[t.level].number > g.plan.levels[o.level].number
        rising = t.comparator in RISING
        if higher and (t.threshold <= o.threshold if rising else t.threshold >= o.threshold):
            found.append(o)
    return found


RISING = ("above", "at_least")


def _same_measure(t: Trigger, o: Trigger) -> bool:
    """Tell whether two triggers look at one figure, in one unit, from the same side."""
    same = t.metric.casefold() == o.metric.casefold() if t.metric and o.metric else t.metric is o.metric is None
    if not same or (t.metric is None and (t.monitor is None or t.monitor != o.monitor)):
        return False
    apart = (t.monitor and o.monitor and t.monitor != o.monitor) or (t.unit and o.unit and t.unit != o.unit)
    return not apart and (t.comparator in RISING) == (o.comparator in RISING) and t.comparator != "equals"


@rule("AR-124", "high", serves="PPL-01 ACT-01")
def nobody_may_declare(g: Ground) -> Verdicts:
    """In some hour nobody is there who may declare a level.

    Why: a member must be responsible for seeing and deciding [DATAMARK].
    Computed: for each level from 1 up: minutes of the service hours not covered by the duty or the shift of an active
    holder of a role with authority for it (named by the level, or allowed to declare that high).
    Fix: delegate to whoever is on duty.

        levels:
          - {id: full, number: 3, authority: [incident-commander, duty-officer]}
    """
    yield from nothing_listed(g.plan, "levels")
    need = service_hours(g)
    for level in g.plan.levels.values():
        if level.number == 0:
            continue
        roles = [
            r
            for r in g.plan.roles.values()
            if r.id in level.authority
            or (r.authority is not None and (r.authority.declare_level_max or -1) >= level.number)
        ]
        if not any(g.holders(r) for r in roles):
            yield fail(level, f"nobody may declare {level.title}", at="authority", roles=0)
            continue
        duty = joined([s for r in roles for d in r.on_call if g.active(d.person) for s in spans(d.hours)])
        shifts = [g.plan.persons[p].shifts for r in roles for p in g.holders(r)]
        duty = joined([*duty, *(s for text in shifts if text is not None for s in spans(text))])
        if need is None or not duty:
            yield unknown(
                level, why=f"{'service hours' if need is None else f'duty hours of {names(list(roles))}'} are not known"
            )
            continue
        gap = uncovered_min(need, duty)
        if gap > 0:
            yield fail(
                level,
                f"in {gap / 60:g} service hours of the week nobody may declare {level.title}",
                *(r.id for r in roles),
                at="authority",
                uncovered_h=round(gap / 60, 2),
            )
        else:
            yield ok(level)


@rule("AR-125", "medium", serves="MON-01 MON-03")
def detection_eats_the_rto(g: Ground) -> Verdicts:
    """Noticing and deciding take too large a part of the RTO.

    Why: in a survey 41 % used emergency communications within five minutes, 66 % within the hour [domain R34].
    Computed: detection + acknowledgement + assessment + decision > 25 % of the RTO of a tier-1 activity. Detection: the
    slowest monitor's interval / 2 + window + delay among the best ones of what it can not do without, or the
    organization's figure where that is larger. An RTO that counts from the declaration is not eaten.
    Fix: automate, and authorize beforehand.

        organization:
          response: {detect_s: 3m, decide_s: 5m}
    """
    yield from untiered(g)
    stated, watched = g.plan.organization.response, _watchers(g)
    for a in g.tier_one:
        if a.rto_s is None:
            yield unknown(a, "rto_s")
        elif a.rto_clock == "declaration":
            yield ok(a)
        elif not {"detect_s", "decide_s"} & stated.model_fields_set:
            yield unknown(g.plan.organization, "response.detect_s", "response.decide_s")
        else:
            seen_s = _seen_s(g, a, watched)
            takes_s = g.decision_s - stated.detect_s + max(stated.detect_s, seen_s)
            if a.rto_s > 0 and takes_s > g.limits.decision_share_frac * a.rto_s:
                message = f"noticing and deciding take {dur(takes_s)} of the {dur(a.rto_s)} that {a.title} has"
                yield fail(a, message, at="rto_s", decision_s=takes_s, detection_s=seen_s, rto_s=a.rto_s)
            else:
                yield ok(a)


def _seen_s(g: Ground, a: Activity, watched: dict[str, list[Monitor]]) -> float:
    """Return how long the slowest loss that stops an activity takes to be seen, by the best monitor of each."""
    times = [
        [m.detection_s for m in watched.get(name, ()) if m.detection_s is not None]
        for name in (a.id, *g.must_need(a.id))
    ]
    return max((min(t) for t in times if t), default=0.0)


@rule("AR-126", "high", serves="RST-02")
def no_stand_down_criteria(g: Ground) -> Verdicts:
    """It is not said when a level ends.

    Why: a way back to normal belongs to the plan [resuming normal operations; DORA deactivation].
    Computed: a level from 1 up without exit criteria, or whose criteria are said to be not measurable. Where neither
    is said, one of them must name a figure, a time, a target, a backlog or a signed paper; of a state (restored,
    confirmed, all) it can not be told whether it is measured.
    Fix: define them with figures, such as every queue at its target for a day.

        levels:
          - {id: full, number: 3, exit_criteria: [Every queue at its target for a day], exit_measurable: true}
    """
    yield from nothing_listed(g.plan, "levels")
    for level in g.plan.levels.values():
        if level.number == 0:
            continue
        if not level.exit_criteria:
            yield fail(level, f"nothing says when {level.title} ends", at="exit_criteria")
        elif level.exit_measurable is False:
            yield fail(level, f"when {level.title} ends can not be measured", at="exit_measurable")
        elif level.exit_measurable is True or any(MEASURED.search(text) for text in level.exit_criteria):
            yield ok(level)
        elif any(PERHAPS.search(text) for text in level.exit_criteria):
            yield unknown(level, "exit_measurable")
        else:
            told = ", ".join(f"'{text}'" for text in level.exit_criteria)
            yield fail(level, f"when {level.title} ends can not be measured: {told}", at="exit_criteria")


MEASURED = re.compile(
    r"\d|%|per ?cent|\b(zero|one|two|three|four|five|six|half|minutes?|hours?|days?|weeks?|shifts?|targets?|"
    r"thresholds?|limits?|minimum|backlogs?|signed|sign-off|forms?|checklists?|reports?)\b",
    re.IGNORECASE,
)
"""Words by which a criterion can be seen to be met: figures, times, targets, papers that are signed."""

PERHAPS = re.compile(
    r"\b(all|each|every|no|none|queues?|service|levels?|tests?|tested|confirmed|confirms|verified|approved|cleared|"
    r"closed|restored|completed?|empty|normal volumes?)\b",
    re.IGNORECASE,
)
"""Words of a state that somebody may have a way to measure."""


def _class(e: Entity) -> str:
    return "site" if isinstance(e, Site) else "system"


@rule("AR-127", "high", serves="ACT-06 MON-06 COM-08")
def damage_assessment_is_missing(g: Ground) -> Verdicts:
    """There is no form, or nobody, to assess damage.

    Why: define how damage is assessed right after the outage, and for the long term [GSA].
    Computed: a site or system that tier 1 needs without an initial and a detailed form (by id, by class when the form
    names nothing of that class, or for everything), or with no initial or no detailed one whose assessor is there.
    Fix: a form for the first look and one for the detailed one, each with a role that fills it in.

        assessment_forms:
          - {id: first-look, stage: initial, classes: [site, system], assessor: duty-officer}
    """
    yield from untiered(g)
    things: list[Entity] = [*work_sites(g), *things_to_keep(g)]
    for e in things:
        forms = [f for f in g.plan.assessment_forms.values() if _is_for(g, f, e)]
        lacks = [s for s in ("initial", "detailed") if not any(f.stage == s for f in forms)]
        there = {f.stage for f in forms if not g.vacant(f.assessor)}
        idle = [f.title for f in forms if f.stage not in there]
        if lacks:
            yield fail(e, f"there is no {' and no '.join(lacks)} damage form for {e.title}", lacks=lacks)
        elif idle:
            yield fail(
                e, f"nobody is named to assess {e.title}: {names(idle)}", *(f.id for f in forms), forms=len(forms)
            )
        else:
            yield ok(e)


def _is_for(g: Ground, f: AssessmentForm, e: Entity) -> bool:
    """Tell whether a form is for an object: named, or of a class of which the form names nothing."""
    if e.id in f.objects or not (f.objects or f.classes):
        return True
    places = g.plan.sites if isinstance(e, Site) else g.plan.systems
    return _class(e) in f.classes and not any(i in places for i in f.objects)
