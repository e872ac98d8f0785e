"""Vendors."""

from collections import defaultdict
from datetime import timedelta

from openline.audit.circuits import circuits, numbers_of
from openline.audit.fallback import bearable, by_hand, needed_share, relieved
from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import OFF_SITE, Ground
from openline.audit.loss import below_minimum
from openline.audit.places import in_cloud
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, said, untiered
from openline.plan.activities import Activity
from openline.plan.hours import spans, uncovered_min
from openline.plan.systems import System
from openline.plan.telephony import TrunkGroup
from openline.plan.vendors import Vendor
from openline.units import format_duration as dur


def critical_vendors(g: Ground) -> list[Vendor]:
    """Return vendors that tier 1 depends on: called critical, or of something that it needs."""
    used: set[str | None] = {s.vendor for s in g.plan.systems.values() if g.matters(s)}
    used |= {c.carrier if isinstance(c, TrunkGroup) else c.isp for c in circuits(g)}
    for a in g.tier_one:
        used |= {*a.vendors, *(n.carrier for n in numbers_of(g, a))}
    return [v for v in g.plan.vendors.values() if v.id in used or v.criticality == "critical"]


def _systems_of(g: Ground, vendor: str) -> list[System]:
    return [s for s in g.critical_systems if s.vendor == vendor]


@rule("AR-075", "high", serves="VEN-01 PPL-07")
def vendor_without_support_agreement(g: Ground) -> Verdicts:
    """A critical vendor has no support agreement.

    Why: contact centers should have a support agreement with their vendor [Vendor Support].
    Computed: no agreement reference, or support hours `none`, for a vendor that tier 1 depends on.
    Fix: a support contract with hours and times that fit the RTO.

        vendors:
          - {id: callwright, support: {agreement: Contract 7, hours: 24x7, response_s: 15m, resolve_s: 4h}}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "vendors")
    for v in critical_vendors(g):
        if said(v.support.agreement) and v.support.hours != "none":
            yield ok(v)
        else:
            yield fail(v, f"there is no support agreement with {v.title}", at="support")


@rule("AR-076", "critical", serves="PAR-04 RSK-14")
def vendor_promise_is_too_slow(g: Ground) -> Verdicts:
    """A vendor's promise is slower than what depends on it can bear.

    Why: what we can not mend ourselves comes back when the vendor says [Vendor Support; PAR-04].
    Computed: resolve_s (response_s where there is none), plus our detection and acknowledgement when its clock starts
    with the ticket, > RTO of what depends on it: systems, and activities that name it, with no arrangement, standby or
    workaround of our own that carries the minimum; and tier-1 activities that fall below their minimum when all its
    lines and paths are gone.
    Fix: a better promise, or a fallback of our own, such as a second carrier or a workaround.

        vendors:
          - {id: ledgerly, support: {agreement: Contract 9, hours: 24x7, resolve_s: 50m, clock: onset}}
    """
    yield from untiered(g)
    for v in critical_vendors(g):
        hanging: list[System | Activity] = [s for s in _systems_of(g, v.id) if not _own_way(g, s)]
        hanging += [a for a in g.tier_one if v.id in a.vendors and not g.arrangements.get(a.id)]
        hanging += [a for a in _cut_off(g, v.id) if a not in hanging]
        promise = v.support.resolve_s if v.support.resolve_s is not None else v.support.response_s
        if not hanging or g.arrangements.get(v.id):
            yield ok(v)
            continue
        rtos = [r for s in hanging if (r := g.rto_of(s.id)) is not None]
        if promise is None or not rtos:
            yield unknown(v, *(("support.resolve_s",) if promise is None else ("rto_s of its systems",)))
            continue
        response = g.plan.organization.response
        ticket_s = response.detect_s + response.acknowledge_s
        back_s = promise + (ticket_s if v.support.clock == "ticket" else 0.0)
        if back_s > min(rtos):
            message = (
                f"{v.title} promises {dur(back_s)} from the onset, {names(list(hanging))} must be back "
                f"after {dur(min(rtos))}"
            )
            yield fail(v, message, *(s.id for s in hanging), at="support", back_s=back_s, rto_s=min(rtos))
        else:
            yield ok(v)


def _cut_off(g: Ground, vendor: str) -> list[Activity]:
    """Return tier-1 activities that fall below their minimum when all lines and paths of a vendor are gone."""
    lines = [t.id for t in g.plan.trunk_groups.values() if t.carrier == vendor]
    lines += [p.id for p in g.plan.network_paths.values() if p.isp == vendor]
    lost = tuple(i for i in lines if i in g.needed)
    if not lost:
        return []
    hit = {a.id: a for i in lost for a in g.hit_by(i)}
    return [a for a in hit.values() if (short := below_minimum(g, a, lost)) is not None and short.lasts]


def _own_way(g: Ground, s: System) -> bool:
    if relieved(g, s) or bearable(g, s):
        return True
    done, share = by_hand(g, s), needed_share(g, s)
    return done is not None and (share is None or done >= share)


@rule("AR-077", "high", serves="VEN-01 VEN-02")
def support_shorter_than_service(g: Ground) -> Verdicts:
    """A vendor is not there in hours in which we serve customers.

    Why: make sure support is available if required [Vendor Support].
    Computed: minutes of the week in which a dependent tier-1 activity is open and the vendor's support is not.
    Fix: 24x7 support, or people on call who can mend it.

        vendors:
          - {id: callwright, support: {agreement: Contract 7, hours: 24x7}}
    """
    yield from untiered(g)
    for v in critical_vendors(g):
        served = [a for a in g.tier_one if _reaches(g, a.id, v.id)]
        open_ = [a.hours for a in served if a.hours is not None]
        if not served or v.support.hours == "none":
            continue
        if v.support.hours is None or not open_:
            yield unknown(v, "support.hours") if v.support.hours is None else unknown(served[0], "hours")
            continue
        gap = max(uncovered_min(spans(h), spans(v.support.hours)) for h in open_)
        if gap > 0:
            message = f"{v.title} is not there in {gap / 60:g} of the week's service hours"
            yield fail(v, message, *(a.id for a in served), at="support", uncovered_h=round(gap / 60, 2))
        else:
            yield ok(v)


def _reaches(g: Ground, activity: str, vendor: str) -> bool:
    needed, a = g.closure_of(activity), g.plan.activities[activity]
    if vendor in a.vendors or any(n.carrier == vendor for n in numbers_of(g, a)):
        return True
    return (
        any(s.id in needed and s.vendor == vendor for s in g.plan.systems.values())
        or any(t.id in needed and t.carrier == vendor for t in g.plan.trunk_groups.values())
        or any(p.isp == vendor and (p.id in needed or p.site in needed) for p in g.plan.network_paths.values())
    )


@rule("AR-078", "high", serves="PAR-04 VEN-03 STR-21")
def vendor_contingency_not_evidenced(g: Ground) -> Verdicts:
    """Nothing shows that a vendor is ready itself.

    Why: make sure the vendor has their own backup emergency contingency [Telephony; FFIEC testing with third parties].
    Computed: has_plan is false, or no evidence was seen, or its last test is over 365 days ago or unknown, for
    vendors that tier 1 depends on; those of equipment on our premises only when something of this is stated. Evidence
    is what was seen, an evidence entry, or that of the first answer of the questionnaire, as long as it is valid. A
    plan that knows this of no vendor can not be judged.
    Fix: send the questionnaire, and see evidence of their last test, with its date.

        vendors:
          - {id: ledgerly, contingency: {has_plan: true, evidence_text: Summary of the test seen,
             tested_on: 2026-03-20}}
    """
    yield from untiered(g)
    for v in critical_vendors(g):
        kit_only = _systems_of(g, v.id) and all(
            s.deployment not in (*OFF_SITE, "hybrid", None) for s in _systems_of(g, v.id)
        )
        carries = any(v.id in (t.carrier,) for t in g.plan.trunk_groups.values()) or any(
            v.id == p.isp for p in g.plan.network_paths.values()
        )
        c = v.contingency
        if kit_only and not carries and not _tells(v):
            continue
        seen = _evidenced(g, v)
        silent = not _tells(v) and not seen and not v.questionnaire.answers
        if silent and not any(_tells(o) for o in g.plan.vendors.values()):
            yield unknown(v, "contingency")
        elif c.has_plan is False:
            yield fail(v, f"{v.title} has no plan of its own", at="contingency")
        elif not seen:
            yield fail(v, f"no evidence of the plan of {v.title} was seen", at="contingency")
        elif g.older(c.tested_on, g.limits.vendor_evidence_d):
            age = g.age_d(c.tested_on)
            told = "never, as far as known," if age is None else f"{age} days ago"
            yield fail(v, f"{v.title} tested its plan {told}", at="contingency", age_d=age)
        else:
            yield ok(v)


def _tells(v: Vendor) -> bool:
    """Tell whether the plan says anything of a vendor's own plan."""
    return (
        v.contingency.has_plan is not None or v.contingency.tested_on is not None or said(v.contingency.evidence_text)
    )


def _evidenced(g: Ground, v: Vendor) -> bool:
    """Tell whether somebody has seen that a vendor has a plan, and what was seen still counts."""
    first = v.questionnaire.answers.get("recovery_strategy")
    if first is not None and said(first.evidence_text) and (first.valid_until or g.as_of) >= g.as_of:
        return True
    papers = [g.plan.evidence[i] for i in v.evidence]
    return said(v.contingency.evidence_text) or any((e.valid_until or g.as_of) >= g.as_of for e in papers)


@rule("AR-079", "medium", serves="VEN-03 PAR-03")
def vendor_assessment_old_or_weak(g: Ground) -> Verdicts:
    """A vendor was not assessed lately, or came out weak.

    Why: suppliers' readiness is part of ours [ISO 22301 8.2 and 8.3; ISO/TS 22318].
    Computed: questionnaire over 365 days old, or score (stated, or from the ten answers) < 70 %. Of vendors that tier 1
    does not depend on, what is stated counts, silence does not.
    Fix: assess it again, and agree what it must mend.

        vendors:
          - {id: ledgerly, questionnaire: {on: 2026-04-14, score: 0.85}}
    """
    yield from untiered(g)
    needed = critical_vendors(g)
    for v in g.plan.vendors.values():
        q, score = v.questionnaire, v.questionnaire.scored()
        if q.on is not None and g.older(q.on, g.limits.assessment_age_d):
            age = g.age_d(q.on)
            yield fail(v, f"{v.title} was assessed {age} days ago", at="questionnaire", age_d=age, score=score)
        elif score is not None and score < g.limits.assessment_score_frac - 1e-9:
            yield fail(v, f"{v.title} reached {score:.0%}", at="questionnaire", score=round(score, 3))
        elif (q.on is None or score is None) and v not in needed:
            continue
        elif q.on is None or score is None:
            yield unknown(v, "questionnaire.on" if q.on is None else "questionnaire.score")
        else:
            yield ok(v)


@rule("AR-080", "medium", serves="VEN-01 RSK-18")
def agreement_ends_soon(g: Ground) -> Verdicts:
    """An agreement ends soon, or has ended.

    Why: a support line that has lapsed does not answer (assumed).
    Computed: contract_end < day of the audit + the longer of 90 days and the notice.
    Fix: renew it, or begin to look for another now.

        vendors:
          - {id: callwright, contract_end: 2028-03-31, notice_d: 90}
    """
    yield from nothing_listed(g.plan, "vendors")
    important = {v.id for v in critical_vendors(g)}
    for v in g.plan.vendors.values():
        if v.contract_end is None:
            if v.id in important:
                yield unknown(v, "contract_end")
            continue
        need = max(g.limits.contract_left_d, v.notice_d or 0)
        if v.contract_end < g.as_of + timedelta(days=need):
            left = (v.contract_end - g.as_of).days
            told = f"ended {-left} days ago" if left < 0 else f"ends in {left} days"
            yield fail(v, f"the agreement with {v.title} {told}", at="contract_end", days_left=left, needed_d=need)
        else:
            yield ok(v)


@rule("AR-081", "high", serves="VEN-04 PPL-06 PPL-07")
def vendor_is_the_only_hand(g: Ground) -> Verdicts:
    """Only the vendor can mend a system.

    Why: too many centers depend on vendor-provided support alone [On-Site Tech Staff].
    Computed: an on-premises system that tier 1 needs, for which no active person has a skill named under competence
    (or that names none, where other systems do). People of the vendor or of a partner do not count.
    Fix: train or hire somebody who can mend it.

        systems:
          - {id: acd, kind: acd, deployment: on_prem, location: quay, competence: [voice-systems]}
    """
    yield from untiered(g)
    for s in g.on_prem:
        able = {p for skill in s.competence for p in g.work.persons_with.get(skill, ()) if _ours(g, p, s.vendor)}
        if able:
            yield ok(s)
        elif not g.plan.persons:
            yield unknown(s, why=f"the plan lists no people, so who can mend {s.title} is not known")
        elif not any(o.competence for o in g.plan.systems.values()):
            yield unknown(s, "competence")
        else:
            whom = g.plan.vendors[s.vendor].title if s.vendor else "somebody outside"
            asked = (
                "names no skill that mends it"
                if not s.competence
                else f"needs {names(list(s.competence))}, which nobody of ours has"
            )
            yield fail(
                s,
                f"only {whom} can mend {s.title}: it {asked}",
                *((s.vendor,) if s.vendor else ()),
                at="competence",
                able=0,
            )


def _ours(g: Ground, person: str, vendor: str | None) -> bool:
    """Tell whether somebody who can mend a system is not sent by its vendor."""
    p = g.plan.persons[person]
    maker = g.plan.vendors[vendor] if vendor else None
    employer = (p.employer or "").casefold()
    sent = maker is not None and employer in (maker.id.casefold(), maker.title.casefold())
    return p.employment != "partner" and not sent


@rule("AR-082", "medium", serves="VEN-02 VEN-05")
def vendor_contact_is_weak(g: Ground) -> Verdicts:
    """A vendor can be reached by one person or way only, or nobody has tried.

    Why: what if the emergency prohibits us from reaching the vendor [Vendor Support].
    Computed: fewer than two steps of escalation (of its carrier_access where it has none of its own), or fewer than two
    ways (phone, mail, portal) in all, or the last test call over 180 days ago or never. A plan that has no contact of
    any vendor can not be judged.
    Fix: add a second person and a second way, and call once.

        vendors:
          - {id: callwright, last_call_test: 2026-09-23, escalation: [{name: Desk, phone: on the card},
             {name: Manager, email: on the card}]}
    """
    yield from untiered(g)
    for v in critical_vendors(g):
        ways = {w for e in v.escalation for w in ("phone", "email") if getattr(e, w)}
        doors = [d for d in g.plan.carrier_access.values() if d.carrier == v.id]
        ways |= {"portal" for d in doors if d.portal} | {"phone" for d in doors if said(d.support_number)}
        people = len(v.escalation) or max((len(d.escalation) for d in doors), default=0)
        faults = [f"{people} contact{'s' * (people != 1)}"] if people < 2 else []
        faults += [f"{len(ways)} way{'s' * (len(ways) != 1)} to reach it"] if len(ways) < 2 else []
        if not people and not ways and v.last_call_test is None and not _any_card(g):
            yield unknown(v, "escalation", "last_call_test")
            continue
        at = "escalation" if faults else "last_call_test"
        if g.older(v.last_call_test, g.limits.vendor_call_d):
            age = g.age_d(v.last_call_test)
            faults.append("never called to try" if age is None else f"called {age} days ago to try")
        yield (fail(v, f"{v.title}: {'; '.join(faults)}", at=at, age_d=g.age_d(v.last_call_test)) if faults else ok(v))


def _any_card(g: Ground) -> bool:
    """Tell whether the plan knows of any vendor how it is reached."""
    return any(v.escalation or v.last_call_test for v in g.plan.vendors.values())


@rule("AR-083", "medium", serves="RSK-18 RSK-14")
def too_much_hangs_on_one_vendor(g: Ground) -> Verdicts:
    """Too much hangs on one vendor, or it has many clients in the region.

    Why: what if the vendor is busy helping other contact centers [Vendor Support].
    Computed: more than 3 tier-1 systems with one vendor (both halves of a pair count once), or many clients in the
    region.
    Fix: spread, or agree priority.

        vendors:
          - {id: callwright, clients_in_region: few}
    """
    yield from untiered(g)
    for v in critical_vendors(g):
        theirs = {s.id for s in _systems_of(g, v.id)}
        twins = {p.standby.id for p in g.pairs if {p.primary.id, p.standby.id} <= theirs}
        alone = theirs - twins
        if len(alone) > g.limits.vendor_systems:
            yield fail(v, f"{len(alone)} tier-1 systems are of {v.title}", *sorted(alone), systems=len(alone))
        elif v.clients_in_region == "many":
            yield fail(v, f"{v.title} has many clients in the region, who all call at once", at="clients_in_region")
        elif v.clients_in_region == "unknown" and theirs:
            yield unknown(v, "clients_in_region")
        else:
            yield ok(v)


@rule("AR-084", "medium", serves="RSK-18 STR-21")
def no_way_out_of_a_service(g: Ground) -> Verdicts:
    """There is no plan to leave a cloud service or an outsourcer.

    Why: a vendor can go bankrupt or go bad [DORA exit strategies; domain R32].
    Computed: exit_plan empty for vendors of hosted or cloud systems and of partners.
    Fix: write it, and try the export.

        vendors:
          - {id: ledgerly, exit_plan: Export tried once a year}
    """
    yield from nothing_listed(g.plan, "vendors")
    theirs: dict[str, list[str]] = defaultdict(list)
    for s in g.plan.systems.values():
        cloudy = s.region is not None or s.kind == "ccaas" or (s.location is not None and in_cloud(g, s))
        if s.vendor and (s.deployment in OFF_SITE or (s.deployment is None and cloudy)):
            theirs[s.vendor].append(s.id)
        elif s.vendor and s.deployment is None and s.location is None:
            yield unknown(s, "deployment")
    for p in g.plan.partners.values():
        if p.vendor:
            theirs[p.vendor].append(p.id)
    for vendor, what in theirs.items():
        v = g.plan.vendors[vendor]
        yield ok(v) if said(v.exit_plan) else fail(v, f"there is no plan to leave {v.title}", *what, at="exit_plan")
