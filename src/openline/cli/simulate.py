"""openline simulate: what a disruption does to customers."""

import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import Format, next_monday, sound_plan, write_json, wrong_use

if TYPE_CHECKING:
    from openline.plan.document import Plan
    from openline.scenarios.binding import Disruption
    from openline.sim.replay import Replay
    from openline.sim.simulation import Progress, Simulation

MOST_REPLICATIONS = 100_000


def simulate(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    scenario: Annotated[str, typer.Option(help="Id of one of the plan's scenarios.")],
    at: Annotated[str | None, typer.Option(help="Onset, local: 2026-11-23T09:00; else Monday 09:00 next.")] = None,
    for_: Annotated[str | None, typer.Option("--for", help="How long: 90m, 4h; else the scenario's typical.")] = None,
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    replications: Annotated[int, typer.Option(min=1, max=MOST_REPLICATIONS, help="Simulated days.")] = 200,
    seed: Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Same seed, same result.")] = 1,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Simulate a disruption call by call beside the normal day: what fails when and why, and what customers feel."""
    from openline.cli.simulate_text import told
    from openline.scenarios.binding import UnboundScenario, bind
    from openline.sim.inputs import NothingToSimulate
    from openline.sim.model import ModelError
    from openline.sim.run import TooMuch
    from openline.sim.steps import UnknownVolume
    from openline.sim.window import BadOnset, onset_at, window_around
    from openline.sim.wire import replay_json, simulation_json
    from openline.units import DurationError, parse_duration

    sound = sound_plan(plan, with_)
    try:
        disruption = bind(sound, scenario, duration_s=None if for_ is None else parse_duration(for_))
        onset = onset_at(sound, at or next_monday())
        window = window_around(sound, onset, disruption.duration_s)
        found = _compare(sound, disruption, onset, window.interval_s, replications, seed)
        real = _beside_real_day(plan, sound, disruption, onset, replications, seed)
    except (UnboundScenario, UnknownVolume, NothingToSimulate, ModelError, TooMuch, DurationError, BadOnset) as error:
        wrong_use(str(error))
    if format_ is Format.json:
        beside = {} if real is None else {"replay": replay_json(real, window.tz)}
        write_json(simulation_json(found) | beside)
    else:
        typer.echo(told(sound, found, real))


def _compare(
    plan: "Plan", disruption: "Disruption", onset: datetime, interval_s: int, replications: int, seed: int
) -> "Simulation":
    from openline.sim.simulation import compare
    from openline.sim.window import window_around

    window = window_around(plan, onset, disruption.duration_s, interval_s=interval_s)
    return compare(plan, disruption, window, seed=seed, replications=replications, progress=_progress())


def _progress() -> "Progress | None":
    """Return what draws a line of progress on a terminal, None when nobody looks."""
    if not sys.stderr.isatty():
        return None

    first = threading.Timer(
        2.0, typer.echo, ["Preparing the simulator; the first time takes about 15 s."], {"err": True}
    )
    first.daemon = True
    first.start()

    def draw(done: int, total: int) -> None:
        first.cancel()
        if done % max(total // 50, 1) == 0 or done == total:
            typer.echo(f"\r{done} of {total} days", err=True, nl=done == total)

    return draw


def _beside_real_day(
    directory: Path, plan: "Plan", disruption: "Disruption", onset: datetime, replications: int, seed: int
) -> "Replay | None":
    """Return the comparison with the day that really happened, when the plan's `observed` folder has it."""
    from zoneinfo import ZoneInfo

    from openline.sim.replay import read_observed, replay

    zone = ZoneInfo(plan.organization.tz)
    day = onset.astimezone(zone).date()
    file = directory / "observed" / f"{day.isoformat()}.csv"
    if not file.is_file():
        return None
    observed, problems = read_observed(file.name, file.read_text(encoding="utf-8"))
    if observed is None:
        wrong_use("; ".join(map(str, problems)))
    found = _compare(plan, disruption, onset, observed.interval_s, replications, seed)
    return replay(found, observed, tz_start=datetime.combine(day, observed.start, tzinfo=zone))
