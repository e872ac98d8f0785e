"""The bank: counts and fitted tables only, with the acknowledgement; rebuilt from the call data where it is at hand."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BANK = ROOT / "examples" / "anonymous-bank"
DATA = ROOT.parent / "shared" / "data"


def test_carries_the_acknowledgement_that_its_authors_ask_for() -> None:
    line = "Data: Anonymous Bank call centre, collected by I. Guedj and A. Mandelbaum, Technion."

    assert line in (BANK / "README.md").read_text()
    assert line in (ROOT / "NOTICE").read_text()


def test_holds_no_row_of_a_call() -> None:
    for file in BANK.rglob("*.csv"):
        with file.open() as lines:
            header = next(csv.reader(lines))
        assert ",".join(header) in (
            "day,start,contacts",
            "day,start,agents",
            "share,seconds",
            "start,attempts,abandoned",
        )


def test_states_the_fitted_figures_in_its_readme() -> None:
    fitted, text = json.loads((BANK / "fitted.json").read_text()), (BANK / "README.md").read_text()

    assert f"{fitted['calls_fitted_on']:,.0f}" in text
    for name in ("again_after_giving_up_share", "again_when_unreachable_share", "day_to_day_cv"):
        assert f"{fitted[name]:.0%}".rstrip("%") in text or f"{fitted[name]:.1%}".rstrip("%") in text
    assert f"{fitted['wrap_up_s']:.1f} s" in text
    assert abs(fitted["give_up_simulated"] - fitted["give_up_real"]) < 0.002


@pytest.mark.skipif(
    not (DATA / "ab_intervals_15min.csv.gz").is_file(), reason="the call data is not part of the project"
)
def test_is_rebuilt_by_its_script_from_the_call_data(tmp_path: Path) -> None:
    for name in ("openline", "sites", "systems", "telephony", "people", "scenarios"):
        (tmp_path / f"{name}.yaml").write_text((BANK / f"{name}.yaml").read_text())

    subprocess.run(
        [sys.executable, BANK / "fit.py", "--data", DATA, "--out", tmp_path], check=True, capture_output=True
    )

    written = {
        f.relative_to(BANK): f.read_text() for f in BANK.rglob("*") if f.suffix == ".csv" or f.name == "activities.yaml"
    }
    assert {f: (tmp_path / f).read_text() for f in written} == written


def test_says_what_is_missing_without_the_call_data(tmp_path: Path) -> None:
    found = subprocess.run(
        [sys.executable, BANK / "fit.py", "--data", tmp_path, "--out", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 1
    assert "does not hold the call data" in found.stderr
