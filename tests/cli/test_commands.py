"""The contract of the command line (DESIGN section 7): JSON keys, streams, exit status."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run

HARBOR = "examples/harbor"


def test_helps_in_less_than_0_3_s() -> None:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "openline", "--help"], capture_output=True, check=True)
        times.append(time.perf_counter() - start)

    assert min(times) < 0.3


@pytest.mark.parametrize("command", ["validate", "impact", "simulate", "erlang", "serve", "bench"])
def test_helps_with_every_command(run: Run, command: str) -> None:
    found = run(command, "--help")

    assert found.returncode == 0
    assert "Usage" in found.stdout


@pytest.mark.parametrize("plan", ["harbor", "one-seat", "anonymous-bank"])
def test_finds_the_examples_well_formed(run: Run, plan: str) -> None:
    found = run("validate", f"examples/{plan}", "--format", "json")

    said = json.loads(found.stdout)
    assert len(said.pop("approval_hash")) == 64
    assert said == {"ok": True, "problems": [], "rings": []}
    assert found.returncode == 0


def test_tells_every_problem_with_file_and_line(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    shutil.copytree(ROOT / "examples" / "one-seat", plan)
    calls = plan / "activities.yaml"
    calls.write_text(
        calls.read_text().replace("patience_s: 1m", "patience_s: -1m").replace("shop-number", "shop-numbr")
    )

    found = run("validate", str(plan), "--format", "json")

    problems = json.loads(found.stdout)["problems"]
    assert found.returncode == 1
    assert {(p["file"], p["line"], p["path"]) for p in problems} >= {
        ("activities.yaml", 9, "activities.calls.patience_s")
    }
    assert set(problems[0]) == {"file", "line", "path", "message", "hint"}


def test_reports_rings_of_needs_without_calling_them_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "openline.yaml").write_text("format: 1\norganization: {id: ring}\n")
    systems = "systems:\n  - {id: a, kind: dns, needs: [{to: [b]}]}\n  - {id: b, kind: lan, needs: [{to: [a]}]}\n"
    (tmp_path / "systems.yaml").write_text(systems)

    found = run("validate", str(tmp_path))

    assert found.returncode == 0
    assert "ring: a, b" in found.stdout


def test_says_so_when_there_is_no_such_directory(run: Run) -> None:
    found = run("validate", "examples/nowhere")

    assert found.returncode == 1
    assert "no such directory" in found.stdout


def test_writes_the_simulation_as_json(run: Run) -> None:
    words = (
        "simulate",
        HARBOR,
        "--scenario",
        "gas-leak",
        "--at",
        "2026-11-30T10:00",
        "--replications",
        "20",
        "--format",
        "json",
    )

    found = run(*words)

    document = json.loads(found.stdout)
    assert found.returncode == 0
    assert {"plan_hash", "scenario", "at", "seed", "replications", "tier", "timeline", "baseline", "disrupted"} <= set(
        document
    )
    assert document["at"] == "2026-11-30T10:00:00+00:00"
    assert {"object", "at", "state", "cause"} <= set(document["timeline"][0])
    for variant in ("baseline", "disrupted"):
        assert {"totals", "intervals", "time_to_recover_s"} <= set(document[variant])
        for name in ("offered", "answered", "abandoned", "blocked", "redials"):
            assert {"mean", "low", "high"} <= set(document[variant]["totals"][name])
        assert {"start", "queue", "offered", "answered", "abandoned", "blocked"} <= set(
            document[variant]["intervals"][0]
        )
    assert document["disrupted"]["time_to_recover_s"]["mean"] > 3600
    assert set(document["disrupted"]["queues"][0]["service_levels"]) == {f"SL{n}" for n in range(1, 7)}


def test_gives_the_same_bytes_for_the_same_seed(run: Run) -> None:
    words = (
        "simulate",
        HARBOR,
        "--scenario",
        "gas-leak",
        "--at",
        "2026-11-30T10:00",
        "--replications",
        "5",
        "--format",
        "json",
    )

    assert run(*words).stdout == run(*words).stdout


def test_conserves_contacts_in_what_it_prints(run: Run) -> None:
    words = (
        "simulate",
        HARBOR,
        "--scenario",
        "fire",
        "--for",
        "4h",
        "--at",
        "2026-11-30T10:00",
        "--replications",
        "8",
        "--format",
        "json",
    )

    totals = json.loads(run(*words).stdout)["disrupted"]["totals"]

    mean = {name: figure["mean"] for name, figure in totals.items()}
    assert mean["attempts"] == pytest.approx(mean["offered"] + mean["blocked"])
    assert mean["attempts"] == pytest.approx(mean["customers"] + mean["redials"])


def test_prints_the_simulation_for_people(run: Run) -> None:
    found = run("simulate", HARBOR, "--scenario", "power-cut", "--at", "2026-11-30T09:00", "--replications", "20")

    assert "out of fuel: a tank lasts 22 h 30 min" in found.stdout
    assert "Service by 30 minutes" in found.stdout
    assert "time to recover" in found.stdout


def test_says_what_else_fails_when_and_why(run: Run) -> None:
    """The power chain of harbor by hand: 15 s of battery, 22.5 h of fuel, then 15 min of battery."""
    cut = ("impact", HARBOR, "--fail", "quay-mains", "--at", "2026-11-30T09:00", "--for", "30h")

    said = json.loads(run(*cut, "--format", "json").stdout)
    text = run(*cut).stdout

    assert {"plan_hash", "fail", "at", "duration_s", "timeline", "responses"} <= set(said)
    assert all({"object", "at", "state", "cause"} <= set(c) for c in said["timeline"])
    down = {c["object"]: (c["at_s"], c["cause"]) for c in reversed(said["timeline"]) if c["state"] == "down"}
    assert down["quay-generator"] == (22.5 * 3600 + 15, "out of fuel: a tank lasts 22 h 30 min")
    assert down["quay-ups"] == (22.75 * 3600 + 15, "the battery is empty")
    assert "hill-mains" not in down
    times = [line[2:14] for line in text.splitlines() if line.startswith("  ") and line[2] != " "]
    assert times == sorted(times, key=lambda t: (t[:3] == "Tue", t[4:]))


def test_lays_an_overlay_by_name_or_by_file(run: Run) -> None:
    words = (
        "simulate",
        HARBOR,
        "--scenario",
        "fire",
        "--for",
        "4h",
        "--at",
        "2026-11-30T10:00",
        "--replications",
        "5",
        "--format",
        "json",
    )
    name, file = "standby-beside-primary", f"{HARBOR}/overlays/standby-beside-primary.yaml"

    plain, by_name, by_file = run(*words).stdout, run(*words, "--with", name).stdout, run(*words, "--with", file).stdout

    assert by_name == by_file != plain


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("simulate", HARBOR, "--scenario", "gas-leek"), "did you mean 'gas-leak'"),
        (("simulate", HARBOR, "--scenario", "gas-leak", "--at", "tomorrow"), "is not a time"),
        (("simulate", HARBOR, "--scenario", "gas-leak", "--for", "long"), "is not a duration"),
        (("simulate", HARBOR), "--scenario"),
        (("impact", HARBOR, "--fail", "quay-main"), "did you mean 'quay-mains'"),
        (("impact", HARBOR, "--fail", " , "), "name at least one object"),
        (("impact", HARBOR, "--fail", "quay", "--for", "-1h"), "is not a duration"),
        (("impact", HARBOR, "--fail", "quay", "--for", "0s"), "longer than nothing"),
        (("impact", HARBOR, "--fail", "quay", "--at", "noon"), "is not a time"),
        (("impact", HARBOR), "--fail"),
        (("erlang", "a", "--arrivals-per-h", "10", "--aht", "60", "--agents", "2"), "--patience"),
        (("erlang", "b", "--arrivals-per-h", "10", "--aht", "60", "--agents", "2", "--patience", "5"), "--patience"),
        (("erlang", "c", "--arrivals-per-h", "-10", "--aht", "60", "--agents", "2"), "from 0"),
        (("erlang", "c", "--arrivals-per-h", "nan", "--aht", "60", "--agents", "2"), "from 0"),
        (("erlang", "z", "--arrivals-per-h", "10", "--aht", "60", "--agents", "2"), "'z'"),
        (("serve", "--host", "0.0.0.0"), "--url https://NAME"),  # noqa: S104 - refused
        (("serve", "--host", "0.0.0.0", "--demo"), "on this machine only"),  # noqa: S104 - refused
        (("serve", "--demo", "--url", "https://plan.example.org"), "on this machine only"),
        (("serve", "--url", "http://plan.example.org"), "no address that passwords may travel to"),
        (("bench", "nothing"), "there are: sim"),
    ],
)
def test_answers_wrong_use_with_status_2_and_no_traceback(run: Run, words: tuple[str, ...], says: str) -> None:
    found = run(*words)

    assert found.returncode == 2
    assert says in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_leaves_with_status_1_when_the_plan_is_not_sound(run: Run, tmp_path: Path) -> None:
    (tmp_path / "openline.yaml").write_text("format: 1\n")

    found = run("simulate", str(tmp_path), "--scenario", "x")

    assert found.returncode == 1
    assert "organization" in found.stderr


def test_computes_one_queue(run: Run) -> None:
    words = (
        "--arrivals-per-h",
        "200",
        "--aht",
        "3m",
        "--agents",
        "10",
        "--patience",
        "120",
        "--target",
        "20",
        "--format",
        "json",
    )

    found = json.loads(run("erlang", "a", *words).stdout)

    assert set(found) == {"p_wait", "p_abandon", "p_block", "asa_s", "mean_wait_s", "service_level", "occupancy"}
    assert found["p_abandon"] == pytest.approx(0.137464, abs=1e-6)


def test_writes_null_where_a_formula_has_no_answer(run: Run) -> None:
    found = run("erlang", "c", "--arrivals-per-h", "1000", "--aht", "300", "--agents", "5", "--format", "json")

    assert json.loads(found.stdout)["asa_s"] is None


def test_replays_the_outage_beside_the_real_day(run: Run) -> None:
    words = ("--scenario", "no-agents-28-min", "--at", "1999-02-03T12:51", "--replications", "100")

    text = run("simulate", "examples/anonymous-bank", *words).stdout
    document = json.loads(run("simulate", "examples/anonymous-bank", *words, "--format", "json").stdout)["replay"]

    assert "Beside the day that really happened" in text
    assert document["real_attempts"] == 808
    assert document["real_back_to_normal_s"] == 2700
    storm = [r for r in document["rows"] if "13:00" <= r["start"][11:16] <= "13:12"]
    assert all(r["attempts"]["low"] <= r["real_attempts"] <= r["attempts"]["high"] for r in storm)
    assert all(r["attempts"]["mean"] > 4 * r["normal_attempts"] for r in storm)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:00", "2026-02-30T10:00"])
def test_refuses_times_that_can_not_be(run: Run, at: str) -> None:
    found = run("simulate", HARBOR, "--scenario", "gas-leak", "--at", at)

    assert found.returncode == 2
    assert "Traceback" not in found.stderr


def test_says_so_when_nobody_calls(run: Run, tmp_path: Path) -> None:
    (tmp_path / "openline.yaml").write_text("format: 1\norganization: {id: bare}\n")
    (tmp_path / "sites.yaml").write_text("sites: [{id: s, role: primary}]\n")
    (tmp_path / "scenarios.yaml").write_text(
        "scenarios:\n  - id: x\n    duration: {min_s: 1h, typical_s: 1h, max_s: 1h}\n"
        "    effects: [{selector: {ids: [s]}, type: down}]\n"
    )

    found = run("simulate", str(tmp_path), "--scenario", "x", "--at", "2026-11-30T10:00")

    assert found.returncode == 2
    assert "add them in activities.yaml" in found.stderr


def test_says_when_a_disruption_is_longer_than_what_is_simulated(run: Run) -> None:
    found = run("simulate", HARBOR, "--scenario", "pandemic-wave", "--at", "2026-11-30T10:00", "--replications", "5")

    assert "only its first 7 d 14 h are counted" in found.stdout


def test_says_when_there_are_more_queues_than_it_simulates(run: Run, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    shutil.copytree(ROOT / "examples" / "one-seat", plan)
    head, _, activity = (plan / "activities.yaml").read_text().partition("  - id: calls\n")
    many = "".join(f"  - id: calls{n or ''}\n{activity}" for n in range(63))
    (plan / "activities.yaml").write_text(head + many)

    found = run("simulate", str(plan), "--scenario", "line-down", "--at", "2026-11-30T10:00")

    assert found.returncode == 2
    assert "more than 62 queues" in found.stderr
