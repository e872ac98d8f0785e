"""openline schema: JSON Schema for editors."""

from pathlib import Path
from typing import Annotated

import typer


def schema(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
) -> None:
    """Write the schema of every file to PLAN/.schema, and settings that bind them in editors that read .vscode."""
    from openline.reference.schema import room_schemas, schemas, settings_for_editors

    (plan / ".schema").mkdir(parents=True, exist_ok=True)
    found = schemas() | room_schemas()
    for name, text in found.items():
        (plan / ".schema" / name).write_text(text, encoding="utf-8")
    settings = plan / ".vscode" / "settings.json"
    if not settings.exists():
        settings.parent.mkdir(exist_ok=True)
        settings.write_text(settings_for_editors(), encoding="utf-8")
    typer.echo(f"wrote {len(found)} schemas to {plan / '.schema'}", err=True)
