"""Who leads, may declare which level, spend what and speak to the press, by the written authority of roles."""

from openline.incident.command import Context
from openline.incident.state import State
from openline.plan.document import Plan
from openline.plan.record import Money
from openline.plan.roles import ContinuityRole


def declarers(plan: Plan, level: int) -> list[str]:
    """Return the roles that may declare a level, in order of succession: the level's list, then wider authority."""
    named = [r for x in plan.levels.values() if x.number == level for r in x.authority]
    wider = [
        r.id for r in plan.roles.values() if r.authority and (r.authority.declare_level_max or 0) >= level and level > 0
    ]
    return list(dict.fromkeys([*named, *wider]))


def duty_roles(plan: Plan) -> list[str]:
    """Return the roles called at a first sign: those called from level 0 or 1 on, else the first with authority."""
    early = [r.id for r in plan.roles.values() if r.level_called is not None and r.level_called <= 1]
    return early or [r.id for r in plan.roles.values() if r.ics_function == "command"][:1]


def leaders(state: State, plan: Plan) -> list[str]:
    """Return the roles that lead at the level in force, in order of succession; a command that was taken comes first.

    Where the plan names nobody for the level, those who are called at a first sign lead.
    """
    found = [r for r in declarers(plan, state.level) if r in plan.roles] or duty_roles(plan)
    return sorted(found, key=lambda r: not (r in state.roles and plan.roles[r].ics_function == "command"))


def named(plan: Plan, level: int) -> str:
    """Return in words who may declare a level, in order: each role with those who hold it and are there."""
    return "; ".join(_named(plan, r) for r in declarers(plan, level) if r in plan.roles)


def _named(plan: Plan, role: str) -> str:
    there = [p for p in plan.roles[role].holders if p in plan.persons and plan.persons[p].status == "active"]
    people = ", ".join(plan.persons[p].title for p in there) or "nobody is there"
    return f"{role} ({people})"


def may_declare(c: Context, level: int) -> tuple[bool, bool]:
    """Return (whether who acts may declare the level, whether they are not known as a holder of the role).

    A plan without levels and without written authority lets everybody with the right to declare do so: a small
    centre must not be stopped by an empty form. A trigger with automatic authority acts as the system.
    """
    roles = declarers(c.plan, level)
    if c.actor.is_system or not roles:
        return True, False
    role = c.actor.role
    if role not in roles:
        return False, False
    holders = c.plan.roles[role].holders if role in c.plan.roles else ()
    return True, c.actor.person is None or c.actor.person not in holders


def activation_fee(plan: Plan, arrangement: str) -> Money | None:
    """Return what it costs to call an arrangement out, None when no agreement states a fee."""
    agreement = plan.agreements.get(plan.arrangements[arrangement].agreement or "")
    return agreement.activation_fee if agreement is not None else None


def may_spend(c: Context, fee: Money) -> bool:
    """Tell whether who acts may spend a fee by their role (PPL-03).

    In a plan that limits nobody everybody with the right to act may: a small centre must not be stopped by an empty
    form.
    """
    if c.actor.is_system or not any(_limit(r) for r in c.plan.roles.values()):
        return True
    role = c.plan.roles.get(c.actor.role or "")
    return role is not None and _reaches(role, fee)


def spenders(plan: Plan, fee: Money) -> tuple[str, ...]:
    """Return the roles whose written limit reaches a fee, command first, then in the order of the plan."""
    able = [r for r in plan.roles.values() if _reaches(r, fee)]
    return tuple(r.id for r in sorted(able, key=lambda r: r.ics_function != "command"))


def speakers(plan: Plan) -> tuple[str, ...]:
    """Return the roles that may speak to the press by their written authority."""
    return tuple(r.id for r in plan.roles.values() if r.authority is not None and r.authority.media)


def _limit(role: ContinuityRole) -> Money | None:
    return role.authority.spend_limit if role.authority is not None else None


def _reaches(role: ContinuityRole, fee: Money) -> bool:
    limit = _limit(role)
    return limit is not None and limit.currency == fee.currency and limit.amount >= fee.amount
