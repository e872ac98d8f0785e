"""Impact, objectives, dependencies."""

import itertools
from collections import defaultdict
from statistics import NormalDist

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.paths import response_path
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, untiered
from openline.impact.components import components
from openline.impact.graph import PLACE, POWER
from openline.plan.activities import Activity
from openline.plan.data import DataSet
from openline.plan.organization import IMPACT_TYPES
from openline.plan.systems import System
from openline.units import format_duration as dur

P90 = NormalDist().inv_cdf(0.9)


@rule("AR-001", "high", serves="IMP-01 IMP-10 IMP-11")
def impact_analysis_is_incomplete(g: Ground) -> Verdicts:
    """An activity has no complete impact analysis.

    Why: everything else rests on what an interruption costs over time [ISO 22301 8.2.2; HIPAA criticality analysis].
    Computed: any impact type without a rating at any time step, or no owner, or no approval.
    Fix: rate every type at every step, name the owner, have it approved.

        activities:
          - {id: claims, owner_role: operations-manager, bia: {approved_by: director, approved_on: 2026-05-19}}
    """
    for a in g.plan.activities.values():
        if not a.impact and a.owner_role is None and a.bia.approved_on is None and a.bia.done_on is None:
            yield unknown(a, why=f"nothing is known of an impact analysis of {a.title}")
            continue
        missing = [t for t in IMPACT_TYPES if t not in a.impact or None in a.impact[t]]
        lacks = [f"ratings of {names(missing)}"] if missing else []
        lacks += ["an owner"] if a.owner_role is None else []
        lacks += ["an approval"] if a.bia.approved_on is None or a.bia.approved_by is None else []
        if lacks:
            yield fail(a, f"the impact analysis of {a.title} lacks {', '.join(lacks)}", at="impact", lacks=lacks)
        else:
            yield ok(a)


@rule("AR-002", "critical", serves="IMP-01 IMP-10")
def tier_one_lacks_objectives(g: Ground) -> Verdicts:
    """A tier-1 activity lacks MTPD, RTO or minimum capacity.

    Why: without time frames and a minimum nobody can say whether any arrangement is enough [ISO 22301 8.2.2].
    Computed: any of mtpd_s, rto_s, minimum_capacity unknown on a tier-1 activity.
    Fix: set them from the impact curve and the least service that can be borne.

        activities:
          - {id: claims, mtpd_s: 8h, rto_s: 2h, minimum_capacity: {share: 0.5, x: 0.5, t_s: 3m}}
    """
    for a in g.plan.activities.values():
        if g.tier(a) is None:
            yield unknown(a, "criticality", "mtpd_s")
    for a in g.tier_one:
        lacks = [f for f in ("mtpd_s", "rto_s", "minimum_capacity") if getattr(a, f) is None]
        if lacks:
            yield fail(a, f"{a.title} is in tier 1 and has no {names(lacks)}", at=lacks[0], lacks=lacks)
        else:
            yield ok(a)


@rule("AR-003", "critical", serves="IMP-10")
def rto_exceeds_mtpd(g: Ground) -> Verdicts:
    """An RTO is longer than the MTPD.

    Why: it would be back only after the damage can no longer be borne [ISO 22301 8.2.2].
    Computed: rto_s > mtpd_s of an activity or a system.
    Fix: shorten the RTO, or show why the disruption can be borne for longer.

        activities:
          - {id: claims, mtpd_s: 8h, rto_s: 2h}
    """
    limited = [s for s in g.plan.systems.values() if s.mtpd_s is not None]
    things: list[Activity | System] = [*g.plan.activities.values(), *limited]
    for e in things:
        if e.rto_s is None or e.mtpd_s is None:
            yield unknown(e, *(f for f in ("rto_s", "mtpd_s") if getattr(e, f) is None))
        elif e.rto_s > e.mtpd_s:
            message = f"{e.title} is to be back after {dur(e.rto_s)}, but can be missed for {dur(e.mtpd_s)} only"
            yield fail(e, message, at="rto_s", rto_s=e.rto_s, mtpd_s=e.mtpd_s)
        else:
            yield ok(e)


@rule("AR-004", "high", serves="IMP-10")
def work_after_recovery_exceeds_mtpd(g: Ground) -> Verdicts:
    """RTO plus the work after recovery is longer than the MTPD.

    Why: keying in, reconciling and catching up must fit before the limit as well [NIST SP 800-34].
    Computed: the largest RTO of the activity and the systems it can not do without, plus wrt_s, > mtpd_s; or wrt_s
    unknown on tier 1.
    Fix: plan less work after recovery, or get the systems back earlier.

        activities:
          - {id: claims, mtpd_s: 8h, rto_s: 2h, wrt_s: 1h}
    """
    for a in g.plan.activities.values():
        systems = [g.plan.systems[i] for i in g.must_need(a.id) if i in g.plan.systems]
        rtos = [r for r in (a.rto_s, *(s.rto_s for s in systems)) if r is not None]
        if a.wrt_s is None and g.tier(a) == 1:
            yield fail(a, f"{a.title} is in tier 1 and the work after its recovery is not known", at="wrt_s")
        elif a.wrt_s is None or a.mtpd_s is None or not rtos:
            yield unknown(a, *(f for f in ("wrt_s", "mtpd_s", "rto_s") if getattr(a, f) is None))
        elif max(rtos) + a.wrt_s > a.mtpd_s:
            told = f"{dur(max(rtos))} and {dur(a.wrt_s)} of work after it make more than the MTPD of {dur(a.mtpd_s)}"
            yield fail(a, f"{a.title}: {told}", at="wrt_s", rto_s=max(rtos), wrt_s=a.wrt_s, mtpd_s=a.mtpd_s)
        else:
            yield ok(a)


@rule("AR-005", "medium", serves="IMP-10")
def no_margin_before_mtpd(g: Ground) -> Verdicts:
    """There is no margin between RTO and MTPD.

    Why: a target equal to the limit leaves nothing for what goes wrong [ISO 22301 8.2.2].
    Computed: (mtpd_s - rto_s) / mtpd_s < limit rto_margin_frac (10 %), RTO not above MTPD.
    Fix: aim earlier.

        activities:
          - {id: claims, mtpd_s: 8h, rto_s: 4h}
    """
    for a in g.plan.activities.values():
        if a.rto_s is None or a.mtpd_s is None:
            yield unknown(a, *(f for f in ("rto_s", "mtpd_s") if getattr(a, f) is None))
        elif a.rto_s <= a.mtpd_s and (margin := (a.mtpd_s - a.rto_s) / a.mtpd_s) < g.limits.rto_margin_frac:
            message = f"{a.title}: only {margin:.0%} of the MTPD is left after the RTO"
            yield fail(a, message, at="rto_s", margin_frac=round(margin, 4), rto_s=a.rto_s, mtpd_s=a.mtpd_s)
        else:
            yield ok(a)


@rule("AR-006", "critical", serves="REC-03 IMP-05")
def rto_tighter_than_a_need(g: Ground) -> Verdicts:
    """An RTO is tighter than that of something it can not do without.

    Why: nothing returns before what it needs [ISO 22301 8.2.2, dependencies].
    Computed: a system or activity needed in mode `and`, straight or through others, with rto_s (+ wrt_s) > rto_s;
    needs that do without for long enough (grace_s), lose only a share that the minimum can spare, or have a manual
    workaround for the minimum do not count.
    Fix: bring the two RTOs together, or add another way.

        systems:
          - {id: acd, kind: acd, rto_s: 30m}
        activities:
          - {id: claims, kind: inbound_queue, rto_s: 1h, needs: [{to: [acd]}]}
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    for e in things:
        if e.rto_s is None:
            if e.id in g.plan.activities and any(n.mode == "and" for n in e.needs):
                yield unknown(e, "rto_s")
            continue
        worst = _slow_need(g, e.id, e.rto_s)
        if worst is None:
            yield ok(e)
            continue
        need, back_s = worst
        title = g.plan.systems[need].title if need in g.plan.systems else g.plan.activities[need].title
        message = f"{e.title} is to be back after {dur(e.rto_s)}, but needs {title}, back after {dur(back_s)}"
        yield fail(e, message, need, at="rto_s", rto_s=e.rto_s, need_back_s=back_s)


def _slow_need(g: Ground, name: str, rto_s: float) -> tuple[str, float] | None:
    """Return the slowest thing that an object can not do without and that is back too late."""
    entity = g.plan.node(name)
    spare = 0.0
    if name in g.plan.activities and (least := g.plan.activities[name].minimum_capacity) is not None:
        spare = 1.0 - least.share
    slow: list[tuple[float, str]] = []
    for need in getattr(entity, "needs", ()):
        if need.mode != "and" or need.grace_s >= rto_s or need.capacity_effect <= spare:
            continue
        for target in (t for first in need.to for t in (first, *g.must_need(first))):
            found = g.plan.systems.get(target) or g.plan.activities.get(target)
            if found is None or found.rto_s is None:
                continue
            by_hand = getattr(found, "manual_workaround", None)
            if by_hand is not None and by_hand.capacity_fraction >= 1.0 - spare:
                continue
            back_s = found.rto_s + (found.wrt_s or 0.0)
            if back_s > rto_s:
                slow.append((back_s, target))
    return max(slow)[::-1] if slow else None


@rule("AR-007", "critical", serves="REC-01")
def rto_shorter_than_its_procedures(g: Ground) -> Verdicts:
    """An RTO is shorter than the way through its procedures.

    Why: steps take the time they take; a target below it is a wish [GSA contact center guidance, goals and timelines].
    Computed: detection to decision plus the longest chain of steps of the procedures that cover the object, each phase
    after the one before; PERT mean (o + 4m + p) / 6 and variance ((p - o) / 6)^2. P90 > rto_s is critical when P50 is
    above it too or P90 is; P50 <= rto_s < P90 is high.
    Fix: cut steps, do them side by side, stage what is needed beforehand, or change the RTO.

        procedures:
          - id: move-calls
            phase: recover
            covers: [acd]
            steps: [{id: go, text: Start the failover, duration: {optimistic_s: 2m, likely_s: 4m, pessimistic_s: 10m}}]
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    for e in things:
        path = response_path(g, e.id)
        if path is None:
            continue
        if e.rto_s is None or not path.timed:
            yield unknown(e, *(("rto_s",) if e.rto_s is None else ()), *(() if path.timed else ("duration of steps",)))
            continue
        p50, p90 = path.mean_s, path.mean_s + P90 * path.variance_s2**0.5
        figures = {"rto_s": e.rto_s, "p50_s": round(p50), "p90_s": round(p90), "procedures": path.procedures}
        told = f"{e.title}: half of the time recovery takes {dur(p50)}, one time in ten over {dur(p90)}"
        if p50 > e.rto_s:
            yield fail(e, f"{told}; the RTO is {dur(e.rto_s)}", *path.procedures, at="rto_s", figures=figures)
        elif p90 > e.rto_s:
            message = f"{told}; the RTO is {dur(e.rto_s)}"
            yield fail(e, message, *path.procedures, severity="high", at="rto_s", figures=figures)
        else:
            yield ok(e)


@rule("AR-008", "high", serves="MON-03 REC-01")
def detection_not_in_the_budget(g: Ground) -> Verdicts:
    """The RTO counts from the onset, but nobody has counted the time to notice and decide.

    Why: detection, notification and assessment come before recovery and use the same time [GSA; domain 2.1].
    Computed: rto_clock onset on tier 1, and neither the organization's response times are stated nor do procedures of
    the phases detect, assess or activate that cover the activity have durations.
    Fix: state the times, or give those procedures' steps durations.

        organization:
          response: {detect_s: 3m, decide_s: 12m}
    """
    yield from untiered(g)
    stated = {"detect_s", "decide_s"} <= g.plan.organization.response.model_fields_set
    for a in g.tier_one:
        if a.rto_s is None:
            yield unknown(a, "rto_s")
        elif a.rto_clock == "onset" and not stated and not _early_phases_are_timed(g, a.id):
            message = f"{a.title} counts from the onset, but the time to notice and decide is not stated"
            yield fail(a, message, at="rto_clock", rto_s=a.rto_s)
        else:
            yield ok(a)


def _early_phases_are_timed(g: Ground, name: str) -> bool:
    timed = {
        p.phase for p in g.plan.procedures.values() if name in p.covers and all(s.duration is not None for s in p.steps)
    }
    return bool(timed & {"detect", "assess"}) and bool(timed & {"activate", "assess"})


@rule("AR-009", "high", serves="TEC-08")
def data_loss_exceeds_rpo(g: Ground) -> Verdicts:
    """More data can be lost than may be, or data of tier 1 have no backup.

    Why: what was not copied is gone [NIST SP 800-34, RPO].
    Computed: the least worst-case loss of its backups (interval + duration + lag; the lag of a replica) > rpo_s; or a
    data set that tier 1 uses has none. Lost prompts and recordings count like any other data.
    Fix: copy more often, or replicate.

        backups:
          - {id: nightly, of: records, method: export, interval_s: 3h, duration_s: 20m, lag_s: 10m, region: eu-north}
    """
    yield from untiered(g)
    with_rpo = [s for s in g.plan.systems.values() if s.rpo_s is not None]
    things: list[DataSet | System] = [*g.plan.data_sets.values(), *with_rpo]
    for e in things:
        copies = [b for b in g.plan.backups.values() if b.of == e.id]
        if e.id in g.plan.systems and not copies:
            holds = [d.id for d in g.plan.data_sets.values() if d.system == e.id]
            copies = [b for b in g.plan.backups.values() if b.of in holds]
            if not copies and holds:
                continue
        losses = [b.loss_s for b in copies if b.loss_s is not None]
        if not copies and _used_by_tier_one(g, e.id):
            yield fail(e, f"{e.title} is used by tier 1 and has no backup", at="rpo_s")
        elif not copies:
            yield ok(e)
        elif e.rpo_s is None or not losses:
            yield unknown(e, "rpo_s" if e.rpo_s is None else "interval_s of its backups")
        elif min(losses) > e.rpo_s:
            message = f"{e.title} may lose {dur(e.rpo_s)} of data, but its copies may be {dur(min(losses))} old"
            yield fail(e, message, *(b.id for b in copies), at="rpo_s", rpc_s=min(losses), rpo_s=e.rpo_s)
        else:
            yield ok(e)


def _used_by_tier_one(g: Ground, name: str) -> bool:
    if name in g.needed:
        return True
    found = g.plan.data_sets.get(name)
    return found is not None and bool(g.needed & {*found.used_by, found.system or ""})


@rule("AR-010", "medium", serves="MNT-01 MNT-03")
def impact_analysis_is_old(g: Ground) -> Verdicts:
    """An impact analysis is out of date.

    Why: it describes a centre that no longer exists [ISO 22301 8.2.2, at planned intervals and on change].
    Computed: approved more than bia_age_d (365) days ago; or weekly volume changed by more than 20 %; or a needed
    system or site changed since.
    Fix: do it again, or confirm it.

        activities:
          - {id: claims, bia: {approved_on: 2026-05-19, weekly_contacts: 11975}}
    """
    for a in g.plan.activities.values():
        approved = a.bia.approved_on or a.bia.done_on
        if approved is None:
            yield unknown(a, "bia.approved_on")
            continue
        reasons = []
        if g.older(approved, g.limits.bia_age_d):
            reasons.append(f"it is {g.age_d(approved)} days old")
        then, now = a.bia.weekly_contacts, g.work.weekly(a.volumes) if a.volumes else None
        if then and now is not None and abs(now - then) / then > g.limits.volume_change_frac:
            reasons.append(f"the volume went from {then:,.0f} to {now:,.0f} a week")
        changed = [
            e
            for i in sorted(g.closure([a.id]))
            if (e := g.plan.systems.get(i) or g.plan.sites.get(i)) is not None
            and e.changed_on is not None
            and e.changed_on > approved
        ]
        reasons += [f"{e.title} changed on {e.changed_on}" for e in changed]
        if reasons:
            ids = (e.id for e in changed)
            yield fail(a, f"impact analysis of {a.title}: {'; '.join(reasons)}", *ids, at="bia", approved_on=approved)
        else:
            yield ok(a)


@rule("AR-011", "medium", serves="IMP-10")
def impact_falls_with_time(g: Ground) -> Verdicts:
    """An impact gets smaller the longer the disruption lasts.

    Why: impacts pile up; a fall is nearly always a slip of the hand [ISO/TS 22317].
    Computed: a rating lower than the one at the step before, for one type.
    Fix: correct it, or explain it in the notes.

        activities:
          - {id: claims, impact: {customer: [0, 1, 2, 3, 4, 5, 5, 5]}}
    """
    for a in g.plan.activities.values():
        if not a.impact:
            yield unknown(a, "impact")
            continue
        falls = []
        for kind, ratings in a.impact.items():
            known = [r for r in ratings if r is not None]
            if any(after < before for before, after in itertools.pairwise(known)):
                falls.append(kind)
        if falls:
            yield fail(a, f"{a.title}: {names(falls)} impact falls with time", at="impact", types=falls)
        else:
            yield ok(a)


@rule("AR-012", "medium", serves="IMP-10")
def mtpd_disagrees_with_its_curve(g: Ground) -> Verdicts:
    """The MTPD does not follow from the impact ratings.

    Why: the first intolerable step sets the limit; if another was chosen the reason must be kept [ISO/TS 22317].
    Computed: the step at or above mtpd_s and the first step rated intolerable are more than one step apart.
    Fix: bring them together, or keep the reason in the notes.

        activities:
          - {id: claims, mtpd_s: 8h, impact: {customer: [0, 1, 2, 4, 4, 5, 5, 5]}}
    """
    scale = g.plan.organization.impact_scale
    for a in g.plan.activities.values():
        if a.mtpd_s is None or not a.impact:
            yield unknown(a, *(f for f in ("mtpd_s", "impact") if not getattr(a, f)))
            continue
        first = min(
            (n for r in a.impact.values() for n, v in enumerate(r) if v is not None and v >= scale.intolerable),
            default=len(scale.steps_s),
        )
        stated = next((n for n, s in enumerate(scale.steps_s) if s >= a.mtpd_s), len(scale.steps_s))
        if abs(first - stated) > 1:
            curve = dur(scale.steps_s[first]) if first < len(scale.steps_s) else "later than every step"
            message = f"{a.title}: the MTPD is {dur(a.mtpd_s)}, the ratings become intolerable at {curve}"
            yield fail(a, message, at="mtpd_s", mtpd_s=a.mtpd_s, first_intolerable=curve)
        else:
            yield ok(a)


@rule("AR-013", "medium", serves="IMP-03")
def too_much_is_tier_one(g: Ground) -> Verdicts:
    """Too much is called tier 1.

    Why: when everything is critical nothing comes first (assumed limit).
    Computed: tier-1 share of activities above 40 %, or of weekly volume above 80 %; one or two activities are too few
    to judge.
    Fix: rank them against each other.

        activities:
          - {id: accidents, criticality: 1}
          - {id: mail, criticality: 4}
    """
    tiers = {a.id: g.tier(a) for a in g.plan.activities.values()}
    known = [a for a in g.plan.activities.values() if tiers[a.id] is not None]
    if not known:
        yield from untiered(g)
        return
    organization = g.plan.organization
    if len(known) < 3:
        yield ok(organization)
        return
    share = len(g.tier_one) / len(known)
    weeks = {a.id: (g.work.weekly(a.volumes) or 0.0) if a.volumes else 0.0 for a in known}
    whole = sum(weeks.values())
    volume = sum(weeks[a.id] for a in g.tier_one) / whole if whole else 0.0
    if share > g.limits.tier_one_share_frac or volume > g.limits.tier_one_volume_frac:
        message = f"{share:.0%} of the activities and {volume:.0%} of the contacts are tier 1"
        ids = (a.id for a in g.tier_one)
        yield fail(organization, message, *ids, activities_frac=round(share, 3), volume_frac=round(volume, 3))
    else:
        yield ok(organization)


@rule("AR-014", "low", serves="IMP-10 IMP-08")
def peak_has_no_figures_of_its_own(g: Ground) -> Verdicts:
    """A seasonal activity has one MTPD and RTO for the whole year.

    Why: what can be borne in June may not be in the peak [ISO/TS 22317].
    Computed: a peak period with factor above 1.5 of the mean and neither mtpd_s nor rto_s of its own.
    Fix: set both for the peak.

        activities:
          - {id: claims, peak_periods: [{name: Storm season, factor: 2, mtpd_s: 4h, rto_s: 1h}]}
    """
    for a in g.plan.activities.values():
        for peak in a.peak_periods:
            if peak.factor is None:
                yield unknown(a, f"factor of {peak.name}")
            elif peak.factor > g.limits.peak_factor and peak.mtpd_s is None and peak.rto_s is None:
                message = f"{a.title} has {peak.factor:g} times its volume in {peak.name} and no MTPD or RTO for it"
                yield fail(a, message, at="peak_periods", factor=peak.factor)
            else:
                yield ok(a)


@rule("AR-015", "medium", serves="IMP-13")
def work_without_an_activity(g: Ground) -> Verdicts:
    """People or systems work on something that is not in the plan.

    Why: outbound and back-office work is lost from sight, though sales hang on it [seed 004].
    Computed: an operations team that names no activity and whose people serve none; agents with a skill that no
    activity asks for; a dialler without an outbound activity.
    Fix: add the activity.

        activities:
          - {id: renewals, kind: outbound_campaign, skills: [sales]}
    """
    asked = {s for a in g.plan.activities.values() for s in a.skills}
    if not g.plan.activities:
        yield unknown(g.plan.organization, why="the plan lists no activities")
        return
    working = {g_.team for g_ in g.plan.agent_groups.values() if set(g_.skills) & asked}
    for team in g.plan.teams.values():
        if team.kind == "operations" and not team.activities and team.id not in working:
            yield fail(team, f"{team.title} works, but on no activity of the plan", at="activities")
        elif team.kind == "operations":
            yield ok(team)
    for group in g.plan.agent_groups.values():
        idle = [s for s in group.skills if s not in asked and not g.plan.skills[s].technical]
        if idle and not set(group.skills) & asked:
            yield fail(group, f"nothing asks for what {group.title} can do: {names(idle)}", *idle, at="skills")
        else:
            yield ok(group)
    for system in g.plan.systems.values():
        if system.kind == "dialler":
            calls_out = any(a.kind == "outbound_campaign" for a in g.plan.activities.values())
            yield ok(system) if calls_out else fail(system, f"{system.title} dials, but no outbound activity is listed")


INVENTORY: dict[str, tuple[str, ...]] = {
    "network": ("lan", "wan"),
    "ivr": ("ivr", "ccaas"),
    "acd": ("acd", "pbx", "ccaas"),
    "email": ("email",),
    "webchat": ("webchat",),
    "crm": ("crm",),
    "other applications": (
        "ticketing", "social", "sms", "bot", "dialler", "wfm", "recording_qm", "knowledge", "payment", "reporting",
        "identity", "storage", "database", "other",
    ),
    "electrical power": (),
    "it_support": ("it_support",),
    "hr_support": ("hr_support", "hr", "payroll"),
    "facility": (),
}  # fmt: skip
"""The eleven classes of critical systems and support functions (IMP-14) and the system kinds that fill them."""


@rule("AR-016", "high", serves="IMP-14 TEC-05")
def class_of_inventory_is_missing(g: Ground) -> Verdicts:
    """A class of critical systems or support functions is not in the inventory.

    Why: what is not listed is not protected [GSA: make a list of critical systems and support operations functions].
    Computed: no object of one of the eleven classes (network, IVR, ACD, e-mail, web chat, CRM, other applications,
    electrical power, IT support, HR support, facility), and no reason under not_applicable.
    Fix: add it, or say why there is none.

        organization:
          not_applicable: {webchat: We answer no chats}
    """
    p, organization = g.plan, g.plan.organization
    if not p.systems and not p.sites:
        yield unknown(organization, why="the plan lists neither systems nor sites")
        return
    kinds = {s.kind for s in p.systems.values()}
    there = {name for name, wanted in INVENTORY.items() if kinds & set(wanted)}
    there |= {"network"} if p.network_paths else set()
    there |= {"electrical power"} if p.feeds or p.ups or p.generators else set()
    there |= {"facility"} if p.sites else set()
    for name in INVENTORY:
        if name in there or organization.not_applicable.get(name):
            yield ok(organization)
        else:
            yield fail(organization, f"nothing of the class {name.replace('_', ' ')} is listed", at=name, missing=name)


@rule("AR-017", "low", serves="IMP-05")
def object_is_orphaned(g: Ground) -> Verdicts:
    """An object is used by nothing, or an activity needs nothing.

    Why: either the map is incomplete or the object is dead weight (assumed).
    Computed: a system, vendor or site that no activity reaches and nothing refers to; an activity without any need,
    number or skill.
    Fix: link it, or take it out.

        activities:
          - {id: claims, needs: [{to: [acd]}]}
    """
    if not g.plan.activities:
        yield unknown(g.plan.organization, why="the plan lists no activities")
        return
    for a in g.plan.activities.values():
        if not a.needs and not a.numbers and not a.skills:
            yield fail(a, f"{a.title} needs nothing, says the plan", at="needs")
        else:
            yield ok(a)
    used = g.referenced
    for collection in ("systems", "vendors", "sites"):
        for e in g.plan.collection(collection).values():
            leads = collection == "sites" and getattr(e, "role", "") == "command_centre"
            if e.id in used[collection] or e.id in g.dependents or leads:
                yield ok(e)
            else:
                yield fail(e, f"nothing in the plan uses {e.title}")


@rule("AR-018", "high", serves="REC-03 IMP-05")
def recovery_goes_in_a_ring(g: Ground) -> Verdicts:
    """Things need each other to come back.

    Why: each waits for the other: a runbook on the failed share, sign-on that needs the VPN that needs sign-on
    [NIST SP 800-34, order of recovery].
    Computed: objects that need each other in a ring through needs in mode `and`; a procedure stored on, or that can
    not do without, what it recovers, without an offline copy; procedures that need what each other recover.
    Fix: a way in that needs neither, and a copy on paper.

        procedures:
          - {id: share-back, covers: [file-share], stored_on: [file-share], offline_location: Command bag}
    """
    graph = {n: [t for t, kind in found if kind == "and"] for n, found in g.edges.items()}
    for name in [t for targets in graph.values() for t in targets]:
        graph.setdefault(name, [])
    rings = [r for r in components(graph) if len(r) > 1 and not any(i.startswith((PLACE, POWER)) for i in r)]
    for ring in rings:
        first = g.plan.node(min(ring)) or g.plan.organization
        yield fail(first, f"these need each other to work: {names(sorted(ring))}", *sorted(ring), at="needs")
    recovers: dict[str, list[str]] = defaultdict(list)
    for p in g.plan.procedures.values():
        if p.phase == "recover":
            for name in p.covers:
                recovers[name].append(p.id)
    waits = {p.id: [q for need in p.prerequisites for q in recovers[need]] for p in g.plan.procedures.values()}
    for ring in components(waits):
        alone = len(ring) == 1 and ring[0] in waits[ring[0]]
        if len(ring) > 1 or alone:
            first = g.plan.procedures[min(ring)]
            yield fail(
                first, f"can not be done before itself: {names(sorted(ring))}", *sorted(ring), at="prerequisites"
            )
    for p in g.plan.procedures.values():
        beside = [s for s in p.stored_on if s in p.covers or g.must_need(s) & set(p.covers)]
        if p.phase == "recover" and beside and not p.offline_location:
            yield fail(p, f"{p.title} lies on what it recovers: {names(beside)}", *beside, at="stored_on")
        else:
            yield ok(p)
    if not g.edges and not g.plan.procedures:
        yield unknown(g.plan.organization, why="the plan has neither needs nor procedures")
