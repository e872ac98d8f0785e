"""Steps: who does them, in what time, with what."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.paths import occasions, response_ways
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.plan.activities import Activity
from openline.plan.procedures import Procedure, Step
from openline.plan.record import OBJECT_COLLECTIONS
from openline.plan.systems import System
from openline.units import format_duration as dur


@rule("AR-134", "medium", serves="REC-01 PLN-12")
def step_without_role_or_duration(g: Ground) -> Verdicts:
    """A step says not who does it, or how long it takes.

    Why: without both, nobody can say whether the RTO is met [practice].
    Computed: role or duration missing in a step; a step that is automated needs no role.
    Fix: name the role of each step, and its shortest, likely and longest time.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start the failover, role: telecom-engineer,
             duration: {optimistic_s: 2m, likely_s: 4m, pessimistic_s: 10m}}]}
    """
    yield from nothing_listed(g.plan, "procedures")
    for p in g.plan.procedures.values():
        nobody = [s.id for s in p.steps if s.role is None and s.automation is None]
        endless = [s.id for s in p.steps if s.duration is None]
        faults = [f"nobody does {names(nobody)}"] if nobody else []
        faults += [f"{names(endless)} takes an unknown time"] if endless else []
        yield (
            fail(p, f"{p.title}: {'; '.join(faults)}", at="steps", no_role=nobody, no_duration=endless)
            if faults
            else ok(p)
        )


@rule("AR-135", "medium", serves="PLN-12 MNT-01")
def step_refers_to_what_is_gone(g: Ground) -> Verdicts:
    """A step uses somebody who has left, or a system that was retired.

    Why: the runbook stops there [GSA: up to date].
    Computed: a step's objects, or a procedure's covers, prerequisites or places where it is stored, name a person who
    has left, a role (of who does or approves a step) nobody holds, or an object with the tag `retired` or
    `decommissioned`, or whose last review ended in `retired`. (What is not in the plan at all is refused on loading.)
    Fix: edit the steps, or put somebody into the role.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start the failover, objects: [acd-standby]}]}
    """
    yield from nothing_listed(g.plan, "procedures")
    for p in g.plan.procedures.values():
        named = dict.fromkeys((*p.covers, *p.prerequisites, *p.stored_on, *(o for s in p.steps for o in s.objects)))
        gone = [n for n in named if _is_gone(g, n)]
        roles = dict.fromkeys(r for s in p.steps for r in (s.role, s.approver) if r in g.plan.roles)
        gone += [r for r in roles if r is not None and g.vacant(r)]
        if gone:
            yield fail(p, f"{p.title} counts on what is gone: {names(gone)}", *gone, at="steps", gone=gone)
        else:
            yield ok(p)


def _is_gone(g: Ground, name: str) -> bool:
    person = g.plan.persons.get(name)
    if person is not None:
        return person.status == "left"
    found = next((e for c in OBJECT_COLLECTIONS if (e := g.plan.collection(c).get(name)) is not None), None)
    reviews = [r for r in g.plan.reviews.values() if r.object == name and r.done is not None]
    last = max(reviews, key=lambda r: r.done or g.as_of, default=None)
    gone = found is not None and not {"retired", "decommissioned"}.isdisjoint(found.tags)
    return gone or (last is not None and last.outcome == "retired")


@rule("AR-137", "high", serves="REC-01 ACT-03")
def people_are_needed_twice(g: Ground) -> Verdicts:
    """Recovery is late because the same people are needed in two places.

    Why: a plan that fits on paper fails when one engineer does three things at once (assumed).
    Computed: the way through the procedures of one scenario, and those for none in particular, with each role and each
    resource doing one step at a time > RTO (of a system without one: the tightest of what needs it), though without
    that limit it is not. A team does as many steps at a time as it has people; roles that only one and the same person
    holds count as one.
    Fix: add people, or put steps one after the other on purpose.

        procedures:
          - {id: acd-to-hill, phase: recover, covers: [acd], steps: [{id: go, text: Start, role: telecom-engineer}]}
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    when = occasions(g)
    for e in things:
        ways = response_ways(g, e.id, when)
        if not all(w.timed for w in ways):
            yield unknown(e, "duration of steps")
        if not ways or not all(w.timed for w in ways):
            continue
        rto_s = g.rto_of(e.id)
        late = [w for w in ways if rto_s is not None and w.mean_s <= rto_s < w.levelled_s]
        if rto_s is None:
            yield unknown(e, "rto_s")
        elif late:
            path = max(late, key=lambda w: w.levelled_s)
            message = (
                f"{e.title}: {dur(path.mean_s)} when nobody is needed twice, {dur(path.levelled_s)} as "
                f"people are; the RTO is {dur(rto_s)}"
            )
            yield fail(
                e,
                message,
                *path.procedures,
                at="rto_s",
                free_s=round(path.mean_s),
                levelled_s=round(path.levelled_s),
                rto_s=rto_s,
            )
        else:
            yield ok(e)


SAYS = {
    "verify": ("verify", "check", "test", "confirm", "validate", "see that"),
    "rollback": ("roll back", "rollback", "undo", "switch back"),
    "reconcile": ("reconcil", "key in", "re-key", "rekey", "re-enter", "sync", "compare", "merge"),
    "backlog": ("backlog", "catch up", "call back", "callback"),
}
"""Words by which a step of no stated kind is known for what it does."""


def does(step: Step, kind: str) -> bool:
    """Tell whether a step is of a kind, by what it states or, when it states nothing, by its words."""
    if step.kind == kind:
        return True
    return step.kind == "act" and any(word in step.text.lower() for word in SAYS[kind])


@rule("AR-138", "medium", serves="REC-01 PLN-12 TST-05")
def no_check_or_way_back(g: Ground) -> Verdicts:
    """A recovery has no step that checks, or no way back.

    Why: something was overlooked, or a component is not working properly [DATAMARK].
    Computed: a procedure of the phase recover or restore without a step of kind verify (or words, or a last step with
    an expected result), or without any rollback.
    Fix: add a step that checks the result, and say how to go back when it fails.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start, rollback: Switch back}, {id: test,
             text: Call, kind: verify}]}
    """
    found = [p for p in g.plan.procedures.values() if p.phase in ("recover", "restore")]
    if not found:
        yield unknown(g.plan.organization, why="no procedure recovers or restores anything")
    for p in found:
        followed = {b for s in p.steps for b in s.predecessors}
        last = [s for s in p.steps if s.id not in followed] if followed else p.steps[-1:]
        checks = any(does(s, "verify") for s in p.steps) or any(s.expected_result for s in last)
        back = any(does(s, "rollback") or s.rollback for s in p.steps)
        lacks = ([] if checks else ["a step that checks"]) + ([] if back else ["a way back"])
        yield fail(p, f"{p.title} lacks {names(lacks)}", at="steps", lacks=lacks) if lacks else ok(p)


@rule("AR-139", "medium", serves="RST-01 RST-03 RST-04")
def restoration_without_reconciliation(g: Ground) -> Verdicts:
    """Work done by hand or on a standby is never put back together.

    Why: keying in and comparing is part of the way back [NIST SP 800-34].
    Computed: a critical system that has a manual workaround, or a standby that is warm, cold or another way of
    working, and the procedures of the phase restore that cover it, what needs it or nothing in particular (where none
    does: all) have no step that reconciles (by kind or words).
    Fix: add a step that keys in and compares what was done meanwhile, and one that clears the backlog.

        procedures:
          - {id: return, phase: restore, steps: [{id: key-in, text: Key in forms, kind: reconcile}, {id: clear,
             text: Clear mail, kind: backlog}]}
    """
    yield from untiered(g)
    by_hand = [
        s
        for s in g.critical_systems
        if s.manual_workaround is not None or s.standby in ("alternate_process", "warm", "cold")
    ]
    if not by_hand:
        return
    restores = [p for p in g.plan.procedures.values() if p.phase == "restore"]
    if not restores:
        yield unknown(g.plan.organization, why="there is no procedure of the phase restore")
        return
    faults: dict[tuple[str, str], list[System]] = {}
    for s in by_hand:
        theirs = _restoring(g, s, restores)
        if not any(does(x, "reconcile") for p in theirs for x in p.steps):
            lacking = "puts paper and systems together"
            if not any(does(x, "backlog") for p in theirs for x in p.steps):
                lacking += " and clears the backlog"
            faults.setdefault((theirs[0].id, lacking), []).append(s)
    for (procedure, lacking), systems in faults.items():
        message = f"no step {lacking}, though {names(list(systems))} may be done by hand or on a standby"
        yield fail(g.plan.procedures[procedure], message, *(s.id for s in systems), at="steps", lacks=lacking)
    if not faults:
        yield ok(restores[0])


def _restoring(g: Ground, s: System, restores: list[Procedure]) -> list[Procedure]:
    """Return the restorations that concern a system: of it, of its choice, of what needs it, or of everything."""
    about = {s.id, *g.choices[s.id], *(a.id for a in g.dependents.get(s.id, ()))}
    return [p for p in restores if not p.covers or about & set(p.covers)] or restores
