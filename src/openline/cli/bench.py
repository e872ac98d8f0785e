"""openline bench: the benchmarks of the README."""

from typing import Annotated

import typer

from openline.cli.options import Format, write_json, wrong_use


def bench(
    name: Annotated[
        str, typer.Argument(help="Which benchmark: sim, audit, faults, now or reach.", metavar="[NAME]")
    ] = "sim",
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Measure Openline beside its peers in one process, or its engine under faults; ratios, not promises."""
    from openline.bench import BENCHES, PeerMissing

    if name not in BENCHES:
        wrong_use(f"there is no benchmark {name!r}; there are: {', '.join(BENCHES)}")
    try:
        rows = BENCHES[name](lambda text: typer.echo(text, err=True))
    except PeerMissing as error:
        wrong_use(str(error))
    if format_ is Format.json:
        write_json([row.as_dict() for row in rows])
    else:
        for row in rows:
            bar = "" if row.bar is None else f"  bar {row.bar:g}: {'met' if row.ok else 'MISSED'}"
            typer.echo(f"{row.name:<44} {row.value:>14,.1f} {row.unit:<10}{bar}")
    raise typer.Exit(0 if all(row.ok is not False for row in rows) else 1)
