"""openline import: what people keep in workbooks and exports, into the plan."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import wrong_use

if TYPE_CHECKING:
    from openline.exchange.merge import Merged
    from openline.exchange.workbook import Read


SHOWN = 40


class OnConflict(StrEnum):
    """What to do with what is there already and says something else."""

    stop = "stop"
    skip = "skip"
    update = "update"


def import_(
    source: Annotated[Path, typer.Argument(help="FILE.xlsx, or a directory of CSV files.", metavar="FILE")],
    into: Annotated[Path, typer.Option("--into", help="The plan's directory; made when it is not there.")],
    on_conflict: Annotated[OnConflict, typer.Option("--on-conflict", help="stop, skip or update")] = OnConflict.stop,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would change and write nothing.")] = False,
) -> None:
    """Take a workbook or CSV files into a plan. Status 1 when it is not well formed or a conflict stops it."""
    from openline.exchange.merge import changed_files, merge
    from openline.exchange.write import write_files
    from openline.plan.directory import read_directory

    files, problems = read_directory(into) if into.is_dir() else ({}, [])
    if problems:
        _refuse([str(p) for p in problems])
    read = _read(source)
    if read.form is not None and files:
        from openline.exchange.owner import settled

        settled(files, read, datetime.now().astimezone().date())
    found = merge(files, read, on_conflict.value)
    if found.plan is None:
        _refuse([str(p) for p in found.problems])
        return
    _tell(found)
    if found.conflicts and on_conflict is OnConflict.stop:
        typer.echo("Nothing was written: choose --on-conflict skip or update.", err=True)
        raise typer.Exit(1)
    if preview:
        typer.echo("Nothing was written: this is a preview.", err=True)
        return
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    written = changed_files(files, found.plan)
    kept = write_files(into, written, stamp)
    typer.echo(f"wrote {len(written)} files" + (f"; what they replace is kept in {kept}" if kept else ""), err=True)


def _read(source: Path) -> "Read":
    if source.is_dir():
        from openline.exchange.csv_files import read_csv_files
        from openline.plan.directory import read_directory

        files, _ = read_directory(source)
        return read_csv_files({f: t for f, t in files.items() if f.endswith(".csv")})
    if source.suffix != ".xlsx" or not source.is_file():
        wrong_use(f"{source} is neither an .xlsx workbook nor a directory of CSV files")
    from openline.exchange.workbook import read_workbook

    with source.open("rb") as stream:
        return read_workbook(stream, source.name)


def _tell(found: "Merged") -> None:
    for change in found.changes[:SHOWN]:
        typer.echo(str(change))
    if len(found.changes) > SHOWN:
        typer.echo(f"... and {len(found.changes) - SHOWN} more")
    typer.echo(f"{len(found.changes)} changes, {len(found.conflicts)} conflicts.")
    for conflict in found.conflicts[:50]:
        typer.echo(f"conflict: {conflict}")


def _refuse(problems: list[str]) -> None:
    for problem in problems[:200]:
        typer.echo(problem, err=True)
    typer.echo(f"{len(problems)} problems; nothing was written.", err=True)
    raise typer.Exit(1)
