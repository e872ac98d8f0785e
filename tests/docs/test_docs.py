"""README and docs agree with the program: commands run, headings exist, tables are complete."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from openline.cli import app
from openline.plan.sections import COLLECTIONS
from openline.queueing import SERVICE_LEVELS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^    \.venv/bin/(openline .+)$", README, re.MULTILINE)


@pytest.mark.parametrize("line", [c for c in COMMANDS if " bench " not in c])
def test_has_commands_that_run(line: str) -> None:
    words = shlex.split(line)[1:]

    found = subprocess.run(
        [sys.executable, "-m", "openline", *words], cwd=ROOT, capture_output=True, text=True, timeout=120
    )

    assert found.returncode == 0, found.stderr
    assert found.stdout


def test_names_only_files_that_exist() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_has_a_heading_for_every_command() -> None:
    page = (ROOT / "docs" / "command-line.md").read_text()

    named = {c.name for c in app.registered_commands} | {g.name for g in app.registered_groups}
    assert set(re.findall(r"^## openline ([\w-]+)$", page, re.MULTILINE)) == named


def test_lists_every_collection_in_its_file() -> None:
    page = (ROOT / "docs" / "plan.md").read_text()

    for collection in COLLECTIONS.values():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{collection.section}.yaml`"))
        assert f"`{collection.name}`" in row


def test_writes_the_service_levels_as_the_code_has_them() -> None:
    page = (ROOT / "docs" / "simulator.md").read_text()

    assert all(f"| {name} | {formula} |" in page for name, formula in SERVICE_LEVELS.items())


def test_says_make_run_and_make_test_and_both_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()

    for target in ("run", "test", "setup"):
        assert f"make {target}" in README
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
