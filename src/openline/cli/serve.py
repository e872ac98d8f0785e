"""openline serve: the pages."""

import re
from pathlib import Path
from typing import Annotated

import typer

from openline.cli.options import wrong_use

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def serve(
    host: Annotated[str, typer.Option(help="Address to answer on; another than this machine's own needs --url.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to answer on.")] = 8000,
    data: Annotated[Path, typer.Option(help="Where the server keeps its database.")] = Path("openline-data"),
    plan: Annotated[list[Path] | None, typer.Option(help="Plan to take in at the start; may be repeated.")] = None,
    url: Annotated[str, typer.Option(help="Where others find this server, such as https://plan.example.org.")] = "",
    demo: Annotated[bool, typer.Option("--demo", help="Open signed in as a demo owner, on this machine only.")] = False,
    oidc_issuer: Annotated[str, typer.Option(help="Issuer of the identity provider, https://...")] = "",
    oidc_client_id: Annotated[str, typer.Option(help="Client id that the provider gave to this server.")] = "",
    oidc_secret_file: Annotated[Path | None, typer.Option(help="File that holds the client secret.")] = None,
    oidc_roles: Annotated[str, typer.Option(help="Roles by group, such as: bcm=editor, duty=duty_officer+lead.")] = "",
) -> None:
    """Serve the pages at http://HOST:PORT, printing the address when it answers."""
    _check_doors(host, url, is_demo=demo)
    from openline.server.oidc import WrongProvider
    from openline.server.start import NotSetUp, PlanRefused, start

    said = {
        "OPENLINE_OIDC_ISSUER": oidc_issuer,
        "OPENLINE_OIDC_CLIENT_ID": oidc_client_id,
        "OPENLINE_OIDC_SECRET_FILE": str(oidc_secret_file or ""),
        "OPENLINE_OIDC_ROLES": oidc_roles,
    }
    env = {name: value for name, value in said.items() if value}
    try:
        start(host=host, port=port, data=data, plans=plan or [], say=typer.echo, is_demo=demo, url=url, environment=env)
    except (NotSetUp, WrongProvider) as error:
        wrong_use(str(error))
    except PlanRefused as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except OSError as error:
        wrong_use(f"can not answer on {host}:{port}: {error.strerror or error}")


def _check_doors(host: str, url: str, *, is_demo: bool) -> None:
    """Refuse what would let strangers in, or send passwords in the clear."""
    if is_demo and (host not in LOOPBACK or url):
        wrong_use("the demo lets everybody in who reaches it, so it answers on this machine only: leave --demo out")
    if url and not re.fullmatch(r"https://[A-Za-z0-9.-]+(:\d+)?/?", url):
        wrong_use(f"{url!r} is no address that passwords may travel to: write https://NAME, with a proxy that ends TLS")
    if host not in LOOPBACK and not url:
        wrong_use(f"to answer on {host}, say where others find this server with --url https://NAME")
