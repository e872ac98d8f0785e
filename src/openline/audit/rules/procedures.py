"""Procedures and restoration."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.paths import response_path
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed, untiered
from openline.plan.activities import Activity
from openline.plan.procedures import Procedure, Step
from openline.plan.record import Entity
from openline.plan.systems import System
from openline.units import format_duration as dur


def _to_recover(g: Ground) -> list[Entity]:
    """Return tier-1 activities and the systems they need that are things of their own."""
    return [*g.tier_one, *(s for s in g.critical_systems if not g.is_composite(s))]


def _covered(g: Ground, e: Entity, phase: str) -> bool:
    """Tell whether a procedure of a phase covers an object, straight or by the choice that it is part of."""
    if any(p.phase == phase for p in g.procedures_for.get(e.id, ())):
        return True
    choices = g.choices[e.id]
    return any(p.phase == phase for c in choices for p in g.procedures_for.get(c, ()))


@rule("AR-130", "high", serves="PPL-02 REC-01")
def procedure_without_owner(g: Ground) -> Verdicts:
    """Nobody owns a procedure.

    Why: what nobody owns goes stale [GSA: define each team's roles and responsibilities].
    Computed: owner_role missing, or held by nobody active.
    Fix: assign it.

        procedures:
          - {id: acd-to-hill, phase: recover, owner_role: telecom-engineer}
    """
    yield from nothing_listed(g.plan, "procedures")
    for p in g.plan.procedures.values():
        if p.owner_role is None:
            yield fail(p, f"{p.title} has no owner", at="owner_role")
        elif g.vacant(p.owner_role):
            yield fail(
                p, f"{g.plan.roles[p.owner_role].title}, who owns {p.title}, is vacant", p.owner_role, at="owner_role"
            )
        else:
            yield ok(p)


@rule("AR-131", "critical", serves="REC-01 REC-02 PLN-14")
def no_recovery_procedure(g: Ground) -> Verdicts:
    """A critical system or activity has no recovery procedure.

    Why: define the recovery process for each critical system and support function [GSA; ISO 22301 8.4.4].
    Computed: a tier-1 activity or a system that tier 1 needs which no procedure of the phase recover covers.
    Fix: write it.

        procedures:
          - {id: acd-to-hill, phase: recover, covers: [acd-quay]}
    """
    yield from untiered(g)
    for e in _to_recover(g):
        yield ok(e) if _covered(g, e, "recover") else fail(e, f"no procedure recovers {e.title}", procedures=0)


@rule("AR-132", "high", serves="RST-01 RST-02 REC-02")
def no_restoration_procedure(g: Ground) -> Verdicts:
    """Nothing says how things go back to where they were.

    Why: define how failed systems and support functions will be restored to their original states [GSA; ISO 22301
    8.4.5].
    Computed: a tier-1 activity or a system that tier 1 needs which no procedure of the phase restore covers.
    Fix: write it.

        procedures:
          - {id: return, phase: restore, covers: [accidents, acd-quay]}
    """
    yield from untiered(g)
    for e in _to_recover(g):
        yield ok(e) if _covered(g, e, "restore") else fail(e, f"no procedure restores {e.title}", procedures=0)


@rule("AR-133", "medium", serves="TST-04 TST-06")
def procedure_changed_since_it_was_tried(g: Ground) -> Verdicts:
    """A procedure was changed after it was last tried.

    Why: what was proven is the old version [GSA validation].
    Computed: version_on later than the last passed exercise that has it in scope, or it was never in one; for
    procedures of the phases activate, recover, restore and safety.
    Fix: try it again.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, scope: [acd-to-hill], passed: true}
    """
    yield from nothing_listed(g.plan, "procedures")
    tried: dict[str, object] = {}
    for x in sorted(
        (x for x in g.plan.exercises.values() if x.held_on and x.passed), key=lambda x: x.held_on or g.as_of
    ):
        for name in x.scope:
            tried[name] = x.held_on
    for p in g.plan.procedures.values():
        if p.phase not in ("activate", "recover", "restore", "safety"):
            continue
        last = tried.get(p.id)
        if p.version_on is None:
            yield unknown(p, "version_on")
        elif last is None or p.version_on > last:  # type: ignore[operator]
            told = "was never tried" if last is None else f"changed on {p.version_on}, after it was tried on {last}"
            yield fail(p, f"{p.title} {told}", at="version_on", version_on=p.version_on)
        else:
            yield ok(p)


@rule("AR-134", "medium", serves="REC-01 PLN-12")
def step_without_role_or_duration(g: Ground) -> Verdicts:
    """A step says not who does it, or how long it takes.

    Why: without both, nobody can say whether the RTO is met [practice].
    Computed: role or duration missing in a step.
    Fix: fill them in.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start the failover, role: telecom-engineer,
             duration: {optimistic_s: 2m, likely_s: 4m, pessimistic_s: 10m}}]}
    """
    yield from nothing_listed(g.plan, "procedures")
    for p in g.plan.procedures.values():
        nobody = [s.id for s in p.steps if s.role is None]
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
    Computed: a step's objects, or a procedure's covers or prerequisites, name a person who has left, a role nobody
    holds, or an object with the tag `retired`. (What is not in the plan at all is refused on loading.)
    Fix: edit it.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start the failover, objects: [acd-standby]}]}
    """
    yield from nothing_listed(g.plan, "procedures")
    for p in g.plan.procedures.values():
        named = dict.fromkeys((*p.covers, *p.prerequisites, *(o for s in p.steps for o in s.objects)))
        gone = [n for n in named if _is_gone(g, n)]
        roles = dict.fromkeys(s.role for s in p.steps if s.role in g.plan.roles)
        gone += [r for r in roles if r is not None and g.vacant(r)]
        if gone:
            yield fail(p, f"{p.title} counts on what is gone: {names(gone)}", *gone, at="steps", gone=gone)
        else:
            yield ok(p)


def _is_gone(g: Ground, name: str) -> bool:
    person = g.plan.persons.get(name)
    if person is not None:
        return person.status == "left"
    found = g.plan.node(name) or g.plan.components.get(name) or g.plan.data_sets.get(name)
    return found is not None and "retired" in found.tags


@rule("AR-136", "critical", serves="PPL-08 PLN-07")
def safety_does_not_come_first(g: Ground) -> Verdicts:
    """Where life is in danger, something else comes before safety.

    Why: people first, then business [how to protect the team; ICS].
    Computed: a scenario with danger to life whose playbook has no safety step at all, or whose first procedure has a
    step that is not a safety step and need not wait for its safety steps. Evacuations, fires, gas, tornadoes and
    earthquakes are dangerous unless said otherwise.
    Fix: reorder.

        procedures:
          - {id: leave, phase: safety, steps: [{id: out, text: Leave the building, safety: true}]}
    """
    yield from nothing_listed(g.plan, "scenarios")
    for s in g.plan.scenarios.values():
        if not s.playbook:
            continue  # AR-165 says so
        danger = s.danger_to_life
        if danger is None and s.library is not None:
            danger = s.library in DANGEROUS
        if danger is None:
            yield unknown(s, "danger_to_life")
        elif not danger:
            yield ok(s)
        else:
            book = [g.plan.procedures[i] for i in s.playbook]
            fault = _unsafe(book)
            if fault:
                yield fail(s, f"{s.title}: {fault}", *s.playbook, at="playbook")
            else:
                yield ok(s)


DANGEROUS = (
    "SC-01",
    "SC-02",
    "SC-04",
    "SC-07",
    "SC-08",
    "SC-10",
    "SC-11",
    "SC-12",
    "SC-13",
    "SC-14",
    "SC-50",
    "SC-51",
    "SC-52",
)
"""Records of the library with danger to life."""


def _unsafe(book: list[Procedure]) -> str:
    first = next((p for p in book if p.phase not in ("detect", "assess", "notify")), book[0])
    if not any(s.safety for p in book for s in p.steps):
        return "no step of its playbook looks after people"
    if not any(s.safety for s in first.steps):
        return f"{first.title} comes before anybody looks after people"
    before: dict[str, bool] = {}
    for step in first.steps:
        before[step.id] = step.safety
    safe = {s.id for s in first.steps if s.safety}
    after = {s.id: set(s.predecessors) for s in first.steps}
    for step in first.steps:
        if step.safety:
            continue
        reached, waiting = set[str](), list(after[step.id])
        while waiting:
            at = waiting.pop()
            if at not in reached:
                reached.add(at)
                waiting += after.get(at, ())
        if not reached & safe:
            return f"in {first.title}, {step.id} need not wait for the safety steps"
    return ""


@rule("AR-137", "high", serves="REC-01 ACT-03")
def people_are_needed_twice(g: Ground) -> Verdicts:
    """Recovery is late because the same people are needed in two places.

    Why: a plan that fits on paper fails when one engineer does three things at once (assumed).
    Computed: the way through the procedures with each role and each resource doing one step at a time > rto_s, though
    without that limit it is not.
    Fix: add people, or put steps one after the other on purpose.

        procedures:
          - {id: acd-to-hill, phase: recover, covers: [acd], steps: [{id: go, text: Start, role: telecom-engineer}]}
    """
    things: list[Activity | System] = [*g.plan.activities.values(), *g.plan.systems.values()]
    for e in things:
        path = response_path(g, e.id)
        if path is None or not path.timed:
            if path is not None:
                yield unknown(e, "duration of steps")
            continue
        if e.rto_s is None:
            yield unknown(e, "rto_s")
        elif path.mean_s <= e.rto_s < path.levelled_s:
            message = (
                f"{e.title}: {dur(path.mean_s)} when nobody is needed twice, {dur(path.levelled_s)} as "
                f"people are; the RTO is {dur(e.rto_s)}"
            )
            yield fail(
                e,
                message,
                *path.procedures,
                at="rto_s",
                free_s=round(path.mean_s),
                levelled_s=round(path.levelled_s),
                rto_s=e.rto_s,
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
    Computed: a procedure of the phase recover or restore without a step of kind verify (or one with an expected
    result), or without any rollback.
    Fix: add both.

        procedures:
          - {id: acd-to-hill, phase: recover, steps: [{id: go, text: Start, rollback: Switch back}, {id: test,
             text: Call, kind: verify}]}
    """
    found = [p for p in g.plan.procedures.values() if p.phase in ("recover", "restore")]
    if not found:
        yield unknown(g.plan.organization, why="no procedure recovers or restores anything")
    for p in found:
        checks = any(does(s, "verify") or s.expected_result for s in p.steps)
        back = any(does(s, "rollback") or s.rollback for s in p.steps)
        lacks = ([] if checks else ["a step that checks"]) + ([] if back else ["a way back"])
        yield fail(p, f"{p.title} lacks {names(lacks)}", at="steps", lacks=lacks) if lacks else ok(p)


@rule("AR-139", "medium", serves="RST-01 RST-03 RST-04")
def restoration_without_reconciliation(g: Ground) -> Verdicts:
    """Work done by hand or on a standby is never put back together.

    Why: keying in and comparing is part of the way back [NIST SP 800-34].
    Computed: tier 1 has a manual workaround, or data with a replica or standby, and no procedure of the phase restore
    has a step that reconciles and one that clears the backlog (by kind or words).
    Fix: add them.

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
    steps = [s for p in restores for s in p.steps]
    lacks = [k for k in ("reconcile", "backlog") if not any(does(s, k) for s in steps)]
    if lacks:
        told = " and ".join(
            {"reconcile": "puts paper and systems together", "backlog": "clears the backlog"}[k] for k in lacks
        )
        yield fail(
            restores[0],
            f"no step {told}, though {names(list(by_hand))} may be done by hand",
            *(s.id for s in by_hand),
            at="steps",
            lacks=lacks,
        )
    else:
        yield ok(restores[0])


@rule("AR-140", "high", serves="PLN-05 COM-12")
def no_emergency_service_protocol(g: Ground) -> Verdicts:
    """It is not said what customers of a tier-1 queue get in an emergency.

    Why: protocols for handling inquiries, complaints and requests during emergencies [seed 000].
    Computed: a tier-1 activity without contact types, or with one that lacks an action, a script or the agent's
    authority.
    Fix: write it.

        contact_types:
          - {id: injury, activity: accidents, share: 0.2, emergency_action: serve, script: Card 1,
             authority_limit: 200 GBP}
    """
    yield from untiered(g)
    for a in g.tier_one:
        kinds = [c for c in g.plan.contact_types.values() if c.activity == a.id]
        if not kinds:
            if a.emergency_protocol.strip() and not g.plan.contact_types:
                yield unknown(a, why=f"{a.title} has a protocol, but its contact types are not listed")
            else:
                yield fail(
                    a, f"nothing says which contacts of {a.title} are served in an emergency", at="emergency_protocol"
                )
            continue
        for c in kinds:
            needs_authority = c.emergency_action in ("serve", "short_serve")
            lacks = ["an action"] if c.emergency_action is None else []
            lacks += ["a script"] if not c.script.strip() else []
            lacks += (
                ["the agent's authority"]
                if needs_authority and not c.authority_limit.strip() and c.authority_role is None
                else []
            )
            yield (
                fail(c, f"{c.title} of {a.title} lacks {names(lacks)}", a.id, at="emergency_action", lacks=lacks)
                if lacks
                else ok(c)
            )


@rule("AR-141", "medium", serves="STR-27 TEC-10 PLN-12")
def workaround_can_not_be_used(g: Ground) -> Verdicts:
    """A manual workaround is not complete.

    Why: without form, limit and practice people make it up [HIPAA emergency mode].
    Computed: a workaround without forms, longest duration, a way to capture the data, or people who have practised it.
    Fix: complete it.

        systems:
          - {id: crm, kind: crm, manual_workaround: {text: On paper, capacity_fraction: 0.65, max_duration_s: 24h,
             forms: Form P1, data_capture: Keyed in and compared, trained: true}}
    """
    found = [s for s in g.plan.systems.values() if s.manual_workaround is not None]
    for s in found:
        way = s.manual_workaround
        if way is None:
            continue
        lacks = ["forms"] if not way.forms.strip() else []
        lacks += ["a longest duration"] if way.max_duration_s is None else []
        lacks += ["a way to capture the data"] if not way.data_capture.strip() else []
        lacks += ["people who have practised it"] if way.trained is False else []
        if lacks:
            yield fail(s, f"the workaround of {s.title} lacks {names(lacks)}", at="manual_workaround", lacks=lacks)
        elif way.trained is None:
            yield unknown(s, "manual_workaround.trained")
        else:
            yield ok(s)
