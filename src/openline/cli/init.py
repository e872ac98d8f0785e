"""openline init: from nothing to a first plan."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import wrong_use

if TYPE_CHECKING:
    from openline.start.questions import Answers, Template


class Kind(StrEnum):
    """Which questions are asked."""

    one_seat = "one-seat"
    two_site = "two-site"
    group = "group"


def init(
    directory: Annotated[Path, typer.Argument(help="Where the plan is to be; new or empty.", metavar="DIR")],
    template: Annotated[Kind, typer.Option("--template", help="one-seat, two-site or group")] = Kind.one_seat,
    answers: Annotated[
        Path | None, typer.Option("--answers", help="JSON with answers by question; the rest is taken as proposed.")
    ] = None,
) -> None:
    """Ask at most thirty questions, write a valid plan, two pages to print, and say its ten largest gaps."""
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        wrong_use(f"{directory} is there already and not empty: name a new directory")
    found = _asked(template.value) if answers is None else _given(answers, template.value)
    _write(directory, found, template.value)


def _asked(template: "Template") -> "Answers":
    from openline.start.questions import WrongAnswer, checked, questions

    todo = questions(template)
    found: Answers = {}
    for n, q in enumerate(todo, 1):
        while q.id not in found:
            text = typer.prompt(f"{n}/{len(todo)} {q.ask} {q.help}", default=q.default, show_default=bool(q.default))
            try:
                found[q.id] = checked(q, str(text))
            except WrongAnswer as error:
                typer.echo(f"   {error}")
    return found


def _given(path: Path, template: "Template") -> "Answers":
    from openline.start.questions import WrongAnswer, checked, questions

    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        wrong_use(f"{path} can not be read: {error}")
    if not isinstance(said, dict):
        wrong_use(f"{path} must hold a JSON object with answers by question")
    known = {q.id: q for q in questions(template)}
    for name in said:
        if name not in known:
            wrong_use(f"there is no question {name!r}; questions are {', '.join(known)}")
    found: Answers = {}
    for q in known.values():
        try:
            found[q.id] = checked(q, str(said.get(q.id, q.default)))
        except WrongAnswer as error:
            wrong_use(f"{q.id}: {error}")
    return found


def _write(directory: Path, answers: "Answers", template: "Template") -> None:
    from openline.audit.run import audit
    from openline.exchange.write import write_files
    from openline.plan.load import load_plan
    from openline.start.build import plan_from
    from openline.start.gaps import top_gaps
    from openline.start.printable import printable

    files = plan_from(answers, template)
    loaded = load_plan(files)
    if loaded.plan is None:
        wrong_use("these answers make no valid plan: " + "; ".join(map(str, loaded.problems[:5])))
    today = datetime.now().astimezone().date()
    found = audit(loaded, today)
    gaps = top_gaps(found)
    page = printable(loaded.plan, gaps, today, found.plan_hash)
    write_files(directory, {**files, "plan.html": page}, "")
    typer.echo(f"wrote {directory}: a valid plan, and plan.html, two pages to print")
    typer.echo("The ten largest gaps:")
    for n, gap in enumerate(gaps, 1):
        kind = gap.severity if gap.result == "fail" else "not known"
        typer.echo(f"{n:>2}. {gap.rule} {kind}: {gap.message}")
    typer.echo(f"All of them: openline audit {directory}")
