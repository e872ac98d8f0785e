"""Bad paths, foreign files and a full disk: one line that says what to do, and nothing half written (issue 3)."""

import resource
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from openline.cli import incident
from openline.exchange.workbook import workbook_bytes
from openline.exchange.write import write_files, write_whole
from openline.plan.directory import read_directory
from openline.plan.load import load_plan
from tests.cli.conftest import ROOT, Run

PLAN = str(ROOT / "examples" / "one-seat")
LONG = "x" * 300


@cache
def book() -> bytes:
    plan = load_plan(read_directory(Path(PLAN))[0]).plan
    assert plan is not None
    return workbook_bytes(plan)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A directory with files that are not what their names say, and with a database that is none."""
    noise = bytes(range(256)) * 40
    for name in ("noise", "noise.xlsx", "noise.json", "data/openline.sqlite3"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(noise)
    (tmp_path / "deep.json").write_text("[" * 100_000)
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "plan.xlsx").write_bytes(book())
    return tmp_path


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("validate", LONG), 2, "File name too long"),
        (("validate", PLAN, "--with", LONG), 2, "File name too long"),
        (("audit", PLAN, "--as-of", "99999-01-01"), 2, "is not a day"),
        (("export", PLAN, "--to", "{}/folder.xlsx"), 2, "can not be read or written"),
        (("export", PLAN, "--to", "{}/noise/plan.json"), 2, "can not be read or written"),
        (("export", PLAN, "--to", "{}/noise/plan.yaml"), 2, "can not be read or written"),
        (("export", PLAN, "--to", "{}/x.ics", "--as-of", "soon"), 2, "is not a day"),
        (("import", "{}/noise.xlsx", "--into", "{}/new"), 1, "not readable as an XLSX workbook"),
        (("import", "{}/noise", "--into", "{}/new"), 2, "neither an .xlsx workbook"),
        (("import", "{}/plan.xlsx", "--into", "{}/noise"), 2, "can not be read or written"),
        (("init", "{}/new", "--answers", "{}/noise.json"), 2, "can not be read"),
        (("init", "{}/new", "--answers", "{}/deep.json"), 2, "can not be read"),
        (("volumes", "{}/noise", "--to", "{}/week.csv"), 1, "Nothing was written"),
        (("incident", "status", "--data", "{}/data"), 2, "the database can not be used"),
        (("incident", "declare", "harbor", "--title", "Fire", "--data", "{}/data"), 2, "the database can not be used"),
        (("incident", "verify", "{}/noise"), 1, "is no text"),
        (("incident", "verify", "{}/deep.json"), 1, "no sealed log"),
        (("incident", "verify", "{}/folder.xlsx", "--data", "{}/data"), 2, "the database can not be used"),
    ],
)  # fmt: skip
def test_says_in_one_line_what_can_not_be_done(
    words: tuple[str, ...], status: int, says: str, run: Run, foreign: Path
) -> None:
    found = run(*(w.format(foreign) for w in words))

    assert found.returncode == status, found.stderr
    assert says in found.stderr
    assert "Traceback" not in found.stderr


def _on_a_small_disk(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command that may write 20 kB into a file and no more, as on a disk that is full."""
    return subprocess.run(
        [sys.executable, "-m", "openline", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["plan.xlsx", "plan.json"])
def test_leaves_an_export_as_it_was_when_the_disk_is_full(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("of yesterday")

    found = _on_a_small_disk("export", str(ROOT / "examples" / "harbor"), "--to", str(tmp_path / name))

    assert found.returncode == 2, found.stderr
    assert "File too large" in found.stderr
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [(name, "of yesterday")]


def test_leaves_a_plan_as_it_was_when_one_of_its_files_can_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "sites.yaml").write_text("old")

    with pytest.raises(OSError, match="too long"):
        write_files(tmp_path, {"sites.yaml": "new", f"{LONG}.yaml": "new"}, "now")

    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("sites.yaml", "old")]


def test_writes_to_a_device_and_leaves_it_one(tmp_path: Path) -> None:
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "plan.json")

    write_whole(Path("/dev/null"), b"x")
    write_whole(link, b"x")

    assert Path("/dev/null").is_char_device()
    assert link.is_symlink()
    assert (tmp_path / "plan.json").read_bytes() == b"x"


def test_knows_somebody_whom_the_machine_has_no_name_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 54321")

    monkeypatch.setattr("getpass.getuser", nameless)

    assert incident._user().startswith("user ")
