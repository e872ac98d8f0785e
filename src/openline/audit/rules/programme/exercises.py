"""What was exercised, with whom, and what was measured."""

from datetime import date

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import category_of, names, nothing_listed, untiered, work_sites
from openline.audit.rules.vendors import critical_vendors
from openline.audit.trials import held
from openline.plan.exercises import OPERATIONS, Exercise
from openline.plan.programme import PlanDocument
from openline.plan.record import Entity
from openline.plan.scenarios import CATEGORIES
from openline.scenarios.binding import selected


def _last(g: Ground, name: str, *, operations: bool = False, reach: set[str] | None = None) -> date | None:
    """Return the last day on which something, or a thing in `reach`, was exercised."""
    wanted = {name} | (reach or set())
    days = [x.held_on for x in held(g) if wanted & _tried(g, x) and (x.kind in OPERATIONS or not operations)]
    return max((d for d in days if d is not None), default=None)


def _tried(g: Ground, x: Exercise) -> set[str]:
    """Return what an exercise tried: its scope; without one, what its scenario hits and the playbook for it."""
    if x.scope or x.scenario is None:
        return set(x.scope)
    played = g.plan.scenarios[x.scenario]
    return {*played.playbook, *(i for e in played.effects for i in selected(g.plan, e.selector))}


def _exercised(g: Ground, e: Entity) -> set[str]:
    """Return the ids that count for something when they are in an exercise's scope: it, and procedures that
    cover it; of a plan document the procedures that it is made of.
    """
    if isinstance(e, PlanDocument):
        return {*e.identification, *e.emergency_mode, *e.resumption, *e.procedures}
    return {p.id for p in g.procedures_for.get(e.id, ()) if p.phase in ("activate", "recover", "restore", "safety")}


@rule("AR-150", "high", serves="TST-01 TST-06")
def not_exercised_within_a_year(g: Ground) -> Verdicts:
    """A plan, a tier-1 activity or a site was not exercised within a year.

    Why: people forget, and plans rot [ISO 22301 8.5; DORA and PCI yearly; FCD].
    Computed: the last exercise held with it, or a procedure that covers it (of a plan: one that it is made of), in
    scope (where an exercise states none: what its scenario hits, and its playbook) is over 365 days ago, or there was
    none.
    Fix: put an exercise of it into the calendar, and hold it.

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
    Fix: a drill in which something is really switched, moved or called.

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
    Fix: write its objectives down, rate what was seen, and finish the report.

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
        at = {"objectives": "objectives", "evaluations": "evaluations", "a report": "report_on"}
        yield fail(x, f"{x.title} lacks {names(lacks)}", at=at[lacks[0]], lacks=lacks) if lacks else ok(x)


@rule("AR-154", "medium", serves="TST-01 RSK-06")
def category_never_exercised(g: Ground) -> Verdicts:
    """A kind of disruption was never exercised.

    Why: factor in all of these possibilities [seed 004].
    Computed: no exercise within 36 months with a scenario of one of the four categories or cyber; a reason under
    not_applicable excuses it. Where no exercise that was held names its scenario, or one was played of no known
    category, nothing can be told.
    Fix: plan an exercise with a scenario of it.

        exercises:
          - {id: cyber-tabletop, kind: tabletop, held_on: 2026-06-10, scenario: ransomware}
    """
    yield from nothing_listed(g.plan, "exercises")
    played = held(g)
    if played and not any(x.scenario for x in played):
        yield unknown(g.plan.organization, why="no exercise says which scenario it played")
        return
    names_ = dict.fromkeys(x.scenario for x in played if x.scenario is not None)
    blank = [s for i in names_ if category_of(s := g.plan.scenarios[i]) is None]
    for category in CATEGORIES if g.plan.exercises else ():
        if g.plan.organization.not_applicable.get(category):
            continue
        days = [x.held_on for x in played if x.scenario and category_of(g.plan.scenarios[x.scenario]) == category]
        day = max((d for d in days if d is not None), default=None)
        if g.older(day, g.limits.category_age_d) and blank:
            yield unknown(blank[0], "category")
        elif g.older(day, g.limits.category_age_d):
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
    Computed: no exercise within 24 months that names it among those who took part or in its scope; only those who run
    something for us: carriers, providers, hosted and cloud services, partners. A partner and its company are one.
    Fix: invite it to the next exercise.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, vendors: [callwright, beacon]}
    """
    yield from untiered(g)
    yield from nothing_listed(g.plan, "exercises")
    if not g.plan.exercises:
        return
    last: dict[str, date] = {}
    for x in held(g):
        for name in (*x.vendors, *(i for i in x.scope if i in g.plan.vendors or i in g.plan.partners)):
            last[name] = max(last.get(name, x.held_on or g.as_of), x.held_on or g.as_of)
    things: list[Entity] = [v for v in critical_vendors(g) if not _sells_only(g, v.id)]
    things += [p for p in g.plan.partners.values() if any(a.partner == p.id for a in g.plan.agreements.values())]
    for e in things:
        same = [p for p in g.plan.partners.values() if e.id in (p.id, p.vendor)]
        ids = {e.id, *(i for p in same for i in (p.id, p.vendor) if i)}
        days = [*(last.get(i) for i in ids), *(p.last_joint_exercise for p in same)]
        day = max((d for d in days if d is not None), default=None)
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


@rule("AR-168", "medium", serves="TST-06 MET-05")
def result_without_measured_time(g: Ground) -> Verdicts:
    """A recovery was tried, and nobody took the time.

    Why: documenting the results is what makes it a proof [GSA].
    Computed: an exercise that was held and tried a recovery (tests_recovery, or a recovery procedure, a backup or an
    arrangement to fail over, move or restore in scope of a drill, functional or full-scale one) without rta_s or
    failover_s; the age of the data alone is no time.
    Fix: take the time until the minimum is reached, and the age of the data.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, tests_recovery: true, measured: {rta_s: 700s}}
    """
    yield from nothing_listed(g.plan, "exercises")
    for x in held(g):
        recovers = any(_recovers(g, n) for n in x.scope)
        tried = x.tests_recovery if x.tests_recovery is not None else (recovers and x.kind in OPERATIONS)
        if x.tests_recovery is None and x.kind in OPERATIONS and not x.scope:
            yield unknown(x, "tests_recovery", "scope")
        elif not tried:
            yield ok(x)
        elif x.measured.rta_s is None and x.measured.failover_s is None:
            yield fail(x, f"{x.title} tried a recovery and measured no time", at="measured")
        else:
            yield ok(x)


def _recovers(g: Ground, name: str) -> bool:
    procedure, arrangement = g.plan.procedures.get(name), g.plan.arrangements.get(name)
    ways = ("failover", "alternate_site", "relocation", "data_restore")
    return (
        name in g.plan.backups
        or (procedure is not None and procedure.phase == "recover")
        or (arrangement is not None and arrangement.option in ways)
    )


@rule("AR-173", "medium", serves="TST-05 MET-10")
def test_would_break_service(g: Ground) -> Verdicts:
    """A planned test would break the service level.

    Why: adapt without disturbing business as usual [seed 004].
    Computed: of an operations-based exercise that is still to be held: predicted_sl < least_sl (where none is stated:
    the service target of the activities in its scope that is counted in the same way).
    Fix: move it to a quieter window.

        exercises:
          - {id: next-drill, kind: drill, planned_on: 2027-02-10, predicted_sl: 0.85, least_sl: 0.8}
    """
    for x in g.plan.exercises.values():
        if x.held_on is not None or x.kind not in OPERATIONS or (x.planned_on is not None and x.planned_on < g.as_of):
            continue
        least = x.least_sl if x.least_sl is not None else _goal(g, x)
        if x.predicted_sl is None or least is None:
            lacks = {"predicted_sl": x.predicted_sl, "least_sl": least}
            yield unknown(x, *(f for f, value in lacks.items() if value is None))
        elif x.predicted_sl < least:
            message = f"{x.title} would leave a service level of {x.predicted_sl:.0%}, {least:.0%} is the least"
            yield fail(x, message, at="predicted_sl", predicted_sl=x.predicted_sl, least_sl=least)
        else:
            yield ok(x)


def _goal(g: Ground, x: Exercise) -> float | None:
    """Return the highest service target of the activities that an exercise tries, counted as its prediction is."""
    activities = [g.plan.activities[i] for i in x.scope if i in g.plan.activities]
    return max((a.sl.x for a in activities if a.sl is not None and a.sl.formula_id == x.sl_formula_id), default=None)
