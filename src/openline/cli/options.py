"""What several commands share: output formats, leaving with a message, reading a plan."""

import enum
import json
import os
import sys
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from openline.plan.document import Plan
    from openline.plan.load import Loaded


class Format(enum.StrEnum):
    """How a result is written to standard output."""

    text = "text"
    json = "json"


def wrong_use(message: str) -> NoReturn:
    """Say in one line what is wrong and leave with status 2."""
    typer.echo(f"openline: {message}", err=True)
    raise typer.Exit(2)


def day_of(text: str | None) -> date:
    """Return the day that was given, today when none was; leaves with status 2 for what is none."""
    if text is None:
        return datetime.now().astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        wrong_use(f"{text!r} is not a day: write 2026-11-01")


def write_json(document: object) -> None:
    """Write JSON to standard output; a number that JSON does not know is an error here, never NaN."""
    json.dump(document, sys.stdout, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def load(directory: Path, overlays: list[str] | None = None) -> "Loaded":
    """Load a plan's directory with overlays, each named as in its overlays folder or by the path of a file."""
    from openline.plan.directory import read_directory
    from openline.plan.load import Loaded, load_plan

    files, problems = read_directory(directory)
    if problems:
        return Loaded(None, tuple(problems))
    names = []
    for overlay in overlays or []:
        path = Path(overlay)
        if path.is_file():
            files[f"overlays/{path.stem}.yaml"] = path.read_text(encoding="utf-8", errors="replace")
        names.append(path.name.removesuffix(".yaml") if not path.is_file() else path.stem)
    return load_plan(files, names)


def sound_plan(directory: Path, overlays: list[str] | None = None) -> "Plan":
    """Return the plan, or tell its problems and leave with status 1."""
    loaded = load(directory, overlays)
    if loaded.plan is None:
        for problem in loaded.problems:
            typer.echo(f"{directory}/{problem}", err=True)
        typer.echo(f"{len(loaded.problems)} problems; nothing was computed.", err=True)
        raise typer.Exit(1)
    return loaded.plan


def open_data(data: Path) -> None:
    """Open the server's data; a running server does what comes of it."""
    if not os.environ.get("DATABASE_URL") and not (data / "openline.sqlite3").is_file():
        wrong_use(f"there is no server's data in {data}: name it with --data, or start openline serve once")
    from openline.server.start import NotSetUp, make_tables

    os.environ["OPENLINE_DATA"] = str(data.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "openline.server.settings"
    try:
        make_tables()
    except NotSetUp as error:
        wrong_use(str(error))


def next_monday() -> str:
    """Return 09:00 of the coming Monday, on this machine's calendar."""
    today = datetime.now().astimezone().date()
    return f"{today + timedelta(days=(7 - today.weekday()) or 7)}T09:00"
