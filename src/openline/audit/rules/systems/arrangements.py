"""What a critical system falls back on, what proves it, and who answers for it."""

from datetime import date

from openline.audit.copies import data_matter
from openline.audit.fallback import TECHNICAL, bearable, by_hand, needed_share, relieved
from openline.audit.finding import Verdict, fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed, untiered
from openline.audit.rules.systems.components import critical_parts
from openline.audit.trials import trials
from openline.plan.arrangements import Arrangement
from openline.plan.systems import System


@rule("AR-060", "critical", serves="STR-02 STR-20 STR-27")
def critical_system_without_arrangement(g: Ground) -> Verdicts:
    """A critical system or support function has nothing to fall back on.

    Why: back-up and failover arrangements are defined for each critical system and support function [GSA].
    Computed: a system that tier 1 needs has no standby, is no one of several, has no arrangement other than by hand, no
    workaround (its own or an arrangement's) that carries the minimum, and costs more than the minimum can bear.
    Fix: give it a standby or a second one beside it, or a workaround that carries the minimum.

        arrangements:
          - {id: local-sign-on, for: [identity], option: manual, capacity: 0.9, time_to_effect_s: 20m}
    """
    yield from untiered(g)
    for s in g.critical_systems:
        if g.is_composite(s):
            continue
        share, done = needed_share(g, s), by_hand(g, s)
        if relieved(g, s) or bearable(g, s):
            yield ok(s)
        elif done is not None and share is None:
            yield unknown(
                s, why=f"whether the workaround of {s.title} is enough can not be told without minimum_capacity"
            )
        elif done is not None and done >= (share or 0.0):
            yield ok(s)
        elif done is None and s.standby == "alternate_process":
            yield unknown(s, "manual_workaround")
        else:
            told = "" if done is None else f" but a workaround for {done:.0%}, where {share:.0%} is needed"
            yield fail(s, f"{s.title} has nothing to fall back on{told}", at="standby", standby=s.standby)


@rule("AR-062", "high", serves="STR-04 TST-04 TST-06 TST-09")
def standby_never_proven(g: Ground) -> Verdicts:
    """A standby or an arrangement was not proven lately.

    Why: things that look good on paper fail real-life tests [DATAMARK].
    Computed: an arrangement or failover for what tier 1 needs without a pass within 365 days, or whose last test
    failed. A drill, functional or full-scale exercise that has it in scope is a test as well. Where an arrangement says
    nothing of proof, the test of its agreement, of the homes, copies or failover that it stands on counts. For what
    tier 1 does not need, a stated test that is old or failed counts, silence does not.
    Fix: a failover drill, and note its day, its time and whether it passed.

        arrangements:
          - {id: acd-failover, for: [acd], option: failover, proof: {level: proven, on: 2026-09-02, passed: true}}
    """
    yield from untiered(g)
    for r in g.plan.arrangements.values():
        if "proof" in r.model_fields_set or any(_relied_on(g, name) for name in r.for_):
            yield _arrangement_proven(g, r)
    for s in g.plan.systems.values():
        tried = s.failover.measured_on is not None or s.failover.passed is not None
        stands_by = s.standby in ("hot", "warm", "cold") or s.standby_system is not None
        if g.is_composite(s) or not (tried or (stands_by and g.matters(s))):
            continue
        if stands_by or s.standby == "alternate_process":
            yield _failover_proven(g, s)
    if not g.plan.arrangements and not any(s.standby for s in g.critical_systems):
        yield unknown(g.plan.organization, why="the plan lists neither arrangements nor standbys")


def _arrangement_proven(g: Ground, r: Arrangement) -> Verdict:
    done = trials(g, {r.id}, but=r.proof.on)
    if r.proof.on is not None and r.proof.level != "claimed":
        done.append((r.proof.on, r.proof.passed is False))
    if r.proof.passed is False and r.proof.on is None:
        return fail(r, f"the last test of {r.title} failed", *r.for_, at="proof")
    if "proof" not in r.model_fields_set:
        done += [(day, False) for day in _known_elsewhere(g, r)]
    if not done and r.proof.level == "claimed":
        return fail(r, f"{r.title} is claimed, never tested", *r.for_, at="proof", level=r.proof.level)
    if not done:
        return unknown(r, "proof.on")
    day, failed = max(done)
    if failed:
        return fail(r, f"the last test of {r.title} failed", *r.for_, at="proof", on=day)
    if g.older(day, g.limits.standby_test_d):
        age = g.age_d(day)
        return fail(r, f"{r.title} was last proven {age} days ago", *r.for_, at="proof", age_d=age)
    return ok(r)


def _known_elsewhere(g: Ground, r: Arrangement) -> list[date]:
    """Return the days on which what an arrangement stands on was tried: its agreement, homes, copies, failovers."""
    days = [g.plan.agreements[r.agreement].last_test] if r.agreement is not None else []
    for name in r.for_:
        if r.option == "remote_work":
            groups = [g.plan.agent_groups[name]] if name in g.plan.agent_groups else g.groups_at.get(name, [])
            days += [x.remote.verified_on for x in groups if x.remote is not None]
        if r.option == "data_restore":
            days += [b.last_restore_test for b in g.plan.backups.values() if name in (b.id, b.of)]
        if r.option in ("failover", "redundancy") and name in g.plan.systems:
            failover = g.plan.systems[name].failover
            days += [failover.measured_on] if failover.passed is not False else []
    return [d for d in days if d is not None]


def _failover_proven(g: Ground, s: System) -> Verdict:
    f = s.failover
    done = trials(g, {s.id}, but=f.measured_on, measured=True)
    if f.measured_on is not None:
        done.append((f.measured_on, f.passed is False))
    if f.passed is False and f.measured_on is None:
        return fail(s, f"the last failover of {s.title} failed", at="failover")
    standing_by = (r for r in g.arrangements.get(s.id, ()) if r.option in TECHNICAL or r.standby is not None)
    if not done and any(r.proof.level != "claimed" for r in standing_by):
        return ok(s)
    if not done:
        return fail(s, f"the failover of {s.title} was never tried", at="failover")
    day, failed = max(done)
    if failed:
        return fail(s, f"the last failover of {s.title} failed", at="failover", on=day)
    if g.older(day, g.limits.standby_test_d):
        age = g.age_d(day)
        return fail(s, f"the failover of {s.title} was tried {age} days ago", at="failover", age_d=age)
    return ok(s)


def _relied_on(g: Ground, name: str) -> bool:
    part = g.plan.components.get(name)
    return data_matter(g, name) or (part is not None and part in critical_parts(g))


@rule("AR-066", "high", serves="STR-03 PPL-02")
def arrangement_without_a_responsible_role(g: Ground) -> Verdicts:
    """Nobody is responsible for an arrangement.

    Why: define who will be responsible for implementation [GSA].
    Computed: responsible_role missing, or held by nobody active.
    Fix: name the role that carries it out, and somebody who holds it.

        arrangements:
          - {id: acd-failover, for: [acd], option: failover, responsible_role: telecom-engineer}
    """
    yield from nothing_listed(g.plan, "arrangements")
    for r in g.plan.arrangements.values():
        if r.responsible_role is None:
            yield fail(r, f"nobody is responsible for {r.title}", at="responsible_role")
        elif g.vacant(r.responsible_role):
            role = g.plan.roles[r.responsible_role]
            yield fail(r, f"{role.title}, responsible for {r.title}, is vacant", role.id, at="responsible_role")
        else:
            yield ok(r)
