"""openline erlang: one queue by a closed form."""

import enum
from dataclasses import asdict
from typing import Annotated

import typer

from openline.cli.options import Format, write_json, wrong_use


class Formula(enum.StrEnum):
    """Which closed form."""

    b = "b"
    c = "c"
    a = "a"


LABELS = {
    "p_wait": ("must wait", "share"),
    "p_abandon": ("give up", "share"),
    "p_block": ("blocked, of all attempts", "share"),
    "asa_s": ("mean wait of the answered (ASA)", "s"),
    "mean_wait_s": ("mean wait of all who get in", "s"),
    "service_level": ("answered within the target (SL3)", "share"),
    "occupancy": ("agents' time on calls (occupancy)", "share"),
}


def erlang(
    formula: Annotated[Formula, typer.Argument(help="b: nobody waits; c: everybody waits; a: callers give up.")],
    arrivals_per_h: Annotated[float, typer.Option(help="Calls per hour.")],
    aht: Annotated[str, typer.Option(help="Mean handling time: 180, 180s or 3m.")],
    agents: Annotated[int, typer.Option(help="Agents at work; for b, lines.")],
    patience: Annotated[str | None, typer.Option(help="Mean time until a caller gives up; for a.")] = None,
    target: Annotated[str | None, typer.Option(help="Answer within this time.")] = None,
    lines: Annotated[int | None, typer.Option(help="Calls at once, waiting and talking; for a.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Compute waiting, abandonment, blocking and service level of one queue in a steady state."""
    from openline import queueing
    from openline.units import DurationError, parse_duration

    try:
        flow = {"arrivals_per_s": arrivals_per_h / 3600, "aht_s": parse_duration(aht), "agents": agents}
        limit = None if target is None else parse_duration(target)
        if formula is not Formula.a and (patience is not None or lines is not None):
            wrong_use(f"--patience and --lines go with formula a, not {formula.value}")
        if formula is Formula.b:
            found = queueing.erlang_b(**flow)  # type: ignore[arg-type]
        elif formula is Formula.c:
            found = queueing.erlang_c(**flow, target_s=limit)  # type: ignore[arg-type]
        elif patience is None:
            wrong_use("formula a needs --patience, the mean time until a caller gives up")
        else:
            wait = parse_duration(patience)
            found = queueing.erlang_a(**flow, patience_s=wait, target_s=limit, lines=lines)  # type: ignore[arg-type]
    except (queueing.QueueingError, DurationError) as error:
        wrong_use(str(error))
    if format_ is Format.json:
        write_json(asdict(found))
        return
    typer.echo(f"Erlang {formula.value.upper()}, {arrivals_per_h:g} calls/h, {flow['aht_s']:g} s each, {agents} agents")
    for name, value in asdict(found).items():
        label, unit = LABELS[name]
        if value is not None:
            typer.echo(f"  {label:<36} {value:>10.1%}" if unit == "share" else f"  {label:<36} {value:>10.2f} s")
    if formula is Formula.c and found.asa_s is None:
        typer.echo("  The load is not below the agents: the queue grows for ever. Use formula a.")
