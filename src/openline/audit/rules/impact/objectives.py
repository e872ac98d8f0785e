"""Impact analyses and the objectives that follow from them."""

import itertools

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.required import required
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names
from openline.plan.activities import Activity
from openline.plan.organization import IMPACT_TYPES
from openline.plan.systems import System
from openline.units import format_duration as dur


@rule("AR-001", "high", serves="IMP-01 IMP-10 IMP-11")
def impact_analysis_is_incomplete(g: Ground) -> Verdicts:
    """An activity has no complete impact analysis.

    Why: everything else rests on what an interruption costs over time [ISO 22301 8.2.2; HIPAA criticality analysis].
    Computed: any impact type without a rating at any time step, or no owner, or no approval. Only where the plan says
    nothing at all of impacts, objectives and tiers is it not known.
    Fix: rate every type at every step, name the owner, have it approved.

        activities:
          - {id: claims, owner_role: operations-manager, bia: {approved_by: director, approved_on: 2026-05-19}}
    """
    analyzed = any(map(_says_something_of_impact, g.plan.activities.values()))
    for a in g.plan.activities.values():
        if not analyzed:
            yield unknown(a, why=f"nothing is known of an impact analysis of {a.title}")
            continue
        missing = [t for t in IMPACT_TYPES if t not in a.impact or None in a.impact[t]]
        lacks = [f"ratings of {names(missing)}"] if missing else []
        lacks += ["an owner"] if a.owner_role is None else []
        lacks += ["an approval"] if a.bia.approved_on is None or a.bia.approved_by is None else []
        if lacks:
            at = "impact" if missing else "owner_role" if a.owner_role is None else "bia"
            yield fail(a, f"the impact analysis of {a.title} lacks {', '.join(lacks)}", at=at, lacks=lacks)
        else:
            yield ok(a)


def _says_something_of_impact(a: Activity) -> bool:
    stated = (a.owner_role, a.bia.approved_on, a.bia.done_on, a.mtpd_s, a.rto_s, a.criticality)
    return bool(a.impact) or any(s is not None for s in stated)


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
    Computed: rto_s > mtpd_s of an activity or a system, or of a peak period (the activity's own where the peak states
    only one of them).
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
    for a in g.plan.activities.values():
        for peak in a.peak_periods:
            rto = a.rto_s if peak.rto_s is None else peak.rto_s
            mtpd = a.mtpd_s if peak.mtpd_s is None else peak.mtpd_s
            own = peak.rto_s is not None or peak.mtpd_s is not None
            if own and rto is not None and mtpd is not None and rto > mtpd:
                message = f"in {peak.name} {a.title} is to be back after {dur(rto)}, but can be missed for {dur(mtpd)}"
                yield fail(a, f"{message} only", at="peak_periods", rto_s=rto, mtpd_s=mtpd)


@rule("AR-004", "high", serves="IMP-10")
def work_after_recovery_exceeds_mtpd(g: Ground) -> Verdicts:
    """RTO plus the work after recovery is longer than the MTPD.

    Why: keying in, reconciling and catching up must fit before the limit as well [NIST SP 800-34].
    Computed: the largest RTO of the activity and the systems it can not do without, plus wrt_s, > mtpd_s; or wrt_s
    unknown on tier 1. Of a system that states all three, its own rto_s + wrt_s > mtpd_s.
    Fix: plan less work after recovery, or get the systems back earlier.

        activities:
          - {id: claims, mtpd_s: 8h, rto_s: 2h, wrt_s: 1h}
    """
    for a in g.plan.activities.values():
        back = {
            i: s.rto_s - t for i, t in required(g, a.id).items() if (s := g.plan.systems.get(i)) and s.rto_s is not None
        }
        rtos = [r for r in (a.rto_s, *back.values()) if r is not None]
        if a.wrt_s is None and g.tier(a) == 1:
            yield fail(a, f"{a.title} is in tier 1 and the work after its recovery is not known", at="wrt_s")
        elif a.wrt_s is None or a.mtpd_s is None or not rtos:
            yield unknown(a, *(f for f in ("wrt_s", "mtpd_s", "rto_s") if getattr(a, f) is None))
        elif max(rtos) + a.wrt_s > a.mtpd_s:
            told = f"{dur(max(rtos))} and {dur(a.wrt_s)} of work after it make more than the MTPD of {dur(a.mtpd_s)}"
            slow = [i for i, r in back.items() if r + a.wrt_s > a.mtpd_s]
            yield fail(a, f"{a.title}: {told}", *slow, at="wrt_s", rto_s=max(rtos), wrt_s=a.wrt_s, mtpd_s=a.mtpd_s)
        else:
            yield ok(a)
    for s in g.plan.systems.values():
        if s.rto_s is None or s.wrt_s is None or s.mtpd_s is None:
            continue
        if s.rto_s + s.wrt_s > s.mtpd_s:
            told = f"{dur(s.rto_s)} and {dur(s.wrt_s)} of work after it make more than the MTPD of {dur(s.mtpd_s)}"
            yield fail(s, f"{s.title}: {told}", at="wrt_s", rto_s=s.rto_s, wrt_s=s.wrt_s, mtpd_s=s.mtpd_s)
        else:
            yield ok(s)


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
            if peak.mtpd_s is not None or peak.rto_s is not None:
                yield ok(a)
            elif peak.factor is None:
                yield unknown(a, f"factor of {peak.name}")
            elif peak.factor > g.limits.peak_factor:
                message = f"{a.title} has {peak.factor:g} times its volume in {peak.name} and no MTPD or RTO for it"
                yield fail(a, message, at="peak_periods", factor=peak.factor)
            else:
                yield ok(a)
