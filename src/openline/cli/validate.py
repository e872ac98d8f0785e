"""openline validate: is the plan well formed?"""

from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import Format, load, write_json


def validate(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Say whether a plan is well formed, and every problem with its file and line. Status 0 or 1."""
    loaded = load(plan, with_)
    if format_ is Format.json:
        write_json({"ok": loaded.plan is not None, "problems": [p.as_dict() for p in loaded.problems]})
    elif loaded.plan is None:
        for problem in loaded.problems:
            typer.echo(f"{plan}/{problem}")
        typer.echo(f"{len(loaded.problems)} problems.")
    else:
        nodes = sum(1 for _ in loaded.plan.nodes())
        typer.echo(
            f"{loaded.plan.organization.title}: well formed, {nodes} objects, {len(loaded.plan.scenarios)} scenarios."
        )
    raise typer.Exit(0 if loaded.plan is not None else 1)
