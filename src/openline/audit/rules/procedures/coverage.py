"""What has procedures, and who answers for them."""

from datetime import date

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import nothing_listed, things_to_keep, untiered
from openline.audit.trials import held, passed
from openline.plan.record import Entity


def _to_recover(g: Ground) -> list[Entity]:
    """Return tier-1 activities and the systems they need that are things of their own."""
    return [*g.tier_one, *things_to_keep(g)]


def _covered(g: Ground, e: Entity, phase: str) -> bool:
    """Tell whether a procedure of a phase covers an object, straight or by the choice that it is part of."""
    return any(p.phase == phase for i in (e.id, *g.choices[e.id]) for p in g.procedures_for.get(i, ()))


@rule("AR-130", "high", serves="PPL-02 REC-01")
def procedure_without_owner(g: Ground) -> Verdicts:
    """Nobody owns a procedure.

    Why: what nobody owns goes stale [GSA: define each team's roles and responsibilities].
    Computed: owner_role missing, or held by nobody active.
    Fix: name the role that keeps it right, and somebody who holds it.

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
    Computed: a tier-1 activity or a system that tier 1 needs (at home too, where it is arranged that people work there)
    which no procedure of the phase recover covers.
    Fix: write the steps that bring it back to its minimum, with roles and durations.

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
    Computed: a tier-1 activity or a system that tier 1 needs (at home too, where it is arranged that people work there)
    which no procedure of the phase restore covers.
    Fix: write how each goes back: who checks that it is sound, in which order, and how its data are put together.

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
    Computed: version_on later than the last passed exercise that has it in scope (where none has: of those that name no
    procedure, one that has what it covers in scope, or that played a scenario whose playbook it is in), or it was never
    in one; for procedures of the phases activate, recover, restore and safety, and others that were tried. An exercise
    passed when it says so, or else when each rating is P or S; one that says neither can not be judged.
    Fix: try it again as it is now, and note that it passed.

        exercises:
          - {id: drill, kind: drill, held_on: 2026-09-02, scope: [acd-to-hill], passed: true}
    """
    yield from nothing_listed(g.plan, "procedures")
    tried, whole, unsaid = _tried(g)
    scope = {i for x in held(g) for i in x.scope}
    for p in g.plan.procedures.values():
        if p.phase not in ("activate", "recover", "restore", "safety") and p.id not in scope:
            continue
        books = [s.id for s in g.plan.scenarios.values() if p.id in s.playbook]
        last = tried.get(p.id) or max((whole[i] for i in (*p.covers, *p.scenarios, *books) if i in whole), default=None)
        if p.version_on is None:
            yield unknown(p, "version_on")
        elif last is None and p.id in unsaid:
            yield unknown(p, why=f"whether the exercises of {p.title} passed is not known")
        elif last is None or p.version_on > last:
            told = "was never tried" if last is None else f"changed on {p.version_on}, after it was tried on {last}"
            yield fail(p, f"{p.title} {told}", at="version_on", version_on=p.version_on)
        else:
            yield ok(p)


def _tried(g: Ground) -> tuple[dict[str, date], dict[str, date], set[str]]:
    """Return the last pass by what was in scope, the same of exercises that name no procedure, by scope and scenario,
    and what was in the scope of exercises that do not say how they went.
    """
    tried: dict[str, date] = {}
    whole: dict[str, date] = {}
    unsaid: set[str] = set()
    for x in held(g):
        day = x.held_on or g.as_of
        if passed(x) is None:
            unsaid.update(x.scope)
        if not passed(x):
            continue
        tried |= {name: max(tried.get(name, day), day) for name in x.scope}
        if not any(i in g.plan.procedures for i in x.scope):
            played = (x.scenario,) if x.scenario is not None else ()
            whole |= {name: max(whole.get(name, day), day) for name in (*x.scope, *played)}
    return tried, whole, unsaid
