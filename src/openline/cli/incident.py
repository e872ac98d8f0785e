"""openline incident: declare, look, read the log, check it, take it out."""

import getpass
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openline.cli.options import Format, open_data, write_json, wrong_use

if TYPE_CHECKING:
    from openline.server.incidents.models import Incident

app = typer.Typer(help="Declare an incident, follow it, check its log and take it out.", no_args_is_help=True)

Data = Annotated[Path, typer.Option(help="Where the server keeps its database.")]
Form = Annotated[Format, typer.Option("--format", help="text or json")]
Number = Annotated[str, typer.Argument(help="Number of the incident, such as 7 or INC-7.", metavar="INCIDENT")]
HERE = Path("openline-data")


@app.command("declare")
def declare(
    centre: Annotated[str, typer.Argument(help="Short name of the centre, such as harbor.", metavar="CENTRE")],
    title: Annotated[str, typer.Option(help="What happened, in a few words.")],
    hit: Annotated[str, typer.Option(help="Ids of what is hit, with commas.")] = "",
    level: Annotated[int | None, typer.Option(min=1, max=4, help="Level to declare; without it a first sign.")] = None,
    role: Annotated[str, typer.Option(help="Role of the plan in which you declare.")] = "",
    reason: Annotated[str, typer.Option(help="Why this level.")] = "",
    scenario: Annotated[str | None, typer.Option(help="Scenario of the plan that this is.")] = None,
    onset: Annotated[str | None, typer.Option(help="When it began, such as 2026-11-30T10:00+00:00.")] = None,
    exercise: Annotated[bool, typer.Option("--exercise", help="An exercise: nothing leaves this machine.")] = False,
    key: Annotated[str, typer.Option(help="The same key declares once, however often it is sent.")] = "",
    data: Data = HERE,
    format_: Form = Format.text,
) -> None:
    """Report an incident, and declare its level when one is given. Status 0, 1 refused, 2 wrong use."""
    open_data(data)
    from openline.incident.command import Actor, Refused
    from openline.incident.opening import DeclareLevel, Report
    from openline.server.incidents.store import carry_out, report
    from openline.server.plans.store import NoSuchCentre
    from openline.server.plans.store import centre as find

    who = _user()
    try:
        revision = find(centre)
        opening = Report(
            title=title,
            how="command",
            exercise=exercise,
            plan_slug=centre,
            plan_hash=revision.content_hash,
            onset_at=_moment(onset),
            objects=tuple(w.strip() for w in hit.split(",") if w.strip()),
            scenario=scenario,
        )
        actor = Actor(f"{who} at the command line", f"shell:{who}", role=role or None)
        found = report(revision, opening, actor, key=f"cli/{key}" if key else "")
        if level is not None and found.level != level:
            carry_out(found, DeclareLevel(level=level, reason=reason), actor)
    except NoSuchCentre:
        wrong_use(f"there is no centre {centre!r} in {data}: take its plan in with openline serve --plan")
    except Refused as refusal:
        _refused(str(refusal))
    except (ValueError, OverflowError) as error:
        wrong_use(" ".join(str(error).split()))
    _show(found, format_)


@app.command("status")
def status(incident: Annotated[str, typer.Argument(help="One incident; all that are open without it.")] = "",
           data: Data = HERE, format_: Form = Format.text) -> None:  # fmt: skip
    """Say how incidents stand."""
    open_data(data)
    from openline.server.incidents.store import open_incidents

    found = [_find(incident)] if incident else list(open_incidents())
    if format_ is Format.json:
        write_json([_about(i) for i in found])
        return
    for i in found:
        typer.echo(_line(i))
    if not found:
        typer.echo("No incident is open.")


@app.command("log")
def log(incident: Number, data: Data = HERE, format_: Form = Format.text) -> None:
    """Print an incident's log."""
    open_data(data)
    from openline.server.incidents.store import lines_of

    lines = list(lines_of(_find(incident)))
    if format_ is Format.json:
        write_json(lines)
        return
    for e in lines:
        late = f" (entered {e['entered_at'][:16]})" if e["entered_at"][:16] != e["happened_at"][:16] else ""
        typer.echo(f"{e['seq']:>5} {e['happened_at'][:19]}Z {e['event']:<24} {e['by']}{late} {_words(e['data'])}")


@app.command("export")
def export(
    incident: Number,
    to: Annotated[Path, typer.Option("--to", help="File to write, such as inc-7.jsonl.")],
    data: Data = HERE,
) -> None:
    """Write the sealed log, which anyone can check."""
    open_data(data)
    from openline.server.incidents.seal import sealed

    found = _find(incident)
    try:
        with to.open("x", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in sealed(found))
    except FileExistsError:
        wrong_use(f"{to} is there already: choose another name")
    except OSError as error:
        wrong_use(f"can not write {to}: {error.strerror}")
    typer.echo(f"{found.ref}: {found.last_seq} entries sealed in {to}")


@app.command("verify")
def verify(
    file: Annotated[str, typer.Argument(help="A sealed file, or the number of an incident.", metavar="FILE|INCIDENT")],
    data: Data = HERE,
    format_: Form = Format.text,
) -> None:
    """Check a log: every hash, and of a sealed file the seal and its signature. Status 0 whole, 1 changed."""
    from openline.incident.entry import BrokenChain

    try:
        told = _verified_file(Path(file)) if Path(file).is_file() else _verified_log(file, data)
    except BrokenChain as error:
        told = {"ok": False, "error": str(error)}
    if format_ is Format.json:
        write_json(told)
    elif told["ok"]:
        typer.echo(f"Whole: {told['entries']} entries, the last has the hash {told['last_hash'][:16]}...")
        if told.get("public_key"):
            typer.echo(f"Sealed by the server with the key {told['public_key']}")
    else:
        typer.echo(f"Not whole: {told['error']}", err=True)
    raise typer.Exit(0 if told["ok"] else 1)


def _verified_file(path: Path) -> dict[str, Any]:
    from openline.incident.entry import BrokenChain
    from openline.incident.sealed import check
    from openline.signing import is_signed_by

    try:
        # As bytes: reading it as text would take other line ends, or signs that are none, for what was sealed.
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BrokenChain(f"byte {error.start + 1} is no text: this is no sealed log, or it was changed") from None
    found = check(text, is_signed_by)
    entries = len(found.entries)
    return {"ok": True, "entries": entries, "last_hash": found.last_hash, "public_key": found.public_key}


def _verified_log(incident: str, data: Path) -> dict[str, Any]:
    open_data(data)
    from openline.incident.entry import BrokenChain
    from openline.incident.entry import verify as chain
    from openline.server.incidents.store import lines_of

    found = _find(incident)
    count, last = chain(lines_of(found))
    if (count, last) != (found.last_seq, found.last_hash):
        raise BrokenChain(f"the log ends at entry {count}, and {found.last_seq} were written")
    return {"ok": True, "entries": count, "last_hash": last}


def _find(text: str) -> "Incident":
    from openline.server.incidents.store import NoSuchIncident, incident

    number = text.upper().removeprefix("INC-").removeprefix("EX-")
    try:
        return incident(int(number))
    except (ValueError, NoSuchIncident):
        wrong_use(f"there is no incident {text!r}; openline incident status lists those that are open")


def _user() -> str:
    """Return who is at this shell; a container may run as a user that has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone()


def _refused(text: str) -> None:
    typer.echo(f"Refused: {text}", err=True)
    raise typer.Exit(1)


def _about(i: "Incident") -> dict[str, Any]:
    return {
        "incident": i.ref,
        "centre": i.slug,
        "title": i.title,
        "phase": i.phase,
        "level": i.level,
        "exercise": i.is_exercise,
        "opened_at": i.opened_at.isoformat(),
        "entries": i.last_seq,
        "last_hash": i.last_hash,
    }


def _line(i: "Incident") -> str:
    kind = "EXERCISE " if i.is_exercise else ""
    return f"{i.ref} {kind}{i.title}: {i.phase.replace('_', ' ')}, level {i.level}, {i.last_seq} entries"


def _show(i: "Incident", format_: Format) -> None:
    if format_ is Format.json:
        write_json(_about(i))
    else:
        typer.echo(_line(i))


def _words(data: dict[str, Any]) -> str:
    return ", ".join(f"{k} {str(v)[:60]}" for k, v in list(data.items())[:6])
