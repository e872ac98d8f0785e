"""How long recovery takes by its procedures: the longest chain of steps, and the same with people who can not split."""

from dataclasses import dataclass

from openline.audit.ground import Ground
from openline.plan.procedures import Procedure

AFTERWARDS = ("rollback", "reconcile", "backlog")
"""Kinds of steps that come when the minimum is reached, or was not."""

ORDER = ("detect", "assess", "activate", "recover")
"""Phases that come one after the other between the onset and the minimum capacity."""


@dataclass(frozen=True, slots=True)
class Way:
    """Mean and variance of the longest chain; `timed` when every step on it has a duration; who takes part."""

    mean_s: float
    variance_s2: float
    timed: bool
    procedures: tuple[str, ...]
    levelled_s: float


def occasions(g: Ground) -> dict[str, set[str]]:
    """Return by procedure the scenarios that it is for: it names them, or it is in their playbooks."""
    found = {p.id: set(p.scenarios) for p in g.plan.procedures.values()}
    for s in g.plan.scenarios.values():
        for name in s.playbook:
            found[name].add(s.id)
    return found


def response_ways(g: Ground, name: str, when: dict[str, set[str]], clock: str = "onset") -> list[Way]:
    """Return the ways from the onset to the recovery of an object, none when no procedure recovers it.

    One for each scenario that a procedure is for (`when`), with those that are for none in particular: what is done
    about different disruptions is never done at once. Phases follow each other; procedures of one phase run side by
    side. Where no procedure covers noticing, assessing or deciding, the organization's response times stand for it.
    With the clock `declaration` only what comes after the decision counts.
    """
    covering = [p for p in g.procedures_for.get(name, ()) if p.phase in ORDER]
    lots: dict[tuple[str, ...], list[Procedure]] = {}
    for scenario in sorted({s for p in covering for s in when[p.id]}) or [""]:
        lot = [p for p in covering if not when[p.id] or scenario in when[p.id]]
        lots[tuple(p.id for p in lot)] = lot
    return [_way(g, lot, clock) for lot in lots.values() if any(p.phase in ORDER[2:] for p in lot)]


def _way(g: Ground, covering: list[Procedure], clock: str) -> Way:
    """Return the way that procedures make which are done in one disruption."""
    declared = clock == "declaration"
    mean = levelled = 0.0 if declared else _unwritten_s(g, {p.phase for p in covering})
    variance = 0.0
    timed, used = True, []
    for phase in ORDER[2:] if declared else ORDER:
        chains = [(longest(p), p) for p in covering if p.phase == phase]
        if chains:
            (m, v, _), slowest = max(chains, key=lambda c: c[0][0])
            mean, variance = mean + m, variance + v
            levelled += one_at_a_time([p for _, p in chains], hands(g))
            timed &= all(w for (_, _, w), _ in chains)
            used.append(slowest.id)
    return Way(mean, variance, timed, tuple(used), levelled)


def _unwritten_s(g: Ground, phases: set[str]) -> float:
    """Return the response times of the organization for what no procedure covers."""
    r = g.plan.organization.response
    parts = {"detect": r.detect_s + r.acknowledge_s, "assess": r.assess_s, "activate": r.decide_s}
    return sum(seconds for phase, seconds in parts.items() if phase not in phases)


def longest(p: Procedure) -> tuple[float, float, bool]:
    """Return mean and variance of a procedure's longest chain of steps, and whether all its steps have durations."""
    best: dict[str, tuple[float, float]] = {}
    for step in p.in_order():
        start = max((best[b] for b in step.predecessors), default=(0.0, 0.0))
        counts = step.kind not in AFTERWARDS
        best[step.id] = (start[0] + (step.mean_s or 0.0), start[1] + step.variance_s2) if counts else start
    mean, variance = max(best.values())
    return mean, variance, all(s.duration is not None or s.kind in AFTERWARDS for s in p.steps)


def hands(g: Ground) -> dict[str, tuple[str, int]]:
    """Return for each role and team who does its steps, and how many steps they do at a time.

    A role that only one person holds is that person, so two such roles of theirs wait for each other.
    """
    found = {t.id: (f"team {t.id}", max(1, t.size or len(t.members))) for t in g.plan.teams.values()}
    for r in g.plan.roles.values():
        holders = g.holders(r)
        found[r.id] = (f"person {holders[0]}" if len(holders) == 1 else f"role {r.id}", 1)
    return found


def one_at_a_time(procedures: list[Procedure], able: dict[str, tuple[str, int]] | None = None) -> float:
    """Return how long procedures take side by side when a role or a resource does one step at a time.

    `able` says who is behind a role or team and how many steps they do at a time. Steps start as early as their
    predecessors and their people allow, in the order of the plan: a schedule that can be kept, not always the
    shortest one. Steps that come afterwards take no time of it.
    """
    free: dict[str, list[float]] = {}
    end = 0.0
    for p in procedures:
        done: dict[str, float] = {}
        for step in p.in_order():
            if step.kind in AFTERWARDS:
                done[step.id] = max((done[b] for b in step.predecessors), default=0.0)
                continue
            people = [(able or {}).get(step.role, (f"role {step.role}", 1))] if step.role else []
            held = [free.setdefault(name, [0.0] * n) for name, n in [*people, *((r, 1) for r in step.resources)]]
            start = max([0.0, *(done[b] for b in step.predecessors), *(min(times) for times in held)])
            done[step.id] = start + (step.mean_s or 0.0)
            for times in held:
                times[times.index(min(times))] = done[step.id]
        end = max([end, *done.values()])
    return end
