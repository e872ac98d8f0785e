"""Generated pages are as the program would write them now, and say the truth."""

import json
import re
import runpy
from functools import cache
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from openline.audit.rules import RULES
from openline.plan.directory import read_directory
from openline.plan.organization import Organization
from openline.plan.sections import COLLECTIONS, SECTIONS
from openline.plan.tree import parse, plain
from openline.reference.coverage import SERVED, coverage_page, requirements, served
from openline.reference.elements import ELEMENTS, elements_page
from openline.reference.fields import field_rows
from openline.reference.pages import pages
from openline.reference.schema import schemas, settings_for_editors

ROOT = Path(__file__).parents[2]
PAGES = {**pages(), "coverage.md": coverage_page(), "plan-elements.md": elements_page()}


@cache
def made_schemas() -> dict[str, str]:
    return schemas()


@pytest.mark.parametrize("name", list(PAGES))
def test_is_as_the_program_writes_it(name: str) -> None:
    assert (ROOT / "docs" / name).read_text() == PAGES[name], "run `make reference`"


def test_lists_every_requirement_once_with_what_serves_it_or_not_yet() -> None:
    rows = re.findall(r"^\| ([A-Z]{3}-\d\d) \| P\d \| .+ \| (.+) \|$", coverage_page(), re.MULTILINE)

    assert len(rows) == 192
    assert [i for i, _ in rows] == list(requirements())
    for i, by in rows:
        assert (by == "not yet") == (i not in served())


def test_names_only_requirements_and_commands_that_exist() -> None:
    from openline.cli import app

    commands = {f"openline {c.name}" for c in app.registered_commands}
    commands |= {f"openline {g.name}" for g in app.registered_groups}

    assert set(served()) <= set(requirements())
    for what in SERVED:
        assert what.startswith("page ") or " ".join(what.split()[:2]) in commands, what


def test_has_the_requirements_of_the_domain() -> None:
    path = ROOT.parent / "shared" / "domain" / "1-requirements.md"
    if not path.is_file():
        pytest.skip("the domain notes are not here")

    assert list(requirements()) == re.findall(r"^\| ([A-Z]{3}-\d\d) \|", path.read_text(), re.MULTILINE)


def test_shows_where_the_plan_holds_each_element() -> None:
    for _, fields, rules in ELEMENTS.values():
        assert set(rules) <= set(RULES)
        for field in fields:
            collection, _, name = field.partition(".")
            model = Organization if collection == "organization" else COLLECTIONS[collection].model
            assert not name or name in {r.name for r in field_rows(model)}, field


def test_has_all_elements_of_the_checklist() -> None:
    path = ROOT.parent / "shared" / "data" / "plan_elements.json"
    if not path.is_file():
        pytest.skip("the checklist is not here")

    assert [e["id"] for e in json.loads(path.read_text())["elements"]] == list(ELEMENTS)


@pytest.mark.parametrize("name", list(COLLECTIONS))
def test_tells_of_every_field(name: str) -> None:
    page = PAGES[f"reference/{COLLECTIONS[name].section}.md"]

    for row in field_rows(COLLECTIONS[name].model):
        assert f"| `{row.name}` |" in page or f"| `{row.name}` |" in PAGES["reference/README.md"]


@pytest.mark.parametrize("example", ["harbor", "one-seat", "anonymous-bank", "group"])
def test_has_schemas_that_every_file_of_the_examples_meets(example: str) -> None:
    if example == "group":
        files = runpy.run_path(str(ROOT / "examples" / "group" / "make_group.py"))["files"](1)
    else:
        files, _ = read_directory(ROOT / "examples" / example)
    for file, text in files.items():
        if not file.endswith(".yaml"):
            continue
        tree, _ = parse(file, text)
        assert tree is not None
        name = "overlay" if file.startswith("overlays/") else file.partition("/")[0].removesuffix(".yaml")
        schema = json.loads(made_schemas()[f"{name}.schema.json"])
        errors = Draft202012Validator(schema).iter_errors(plain(tree))
        found = [f"{file}: {e.json_path} {e.message[:200]}" for e in errors]
        assert not found, found[:5]


@pytest.mark.parametrize("section", [*SECTIONS, "overlay", "openline"])
def test_has_a_schema_that_refuses_a_wrong_value_a_wrong_key_and_a_lack(section: str) -> None:
    schema = json.loads(made_schemas()[f"{section}.schema.json"])
    Draft202012Validator.check_schema(schema)
    key = next((c.name for c in COLLECTIONS.values() if c.section == section), "sites")

    for wrong in ({"name": "No id"}, {"id": "Not An Id"}, {"id": "x", "height": 3}, {"id": "x", "tags": "one"}):
        document: dict[str, object] = {"organization": wrong, "format": 1} if section == "openline" else {key: [wrong]}
        assert list(Draft202012Validator(schema).iter_errors(document)), wrong
    assert list(Draft202012Validator(schema).iter_errors({"castles": []}))


def test_binds_a_schema_to_every_file_of_a_plan() -> None:
    bound = json.loads(settings_for_editors())["yaml.schemas"]

    assert set(bound) == {f".schema/{name}" for name in made_schemas()}
    assert {f for files in bound.values() for f in files} >= {"openline.yaml", "overlays/*.yaml", "sites/*.yaml"}


def test_has_schemas_that_tell_a_wrong_file() -> None:
    schema = json.loads(made_schemas()["sites.schema.json"])
    wrong = {"sites": [{"id": "x", "role": "palace"}], "castles": []}

    paths = {e.json_path for e in Draft202012Validator(schema).iter_errors(wrong)}

    assert paths == {"$", "$.sites[0].role"}
