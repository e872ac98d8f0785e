"""openline volumes: a usual week from an interval export of a telephone system."""

from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import wrong_use


def volumes(
    source: Annotated[Path, typer.Argument(help="The export, CSV.", metavar="FILE")],
    to: Annotated[Path, typer.Option("--to", help="The volume table to write.")],
    start: Annotated[str, typer.Option("--start", help="Column with the interval's start.")] = "start",
    count: Annotated[str, typer.Option("--count", help="Column with the contacts.")] = "offered",
    day: Annotated[str, typer.Option("--day", help="Column with the day, when --start is only a time.")] = "",
    queue: Annotated[str, typer.Option("--queue", help="Column with the queue.")] = "",
    only: Annotated[str, typer.Option("--only", help="Take the rows of this queue.")] = "",
    wide: Annotated[bool, typer.Option("--wide", help="A column an interval, or a column a day.")] = False,
    tz: Annotated[str, typer.Option("--tz", help="Zone of its clock.")] = "UTC",
    date_format: Annotated[str, typer.Option("--date-format", help="Such as %d/%m/%Y, when it is not plain.")] = "",
) -> None:
    """Write the mean of each day of the week; a day with gaps is left out and named. Status 0, 1 or 2."""
    from zoneinfo import available_timezones

    from openline.exchange.intervals import Mapping, decoded, read_intervals, usual_week
    from openline.exchange.write import write_whole

    if tz not in available_timezones():
        wrong_use(f"{tz!r} is not a time zone: write one such as Europe/London")
    if not source.is_file():
        wrong_use(f"there is no file {source}")
    text = decoded(source.read_bytes())
    counted = read_intervals(source.name, text, Mapping(start, count, day, queue, only, wide, date_format, tz))
    for problem in counted.problems[:50]:
        typer.echo(str(problem), err=True)
    week = None if counted.problems else usual_week(counted, tz)
    if week is None:
        typer.echo("Nothing was written: a usual week needs each of its days at least once without a gap.", err=True)
        raise typer.Exit(1)
    write_whole(to, week.text.encode())
    for reason in week.left_out:
        typer.echo(f"left out {reason}", err=True)
    typer.echo(f"wrote {to}: the mean of {week.used} days, {len(week.left_out)} left out")
