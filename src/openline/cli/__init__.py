"""The command line: one file per command; what a command needs is imported when it runs, so that help is quick."""

import sys

import typer

from openline.cli import (
    audit,
    bench,
    erlang,
    export,
    impact,
    import_,
    incident,
    init,
    now,
    questionnaire,
    schema,
    serve,
    simulate,
    status_page,
    validate,
    volumes,
    worker,
)

app = typer.Typer(
    name="openline",
    help="Keep a contact centre answering when things break.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.command("init")(init.init)
app.command("validate")(validate.validate)
app.command("audit")(audit.audit)
app.command("impact")(impact.impact)
app.command("simulate")(simulate.simulate)
app.command("now")(now.now)
app.command("erlang")(erlang.erlang)
app.command("export")(export.export)
app.command("import")(import_.import_)
app.command("questionnaire")(questionnaire.questionnaire)
app.command("volumes")(volumes.volumes)
app.command("schema")(schema.schema)
app.command("serve")(serve.serve)
app.command("worker")(worker.worker)
app.add_typer(incident.app, name="incident")
app.add_typer(status_page.app, name="status-page")
app.command("bench")(bench.bench)


def main() -> None:
    """Run the command line; exit status 0 done, 1 the answer is no, 2 wrong use."""
    try:
        app()
    except OSError as error:
        _tell(f"{error.filename or 'the file'} can not be read or written: {error.strerror or error}")
    except _of_database() as error:
        _tell(f"the database can not be used: {' '.join(str(error).split())}")


def _of_database() -> tuple[type[Exception], ...]:
    """Return what a database raises, for commands that opened one."""
    return (sys.modules["django.db"].Error,) if "django.db" in sys.modules else ()


def _tell(text: str) -> None:
    """Say what the machine did not let us do, and leave with status 2."""
    typer.echo(f"openline: {text}", err=True)
    sys.exit(2)
