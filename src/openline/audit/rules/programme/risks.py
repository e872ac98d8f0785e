"""What threatens, what was accepted, what is insured."""

from decimal import Decimal

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import category_of, excused, names, nothing_listed
from openline.plan.scenarios import CATEGORIES
from openline.units import format_duration as dur


@rule("AR-162", "medium", serves="RSK-16")
def risk_acceptance_without_owner_or_end(g: Ground) -> Verdicts:
    """A risk is accepted by nobody, or for ever.

    Why: somebody must answer for it, and look again [ISO 22301 6.1, 8.2.3].
    Computed: treatment accept (or an acceptance) without `by` or `until`, `until` past, or `by` vacant.
    Fix: name who answers for it and until when, and look at it again by then.

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
            known = known and loss is None and often is None and r.inherent.loss_per_event is None
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
    blank = [s for s in g.plan.scenarios.values() if category_of(s) is None]
    for category in CATEGORIES:
        there = any(category_of(s) == category and s.assessed for s in g.plan.scenarios.values())
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


@rule("AR-174", "low", serves="RSK-17 STR-27")
def insurance_does_not_follow_the_plan(g: Ground) -> Verdicts:
    """Insurance is missing, has run out, or pays for less time than recovery takes.

    Why: the way back costs most when income is least [DRI; FFIEC].
    Computed: no business interruption or extra expense policy is recorded; or it has run out, or its indemnity period
    is not recorded or < the 90 % duration of a scenario of the plan that takes a site. Without scenarios it can not be
    told whether the period is long enough. A reason under not_applicable excuses a plan without insurance.
    Fix: record the policies and their indemnity periods, and review them with the broker.

        insurance:
          - {id: bi, kind: business_interruption, indemnity_period_s: 550d, expires: 2027-12-31}
    """
    lost = [s for s in g.plan.scenarios.values() if g.closed_in(s)]
    policies = [p for p in g.plan.insurance.values() if p.kind in ("business_interruption", "extra_expense")]
    if not policies and excused(g.plan, "insurance"):
        yield ok(g.plan.organization)
    elif not policies:
        told = "no policy pays for interruption or extra expense" if g.plan.insurance else "no insurance is recorded"
        yield fail(g.plan.organization, told, *g.plan.insurance, policies=len(g.plan.insurance))
    for p in policies:
        covered = [s for s in lost if not p.categories or category_of(s) in p.categories]
        longest = max(covered, key=lambda s: s.duration.p90_s, default=None)
        renewed = [o for o in policies if o.kind == p.kind and (o.expires is None or o.expires >= g.as_of)]
        if p.expires is not None and p.expires < g.as_of and renewed:
            continue
        if p.expires is not None and p.expires < g.as_of:
            yield fail(p, f"{p.title} ran out on {p.expires}", at="expires", expires=p.expires)
        elif p.indemnity_period_s is None:
            yield fail(p, f"for how long {p.title} pays is not recorded", at="indemnity_period_s")
        elif not g.plan.scenarios:
            yield unknown(p, why=f"the plan lists no scenarios, so whether {p.title} pays for long enough is not known")
        elif longest is not None and p.indemnity_period_s < longest.duration.p90_s:
            message = (
                f"{p.title} pays for {dur(p.indemnity_period_s)}, {longest.title} may last "
                f"{dur(longest.duration.p90_s)}"
            )
            yield fail(p, message, longest.id, at="indemnity_period_s", indemnity_period_s=p.indemnity_period_s)
        else:
            yield ok(p)
