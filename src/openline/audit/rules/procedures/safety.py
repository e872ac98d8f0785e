"""People come before everything else."""

from openline.audit.finding import fail, ok, unknown
from openline.audit.ground import Ground
from openline.audit.rule import Verdicts, rule
from openline.audit.rules.subjects import names, nothing_listed
from openline.plan.procedures import Procedure


@rule("AR-136", "critical", serves="PPL-08 PLN-07")
def safety_does_not_come_first(g: Ground) -> Verdicts:
    """Where life is in danger, something else comes before safety.

    Why: people first, then business [how to protect the team; ICS].
    Computed: a scenario with danger to life whose playbook (where it has none: the procedures that name it) has no
    safety step at all, or whose first procedure has a step that is not a safety step and need not wait for its safety
    steps, or one that a safety step waits for. Roll calls are safety steps, and so are all steps of a procedure of the
    phase safety that marks none as such. Where no step of a procedure names predecessors, the order in which they stand
    counts. Evacuations, fires, gas, tornadoes and earthquakes are dangerous unless said otherwise.
    Fix: put the steps that look after people first, and let all others wait for them.

        procedures:
          - {id: leave, phase: safety, steps: [{id: out, text: Leave the building, safety: true}]}
    """
    yield from nothing_listed(g.plan, "scenarios")
    for s in g.plan.scenarios.values():
        book = [g.plan.procedures[i] for i in s.playbook] or [
            p for p in g.plan.procedures.values() if s.id in p.scenarios
        ]
        if not book:
            continue  # AR-165 says so
        danger = s.danger_to_life
        if danger is None and s.library is not None:
            danger = s.library in DANGEROUS
        if danger is None:
            yield unknown(s, "danger_to_life")
        elif not danger:
            yield ok(s)
        else:
            fault = _unsafe(book, ordered=bool(s.playbook))
            if fault:
                yield fail(s, f"{s.title}: {fault}", *(p.id for p in book), at="playbook")
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


def _unsafe(book: list[Procedure], *, ordered: bool) -> str:
    """Return what is wrong with the order of a playbook, '' when nothing; `ordered` when its procedures have one."""
    if not any(_safe(p) for p in book):
        return "no step of its playbook looks after people"
    if ordered:
        first = next((p for p in book if p.phase not in ("detect", "assess", "notify")), book[0])
        return _unsafe_steps(first) if _safe(first) else f"{first.title} comes before anybody looks after people"
    return next((fault for p in book if _safe(p) and (fault := _unsafe_steps(p))), "")


def _safe(p: Procedure) -> set[str]:
    """Return the steps of a procedure that look after people."""
    if p.phase == "safety" and not any(s.safety for s in p.steps):
        return {s.id for s in p.steps}
    return {s.id for s in p.steps if s.safety or s.kind == "roll_call"}


def _unsafe_steps(p: Procedure) -> str:
    safe, before = _safe(p), _before(p)
    for step in p.steps:
        if step.id not in safe and not before[step.id] & safe:
            return f"in {p.title}, {step.id} need not wait for the safety steps"
        if step.id in safe and not before[step.id] <= safe:
            return f"in {p.title}, {step.id} waits for {names(sorted(before[step.id] - safe))}"
    return ""


def _before(p: Procedure) -> dict[str, set[str]]:
    """Return all the steps that come before each; in the order in which they stand where none names another."""
    found: dict[str, set[str]] = {}
    if not any(s.predecessors for s in p.steps):
        for n, step in enumerate(p.steps):
            found[step.id] = {s.id for s in p.steps[:n]}
        return found
    for step in p.in_order():
        found[step.id] = set(step.predecessors).union(*(found[b] for b in step.predecessors))
    return found
