"""openline status-page: take the public page out as static files."""

import os
from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import open_data, wrong_use

app = typer.Typer(help="Take the public status page out, to be hosted elsewhere.", no_args_is_help=True)


@app.callback()
def status_page() -> None:
    """Take the public status page out, to be hosted elsewhere."""


@app.command("export")
def export(
    centre: Annotated[str, typer.Argument(help="Short name of the centre, such as harbor.", metavar="CENTRE")],
    to: Annotated[Path, typer.Option("--to", help="Directory to write; other files in it stay.")],
    data: Annotated[Path, typer.Option(help="Where the server keeps its database.")] = Path("openline-data"),
    url: Annotated[str, typer.Option(help="Address of this server, for the form that subscribes.")] = "",
) -> None:
    """Write the page, its history and its feed. Status 0, 2 wrong use."""
    if url:
        os.environ["OPENLINE_URL"] = url
    open_data(data)
    from django.utils import timezone

    from openline.server.plans.store import NoSuchCentre
    from openline.server.status_pages.export import CanNotWrite, files, write
    from openline.server.status_pages.store import page_of

    try:
        found = files(page_of(centre), timezone.now(), "elsewhere")
        write(found, to)
    except NoSuchCentre:
        wrong_use(f"there is no centre {centre!r} in {data}: take its plan in with openline serve --plan")
    except CanNotWrite as error:
        wrong_use(str(error))
    typer.echo(f"{len(found)} files of the status page of {centre} are in {to}; open {to / 'index.html'}")
