"""openline serve: the pages."""

from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import wrong_use

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[
        str, typer.Option(help="Address to answer on; this machine only until there is sign-in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to answer on.")] = 8000,
    data: Annotated[Path, typer.Option(help="Where the server keeps its database.")] = Path("openline-data"),
    plan: Annotated[list[Path] | None, typer.Option(help="Plan to take in at the start; may be repeated.")] = None,
) -> None:
    """Serve the pages at http://HOST:PORT, printing the address when it answers."""
    if host not in LOOPBACK:
        wrong_use(f"there is no sign-in yet, so the server answers on this machine only, not on {host}")
    from openline.server.start import PlanRefused, start

    try:
        start(host=host, port=port, data=data, plans=plan or [], say=typer.echo)
    except PlanRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        wrong_use(f"can not answer on {host}:{port}: {error.strerror or error}")
