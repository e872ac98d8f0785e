"""openline now: the next hours from this minute, and what each option would make of them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import Format, sound_plan, write_json, wrong_use

if TYPE_CHECKING:
    from openline.forecast.state import State
    from openline.plan.document import Plan

MOST_REPLICATIONS = 10_000


def now(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    at: Annotated[str, typer.Option(help="Now, local: 2026-11-30T10:25.")],
    fail: Annotated[
        str, typer.Option(help="Ids of objects that have failed, with commas; nothing when not given.")
    ] = "",
    since: Annotated[str | None, typer.Option(help="When they failed; at TIME when not given.")] = None,
    until: Annotated[str | None, typer.Option(help="When they are expected back; unknown when not given.")] = None,
    under_way: Annotated[
        list[str] | None, typer.Option(help="OPTION@TIME: an option decided on before; may be repeated.")
    ] = None,
    snapshot: Annotated[Path | None, typer.Option(help="JSON: queues and agents now.")] = None,
    roll_call: Annotated[Path | None, typer.Option(help="JSON: who can work, by agent group.")] = None,
    unknown: Annotated[str, typer.Option(help="What nobody knows is simulated, or empty.")] = "simulated",
    hours: Annotated[float, typer.Option(min=0.25, max=24, help="How far to look.")] = 4.0,
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    replications: Annotated[
        int | None, typer.Option(min=1, max=MOST_REPLICATIONS, help="Simulations of each option; 10 to 100 else.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**62 - 1, help="Same seed, same result.")] = 1,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Say what now: the next four hours by queue when nothing is done, and under every option, best first."""
    from openline.cli.now_text import told
    from openline.forecast.forecast import forecast
    from openline.forecast.refusals import REFUSALS
    from openline.forecast.roll_call import RollCall
    from openline.forecast.wire import forecast_json
    from openline.sim.snapshot import read_record, read_snapshot
    from openline.sim.window import BadOnset

    if unknown not in ("simulated", "empty"):
        wrong_use(f"--unknown is simulated or empty, not {unknown!r}")
    sound = sound_plan(plan, with_)
    try:
        found = forecast(
            sound,
            _state(sound, at, fail, since, until, under_way or []),
            snapshot=None if snapshot is None else read_snapshot(_text(snapshot)),
            roll_call=None if roll_call is None else read_record(RollCall, _text(roll_call)),
            hours=hours,
            replications=replications,
            seed=seed,
            unknown="empty" if unknown == "empty" else "simulated",
        )
    except (*REFUSALS, BadOnset) as e:
        wrong_use(str(e))
    if format_ is Format.json:
        write_json(forecast_json(found))
    else:
        typer.echo(told(sound, found))


def _state(plan: "Plan", at: str, fail: str, since: str | None, until: str | None, under_way: list[str]) -> "State":
    from openline.forecast.state import Failure, State, UnderWay
    from openline.sim.window import onset_at

    def moment(text: str) -> datetime:
        return onset_at(plan, text)

    begun = moment(since or at)
    back = None if until is None else moment(until)
    failures = tuple(Failure(i.strip(), begun, back) for i in fail.split(",") if i.strip())
    decided = []
    for text in under_way:
        option, _, when = text.partition("@")
        if not when:
            wrong_use(f"--under-way {text!r}: write OPTION@TIME, such as call-out-beacon@2026-11-30T10:05")
        decided.append(UnderWay(option, moment(when)))
    return State(moment(at), failures, tuple(decided))


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        wrong_use(f"{file} can not be read: {error}")
