"""Exercises, training, maintenance, documents, risk."""

from datetime import date
from decimal import Decimal

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered, work_sites
from openline.audit.rules.vendors import critical_vendors
from openline.plan.exercises import OPERATIONS, Exercise
from openline.plan.programme import PlanDocument
from openline.plan.record import Entity
from openline.plan.scenarios import CATEGORIES
from openline.plan.sites import Site
from openline.plan.systems import System
from openline.units import format_duration as dur


def _held(g: Ground) -> list[Exercise]:
    return [x for x in g.plan.exercises.values() if x.held_on is not None and x.held_on <= g.as_of]


def _last(g: Ground, name: str, *, operations: bool = False, reach: set[str] | None = None) -> date | None:
    """Return the last day on which something, or a thing in `reach`, was exercised."""
    wanted = {name} | (reach or set())
    days = [x.held_on for x in _held(g) if wanted & set(x.scope) and (x.kind in OPERATIONS or not operations)]
    return max((d for d in days if d is not None), default=None)


def _exercised(g: Ground, e: Entity) -> set[str]:
    """Return the ids that count for something when they are in an exercise's scope: it, and procedures that
    cover it.
    """
    return {p.id for p in g.procedures_for.get(e.id, ()) if p.phase in ("activate", "recover", "restore", "safety")}


@rule("AR-150", "high", serves="TST-01 TST-06")
def not_exercised_within_a_year(g: Ground) -> Verdicts:
    """A plan, a tier-1 activity or a site was not exercised within a year.

    Why: people forget, and plans rot [ISO 22301 8.5; DORA and PCI yearly; FCD].
    Computed: the last exercise held with it, or a procedure that covers it, in scope is over 365 days ago, or there was
    none.
    Fix: put it in the calendar.

        exercises:
          - {id: autumn, kind: functional, held_on: 2026-09-16, scope: [continuity-plan, accidents, quay]}
    """
    things: list[Entity] = [*g.plan.plans.values(), *g.tier_one, *work_sites(g)]
    if not things:
        yield unknown(
            g.plan.organization, why="the plan has no plan document, no tier-1 activity and no site that one needs"
        )
    for e in things:
        day = _last(g, e.id, reach=_exercised(g, e))
        if g.older(day, g.limits.exercise_age_d):
            age = g.age_d(day)
            told = "was never exercised" if age is None else f"was exercised {age} days ago"
            yield fail(e, f"{e.title} {told}", age_d=age)
        else:
            yield ok(e)


@rule("AR-151", "medium", serves="TST-01 TST-04")
def only_talked_about(g: Ground) -> Verdicts:
    """Tier 1 was only talked through, never tried for real.

    Why: you can not know unless you test it; build from talk to action [DATAMARK; HSEEP building blocks].
    Computed: no drill, functional or full-scale exercise within 24 months with the activity or a procedure that covers
    it in scope, though it was exercised.
    Fix: a drill.

        exercises:
          - {id: failover-drill, kind: drill, held_on: 2026-09-02, scope: [acd-to-hill, accidents]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "exercises")
    for a in g.tier_one:
        reach = _exercised(g, a)
        if _last(g, a.id, reach=reach) is None:
            continue  # AR-150 says so
        day = _last(g, a.id, operations=True, reach=reach)
        if g.older(day, g.limits.drill_age_d):
            told = "was never tried for real" if day is None else f"was tried for real {g.age_d(day)} days ago"
            yield fail(a, f"{a.title} {told}", age_d=g.age_d(day))
        else:
            yield ok(a)


@rule("AR-152", "medium", serves="TST-01 TST-07")
def exercise_without_result(g: Ground) -> Verdicts:
    """An exercise had no objective, was not evaluated, or has no report.

    Why: without them nothing is learned [HSEEP; NIST SP 800-84].
    Computed: 30 days after it was held, objectives, evaluations or report_on are missing.
    Fix: complete it.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, objectives: [Calls ring in 15 minutes], report_on: 2026-09-12,
             evaluations: [{capability: Failover, rating: P}]}
    """
    yield from nothing_listed(g.plan, "exercises")
    for x in g.plan.exercises.values():
        if x.held_on is None:
            if x.planned_on is not None and x.planned_on < g.as_of:
                yield unknown(x, "held_on")
            continue
        if (g.as_of - x.held_on).days <= g.limits.report_within_d:
            yield ok(x)
            continue
        rated = any(e.rating is not None for e in x.evaluations)
        lacks = [
            w for w, has in (("objectives", x.objectives), ("evaluations", rated), ("a report", x.report_on)) if not has
        ]
        yield fail(x, f"{x.title} lacks {names(lacks)}", at="evaluations", lacks=lacks) if lacks else ok(x)


@rule("AR-153", "high", serves="TST-01 PLN-11 MNT-04")
def action_overdue_or_repeated(g: Ground) -> Verdicts:
    """A corrective action is overdue, or the same fault came again.

    Why: areas needing improvement are to be improved [GSA; ISO 22301 10.1].
    Computed: due before the day of the audit and neither done nor cancelled; or it repeats another (repeat_of) and
    is not done and tried again.
    Fix: close it, and test again.

        corrective_actions:
          - {id: fuel, due: 2027-02-28, status: open, owner_role: facilities-lead}
    """
    yield from nothing_listed(g.plan, "corrective_actions")
    for c in g.plan.corrective_actions.values():
        done = c.status in ("done", "cancelled")
        if c.repeat_of is not None and not (c.status == "done" and c.retest is not None):
            yield fail(c, f"{c.title} is the same fault again", c.repeat_of, at="repeat_of", status=c.status)
        elif not done and c.due is None:
            yield unknown(c, "due")
        elif not done and c.due is not None and c.due < g.as_of:
            yield fail(
                c, f"{c.title} is {(g.as_of - c.due).days} days overdue", at="due", overdue_d=(g.as_of - c.due).days
            )
        else:
            yield ok(c)


@rule("AR-154", "medium", serves="TST-01 RSK-06")
def category_never_exercised(g: Ground) -> Verdicts:
    """A kind of disruption was never exercised.

    Why: factor in all of these possibilities [seed 004].
    Computed: no exercise within 36 months with a scenario of one of the four categories or cyber.
    Fix: plan one.

        exercises:
          - {id: cyber-tabletop, kind: tabletop, held_on: 2026-06-10, scenario: ransomware}
    """
    yield from nothing_listed(g.plan, "exercises")
    if not g.plan.exercises:
        return
    for category in CATEGORIES:
        days = [x.held_on for x in _held(g) if x.scenario and g.plan.scenarios[x.scenario].category == category]
        day = max((d for d in days if d is not None), default=None)
        if g.older(day, g.limits.category_age_d):
            told = category.replace("_", " ")
            yield fail(
                g.plan.organization,
                f"no {told} disruption was exercised within three years",
                at=category,
                category=category,
            )
        else:
            yield ok(g.plan.organization)


@rule("AR-155", "medium", serves="TST-01 PAR-04 VEN-03")
def outsiders_absent_from_exercises(g: Ground) -> Verdicts:
    """A vendor or partner that tier 1 depends on never took part in an exercise.

    Why: collaborate; regulators ask for tests with third parties [seed 000; FFIEC].
    Computed: no exercise within 24 months that names it; only those who run something for us: carriers, providers,
    hosted and cloud services, partners.
    Fix: test together.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, vendors: [callwright, beacon]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "exercises")
    if not g.plan.exercises:
        return
    last: dict[str, date] = {}
    for x in _held(g):
        for name in x.vendors:
            last[name] = max(last.get(name, x.held_on or g.as_of), x.held_on or g.as_of)
    things: list[Entity] = [v for v in critical_vendors(g) if not _sells_only(g, v.id)]
    things += [p for p in g.plan.partners.values() if any(a.partner == p.id for a in g.plan.agreements.values())]
    for e in things:
        day = last.get(e.id) or last.get(getattr(e, "vendor", None) or "") or getattr(e, "last_joint_exercise", None)
        if g.older(day, g.limits.joint_age_d):
            told = (
                "never took part in an exercise" if day is None else f"took part in an exercise {g.age_d(day)} days ago"
            )
            yield fail(e, f"{e.title} {told}", age_d=g.age_d(day))
        else:
            yield ok(e)


def _sells_only(g: Ground, vendor: str) -> bool:
    """Tell whether a vendor only supplied things that stand with us."""
    theirs = [s for s in g.plan.systems.values() if s.vendor == vendor]
    carries = {t.carrier for t in g.plan.trunk_groups.values()} | {p.isp for p in g.plan.network_paths.values()}
    return vendor not in carries and all(s.deployment == "on_prem" for s in theirs)


@rule("AR-156", "high", serves="TRN-01 TRN-03 PPL-13")
def role_holder_untrained(g: Ground) -> Verdicts:
    """Somebody who holds a role lacks its training, or it has run out.

    Why: train key personnel in their emergency response and recovery roles [GSA; ISO 22301 7.2].
    Computed: an active holder of a key role without a record of a required course (of the role, or whose audience the
    role is), or with the last one older than its validity (365 days when none is stated).
    Fix: train.

        training_records:
          - {id: r1, course: role-training, person: officer-a, on: 2026-05-06}
    """
    asked: dict[str, set[str]] = {r.id: set(r.required_training) for r in g.key_roles}
    for c in g.plan.courses.values():
        for role in c.audience_roles:
            asked.setdefault(role, set()).add(c.id)
    last: dict[tuple[str, str], date] = {}
    for t in g.plan.training_records.values():
        if t.person is not None and t.on is not None:
            key = (t.person, t.course)
            last[key] = max(last.get(key, t.on), t.on)
    if not any(asked.values()):
        yield unknown(g.plan.organization, why="no role asks for training")
        return
    for r in g.key_roles:
        for p in g.holders(r):
            stale = [c for c in sorted(asked[r.id]) if g.older(last.get((p, c)), g.plan.courses[c].validity_d or 365)]
            person = g.plan.persons[p]
            if stale:
                told = "never had" if (p, stale[0]) not in last else "had too long ago"
                yield fail(
                    person,
                    f"{person.title}, {r.title}, {told} {names([g.plan.courses[c] for c in stale])}",
                    r.id,
                    *stale,
                    role=r.id,
                )
            else:
                yield ok(person)


@rule("AR-157", "medium", serves="TRN-01 PPL-14")
def awareness_is_too_low(g: Ground) -> Verdicts:
    """Too few employees know what to do.

    Why: ensure all employees are trained and understand their roles during a disruption [seed 000].
    Computed: people with a current awareness course (records with a number, or one by one) / employees < 95 %.
    Fix: a campaign.

        training_records:
          - {id: r1, course: awareness, people: 252, on: 2026-09-30}
    """
    courses = {c.id for c in g.plan.courses.values() if c.awareness}
    employees = g.plan.organization.employees
    records = [t for t in g.plan.training_records.values() if t.course in courses and t.on is not None]
    if employees is None or (not courses and not records):
        yield unknown(
            g.plan.organization,
            *(("employees",) if employees is None else ()),
            *(() if courses else ("awareness course",)),
        )
        return
    current = [t for t in records if not g.older(t.on, g.plan.courses[t.course].validity_d or g.limits.training_age_d)]
    told = max((t.people for t in current if t.people is not None), default=0)
    people = max(told, len({t.person for t in current if t.person}))
    share = min(1.0, people / employees) if employees else 1.0
    if share < g.limits.awareness_frac:
        message = f"{people} of {employees} employees ({share:.0%}) have a current awareness course"
        yield fail(g.plan.organization, message, *courses, at="employees", share_frac=round(share, 3))
    else:
        yield ok(g.plan.organization)


@rule("AR-158", "high", serves="MNT-02 MNT-03")
def plan_not_reviewed(g: Ground) -> Verdicts:
    """A plan was not reviewed within a year, or since something changed.

    Why: plans age [ISO 22301 8.6, 9.3].
    Computed: the last review (last_reviewed or a review that is done) over 365 days, or the plan's own interval, ago or
    never; or a site or system changed since (changed_on).
    Fix: review it.

        plans:
          - {id: continuity-plan, last_reviewed: 2026-06-20, review_interval_d: 365}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        day = _reviewed(g, p)
        most = p.review_interval_d or g.limits.review_age_d
        things: list[Site | System] = [*g.plan.sites.values(), *g.plan.systems.values()]
        changed = [e for e in things if day and e.changed_on and e.changed_on > day]
        if g.older(day, most):
            told = "was never reviewed" if day is None else f"was reviewed {g.age_d(day)} days ago"
            yield fail(p, f"{p.title} {told}", at="last_reviewed", age_d=g.age_d(day))
        elif changed:
            yield fail(
                p,
                f"{p.title} was reviewed before {names(list(changed))} changed",
                *(e.id for e in changed),
                at="last_reviewed",
            )
        else:
            yield ok(p)


def _reviewed(g: Ground, p: PlanDocument) -> date | None:
    done = [r.done for r in g.plan.reviews.values() if r.object == p.id]
    return max((d for d in (*done, p.last_reviewed) if d is not None), default=None)


@rule("AR-159", "high", serves="PLN-10")
def plan_not_approved(g: Ground) -> Verdicts:
    """A plan is not approved as it is now.

    Why: a change loses an approval; a management body must stand behind the plan [ISO 22301 5, 7.5; DORA].
    Computed: no approval of its present version (or of the plan's content hash); or who approved has left.
    Fix: approve it.

        approvals:
          - {id: a1, object: continuity-plan, version: "7", by: incident-commander, on: 2026-06-25}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        given = [a for a in g.plan.approvals.values() if a.object == p.id]
        if not given:
            yield fail(p, f"{p.title} is not approved", at="version", approvals=0)
            continue
        valid = [a for a in given if _is_for(g, a.content_hash, a.version, p)]
        if not valid and p.version is None and all(a.content_hash is None for a in given):
            yield unknown(p, "version")
        elif not valid:
            message = f"{p.title} changed since it was approved"
            yield fail(p, message, *(a.id for a in given), at="version", version=p.version, approved=given[-1].version)
        elif all(a.by_person is not None and g.plan.persons[a.by_person].status == "left" for a in valid):
            yield fail(p, f"who approved {p.title} has left", *(a.id for a in valid), at="version", version=p.version)
        elif all(a.on is not None and p.version_on is not None and a.on < p.version_on for a in valid):
            yield fail(
                p,
                f"{p.title} was approved before its last change",
                *(a.id for a in valid),
                at="version_on",
                version_on=p.version_on,
            )
        else:
            yield ok(p)


def _is_for(g: Ground, content_hash: str | None, version: str | None, p: PlanDocument) -> bool:
    if content_hash is not None:
        return content_hash == g.plan_hash
    return version is not None and version == p.version


@rule("AR-160", "medium", serves="MNT-02 PPL-14")
def offline_copy_is_outdated(g: Ground) -> Verdicts:
    """A copy on paper is not of the present version.

    Why: check what lies in the bag half-yearly or yearly [domain R52].
    Computed: version of an offline copy differs from the document's (or the plan's), or it was made before the present
    version; a document not of the plan's present version counts as well.
    Fix: issue it again, and collect the old one.

        documents:
          - {id: printed-plan, kind: plan, version: "7", offline_copies: [{place: Command bag, version: "7",
             on: 2026-06-28}]}
    """
    yield from nothing_listed(g.plan, "documents")
    for d in g.plan.documents.values():
        current = g.plan.plans[d.object].version if d.object else d.version
        made = g.plan.plans[d.object].version_on if d.object else d.generated_at
        if not d.offline_copies:
            continue
        if current is None or any(c.version is None and (c.on is None or made is None) for c in d.offline_copies):
            yield unknown(d, "version")
            continue
        old = [c.place for c in d.offline_copies if _is_old(c.version, c.on, current, made)]
        if d.version is not None and d.version != current:
            old = old or [d.title]
        if old:
            yield fail(
                d,
                f"{d.title}: not of version {current} are the copies at {names(old)}",
                at="offline_copies",
                version=current,
                old=old,
            )
        else:
            yield ok(d)


def _is_old(version: str | None, on: date | None, current: str, made: date | None) -> bool:
    if version is not None:
        return version != current
    return on is not None and made is not None and on < made


@rule("AR-161", "medium", serves="RSK-16 MNT-03")
def assumption_expired_or_untested(g: Ground) -> Verdicts:
    """An assumption has run out, or nobody has tested it.

    Why: plans die of what they took for granted [FFIEC, assumptions].
    Computed: expires before the day of the audit, or no exercise that was held tests it.
    Fix: test or renew it.

        assumptions:
          - {id: phones, text: Mobile phones work., expires: 2027-06-20, tested_by: tree-drill}
    """
    yield from nothing_listed(g.plan, "assumptions")
    for a in g.plan.assumptions.values():
        tested = a.tested_by is not None and g.plan.exercises[a.tested_by].held_on is not None
        if a.expires is not None and a.expires < g.as_of:
            yield fail(a, f"the assumption {a.title} ran out on {a.expires}", at="expires", expires=a.expires)
        elif not tested:
            yield fail(a, f"nobody has tested the assumption {a.title}", at="tested_by")
        elif a.expires is None:
            yield unknown(a, "expires")
        else:
            yield ok(a)


@rule("AR-162", "medium", serves="RSK-16")
def risk_acceptance_without_owner_or_end(g: Ground) -> Verdicts:
    """A risk is accepted by nobody, or for ever.

    Why: somebody must answer for it, and look again [ISO 22301 6.1, 8.2.3].
    Computed: treatment accept (or an acceptance) without `by` or `until`, `until` past, or `by` vacant.
    Fix: renew it.

        risks:
          - {id: r1, scenario: ransomware, treatment: accept, acceptance: {by: incident-commander, until: 2027-05-31}}
    """
    yield from nothing_listed(g.plan, "risks")
    for r in g.plan.risks.values():
        if r.treatment is None and r.acceptance is None:
            yield unknown(r, "treatment")
            continue
        if r.treatment != "accept" and r.acceptance is None:
            yield ok(r)
            continue
        by, until = (r.acceptance.by, r.acceptance.until) if r.acceptance else (None, None)
        faults = ["by nobody"] if by is None else (["by a role that is vacant"] if g.vacant(by) else [])
        faults += (
            ["without an end"] if until is None else ([f"until {until}, which is past"] if until < g.as_of else [])
        )
        yield fail(r, f"{r.title} is accepted {names(faults)}", at="acceptance", until=until) if faults else ok(r)


@rule("AR-163", "high", serves="RSK-01 RSK-17")
def risk_above_appetite(g: Ground) -> Verdicts:
    """What is left of the risks is more than the board allows.

    Why: the limit is the board's duty [board duty].
    Computed: sum over risks of residual frequency x loss (one currency) > eal_max; or a residual p_mtpd_breach above
    p_mtpd_breach_max; without an approved action or a valid acceptance.
    Fix: treat it, or have it accepted.

        organization:
          risk_appetite: {eal_max: 400000 GBP, p_mtpd_breach_max: 0.2}
    """
    appetite, organization = g.plan.organization.risk_appetite, g.plan.organization
    yield from nothing_listed(g.plan, "risks")
    if not g.plan.risks:
        return
    if appetite.eal_max is None and appetite.p_mtpd_breach_max is None:
        yield unknown(organization, "risk_appetite")
        return
    for r in g.plan.risks.values():
        p, most = r.residual.p_mtpd_breach, appetite.p_mtpd_breach_max
        if most is not None and p is not None and p > most and not _is_treated(g, r.id):
            yield fail(
                r,
                f"{r.title} breaks an MTPD with {p:.0%} a year, {most:.0%} is allowed",
                at="residual",
                p_mtpd_breach=p,
            )
        elif most is not None and p is None and r.residual.annual_frequency is None:
            yield unknown(r, "residual")
        else:
            yield ok(r)
    if appetite.eal_max is None:
        return
    total, known = Decimal(0), True
    for r in g.plan.risks.values():
        loss, often = r.residual.loss_per_event, r.residual.annual_frequency
        if loss is None or often is None or loss.currency != appetite.eal_max.currency:
            known = known and (loss is None and often is None)
            continue
        total += loss.amount * Decimal(str(often))
    open_ = [r for r in g.plan.risks.values() if not _is_treated(g, r.id)]
    if total > appetite.eal_max.amount and open_:
        message = (
            f"what is left costs {total:,.0f} {appetite.eal_max.currency} a year, "
            f"{appetite.eal_max.amount:,.0f} is allowed"
        )
        yield fail(
            organization,
            message,
            *(r.id for r in open_),
            at="risk_appetite",
            eal=str(total),
            eal_max=str(appetite.eal_max),
        )
    elif not known:
        yield unknown(organization, why="frequency or loss of some risks is not known, or in another currency")
    else:
        yield ok(organization)


def _is_treated(g: Ground, risk: str) -> bool:
    r = g.plan.risks[risk]
    action = g.plan.corrective_actions.get(r.action or "")
    approved = action is not None and bool(action.approved) and action.status != "cancelled"
    accepted = r.acceptance is not None and r.acceptance.by is not None and r.acceptance.until is not None
    return approved or (accepted and r.acceptance is not None and (r.acceptance.until or g.as_of) >= g.as_of)


@rule("AR-164", "high", serves="RSK-06 RSK-02 RSK-03 RSK-04 RSK-05")
def category_without_scenario(g: Ground) -> Verdicts:
    """A category of disruption has no scenario.

    Why: factor in all of these possibilities [seed 004].
    Computed: no assessed scenario of the category localised, infrastructure, organisational, large_scale or cyber; a
    reason under not_applicable excuses it.
    Fix: add one from the library.

        scenarios:
          - {id: fire, category: organisational, duration: {min_s: 1h, typical_s: 7d, max_s: 365d}}
    """
    if not g.plan.scenarios:
        yield unknown(g.plan.organization, why="the plan lists no scenarios")
        return
    blank = [s for s in g.plan.scenarios.values() if s.category is None]
    for category in CATEGORIES:
        there = any(s.category == category and s.assessed for s in g.plan.scenarios.values())
        if there or g.plan.organization.not_applicable.get(category):
            yield ok(g.plan.organization)
        elif blank:
            yield unknown(blank[0], "category")
        else:
            told = category.replace("_", " ")
            yield fail(g.plan.organization, f"no scenario is of the category {told}", at=category, category=category)


@rule("AR-165", "medium", serves="PLN-06 RSK-15")
def scenario_without_playbook(g: Ground) -> Verdicts:
    """An assessed scenario has no playbook.

    Why: protocols outline what to do in various emergency scenarios [seed 000].
    Computed: a scenario without playbook, and no procedure that names it.
    Fix: map it to procedures; one playbook may serve many.

        scenarios:
          - {id: fire, playbook: [leave-quay, accidents-elsewhere], duration: {min_s: 1h, typical_s: 7d, max_s: 365d}}
    """
    yield from nothing_listed(g.plan, "scenarios")
    named = {i for p in g.plan.procedures.values() for i in p.scenarios}
    for s in g.plan.scenarios.values():
        if s.assessed:
            yield (
                ok(s)
                if s.playbook or s.id in named
                else fail(s, f"nothing says what to do in {s.title}", at="playbook")
            )


@rule("AR-166", "medium", serves="PPL-10 PPL-11")
def personal_data_beyond_need(g: Ground) -> Verdicts:
    """Personal data are kept without a limit.

    Why: minimum needed, and no longer than needed [privacy law].
    Computed: people or data sets with personal, card or health data, and no retention; contacts of somebody who has
    left. (Home addresses, secrets and medical facts are refused on loading.)
    Fix: trim, and set a retention.

        organization:
          data_retention: Contacts go when somebody leaves the role
    """
    sensitive = [
        d
        for d in g.plan.data_sets.values()
        if set(d.contains) & {"personal", "card", "health", "recordings", "contact_list"}
    ]
    if not g.plan.persons and not g.plan.data_sets:
        yield unknown(g.plan.organization, why="the plan lists neither people nor data")
    if g.plan.persons:
        kept = bool(g.plan.organization.data_retention.strip())
        yield (
            ok(g.plan.organization)
            if kept
            else fail(g.plan.organization, "nothing says how long people's contacts are kept", at="data_retention")
        )
    for d in sensitive:
        yield ok(d) if d.retention.strip() else fail(d, f"nothing says how long {d.title} are kept", at="retention")
    for p in g.plan.persons.values():
        if p.status == "left" and any(c.value for c in p.contacts):
            yield fail(p, f"{p.title} has left, and contacts are still kept", at="contacts", contacts=len(p.contacts))


@rule("AR-167", "medium", serves="TST-07 MET-05")
def incident_without_review(g: Ground) -> Verdicts:
    """A serious incident was not reviewed.

    Why: it was the most expensive exercise of the year [ISO 22301 8.6, 9.1; HSEEP].
    Computed: level 2 or above, stood down over 60 days ago, no report.
    Fix: review it.

        incidents:
          - {id: records-slow, level_max: 2, report_on: 2026-07-21}
    """
    for i in g.plan.incidents.values():
        if i.level_max is None:
            yield unknown(i, "level_max")
        elif i.level_max < 2 or i.report_on is not None:
            yield ok(i)
        elif i.stamps.stood_down is None:
            yield unknown(i, "stamps.stood_down")
        elif (g.as_of - i.stamps.stood_down.date()).days > g.limits.incident_report_d:
            age = (g.as_of - i.stamps.stood_down.date()).days
            yield fail(i, f"{i.title} ended {age} days ago and was not reviewed", at="report_on", age_d=age)
        else:
            yield ok(i)


@rule("AR-168", "medium", serves="TST-06 MET-05")
def result_without_measured_time(g: Ground) -> Verdicts:
    """A recovery was tried, and nobody took the time.

    Why: documenting the results is what makes it a proof [GSA].
    Computed: an exercise that was held and tried a recovery (tests_recovery, or a recovery procedure in scope of a
    drill, functional or full-scale one) without rta_s, rpa_s or failover_s.
    Fix: measure.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, tests_recovery: true, measured: {rta_s: 700s}}
    """
    yield from nothing_listed(g.plan, "exercises")
    for x in _held(g):
        recovers = any(g.plan.procedures[n].phase == "recover" for n in x.scope if n in g.plan.procedures)
        tried = x.tests_recovery if x.tests_recovery is not None else (recovers and x.kind in OPERATIONS)
        if x.tests_recovery is None and x.kind in OPERATIONS and not x.scope:
            yield unknown(x, "tests_recovery", "scope")
        elif not tried:
            yield ok(x)
        elif x.measured.rta_s is None and x.measured.rpa_s is None and x.measured.failover_s is None:
            yield fail(x, f"{x.title} tried a recovery and measured no time", at="measured")
        else:
            yield ok(x)


@rule("AR-169", "low", serves="PLN-10")
def one_person_plan(g: Ground) -> Verdicts:
    """The same person writes and approves the plan.

    Why: nobody finds their own slips (assumed).
    Computed: the holders of the roles that wrote a plan are exactly those who approved it.
    Fix: a second pair of eyes.

        plans:
          - {id: continuity-plan, authors: [continuity-manager]}
    """
    yield from nothing_listed(g.plan, "plans")
    for p in g.plan.plans.values():
        authors = {g.plan.roles[r].primary for r in p.authors or ((p.owner_role,) if p.owner_role else ())}
        given = [a for a in g.plan.approvals.values() if a.object == p.id]
        approvers = {a.by_person or (g.plan.roles[a.by].primary if a.by else None) for a in given}
        if not authors - {None} or not approvers - {None}:
            yield (
                unknown(p, "authors")
                if not authors - {None}
                else unknown(p, why=f"who approved {p.title} is not known")
            )
        elif len(authors | approvers) == 1:
            yield fail(p, f"{p.title} was written and approved by one person", *(a.id for a in given), at="authors")
        else:
            yield ok(p)


@rule("AR-170", "medium", serves="REC-06 PPL-01")
def no_relief_for_long_incidents(g: Ground) -> Verdicts:
    """The command can not be held for three days.

    Why: tired people decide badly [long-term recovery].
    Computed: a role of command with fewer than the people that 24 h in shifts of 12 h with equal rest need: 24 / 12
    = 2, when an incident of 72 h must be led.
    Fix: add deputies.

        roles:
          - {id: incident-commander, ics_function: command, primary: a, alternates: [b, c]}
    """
    commands = [r for r in g.plan.roles.values() if r.ics_function == "command"]
    if not commands:
        yield unknown(g.plan.organization, why="no role has the function command")
    need = -(-24 // int(g.limits.shift_h or 12)) if g.limits.relief_h > g.limits.shift_h else 1
    for r in commands:
        have = len(g.holders(r))
        if have < need:
            message = (
                f"{have} can lead as {r.title}; {g.limits.relief_h:g} h in shifts of {g.limits.shift_h:g} h need {need}"
            )
            yield fail(r, message, at="alternates", holders=have, needed=need)
        else:
            yield ok(r)


@rule("AR-171", "medium", serves="RSK-05 MET-07")
def surge_not_planned(g: Ground) -> Verdicts:
    """Nobody has planned for three times the demand.

    Why: news and failures multiply calls by 3 to 15; drive-up beyond capacity [seed 004; domain R32].
    Computed: a tier-1 activity that no scenario hits with demand x 3 or more.
    Fix: a surge scenario with a playbook.

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
    needs in
    erlang) can not do the week's arrivals; or catching up after one lost day takes longer than its age target.
    Fix: overtime, a partner.

        activities:
          - {id: mail, kind: email, deferrable: true, targets: {age_s: 3d}}
    """
    for a in g.plan.activities.values():
        if not a.deferrable:
            continue
        if a.volumes is None or a.aht_s is None or any(x.roster is None for x in g.work.groups_for(a)):
            yield unknown(a, *(f for f in ("volumes", "aht_s") if getattr(a, f) is None))
            continue
        spare_h, week = _spare_h(g, a.id), g.work.weekly(a.volumes)
        if week is None:
            yield unknown(a, why=f"the volume table of {a.title} lacks a day of the week")
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


def _spare_h(g: Ground, name: str) -> float:
    """Return the agent hours a week that the people for deferrable work have beyond their other work's load."""
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
        people = sum(g.work.headcount(x) or 0.0 for x in theirs)
        shared = sum(g.work.headcount(x) or 0.0 for x in theirs if x.id in ids)
        if people and shared:
            week_h = (g.work.weekly(other.volumes) or 0.0) * other.aht_s / 3600 / other.concurrency
            busy += week_h * shared / people
    return rostered - busy


@rule("AR-173", "medium", serves="TST-05 MET-10")
def test_would_break_service(g: Ground) -> Verdicts:
    """A planned test would break the service level.

    Why: adapt without disturbing business as usual [seed 004].
    Computed: of an operations-based exercise that is still to be held: predicted_sl < least_sl.
    Fix: move it to a quieter window.

        exercises:
          - {id: next-drill, kind: drill, planned_on: 2027-02-10, predicted_sl: 0.85, least_sl: 0.8}
    """
    for x in g.plan.exercises.values():
        if x.held_on is not None or x.kind not in OPERATIONS or (x.planned_on is not None and x.planned_on < g.as_of):
            continue
        if x.predicted_sl is None or x.least_sl is None:
            yield unknown(x, *(f for f in ("predicted_sl", "least_sl") if getattr(x, f) is None))
        elif x.predicted_sl < x.least_sl:
            message = f"{x.title} would leave a service level of {x.predicted_sl:.0%}, {x.least_sl:.0%} is the least"
            yield fail(x, message, at="predicted_sl", predicted_sl=x.predicted_sl, least_sl=x.least_sl)
        else:
            yield ok(x)


@rule("AR-174", "low", serves="RSK-17 STR-27")
def insurance_does_not_follow_the_plan(g: Ground) -> Verdicts:
    """Insurance is missing, has run out, or pays for less time than recovery takes.

    Why: the way back costs most when income is least [DRI; FFIEC].
    Computed: no business interruption or extra expense policy; or it has run out, or its indemnity period < the 90 %
    duration of a scenario of the plan that takes a site.
    Fix: review it with the broker.

        insurance:
          - {id: bi, kind: business_interruption, indemnity_period_s: 550d, expires: 2027-12-31}
    """
    lost = [s for s in g.plan.scenarios.values() if g.closed_in(s)]
    policies = [p for p in g.plan.insurance.values() if p.kind in ("business_interruption", "extra_expense")]
    if not g.plan.insurance:
        yield unknown(g.plan.organization, why="the plan lists no insurance")
        return
    if not policies:
        yield fail(g.plan.organization, "no policy pays for interruption or extra expense", *g.plan.insurance)
    for p in policies:
        covered = [s for s in lost if not p.categories or s.category in p.categories]
        longest = max(covered, key=lambda s: s.duration.p90_s, default=None)
        if p.expires is not None and p.expires < g.as_of:
            yield fail(p, f"{p.title} ran out on {p.expires}", at="expires", expires=p.expires)
        elif p.indemnity_period_s is None:
            yield unknown(p, "indemnity_period_s")
        elif longest is not None and p.indemnity_period_s < longest.duration.p90_s:
            message = (
                f"{p.title} pays for {dur(p.indemnity_period_s)}, {longest.title} may last "
                f"{dur(longest.duration.p90_s)}"
            )
            yield fail(p, message, longest.id, at="indemnity_period_s", indemnity_period_s=p.indemnity_period_s)
        else:
            yield ok(p)
