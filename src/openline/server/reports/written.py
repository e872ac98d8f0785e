"""The report as its page, its file and its JSON have it: read off the log once, in one place."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from openline.incident.findings import Suggested, noted, suggested
from openline.incident.report import AfterAction, after_action
from openline.incident.sitrep import name_of
from openline.incident.state import Action, Decision, Sitrep, State
from openline.plan.document import Plan
from openline.server.reports.drawing import Curve, Line, curve_of, line_of


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with its actions."""

    id: str
    kind: str
    text: str
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that stands in the report.

    `names` is what people call roles, activities and objects, `exercises` what they call those.
    """

    report: AfterAction
    line: Line
    curves: tuple[Curve, ...]
    decisions: tuple[Decision, ...]
    sitreps: tuple[Sitrep, ...]
    findings: tuple[Found, ...]
    suggestions: tuple[Suggested, ...]
    costs: tuple[tuple[str, str, datetime], ...]
    totals: tuple[str, ...]
    names: dict[str, str]
    exercises: dict[str, str]
    phase: str
    title: str
    what: str
    hit: tuple[str, ...]
    is_draft: bool


def written(state: State, plan: Plan) -> Written:
    """Return the report as the log stands: a draft until it is accepted."""
    report = after_action(state, plan)
    actions = tuple(state.actions.values())
    findings = tuple(
        Found(name, kind, text, tuple(a for a in actions if a.finding == name))
        for name, (kind, text) in noted(state).items()
    )
    ids = {
        *state.ever_hit,
        *(a.activity for a in report.against),
        *(n for r in report.reached for n in (r.who, r.by) if n),
    }
    ids |= {t.role or "" for t in report.left_out} | {a.owner_role or "" for a in actions}
    return Written(
        report=report,
        line=line_of(report.stamps),
        curves=tuple(curve_of(title, points) for title, points in report.roll_calls),
        decisions=tuple(state.decisions.values()),
        sitreps=tuple(state.sitreps),
        findings=findings,
        suggestions=tuple(suggested(report, state, plan)),
        costs=tuple(state.costs),
        totals=totals(state.costs),
        names={i: name_of(plan, i) for i in ids},
        exercises={i: e.title for i, e in plan.exercises.items()},
        phase=state.phase,
        title=state.title,
        what=state.what,
        hit=tuple(name_of(plan, i) for i in state.ever_hit),
        is_draft=state.phase != "closed",
    )


def totals(costs: list[tuple[str, str, datetime]]) -> tuple[str, ...]:
    """Return what was spent in each currency; currencies are never added."""
    found: dict[str, Decimal] = {}
    for _, amount, _ in costs:
        number, _, currency = amount.rpartition(" ")
        found[currency] = found.get(currency, Decimal(0)) + Decimal(number)
    return tuple(f"{v} {k}" for k, v in found.items())


def as_document(found: Written, head: dict[str, Any]) -> dict[str, Any]:
    """Return the report in JSON's types: times in UTC, durations in seconds."""
    report = asdict(found.report)
    report["left_out"] = [
        {"task": t.id, "text": t.text, "state": t.state, "why": t.note} for t in found.report.left_out
    ]
    report["stamps"] = {name: at for _, name, at in found.report.stamps}
    document = {
        **head,
        "is_draft": found.is_draft,
        "phase": found.phase,
        "hit": list(found.hit),
        **report,
        "decisions": [asdict(d) for d in found.decisions],
        "sitreps": [asdict(s) for s in found.sitreps],
        "findings": [asdict(f) for f in found.findings],
        "costs": [{"what": w, "amount": a, "at": at} for w, a, at in found.costs],
    }
    plain: dict[str, Any] = _plain(document)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, datetime | date) else value
