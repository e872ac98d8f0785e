"""Starting the server: database, plans, then the pages."""

import contextlib
import gc
import os
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from openline.server.oidc import from_environment


class PlanRefused(Exception):
    """A plan that is not well formed can not be taken in; the message lists its problems."""


class NotSetUp(Exception):
    """This server can not be opened like this; the message says what to do first."""


def start(
    *,
    host: str,
    port: int,
    data: Path,
    plans: Sequence[Path],
    say: Callable[[str], None],
    is_demo: bool = False,
    url: str = "",
    environment: Mapping[str, str] | None = None,
) -> None:
    """Take the plans in and serve until stopped.

    Raises PlanRefused, NotSetUp, WrongProvider, or OSError when the port is taken.
    """
    gc.disable()  # what is made until the first page stays: looking for garbage in it costs a fifth of the start
    os.environ |= dict(environment or {})
    from_environment(os.environ)
    os.environ |= {"OPENLINE_DEMO": "1" if is_demo else "", "OPENLINE_URL": url}
    # Links in messages lead here when no other address is given.
    os.environ.setdefault("OPENLINE_OWN_URL", f"http://{_reached_at(host)}:{port}")
    _ensure_alone(data)
    prepare(data, plans)
    _ensure_set_up(is_demo=is_demo, is_open=bool(url))
    import uvicorn

    _ensure_free(host, port)
    threading.Thread(target=_tell_and_warm_up, args=(host, port, say), daemon=True).start()
    uvicorn.run(
        "openline.server.asgi:application",
        host=host,
        port=port,
        log_level="warning",
        lifespan="on",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


def prepare(data: Path, plans: Sequence[Path]) -> None:
    """Make the database and take the plans in. Raises PlanRefused, and NotSetUp when the database can not be used."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["OPENLINE_DATA"] = str(data.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "openline.server.settings"
    make_tables()
    from openline.server.plans.store import take_in

    for plan in plans:
        _, problems = take_in(plan)
        if problems:
            listed = "\n".join(f"{plan}/{p}" for p in problems)
            raise PlanRefused(f"{listed}\n{len(problems)} problems; the plan was not taken in.")


def make_tables() -> None:
    """Make or change every table, one node at a time. Raises NotSetUp when the database can not be used."""
    from openline.server.database import BadDatabaseUrl

    try:
        import django

        django.setup()
    except BadDatabaseUrl as error:
        raise NotSetUp(str(error)) from None
    from django.core.management import call_command
    from django.db import OperationalError

    from openline.server.engine import port

    try:
        with port.one_at_a_time():
            if _is_to_migrate():
                call_command("migrate", verbosity=0, interactive=False)
            port.migrate()
    except OperationalError as error:
        raise NotSetUp(f"the database can not be used: {' '.join(str(error).split())}") from None


def _is_to_migrate() -> bool:
    """Tell whether a table is to be made or changed; asking is quicker than letting the command find nothing."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def work_until_stopped(*, say: Callable[[str], None]) -> None:
    """Run an engine node without pages until a signal comes. Raises NotSetUp."""
    import signal

    os.environ["DJANGO_SETTINGS_MODULE"] = "openline.server.settings"
    make_tables()
    from openline.server.engine import port
    from openline.server.engine.chosen import start_chosen
    from openline.server.engine.refusals import EngineRefused

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    try:
        start_chosen()
    except EngineRefused as error:
        raise NotSetUp(str(error)) from None
    say(f"Openline works as node {port.status().node}")
    stopped.wait()
    port.stop()


def _ensure_alone(data: Path) -> None:
    """Refuse to start beside a server that has the same SQLite file open."""
    from openline.server.engine import file_lock
    from openline.server.engine.refusals import EngineTaken

    database = data / "openline.sqlite3"
    if os.environ.get("DATABASE_URL") or not database.is_file():
        return
    try:
        file_lock.take(database).close()
    except EngineTaken as error:
        raise NotSetUp(str(error)) from None


def _ensure_set_up(*, is_demo: bool, is_open: bool) -> None:
    """Make the demo's owner, or see that a server which others reach has somebody to let them in."""
    from openline.server.accounts.store import is_set_up, make_demo_owner

    if is_demo and is_set_up():
        raise NotSetUp("this data has accounts, and the demo lets everybody on this machine in: leave --demo out")
    if is_demo:
        make_demo_owner()
    elif is_open and not is_set_up():
        raise NotSetUp("make the first account here before others reach this server: start without --host and --url")


def warm_up() -> None:
    """Compile the kernel, or read it from its cache, so that the first question is answered quickly."""
    from openline.server.centre.views import usual_day
    from openline.server.plans.store import centres
    from openline.server.whatif.store import REFUSALS, normal_day

    for revision in centres():
        with contextlib.suppress(*REFUSALS):
            normal_day(revision, usual_day(revision))


def _ensure_free(host: str, port: int) -> None:
    import socket

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def _reached_at(host: str) -> str:
    """Return how this machine names the address on which the server answers."""
    if host in ("0.0.0.0", "::"):  # noqa: S104 - nothing is bound here
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _tell_and_warm_up(host: str, port: int, say: Callable[[str], None]) -> None:
    """Say when the first page came, and only then prepare the simulator: together each would wait for the other."""
    is_up = _answers(host, port, say)
    gc.freeze()
    gc.enable()
    if not is_up:
        return
    patience = threading.Timer(3.0, say, ["Preparing the simulator; the first start takes about 15 s for it."])
    patience.daemon = True
    patience.start()
    warm_up()
    patience.cancel()


def _answers(host: str, port: int, say: Callable[[str], None]) -> bool:
    """Say where the pages are once the first one came, and tell whether it did."""
    name = f"[{host}]" if ":" in host else host
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://{name}:{port}/", timeout=120):
                say(f"Openline answers at http://{name}:{port}")
                return True
        except OSError:
            time.sleep(0.1)
    return False
