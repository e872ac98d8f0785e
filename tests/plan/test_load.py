"""Loading a plan: PLN requirements of the issue, invariants of domain 3.8."""

import pytest

from openline.plan.document import Plan, content_hash
from openline.plan.load import load_plan
from openline.plan.problem import Problem
from tests.plan.small import FILES, changed


def loaded(files: dict[str, str], *overlays: str) -> Plan:
    result = load_plan(files, overlays)
    assert result.plan is not None, "\n".join(map(str, result.problems))
    return result.plan


def only_problem(files: dict[str, str], *overlays: str) -> Problem:
    result = load_plan(files, overlays)
    assert result.plan is None
    assert len(result.problems) == 1, "\n".join(map(str, result.problems))
    return result.problems[0]


def test_reads_every_collection_of_a_small_plan() -> None:
    plan = loaded(FILES)

    assert plan.organization.name == "Corner shop"
    assert plan.activities["orders"].aht_s == 300.0
    assert plan.profiles["orders.csv"].slot_s == 1800
    assert plan.node("mains") is plan.feeds["mains"]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "path", "says", "hint"),
    [
        (
            "activities.yaml",
            "patience_s: 2m",
            "patence_s: 2m",
            8,
            "activities.orders.patence_s",
            "unknown key",
            "patience_s",
        ),
        ("activities.yaml", "aht_s: 5m", "aht_s: -5m", 7, "activities.orders.aht_s", "", ""),
        ("activities.yaml", "    kind: inbound_queue\n", "", 2, "activities.orders.kind", "is missing", ""),
        (
            "activities.yaml",
            "[orders-number]",
            "[orders-numbr]",
            4,
            "activities.orders.numbers[0]",
            "there is no",
            "orders-number",
        ),
        ("activities.yaml", "SL3", "SL9", 9, "activities.orders.sl.formula_id", "must be one of", "SL9"),
        ("activities.yaml", "x: 0.8", "x: 80", 9, "activities.orders.sl.x", "less than or equal to 1", "80"),
        (
            "activities.yaml",
            "orders.csv",
            "ordres.csv",
            6,
            "activities.orders.volumes",
            "there is no file",
            "",
        ),
        ("sites.yaml", "role: primary", "role: main", 3, "sites.shop.role", "must be one of", "main"),
        ("sites.yaml", "feeds:", "fedes:", 4, "fedes", "unknown key", "feeds"),
        ("sites.yaml", "id: mains", "id: shop", 5, "feeds.shop.id", "stands twice", "sites.yaml:2"),
        ("sites.yaml", "id: mains", "id: Main Feed", 5, "feeds.Main Feed.id", "small letters", "Main Feed"),
        ("openline.yaml", "format: 1", "format: 2", 1, "format", "must be 1", ""),
        ("openline.yaml", "Europe/London", "Europe/Londn", 5, "organization.tz", "", ""),
        ("orders.csv", "all,10:00,6\n", "", 21, "", "has no interval at 10:00", "write 0 for none"),
        ("orders.csv", "all,10:00,6", "all,10:00,six", 22, "", "not a number", ""),
        ("orders.csv", "all,10:00,6", "all,09:30,6", 22, "", "stands twice", ""),
    ],
)
def test_tells_file_line_path_and_hint(
    file: str, old: str, new: str, line: int, path: str, says: str, hint: str
) -> None:
    result = load_plan(changed(file, old, new))

    first = next(p for p in result.problems if p.line == line)
    assert result.plan is None
    assert (first.file, first.path) == (file, path)
    assert says in first.message
    assert hint in first.hint


def test_tells_all_problems_at_once() -> None:
    files = changed("activities.yaml", "aht_s: 5m", "aht_s: soon")
    files["sites.yaml"] = files["sites.yaml"].replace("site: shop", "site: shed")

    result = load_plan(files)

    assert {p.file for p in result.problems} == {"activities.yaml", "sites.yaml"}


def test_does_not_blame_a_reference_to_an_entity_that_is_wrong_itself() -> None:
    problem = only_problem(changed("sites.yaml", "role: primary", "role: main"))

    assert problem.path == "sites.shop.role"


def test_says_where_the_yaml_itself_breaks() -> None:
    problem = only_problem(changed("sites.yaml", "role: primary", "role: [primary"))

    assert problem.file == "sites.yaml"
    assert problem.line >= 3
    assert "YAML" in problem.message


def test_refuses_anchors_so_that_a_small_file_stays_small() -> None:
    bomb = "sites: &a [&b {id: x}, *b]\n"

    result = load_plan({**FILES, "sites.yaml": bomb})

    assert any("anchors" in p.message for p in result.problems)


def test_refuses_a_collection_in_the_wrong_file() -> None:
    files = {**FILES, "systems.yaml": "skills:\n  - id: welsh\n"}

    problem = only_problem(files)

    assert "people.yaml" in problem.hint


def test_reads_a_section_from_a_folder_of_files() -> None:
    files = {
        **FILES,
        "systems/core.yaml": "systems:\n  - {id: acd, kind: acd}\n",
        "systems/other.yaml": "systems:\n  - {id: crm, kind: crm}\n",
    }

    plan = loaded(files)

    assert list(plan.systems) == ["acd", "crm"]


@pytest.mark.parametrize(
    ("needs", "says"),
    [
        ("{to: [acd]}", "itself"),
        ("{to: [mains, shop], mode: k_of_n, k: 3}", "only 2 are named"),
        ("{to: [mains, shop], mode: k_of_n}", "k goes with"),
        ("{to: [mains], switch_s: 5s}", "switch_s goes with"),
        ("{to: [mains, mains]}", "stands twice"),
    ],
)
def test_keeps_the_invariants_of_dependencies(needs: str, says: str) -> None:
    files = {**FILES, "systems.yaml": f"systems:\n  - id: acd\n    kind: acd\n    needs: [{needs}]\n"}

    problem = only_problem(files)

    assert says in problem.message
    assert problem.line == 4


class TestOverlay:
    def test_replaces_one_field_and_keeps_the_rest(self) -> None:
        files = {**FILES, "overlays/slow.yaml": "name: Slow\nactivities:\n  - id: orders\n    aht_s: 10m\n"}

        plan = loaded(files, "slow")

        assert plan.activities["orders"].aht_s == 600.0
        assert plan.activities["orders"].patience_s == 120.0

    def test_adds_and_removes_entities(self) -> None:
        text = "systems:\n  - {id: acd, kind: acd}\nfeeds:\n  - {id: mains, remove: true}\n"

        plan = loaded({**FILES, "overlays/swap.yaml": text}, "swap")

        assert "acd" in plan.systems
        assert not plan.feeds

    def test_changes_nothing_when_it_is_not_named(self) -> None:
        files = {**FILES, "overlays/slow.yaml": "activities:\n  - id: orders\n    aht_s: 10m\n"}

        assert content_hash(loaded(files)) == content_hash(loaded(FILES))

    def test_tells_its_own_file_and_line(self) -> None:
        files = {**FILES, "overlays/bad.yaml": "activities:\n  - id: orders\n    aht_s: -1\n"}

        problem = only_problem(files, "bad")

        assert (problem.file, problem.line) == ("overlays/bad.yaml", 3)

    def test_tells_when_there_is_no_such_overlay(self) -> None:
        problem = only_problem(FILES, "ghost")

        assert "no such overlay" in problem.message

    def test_tells_when_there_is_nothing_to_remove(self) -> None:
        problem = only_problem({**FILES, "overlays/x.yaml": "systems:\n  - {id: ghost, remove: true}\n"}, "x")

        assert problem.line == 2


def test_hashes_the_content_and_not_the_layout() -> None:
    spaced = {**FILES, "sites.yaml": "# a comment\n\n" + FILES["sites.yaml"]}

    same, other = (
        content_hash(loaded(spaced)),
        content_hash(
            loaded(
                changed("people.yaml", "english", "english-x")
                | {
                    "activities.yaml": FILES["activities.yaml"].replace("[english]", "[english-x]"),
                    "people.yaml": FILES["people.yaml"].replace("english", "english-x"),
                }
            )
        ),
    )

    assert same == content_hash(loaded(FILES))
    assert other != same


STEPS = "procedures:\n  - id: p\n    phase: recover\n    steps:\n{steps}"
LINE = "      - {{id: {id}, text: Do it, predecessors: [{before}]}}\n"


@pytest.mark.parametrize(
    ("order", "says", "line"),
    [
        ([("a", "c"), ("b", "a"), ("c", "b")], "steps wait for each other: a after c after b after a", 5),
        ([("a", "a")], "a after a", 5),
        ([("a", ""), ("b", "x")], "no step 'x'", 6),
        ([("a", ""), ("a", "")], "stands twice", 6),
    ],
)
def test_refuses_steps_that_wait_for_each_other(order: list[tuple[str, str]], says: str, line: int) -> None:
    """Invariant 6."""
    steps = "".join(LINE.format(id=i, before=b) for i, b in order)

    problem = load_plan({**FILES, "procedures.yaml": STEPS.format(steps=steps)}).problems[0]

    assert says in problem.message
    assert (problem.file, problem.line) == ("procedures.yaml", line)
