"""Who may declare which level: the level's own list, then roles whose written authority reaches it."""

from openline.incident.command import Context
from openline.plan.document import Plan


def declarers(plan: Plan, level: int) -> list[str]:
    """Return the roles that may declare a level, in order of succession: the level's list, then wider authority."""
    named = [r for x in plan.levels.values() if x.number == level for r in x.authority]
    wider = [
        r.id for r in plan.roles.values() if r.authority and (r.authority.declare_level_max or 0) >= level and level > 0
    ]
    return list(dict.fromkeys([*named, *wider]))


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
