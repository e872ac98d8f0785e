"""What the findings add up to: checklists, readiness index, proven share, freshness, survival (glossary 2.10)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from openline.audit.checklists import CHECKLISTS, Part
from openline.audit.finding import Severity
from openline.audit.ground import Ground
from openline.audit.loss import below_minimum
from openline.audit.rules.subjects import category_of
from openline.audit.run import Audit, Outcome
from openline.plan.document import Plan

WEIGHTS: dict[Severity, int] = {"critical": 10, "high": 5, "medium": 2, "low": 1}
CAP = 59.0


@dataclass(frozen=True, slots=True)
class Line:
    """One part of a checklist: share 0 to 1 or None when nothing could be judged; `failing` and `open` are rule ids."""

    title: str
    share: float | None
    passed: int
    judged: int
    failing: tuple[str, ...]
    unjudged: tuple[str, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A share with what it counts, None when there is nothing to count; `lacking` are the ids that do not count."""

    title: str
    share: float | None
    counted: float
    of: float
    formula: str
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one audit."""

    readiness: float | None
    capped: bool
    proven: Figure
    freshness: tuple[Figure, ...]
    survival: Figure
    checklists: dict[str, tuple[Line, ...]]


def scores(plan: Plan, found: Audit) -> Scores:
    """Return every figure; each can be followed to the rules and objects behind it."""
    ground = Ground(plan, found.as_of)
    index, capped = readiness(found)
    lists = {c.id: tuple(_line(plan, found, p) for p in c.parts) for c in CHECKLISTS}
    return Scores(index, capped, proven(ground), freshness(ground), survival(ground), lists)


def readiness(found: Audit) -> tuple[float | None, bool]:
    """Return 100 x sum of weights passed / sum of weights that apply, and whether it was capped at 59.

    Weights: critical 10, high 5, medium 2, low 1. A rule that can not be evaluated applies and is not passed. While a
    critical finding is open the index is at most 59.
    """
    share = _share([o for o in found.outcomes.values() if o.applies])
    if share is None:
        return None, False
    critical = any(f.severity == "critical" for f in found.failures)
    return (min(100 * share, CAP), 100 * share > CAP) if critical else (100 * share, False)


def _share(outcomes: Iterable[Outcome]) -> float | None:
    weights = [(WEIGHTS[o.rule.severity], o.state == "pass") for o in outcomes]
    whole = sum(w for w, _ in weights)
    return sum(w for w, passed in weights if passed) / whole if whole else None


def _line(plan: Plan, found: Audit, part: Part) -> Line:
    outcomes = [found.outcomes[r] for r in part.rules if r in found.outcomes and found.outcomes[r].applies]
    share = _share(outcomes)
    told = ""
    if part.holds:
        held, told = _held(plan, found.as_of, part.holds)
        share = held if share is None else share * (1.0 if held else 0.5) if held is not None else share
    return Line(
        title=part.title,
        share=share,
        passed=sum(o.state == "pass" for o in outcomes),
        judged=len(outcomes),
        failing=tuple(o.rule.id for o in outcomes if o.state == "fail"),
        unjudged=tuple(o.rule.id for o in outcomes if o.state == "cannot_evaluate"),
        told=told,
    )


def _held(plan: Plan, as_of: date, what: str) -> tuple[float | None, str]:
    """Return whether the plan holds a fact (1 or 0, or a share), and that in words."""
    name, _, detail = what.partition(":")
    if name == "category":
        return _category(plan, as_of, detail)
    facts: dict[str, Callable[[], int]] = {
        "plans": lambda: len(plan.plans),
        "components": lambda: sum(1 for c in plan.components.values() if c.qty_spare),
        "value": lambda: sum(1 for a in plan.activities.values() if a.value.model_fields_set),
        "seats": lambda: sum(1 for s in plan.sites.values() if s.seats_total is not None),
        "distanced": lambda: sum(1 for s in plan.sites.values() if s.seats_distanced is not None),
        "transfer": lambda: sum(1 for a in plan.activities.values() if a.transfer_s is not None),
        "preventive": lambda: sum(1 for c in plan.controls.values() if c.kind == "preventive"),
        "identification": lambda: sum(len(p.identification) for p in plan.plans.values()),
        "emergency_mode": lambda: sum(len(p.emergency_mode) for p in plan.plans.values()),
        "resumption": lambda: sum(len(p.resumption) for p in plan.plans.values()),
    }
    count = facts[name]()
    return float(count > 0), f"{count} in the plan" if count else "nothing in the plan"


def _category(plan: Plan, as_of: date, category: str) -> tuple[float | None, str]:
    """Return a category's third for each of: an assessed scenario, a playbook, an exercise within three years."""
    theirs = [s for s in plan.scenarios.values() if category_of(s) == category and s.assessed]
    answered = [s for s in theirs if s.playbook]
    since = as_of - timedelta(days=plan.organization.thresholds.category_age_d)
    ids = {s.id for s in theirs}
    tried = [x for x in plan.exercises.values() if x.scenario in ids and x.held_on is not None and x.held_on >= since]
    told = f"scenarios: {len(theirs)}; with a playbook: {len(answered)}; exercises in three years: {len(tried)}"
    return (bool(theirs) + (bool(theirs) and len(answered) == len(theirs)) + bool(tried)) / 3, told


def proven(g: Ground) -> Figure:
    """Return arrangements that tier 1 relies on with a passed test within validity, over all that it relies on."""
    relied = [a for a in g.plan.arrangements.values() if g.needed & set(a.for_)]
    good = [
        a
        for a in relied
        if a.proof.level != "claimed"
        and a.proof.passed is not False
        and not g.older(a.proof.on, g.limits.standby_test_d)
    ]
    lacking = tuple(a.id for a in relied if a not in good)
    return _figure("Proven", len(good), len(relied), "arrangements of tier 1 with a passed test within a year", lacking)


def freshness(g: Ground) -> tuple[Figure, ...]:
    """Return the shares of contacts, procedures and arrangements that were looked at lately."""
    people = [p for p in g.plan.persons.values() if p.status == "active" and p.contacts]
    fresh = [
        p for p in people if not g.older(max((c.verified_on for c in p.contacts if c.verified_on), default=None), 90)
    ]
    books = list(g.plan.procedures.values())
    read = [p for p in books if not g.older(_latest(p.last_reviewed, p.approved_on, p.version_on), 365)]
    ways = list(g.plan.arrangements.values())
    tested = [a for a in ways if a.proof.level != "claimed" and not g.older(a.proof.on, 365)]
    return (
        _figure(
            "Contacts", len(fresh), len(people), "people with a contact checked within 90 days", _rest(people, fresh)
        ),
        _figure("Procedures", len(read), len(books), "procedures read or changed within 12 months", _rest(books, read)),
        _figure("Arrangements", len(tested), len(ways), "arrangements tested within 12 months", _rest(ways, tested)),
    )


def _latest(*days: date | None) -> date | None:
    return max((d for d in days if d is not None), default=None)


def _rest(whole: Iterable[object], part: Iterable[object]) -> tuple[str, ...]:
    kept = {id(e) for e in part}
    return tuple(getattr(e, "id", "") for e in whole if id(e) not in kept)


def survival(g: Ground) -> Figure:
    """Return the yearly frequency of scenarios in which tier 1 keeps or regains its minimum within the RTO, over all.

    Counts what the scenario takes away altogether; people who stay away and customers who call more are the
    simulator's to judge. Scenarios without a frequency are not counted.
    """
    known = [s for s in g.plan.scenarios.values() if s.annual_frequency]
    judged, kept, lacking = 0.0, 0.0, []
    for s in known:
        lost = g.lost_in(s)
        answers = [below_minimum(g, a, lost) for a in g.tier_one]
        if not answers or None in answers:
            continue
        judged += s.annual_frequency or 0.0
        if any(a is not None and a.lasts for a in answers):
            lacking.append(s.id)
        else:
            kept += s.annual_frequency or 0.0
    formula = "scenarios a year in which tier 1 keeps its minimum or regains it within the RTO (objects lost only)"
    return Figure("Survival", kept / judged if judged else None, kept, judged, formula, tuple(lacking))


def _figure(title: str, counted: int, of: int, formula: str, lacking: tuple[str, ...]) -> Figure:
    return Figure(title, counted / of if of else None, counted, of, formula, lacking)
