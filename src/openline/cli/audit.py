"""openline audit: what is wrong with the plan?"""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import Format, day_of, load, write_json, wrong_use

if TYPE_CHECKING:
    from openline.audit.run import Audit
    from openline.plan.load import Loaded


class FailOn(StrEnum):
    """From which severity on a finding makes the status 1."""

    critical = "critical"
    high = "high"
    medium = "medium"
    low = "low"
    never = "never"


def audit(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day on which ages are judged; today.")] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    against: Annotated[
        Path | None, typer.Option("--against", help="An earlier plan: show what came and went since.")
    ] = None,
    explain: Annotated[
        str | None, typer.Option("--explain", help="Print the page of one rule, such as AR-020.")
    ] = None,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Status 1 from this severity on.")] = FailOn.critical,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Judge a plan by the 160 rules: findings with file and line, and what they add up to. Status 0, 1 or 2."""
    from openline.cli import audit_text

    if explain is not None:
        _explain(explain)
        return
    day = day_of(as_of)
    loaded, found = _judged(plan, with_, day)
    if against is not None:
        earlier = _judged(against, None, day)
        _difference(earlier, (loaded, found), format_)
    elif format_ is Format.json:
        from openline.audit.scores import scores
        from openline.audit.wire import audit_json

        write_json(audit_json(found, scores(loaded.plan, found)))  # type: ignore[arg-type]
    else:
        from openline.audit.scores import scores

        typer.echo(audit_text.told(str(plan), loaded, found, scores(loaded.plan, found)))  # type: ignore[arg-type]
    raise typer.Exit(_status(found, fail_on))


def _judged(plan: Path, overlays: list[str] | None, day: date) -> "tuple[Loaded, Audit]":
    from openline.audit.run import audit as run

    loaded = load(plan, overlays)
    if loaded.plan is None:
        for problem in loaded.problems:
            typer.echo(f"{plan}/{problem}", err=True)
        typer.echo(f"{len(loaded.problems)} problems; nothing was judged.", err=True)
        raise typer.Exit(1)
    return loaded, run(loaded, day)


def _explain(rule_id: str) -> None:
    from openline.audit.rules import RULES
    from openline.cli.audit_text import page

    if rule_id.upper() not in RULES:
        wrong_use(f"there is no rule {rule_id!r}: rules are AR-001 to AR-174")
    typer.echo(page(RULES[rule_id.upper()]))


def _difference(earlier: "tuple[Loaded, Audit]", later: "tuple[Loaded, Audit]", format_: Format) -> None:
    from openline.audit.difference import difference
    from openline.audit.wire import difference_json
    from openline.cli.audit_text import moved

    (old, before), (new, after) = earlier, later
    if old.plan is None or new.plan is None:
        return
    found = difference(before, old.plan, after, new.plan)
    if format_ is Format.json:
        write_json(difference_json(found))
    else:
        typer.echo(moved(found))


def _status(found: "Audit", fail_on: FailOn) -> int:
    from openline.audit.finding import SEVERITIES

    if fail_on is FailOn.never:
        return 0
    severe = SEVERITIES[: SEVERITIES.index(fail_on.value) + 1]
    return int(any(f.severity in severe for f in found.failures))
