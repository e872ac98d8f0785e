"""What the figures of an after-action report suggest: people judge it, keep it or leave it (TST-07)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from openline.incident.report import AfterAction, StepTook
from openline.incident.sitrep import name_of
from openline.incident.state import State
from openline.plan.document import Plan
from openline.units import format_duration

LONGER = 1.5
"""A step that takes this many times its plan is worth a word (assumed)."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """Something to note as a strength or an area to improve."""

    kind: Literal["strength", "area"]
    text: str


def noted(state: State) -> dict[str, tuple[str, str]]:
    """Return the findings of a log as (kind, text), by id."""
    split = {name: text.partition(": ") for name, text in state.findings.items()}
    return {name: (kind, text) for name, (kind, _, text) in split.items()}


def suggested(report: AfterAction, state: State, plan: Plan) -> list[Suggested]:
    """Return what the figures suggest and nobody has noted yet, in plain words and without blame."""
    known = {text for _, text in noted(state).values()}
    found = [*_times(report, plan), *_people(report, plan), *_words(report), *_steps(report, state)]
    return [s for s in dict.fromkeys(found) if s.text not in known]


def _times(report: AfterAction, plan: Plan) -> Iterator[Suggested]:
    for a in report.against:
        title = name_of(plan, a.activity)
        if a.kept is False:
            over = format_duration((a.rta_s or 0.0) - (a.rto_s or 0.0))
            yield Suggested("area", f"{title} came back {over} after its recovery time objective.")
    kept = [name_of(plan, a.activity) for a in report.against if a.kept]
    if kept:
        yield Suggested("strength", f"Back within the recovery time objective: {', '.join(kept)}."[:4000])


def _people(report: AfterAction, plan: Plan) -> Iterator[Suggested]:
    silent = [name_of(plan, r.who) for r in report.reached if r.outcome == "exhausted"]
    if silent:
        yield Suggested("area", f"Nobody answered the call for: {', '.join(silent)}."[:4000])
    untaken = [name_of(plan, r.who) for r in report.reached if r.handed_s is None and r.outcome != "cancelled"]
    if untaken:
        yield Suggested("area", f"No provider took the call for: {', '.join(untaken)}."[:4000])


def _words(report: AfterAction) -> Iterator[Suggested]:
    for m in report.messages:
        if m.kept is False:
            yield Suggested("area", f"The message to {m.audience} was due before it was released.")
        elif m.kept:
            yield Suggested("strength", f"The message to {m.audience} was out before its deadline.")


def _steps(report: AfterAction, state: State) -> Iterator[Suggested]:
    for s in report.steps:
        if is_longer(s):
            took, planned = format_duration(s.took_s), format_duration(s.planned_s or 0.0)
            yield Suggested("area", f"“{s.text}” took {took}, planned {planned}."[:4000])
    for d in report.decided_late:
        yield Suggested("area", f"Decided after its last responsible moment: {state.decisions[d].question}"[:4000])
    failed = [t for t in report.left_out if t.state == "failed"]
    for t in failed:
        yield Suggested("area", f"“{t.text}” did not work: {t.note}"[:4000])


def is_longer(step: StepTook) -> bool:
    """Tell whether a step took much longer than planned."""
    return bool(step.planned_s) and step.took_s > LONGER * (step.planned_s or 0.0)
