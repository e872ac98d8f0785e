"""Faults on purpose: processes killed, frozen and cut off at every seam, and what the record says afterwards.

`EXPERIMENTS` are short enough for every test run; `bench_faults` runs the same ones at length, over any FaultDomain.
"""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from openline.bench.faults import one_machine, several_nodes
from openline.bench.faults.arena import TOY, Broken
from openline.bench.postgres import NoPostgres, Postgres
from openline.bench.row import PeerMissing, Row

Experiment = Callable[[Path, str], list[Row]]


def _on_server(run: Callable[[Postgres, Path, str], list[Row]]) -> Experiment:
    """Give an experiment a PostgreSQL of its own, so that it may crash it."""

    def experiment(home: Path, domain: str) -> list[Row]:
        server = Postgres.made()
        try:
            return run(server, home, domain)
        finally:
            server.stop()

    return experiment


SHORT: dict[str, Experiment] = {
    "sqlite-kills": lambda home, d: one_machine.random_kills(home, kills=3, topics=1, domain=d),
    "sqlite-seams": lambda home, d: one_machine.every_seam(home, domain=d),
    "sqlite-two-engines": lambda home, d: one_machine.two_engines(home, domain=d),
    "sqlite-writers": lambda home, d: one_machine.competing_writers(home, times=20, domain=d),
    "sqlite-clock": lambda home, d: one_machine.moved_clock(home, wait_s=2.0, domain=d),
    "sqlite-full-disk": lambda home, d: one_machine.full_disk(home, domain=d),
    "sqlite-backup": lambda home, d: one_machine.backup(home, topics=2, domain=d),
    "spoiled-rows": lambda home, d: one_machine.spoiled_rows(home, domain=d),
    "renamed-kind": lambda home, d: one_machine.unknown_kind(home, domain=d),
    "providers": lambda home, d: one_machine.bad_providers(home, domain=d),
    "nodes-kill": _on_server(lambda s, home, d: several_nodes.kill_one(s, home, kills=2, domain=d)),
    "nodes-kill-all": _on_server(lambda s, home, d: several_nodes.kill_several(s, home, domain=d)),
    "nodes-frozen": _on_server(lambda s, home, d: several_nodes.frozen(s, home, domain=d)),
    "nodes-crash": _on_server(lambda s, home, d: several_nodes.database_crashes(s, home, down_s=1.0, domain=d)),
    "nodes-fail-over": lambda home, d: several_nodes.fail_over(home, domain=d),
    "nodes-one-name": _on_server(lambda s, home, d: several_nodes.one_name_twice(s, home, domain=d)),
    "nodes-recurring": _on_server(lambda s, home, d: several_nodes.recurring(s, home, up_s=4, down_s=4, domain=d)),
    "nodes-connections": _on_server(lambda s, home, d: several_nodes.connection_count(s, home, jobs=100, domain=d)),
    "nodes-clocks": _on_server(lambda s, home, d: several_nodes.wrong_clocks(s, home, domain=d)),
}
"""Short enough for every test run."""

LONG: dict[str, Experiment] = SHORT | {
    "sqlite-kills": lambda home, d: one_machine.random_kills(home, kills=20, topics=2, domain=d),
    "sqlite-writers": lambda home, d: one_machine.competing_writers(home, times=200, domain=d),
    "sqlite-stop": lambda home, d: one_machine.graceful_stop(home, domain=d),
    "sqlite-costs": lambda home, d: one_machine.costs(home, jobs=200, domain=d),
    "nodes-kill": _on_server(lambda s, home, d: several_nodes.kill_one(s, home, kills=20, domain=d)),
    "nodes-crash": _on_server(lambda s, home, d: several_nodes.database_crashes(s, home, down_s=8.0, domain=d)),
    "nodes-crash-long": _on_server(lambda s, home, d: several_nodes.database_crashes(s, home, down_s=60.0, domain=d)),
    "nodes-costs": _on_server(
        lambda s, home, d: one_machine.costs(home, jobs=500, domain=d, url=s.new_database("costs"))
    ),
}
"""What the bench runs."""


def run(name: str, experiment: Experiment, domain: str = TOY) -> list[Row]:
    """Run one experiment in a directory that goes with it; one that breaks is a row that says so."""
    home = Path(tempfile.mkdtemp(prefix="olfault-"))
    try:
        return experiment(home, domain)
    except Broken as error:
        return [Row(f"{name} broke: {str(error)[:2000]}", 0, "", 1)]
    finally:
        shutil.rmtree(home, ignore_errors=True)


def bench_faults(say: Callable[[str], None], domain: str = TOY) -> list[Row]:
    """Run every experiment at length; about fifteen minutes. Raises PeerMissing without PostgreSQL's programs."""
    rows = []
    for name, experiment in LONG.items():
        start = time.monotonic()
        try:
            rows += run(name, experiment, domain)
        except NoPostgres as error:
            raise PeerMissing(str(error)) from None
        say(f"{name}: {time.monotonic() - start:.0f} s")
    return rows
