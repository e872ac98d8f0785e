"""Who knows what to do, and for how long they can."""

from datetime import date

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names
from openline.plan.exercises import TrainingRecord


@rule("AR-156", "high", serves="TRN-01 TRN-03 PPL-13")
def role_holder_untrained(g: Ground) -> Verdicts:
    """Somebody who holds a role lacks its training, or it has run out.

    Why: train key personnel in their emergency response and recovery roles [GSA; ISO 22301 7.2].
    Computed: an active holder of a role (or somebody on call for it) without a record of a required course (of the
    role, or whose audience the role is), or with the last one older than its validity (365 days when none is stated).
    Fix: train them, and enter the day.

        training_records:
          - {id: r1, course: role-training, person: officer-a, on: 2026-05-06}
    """
    asked: dict[str, set[str]] = {r.id: set(r.required_training) for r in g.plan.roles.values()}
    for c in g.plan.courses.values():
        for role in c.audience_roles:
            asked.setdefault(role, set()).add(c.id)
    last: dict[tuple[str, str], date] = {}
    undated: dict[tuple[str, str], TrainingRecord] = {}
    for t in g.plan.training_records.values():
        if t.person is not None and t.on is not None:
            key = (t.person, t.course)
            last[key] = max(last.get(key, t.on), t.on)
        elif t.person is not None:
            undated[t.person, t.course] = t
    if not any(asked.values()):
        yield unknown(g.plan.organization, why="no role asks for training")
        return
    for r in g.plan.roles.values():
        on_call = [d.person for d in r.on_call if g.active(d.person)]
        for p in dict.fromkeys((*g.holders(r), *on_call)):
            stale = [c for c in sorted(asked[r.id]) if g.older(last.get((p, c)), g.plan.courses[c].validity_d or 365)]
            person = g.plan.persons[p]
            if stale and all((p, c) in undated for c in stale):
                yield unknown(undated[p, stale[0]], "on")
            elif stale:
                courses = names([g.plan.courses[c] for c in stale])
                told = f"never had {courses}" if (p, stale[0]) not in last else f"had {courses} too long ago"
                yield fail(
                    person,
                    f"{person.title}, {r.title}, {told}",
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
    Computed: people with a current awareness course / employees < 95 %. Records one by one count together; of records
    with a number the last one counts, or all of them together when they could be groups of the same employees.
    Fix: a course for those who lack it, and a record of who took it.

        training_records:
          - {id: r1, course: awareness, people: 252, on: 2026-09-30}
    """
    courses = {c.id for c in g.plan.courses.values() if c.awareness}
    employees = g.plan.organization.employees
    of_it = [t for t in g.plan.training_records.values() if t.course in courses]
    records = [t for t in of_it if t.on is not None]
    vague = [t for t in of_it if t.on is None or (t.people is None and t.person is None)]
    if employees is None or (not courses and not records):
        yield unknown(
            g.plan.organization,
            *(("employees",) if employees is None else ()),
            *(() if courses else ("awareness course",)),
        )
        return
    current = [t for t in records if not g.older(t.on, g.plan.courses[t.course].validity_d or g.limits.training_age_d)]
    counted = sorted((t.on, t.people) for t in current if t.people is not None and t.on is not None)
    told = sum(people for _, people in counted)
    told = counted[-1][1] if told > employees else told
    people = max(told, len({t.person for t in current if t.person}))
    share = min(1.0, people / employees) if employees else 1.0
    if share < g.limits.awareness_frac and vague:
        yield unknown(vague[0], "on" if vague[0].on is None else "people")
    elif share < g.limits.awareness_frac:
        message = f"{people} of {employees} employees ({share:.0%}) have a current awareness course"
        yield fail(g.plan.organization, message, *courses, at="employees", share_frac=round(share, 3))
    else:
        yield ok(g.plan.organization)


@rule("AR-170", "medium", serves="REC-06 PPL-01")
def no_relief_for_long_incidents(g: Ground) -> Verdicts:
    """The command can not be held for three days.

    Why: tired people decide badly [long-term recovery].
    Computed: a role of command with fewer than the people that 24 h in shifts of 12 h with equal rest need: 24 / 12
    = 2, when an incident of 72 h must be led.
    Fix: add deputies, so that two shifts can take turns.

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
