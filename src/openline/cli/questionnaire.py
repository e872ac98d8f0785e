"""openline questionnaire: is a vendor ready?"""

import io
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import sound_plan, wrong_use


def questionnaire(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    vendor: Annotated[str | None, typer.Option("--vendor", help="Id of the vendor to ask.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="The workbook to send.")] = None,
    answers: Annotated[Path | None, typer.Option("--answers", help="A workbook that came back.")] = None,
) -> None:
    """Write the ten questions for a vendor, or take the answers in and say the score. Status 0, 1 or 2."""
    found = sound_plan(plan)
    if answers is not None:
        _take_in(plan, answers)
        return
    if vendor is None or to is None:
        wrong_use("name --vendor and --to, or --answers")
    if vendor not in found.vendors:
        wrong_use(f"there is no vendor {vendor!r}; vendors are {', '.join(found.vendors)[:300]}")
    from openline.exchange.questionnaire import write_questionnaire
    from openline.exchange.write import write_whole

    target = io.BytesIO()
    write_questionnaire(found, found.vendors[vendor], target)
    write_whole(to, target.getvalue())
    typer.echo(f"wrote {to}", err=True)


def _take_in(plan: Path, answers: Path) -> None:
    from openline.exchange.merge import changed_files, merge
    from openline.exchange.questionnaire import BESIDES, as_read, read_questionnaire
    from openline.exchange.write import write_files
    from openline.plan.directory import read_directory
    from openline.plan.vendors import QUESTIONS

    if not answers.is_file():
        wrong_use(f"there is no file {answers}")
    now = datetime.now().astimezone()
    with answers.open("rb") as stream:
        answered = read_questionnaire(stream, answers.name, now.date())
    files, _ = read_directory(plan)
    merged = merge(files, as_read(sound_plan(plan), answered, answers.name), "update")
    if merged.plan is None:
        for problem in merged.problems:
            typer.echo(str(problem), err=True)
        typer.echo(f"{len(merged.problems)} problems; nothing was written.", err=True)
        raise typer.Exit(1)
    write_files(plan, changed_files(files, merged.plan), now.strftime("%Y%m%d-%H%M%S"))
    score = answered.score
    given = answered.questionnaire["answers"]
    told = "no score" if score is None else f"{score:.0%}"
    typer.echo(f"{answered.vendor}: {told}, {len(given)} of {len(QUESTIONS)} answered")
    for item, question in QUESTIONS.items():
        typer.echo(f"  {given.get(item, {}).get('value', 'not answered'):<14} {question}")
    for field, question in BESIDES.items():
        typer.echo(f"  {answered.besides.get(field) or 'not answered':<14} {question}")
