"""openline export: the plan as a workbook, CSV, JSON, YAML or a calendar."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import day_of, sound_plan, wrong_use

if TYPE_CHECKING:
    from openline.plan.document import Plan


def export(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    to: Annotated[
        Path, typer.Option("--to", help="FILE.xlsx, FILE.json, FILE.ics, or a directory ending in .csv or .yaml.")
    ],
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only what this role answers for: a form.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Day of a calendar's stamp; today.")] = None,
) -> None:
    """Write the plan in another format; importing it again gives the same plan."""
    from openline.exchange.write import write_whole

    found = sound_plan(plan, with_)
    if owner is not None:
        found = _owned(found, owner)
    if owner is not None and to.suffix == ".xlsx":
        from openline.exchange.owner import owner_workbook
        from openline.plan.document import content_hash

        write_whole(to, owner_workbook(found, owner, content_hash(found)))
    elif to.suffix == ".xlsx":
        from openline.exchange.workbook import workbook_bytes

        write_whole(to, workbook_bytes(found))
    elif to.suffix == ".json":
        write_whole(to, _json(found).encode())
    elif to.suffix == ".ics":
        from openline.exchange.calendar import calendar_bytes

        write_whole(to, calendar_bytes(found, day_of(as_of)))
    elif to.suffix in (".csv", ".yaml"):
        _directory(found, to)
    else:
        wrong_use(f"{to.name!r} has no format: end it in .xlsx, .json, .ics, .csv or .yaml")
    typer.echo(f"wrote {to}", err=True)


def _owned(plan: "Plan", owner: str) -> "Plan":
    """Return the plan with only what a role answers for."""
    from openline.exchange.owner import owned

    if owner not in plan.roles:
        wrong_use(f"there is no role {owner!r}; roles are {', '.join(plan.roles)}")
    return owned(plan, owner)


def _json(plan: "Plan") -> str:
    from openline.exchange.columns import written
    from openline.exchange.tables import table_files
    from openline.plan.sections import COLLECTIONS

    document: dict[str, object] = {"format": 1, "organization": written(plan.organization)}
    for name in COLLECTIONS:
        entities = plan.collection(name)
        if entities:
            document[name] = [written(e) for e in entities.values()]
    document["tables"] = table_files(plan)
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _directory(plan: "Plan", to: Path) -> None:
    from openline.exchange.csv_files import csv_files
    from openline.exchange.yaml_files import plan_files

    files = csv_files(plan) if to.suffix == ".csv" else plan_files(plan)
    if to.exists() and (not to.is_dir() or any(to.iterdir())):
        wrong_use(f"{to} is there already and not empty: name a new directory")
    for name, text in files.items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_text(text, encoding="utf-8")
