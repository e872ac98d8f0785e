"""openline worker: an engine node without pages."""

import os

import typer

from openline.cli.options import wrong_use


def worker() -> None:
    """Run jobs beside `openline serve`, on the PostgreSQL that DATABASE_URL names, until stopped."""
    if not os.environ.get("DATABASE_URL"):
        wrong_use("with one SQLite file `openline serve` does the work itself; set DATABASE_URL for more nodes")
    from openline.server.start import NotSetUp, work_until_stopped

    try:
        work_until_stopped(say=typer.echo)
    except NotSetUp as error:
        wrong_use(str(error))
