"""openline validate: is the plan well formed?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import Format, load, write_json

if TYPE_CHECKING:
    from openline.plan.document import Plan


def validate(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Say whether a plan is well formed, and every problem with its file and line. Status 0 or 1."""
    loaded = load(plan, with_)
    if format_ is Format.json:
        problems = [p.as_dict() for p in loaded.problems]
        found = {"ok": loaded.plan is not None, "problems": problems, "rings": _rings(loaded.plan)}
        write_json({**found, "approval_hash": None if loaded.plan is None else _hash(loaded.plan)})
    elif loaded.plan is None:
        for problem in loaded.problems:
            typer.echo(f"{plan}/{problem}")
        typer.echo(f"{len(loaded.problems)} problems.")
    else:
        nodes = sum(1 for _ in loaded.plan.nodes())
        typer.echo(
            f"{loaded.plan.organization.title}: well formed, {nodes} objects, {len(loaded.plan.scenarios)} scenarios."
        )
        typer.echo(f"An approval of this content names {_hash(loaded.plan)}.")
        for ring in _rings(loaded.plan):
            typer.echo(f"Note: these need each other in a ring: {', '.join(ring)}")
    raise typer.Exit(0 if loaded.plan is not None else 1)


def _hash(plan: "Plan") -> str:
    from openline.plan.document import approval_hash

    return approval_hash(plan)


def _rings(plan: "Plan | None") -> list[list[str]]:
    """Return objects that need each other in a ring: no error, but something to know."""
    from openline.impact.timeline import rings

    return [] if plan is None else [list(ring) for ring in rings(plan)]
