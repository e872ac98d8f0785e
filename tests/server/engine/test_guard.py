"""What the engine must never lean on: the proprietary part of DBOS."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
FORBIDDEN = ("conductor_key", "auto_upgrade", "sharding=", "transact_enterprise_key", "dbos_enterprise")


def test_has_no_enterprise_package() -> None:
    assert importlib.util.find_spec("dbos_enterprise") is None
    assert "enterprise" not in (ROOT / "pyproject.toml").read_text()
    for lock in ROOT.glob("requirements*.txt"):
        assert "dbos-enterprise" not in lock.read_text()


def test_names_no_setting_that_needs_it() -> None:
    for file in (ROOT / "src" / "openline").rglob("*.py"):
        text = file.read_text()
        assert not [word for word in FORBIDDEN if word in text], file


def test_keeps_dbos_inside_the_engine() -> None:
    for file in (ROOT / "src" / "openline").rglob("*.py"):
        if "engine" not in file.parts:
            assert not re.search(r"^\s*(from|import) dbos\b", file.read_text(), re.MULTILINE), file
