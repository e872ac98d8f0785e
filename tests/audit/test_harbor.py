"""Harbor and its twelve traps: the clean centre has nothing critical, each trap exactly its findings."""

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from openline.audit.difference import difference
from openline.audit.rules.subjects import category_of
from openline.audit.run import Audit, audit
from openline.audit.scores import scores
from openline.plan.directory import read_directory
from openline.plan.load import Loaded, load_plan, overlay_names

HARBOR = Path(__file__).parents[2] / "examples" / "harbor"
AS_OF = date(2026, 11, 1)

TRAPS: dict[str, tuple[str, dict[str, int], set[str]]] = {
    "standby-beside-primary": ("a", {"AR-020": 1, "AR-028": 1, "AR-029": 1}, set()),
    "vendor-is-the-only-hand": ("b", {"AR-081": 6}, set()),
    "never-tested": (
        "c",
        {"AR-058": 4, "AR-062": 29, "AR-070": 2, "AR-104": 1, "AR-114": 1, "AR-133": 13, "AR-150": 4, "AR-161": 2},
        {"AR-151", "AR-152", "AR-154", "AR-155", "AR-168"},
    ),
    "no-spare": ("d", {"AR-060": 1, "AR-063": 1}, set()),
    "survivor-too-small": ("e", {"AR-045": 1, "AR-052": 1}, set()),
    "one-cable": ("f", {"AR-028": 1, "AR-029": 3, "AR-044": 1, "AR-050": 3, "AR-051": 1}, set()),
    "no-triggers": ("g", {"AR-122": 1}, {"AR-123"}),
    "no-way-back": ("h", {"AR-126": 4, "AR-132": 14}, {"AR-139"}),
    "no-surge": ("i", {"AR-171": 1}, set()),
    "cloud-vendor-unready": ("j", {"AR-078": 1}, set()),
    "old-contacts": ("k", {"AR-091": 1, "AR-097": 1, "AR-101": 26, "AR-103": 1}, set()),
    "only-customers-told": ("l", {"AR-105": 7}, set()),
}
"""By overlay: the trap's letter, what fails besides what the clean centre has, and what can no longer be told."""


@cache
def files() -> dict[str, str]:
    return read_directory(HARBOR)[0]


@cache
def harbor(*overlays: str) -> tuple[Loaded, Audit]:
    loaded = load_plan(files(), overlays)
    assert loaded.plan is not None, loaded.problems
    return loaded, audit(loaded, AS_OF)


def test_has_nothing_critical_and_nothing_that_can_not_be_told_when_clean() -> None:
    _, found = harbor()

    assert [(f.rule, f.severity) for f in found.findings] == [
        ("AR-035", "high"),
        ("AR-022", "medium"),
        ("AR-023", "medium"),
    ]


@pytest.mark.parametrize("name", list(TRAPS))
def test_finds_exactly_what_each_trap_brings_in(name: str) -> None:
    _, clean = harbor()
    _, found = harbor(name)

    new = [f for f in found.findings if f.key not in {c.key for c in clean.findings}]
    _, fails, blind = TRAPS[name]
    assert Counter(f.rule for f in new if f.result == "fail") == Counter(fails)
    assert {f.rule for f in new if f.result == "cannot_evaluate"} == blind
    assert {c.key for c in clean.findings} <= {f.key for f in found.findings}


def test_has_all_twelve_traps_and_each_says_which_it_is() -> None:
    letters = {files()[f"overlays/{n}.yaml"].split("trap: ")[1][0] for n in TRAPS}

    assert letters == set("abcdefghijkl")
    assert {t for t, _, _ in TRAPS.values()} == letters
    assert set(TRAPS) < set(overlay_names(files()))


@pytest.mark.parametrize("name", list(TRAPS))
def test_points_to_file_and_line(name: str) -> None:
    loaded, found = harbor(name)

    for finding in found.findings:
        lines = files()[finding.file].splitlines()
        assert 1 <= finding.line <= len(lines)
        if finding.collection != "organization" and not finding.file.startswith("overlays/"):
            near = "\n".join(lines[max(0, finding.line - 80) : finding.line])
            assert finding.subject in near
    assert loaded.plan is not None


def test_clears_the_standby_trap_when_the_standby_is_moved_away_again() -> None:
    """RSK-13, job 4 of the workflow: moving the backup out of the building removes AR-020."""
    trapped, before = harbor("standby-beside-primary")
    clean, after = harbor()
    assert trapped.plan is not None
    assert clean.plan is not None

    found = difference(before, trapped.plan, after, clean.plan)

    assert {m.finding.rule for m in found.went} == {"AR-020", "AR-028", "AR-029"}
    assert not found.came
    assert all(any(c.id in ("acd-standby", "quay-mains") or c.id for c in m.because) for m in found.went)
    moved = next(m for m in found.went if m.finding.rule == "AR-020")
    assert [(c.id, [f for f, _, _ in c.fields]) for c in moved.because] == [("acd-standby", ["location", "needs"])]


def test_ages_only_with_the_day_it_is_told() -> None:
    loaded, now = harbor()

    again = audit(loaded, AS_OF)
    later = audit(loaded, date(2028, 1, 1))

    assert again.findings == now.findings
    assert len(later.findings) > len(now.findings) + 50
    assert {"AR-101", "AR-150", "AR-114"} <= {f.rule for f in later.failures}


def test_sets_a_finding_aside_until_its_exclusion_ends() -> None:
    entry = "{id: later, rule: AR-035, reason: New tank is ordered, owner: facilities-lead, until: 2027-02-28}"
    text = f"exclusions:\n  - {entry}\n"
    loaded = load_plan({**files(), "exclusions.yaml": text})

    now, then = audit(loaded, AS_OF), audit(loaded, date(2027, 3, 1))

    aside = next(f for f in now.findings if f.rule == "AR-035")
    assert aside.excluded == "later"
    assert aside not in now.failures
    assert now.outcomes["AR-035"].excluded == 1
    assert next(f for f in then.findings if f.rule == "AR-035").excluded is None


@pytest.mark.parametrize("lack", ["reason: R, ", "owner: facilities-lead, ", ", until: 2027-02-28"])
def test_refuses_an_exclusion_without_reason_owner_or_end(lack: str) -> None:
    text = "exclusions:\n  - {id: x, rule: AR-035, reason: R, owner: facilities-lead, until: 2027-02-28}\n"

    found = load_plan({**files(), "exclusions.yaml": text.replace(lack, "")})

    assert found.plan is None
    assert any("is missing" in p.message for p in found.problems)


def test_scores_what_the_findings_add_up_to() -> None:
    """Readiness index by hand: weights 10, 5, 2, 1; MET-08."""
    loaded, found = harbor()
    assert loaded.plan is not None

    figures = scores(loaded.plan, found)

    weight = {"critical": 10, "high": 5, "medium": 2, "low": 1}
    applies = [o for o in found.outcomes.values() if o.applies]
    whole = sum(weight[o.rule.severity] for o in applies)
    lost = sum(weight[r] for r in ("high", "high", "medium"))  # AR-035, AR-022, AR-023 by their rules' severity
    assert figures.readiness == pytest.approx(100 * (whole - lost) / whole)
    assert not figures.capped
    assert figures.proven.share == 1
    assert all(f.share == 1 for f in figures.freshness)
    assert [len(c) for c in figures.checklists.values()] == [10, 10, 9, 3, 5]
    assert all(line.share is not None for lines in figures.checklists.values() for line in lines)


def test_caps_the_index_while_something_critical_is_open() -> None:
    loaded, found = harbor("standby-beside-primary")
    assert loaded.plan is not None

    figures = scores(loaded.plan, found)

    assert figures.readiness == 59
    assert figures.capped
    assert figures.survival.lacking == ("power-cut-no-generator", "fire")


def test_counts_a_scenario_in_the_category_of_its_library_record() -> None:
    """RSK-06: what the plan does not state, the library does."""
    loaded, found = harbor()
    assert loaded.plan is not None
    bare = {i: s.model_copy(update={"category": None}) for i, s in loaded.plan.scenarios.items()}
    unsaid = {i: bare[i] if category_of(bare[i]) == s.category else s for i, s in loaded.plan.scenarios.items()}

    said = scores(loaded.plan, found).checklists["four-categories"]
    told = scores(replace(loaded.plan, scenarios=unsaid), found).checklists["four-categories"]

    assert told == said


def test_shows_an_untested_plan_as_unproven() -> None:
    """TST-09: proven share of relied-on arrangements."""
    loaded, found = harbor("never-tested")
    assert loaded.plan is not None

    assert scores(loaded.plan, found).proven.share == 0
