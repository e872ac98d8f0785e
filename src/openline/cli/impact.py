"""openline impact: what else fails when something fails, when, and why."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openline.cli.options import Format, next_monday, sound_plan, write_json, wrong_use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openline.impact.response import Response
    from openline.impact.timeline import Timeline
    from openline.plan.document import Plan
    from openline.sim.window import Window


def impact(
    plan: Annotated[Path, typer.Argument(help="The plan's directory.", metavar="PLAN")],
    fail: Annotated[str, typer.Option(help="Ids of the objects that fail, with commas.")],
    at: Annotated[str | None, typer.Option(help="Onset, local: 2026-11-23T09:00; else Monday 09:00 next.")] = None,
    for_: Annotated[str, typer.Option("--for", help="How long they are down: 90m, 4h, 2d.")] = "4h",
    with_: Annotated[list[str] | None, typer.Option("--with", help="Overlay to lay over it; may be repeated.")] = None,
    format_: Annotated[Format, typer.Option("--format", help="text or json")] = Format.text,
) -> None:
    """Say what else fails when objects fail: when, and why. Nothing is simulated."""
    from openline.impact.response import responses
    from openline.impact.timeline import timeline
    from openline.scenarios.binding import UnboundScenario, strike
    from openline.sim.window import BadOnset, onset_at, window_around
    from openline.units import DurationError, parse_duration

    sound = sound_plan(plan, with_)
    try:
        names = list(dict.fromkeys(filter(None, map(str.strip, fail.split(",")))))
        lasts_s = parse_duration(for_)
        if lasts_s <= 0:
            wrong_use(f"--for {for_}: say how long they are down, longer than nothing")
        disruption = strike(sound, names, duration_s=lasts_s)
        window = window_around(sound, onset_at(sound, at or next_monday()), disruption.duration_s)
    except (UnboundScenario, DurationError, BadOnset) as error:
        wrong_use(str(error))
    course = timeline(sound, disruption, horizon_s=window.length_s - window.onset_s)
    answers = responses(sound, course)
    if format_ is Format.json:
        write_json(_json(sound, names, course, answers, window))
    else:
        typer.echo("\n".join(_told(sound, course, answers, window)))


def _json(
    plan: "Plan", names: list[str], course: "Timeline", answers: "tuple[Response, ...]", window: "Window"
) -> dict[str, object]:
    from zoneinfo import ZoneInfo

    from openline.impact.wire import timeline_json
    from openline.plan.document import content_hash

    return {
        "plan_hash": content_hash(plan),
        "fail": names,
        "title": course.disruption.title,
        "at": window.onset.astimezone(ZoneInfo(window.tz)).isoformat(),
        "duration_s": course.disruption.duration_s,
        **timeline_json(course, answers, window.onset, window.tz),
        "notes": list(course.notes),
        "rings": [list(ring) for ring in course.cycles],
    }


def _told(plan: "Plan", course: "Timeline", answers: "tuple[Response, ...]", window: "Window") -> "Iterator[str]":
    from openline.cli.timeline_text import timeline_lines
    from openline.units import format_duration

    yield f"{plan.organization.title}: {course.disruption.title}, for {format_duration(course.disruption.duration_s)}"
    for note in course.notes:
        yield f"Note: {note}"
    yield ""
    yield from timeline_lines(course, answers, window)
