"""Faults on purpose: processes killed, frozen and cut off at every seam, and what the record says afterwards.

`SHORT` are short enough for every test run; `bench_faults` runs the same ones at length. What is driven through them
are incidents of the example harbor, or a toy where the engine alone is meant.
"""

import atexit
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from openline.bench.faults import one_machine, several_nodes
from openline.bench.faults.arena import HARBOR, TOY, Broken, database_of
from openline.bench.postgres import NoPostgres, Postgres
from openline.bench.row import PeerMissing, Row

Experiment = Callable[[Path], list[Row]]
OnServer = Callable[[Postgres, Path], list[Row]]


def _on_own_server(run: OnServer) -> Experiment:
    """Give an experiment a PostgreSQL of its own, so that it may crash it."""

    def experiment(home: Path) -> list[Row]:
        server = Postgres.made()
        try:
            return run(server, home)
        finally:
            server.stop()

    return experiment


def _on_server(run: OnServer) -> Experiment:
    """Give an experiment the one PostgreSQL of this process, on which each has a database of its own."""

    def experiment(home: Path) -> list[Row]:
        with STARTING:
            server = _server()
        return run(server, home)

    return experiment


STARTING = threading.Lock()


@cache
def _server() -> Postgres:
    found = Postgres.made()
    atexit.register(found.stop)
    return found


IN_SHORT = ("before-effect", "after-effect", "in-record")

SHORT: dict[str, Experiment] = {
    "sqlite-kills": lambda home: one_machine.random_kills(home, kills=2, topics=1, domain=HARBOR),
    "sqlite-seams": lambda home: one_machine.every_seam(home, domain=HARBOR, kind="quick", seams=IN_SHORT),
    "sqlite-two-engines": lambda home: one_machine.two_engines(home, domain=TOY),
    "sqlite-writers": lambda home: one_machine.competing_writers(home, times=20, domain=TOY),
    "sqlite-clock": lambda home: one_machine.moved_clock(home, wait_s=2.0, domain=TOY),
    "sqlite-full-disk": lambda home: one_machine.full_disk(home, domain=TOY),
    "sqlite-backup": lambda home: one_machine.backup(home, topics=1, domain=HARBOR),
    "spoiled-rows": lambda home: one_machine.spoiled_rows(home, domain=TOY),
    "renamed-kind": lambda home: one_machine.unknown_kind(home, domain=TOY),
    "gateways": lambda home: one_machine.bad_gateways(home, domain=HARBOR),
    "nodes-kill": _on_server(lambda s, home: several_nodes.kill_one(s, home, kills=1, bar_s=30.0, domain=HARBOR)),
    "nodes-kill-all": _on_server(lambda s, home: several_nodes.kill_several(s, home, domain=HARBOR)),
    "nodes-frozen": _on_server(lambda s, home: several_nodes.frozen(s, home, domain=HARBOR)),
    "nodes-frozen-holding": _on_server(lambda s, home: several_nodes.frozen_in_a_transaction(s, home, domain=HARBOR)),
    "nodes-crash": _on_own_server(
        lambda s, home: several_nodes.database_crashes(s, home, down_s=1.0, domain=HARBOR, topics=1)
    ),
    "nodes-fail-over": lambda home: several_nodes.fail_over(home, domain=HARBOR),
    "nodes-one-name": _on_server(lambda s, home: several_nodes.one_name_twice(s, home, domain=TOY)),
    "nodes-recurring": _on_server(lambda s, home: several_nodes.recurring(s, home, up_s=4, down_s=4, domain=TOY)),
    "nodes-connections": _on_server(lambda s, home: several_nodes.connection_count(s, home, jobs=100, domain=TOY)),
    "nodes-clocks": _on_server(lambda s, home: several_nodes.wrong_clocks(s, home, domain=TOY)),
}
"""Short enough for every test run."""

LONG: dict[str, Experiment] = SHORT | {
    "sqlite-kills": lambda home: one_machine.random_kills(home, kills=20, topics=1, domain=HARBOR),
    "sqlite-seams": lambda home: one_machine.every_seam(home, domain=HARBOR),
    "sqlite-seams-engine": lambda home: one_machine.every_seam(home, domain=TOY),
    "sqlite-kills-engine": lambda home: one_machine.random_kills(home, kills=20, topics=2, domain=TOY),
    "sqlite-writers": lambda home: one_machine.competing_writers(home, times=200, domain=TOY),
    "sqlite-backup": lambda home: one_machine.backup(home, topics=3, domain=HARBOR),
    "sqlite-stop": lambda home: one_machine.graceful_stop(home, domain=HARBOR),
    "sqlite-costs": lambda home: one_machine.costs(home, jobs=200, domain=TOY),
    "providers": lambda home: one_machine.bad_providers(home, domain=TOY),
    "nodes-kill": _on_server(lambda s, home: several_nodes.kill_one(s, home, kills=20, bar_s=3.0, domain=HARBOR)),
    "nodes-crash": _on_own_server(lambda s, home: several_nodes.database_crashes(s, home, down_s=8.0, domain=HARBOR)),
    "nodes-crash-long": _on_own_server(
        lambda s, home: several_nodes.database_crashes(s, home, down_s=60.0, domain=HARBOR)
    ),
    "nodes-costs": _on_server(lambda s, home: one_machine.costs(home, jobs=500, domain=TOY, url=database_of(s))),
}
"""What the bench runs."""


def run(name: str, experiment: Experiment, below: Path | None = None) -> list[Row]:
    """Run one experiment in a directory that goes with it; one that breaks is a row that says so."""
    home = Path(tempfile.mkdtemp(prefix="olfault-", dir=below))
    try:
        return experiment(home)
    except Broken as error:
        return [Row(f"{name} broke: {str(error)[:2000]}", 0, "", 1)]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def bench_faults(say: Callable[[str], None]) -> list[Row]:
    """Run every experiment at length; about twenty minutes. Raises PeerMissing without PostgreSQL's programs.

    OPENLINE_FAULTS may name those that are to be run, with commas.
    """
    wanted = [w.strip() for w in os.environ.get("OPENLINE_FAULTS", "").split(",") if w.strip()] or list(LONG)
    if unknown := set(wanted) - set(LONG):
        raise PeerMissing(f"OPENLINE_FAULTS names {', '.join(sorted(unknown))}; there are: {', '.join(LONG)}")
    rows = []
    for name in wanted:
        start = time.monotonic()
        try:
            rows += run(name, LONG[name])
        except NoPostgres as error:
            raise PeerMissing(str(error)) from None
        say(f"{name}: {time.monotonic() - start:.0f} s")
    return rows
