"""What agreements promise: how firmly, proven when, for how long, on which terms."""

from datetime import date, timedelta

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.overflow import calls, meant
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.arrangements import Arrangement
from openline.plan.exercises import OPERATIONS
from openline.plan.partners import OverflowAgreement
from openline.scenarios.binding import selected
from openline.units import format_duration as dur


@rule("AR-113", "medium", serves="PAR-01")
def best_effort_counted_as_firm(g: Ground) -> Verdicts:
    """Agents that a partner promises only if it can are counted as sure.

    Why: what if the vendor is busy helping other contact centers [Vendor Support].
    Computed: an agreement that an arrangement calls out, or that is meant for tier 1, has priority best_effort, or
    shares its people with more than three other clients; unless the arrangement counts on no more than half of them.
    Fix: reserve them, or count half of them.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             priority: reserved, shared_with_clients: 2}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        using = [r for r, o in calls(g) if o.id == agreement.id]
        counting = [r for r in using if not _discounted(g, r, agreement)]
        if not using and not any(g.tier(a) == 1 for a in meant(g, agreement)):
            continue
        who, ids = names(list(counting)) or "the plan", [r.id for r in counting]
        if using and not counting:
            yield ok(agreement)
        elif agreement.priority == "best_effort":
            stated = "priority" in agreement.model_fields_set
            message = f"{agreement.title} is best effort, and {who} counts on it"
            yield fail(agreement, message, *ids, at="priority") if stated else unknown(agreement, "priority")
        elif (agreement.shared_with_clients or 0) > 3 and agreement.priority != "dedicated":
            message = f"the people of {agreement.title} are promised to {agreement.shared_with_clients} other clients"
            yield fail(agreement, message, *ids, at="shared_with_clients", clients=agreement.shared_with_clients)
        else:
            yield ok(agreement)


def _discounted(g: Ground, r: Arrangement, agreement: OverflowAgreement) -> bool:
    """Tell whether an arrangement counts on no more of a partner's agents than best effort is good for."""
    sure = g.limits.best_effort_frac * max(agreement.agents_contracted, agreement.ramp[-1].agents)
    return r.capacity is not None and 1 < r.capacity <= sure


@rule("AR-114", "high", serves="PAR-01 TST-04")
def overflow_never_tested(g: Ground) -> Verdicts:
    """An overflow was not tried lately, or the partner's training has run out.

    Why: the same as for any standby: it fails when it is first used [DATAMARK; collaborate].
    Computed: last_test over 365 days ago or never (where it is not stated, the last drill, functional or full-scale
    exercise with the agreement, or the arrangement that calls it out, in scope), or training_valid_until past.
    Fix: a joint drill, and renew the training.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             last_test: 2026-09-16, training_valid_until: 2027-06-30}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        day = agreement.last_test or _exercised(g, agreement)
        age = g.age_d(day)
        faults = []
        if g.older(day, g.limits.overflow_test_d):
            faults.append("it was never tried" if age is None else f"it was tried {age} days ago")
        if agreement.training_valid_until is not None and agreement.training_valid_until < g.as_of:
            faults.append(f"training ran out on {agreement.training_valid_until}")
        if faults:
            at = "training_valid_until" if faults[0].startswith("training") else "last_test"
            yield fail(agreement, f"{agreement.title}: {'; '.join(faults)}", at=at, age_d=age)
        elif agreement.training_valid_until is None:
            yield unknown(agreement, "training_valid_until")
        else:
            yield ok(agreement)


def _exercised(g: Ground, agreement: OverflowAgreement) -> date | None:
    """Return the last day on which an agreement was tried for real in an exercise that did not fail."""
    ids = {agreement.id, *(r.id for r, o in calls(g) if o.id == agreement.id)}
    tried = [x for x in g.plan.exercises.values() if x.kind in OPERATIONS and x.passed is not False]
    days = [x.held_on for x in tried if x.held_on and x.held_on <= g.as_of and ids & set(x.scope)]
    return max(days, default=None)


@rule("AR-115", "medium", serves="PAR-01 STR-27")
def agreement_is_too_short(g: Ground) -> Verdicts:
    """A partner helps for a shorter time than a disruption may last, or the agreement ends soon.

    Why: short term and long term are two things [GSA].
    Computed: max_duration_s < the 90 % duration of a scenario that takes a site or people of ours (triangular law of
    min, typical, max), or expires within 90 days.
    Fix: agree a longer duration, and extend it before it ends.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             max_duration_s: 90d, expires: 2027-12-31}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        longest = max(
            ((s.duration.p90_s, s) for s in g.plan.scenarios.values() if _takes_people(g, s.id)),
            key=lambda x: x[0],
            default=None,
        )
        faults = []
        if agreement.max_duration_s is not None and longest is not None and agreement.max_duration_s < longest[0]:
            faults.append(f"it lasts {dur(agreement.max_duration_s)}, {longest[1].title} may last {dur(longest[0])}")
        if agreement.expires is not None and agreement.expires < g.as_of + timedelta(days=g.limits.agreement_left_d):
            faults.append(f"it ends on {agreement.expires}")
        if faults:
            yield fail(
                agreement,
                f"{agreement.title}: {'; '.join(faults)}",
                at="expires" if faults[0].startswith("it ends") else "max_duration_s",
                max_duration_s=agreement.max_duration_s,
                expires=agreement.expires,
            )
        elif agreement.max_duration_s is None or agreement.expires is None:
            yield unknown(agreement, *(f for f in ("max_duration_s", "expires") if getattr(agreement, f) is None))
        else:
            yield ok(agreement)


def _takes_people(g: Ground, scenario: str) -> bool:
    found = g.plan.scenarios[scenario]
    homes = {x.site for x in g.plan.agent_groups.values() if x.site}
    gone = {i for e in found.effects if e.type in ("staff", "down") for i in selected(g.plan, e.selector)}
    return bool(homes & (gone | g.closed_in(found))) or bool(gone & g.plan.agent_groups.keys())


@rule("AR-116", "high", serves="PAR-01")
def regulated_contacts_without_terms(g: Ground) -> Verdicts:
    """Regulated contacts go to a partner that has not signed the terms.

    Why: GDPR, PCI DSS and HIPAA bind whoever handles the data (verify for your case).
    Computed: a regulated activity that the agreement serves, and a term that it asks for (when it names none: data
    processing terms, unless only others are said to be signed) not signed.
    Fix: sign the terms, or send these contacts elsewhere.

        agreements:
          - {id: overflow, partner: beacon, agents_contracted: 40, skills: [claims], notice_s: 1h,
             data_terms: {dpa: true}}
    """
    yield from nothing_listed(g.plan, "agreements")
    for agreement in g.plan.agreements.values():
        for a in meant(g, agreement):
            if a.regulated is None:
                yield unknown(a, "regulated")
                continue
            terms = agreement.data_terms
            other = terms.dpa is None and bool(terms.pci or terms.baa)
            asked = (a.data_terms or (() if other else ("dpa",))) if a.regulated else ()
            lacks = [t.upper() for t in asked if not getattr(terms, t)]
            if lacks:
                told = names(lacks)
                message = f"{a.title} is regulated, and {agreement.title} has not signed {told}"
                yield fail(agreement, message, a.id, at="data_terms", lacks=told)
            else:
                yield ok(agreement)
