"""Workbook, CSV and YAML give back what went in; formulas do not run; wrong input gives problems."""

import io
import random
import resource
import subprocess
import sys
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from pydantic import ValidationError

from openline.exchange.columns import cells, columns, document_of, written
from openline.exchange.csv_files import csv_files, plainly, read_csv_files, safe
from openline.exchange.merge import changed_files, merge
from openline.exchange.workbook import put, read_workbook, workbook_bytes
from openline.exchange.yaml_files import entity_text, plan_files
from openline.plan.directory import read_directory
from openline.plan.document import Plan, content_hash
from openline.plan.load import load_plan
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.tree import parse, plain
from openline.reference.fields import FieldRow, field_rows

ROOT = Path(__file__).parents[2]
EXAMPLES = ("harbor", "one-seat", "anonymous-bank")


@cache
def files(example: str) -> dict[str, str]:
    return read_directory(ROOT / "examples" / example)[0]


@cache
def plan(example: str) -> Plan:
    found = load_plan(files(example)).plan
    assert found is not None
    return found


@cache
def book(example: str = "harbor") -> bytes:
    return workbook_bytes(plan(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_gives_the_same_plan_through_a_workbook(example: str) -> None:
    read = read_workbook(io.BytesIO(book(example)), "plan.xlsx")

    found = merge({}, read, "stop")

    assert not found.problems
    assert found.plan is not None
    assert content_hash(found.plan) == content_hash(plan(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_gives_the_same_plan_through_csv(example: str) -> None:
    found = merge({}, read_csv_files(csv_files(plan(example))), "stop")

    assert found.plan is not None, found.problems
    assert content_hash(found.plan) == content_hash(plan(example))


@pytest.mark.parametrize("example", EXAMPLES)
def test_writes_yaml_that_loads_the_same_and_writes_the_same_bytes(example: str) -> None:
    first = plan_files(plan(example))
    again = load_plan(first).plan

    assert again is not None
    assert content_hash(again) == content_hash(plan(example))
    assert plan_files(again) == first


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"), include_characters="\t\n"),
                min_size=1, max_size=40)  # fmt: skip
NASTY = st.sampled_from(
    ("=1+1", "=cmd|' /C calc'!A0", "+44", "-1", "@SUM(A1)", "'quoted", "yes", "null", "1.0", "007", "2026-01-01",
     "a: b", "[x]", "{y}", "# no", "x # y", "ends ", " starts", '"', "\\", "a\nb", "\t", "TRUE", "1,5", "é☎",
     "~", "- x",
     "0x10", "1e5", "%", "&a", "*a", "!t", "|", ">", "`")
)  # fmt: skip


def drawn(row: FieldRow) -> st.SearchStrategy[Any]:
    """Values for a field, right for most of its kinds."""
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "text": WORDS | NASTY,
        "number": st.floats(0, 1) | st.integers(0, 50) | st.floats(0, 1e6, allow_subnormal=False),
        "whole": st.integers(0, 12),
        "yes_no": st.booleans(),
        "date": st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(str),
        "duration": st.integers(0, 10**6) | st.floats(0.001, 10**6) | st.just("90m"),
        "money": st.decimals(0, 10**6, places=2).map(lambda d: f"{d} GBP"),
    }
    if row.shape.kind == "choice":
        return st.sampled_from(row.shape.choices)
    if row.shape.kind == "list" and row.shape.inner is not None and row.shape.inner.kind == "text":
        return st.lists(WORDS | NASTY, max_size=4)
    return kinds.get(row.shape.kind, st.nothing())


@st.composite
def entities(draw: st.DrawFn) -> Entity:
    """An entity of harbor with some fields set anew, as far as its model allows."""
    name = draw(st.sampled_from([c for c in COLLECTIONS if plan("harbor").collection(c)]))
    entity = draw(st.sampled_from(list(plan("harbor").collection(name).values())))
    rows = [r for r in field_rows(type(entity)) if not drawn(r).is_empty and r.name != "id"]
    for row in draw(st.lists(st.sampled_from(rows), max_size=6, unique_by=lambda r: r.name)):
        try:
            entity = type(entity).model_validate({**written(entity), row.name: draw(drawn(row))})
        except ValidationError:
            continue
    return entity


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(entities())
def test_is_an_identity_through_yaml_cells_and_csv(entity: Entity) -> None:
    model = type(entity)
    tree, problems = parse("x", "x:\n" + entity_text(written(entity)))
    row = cells(entity)
    document, wrong = document_of(dict(row), model)
    texts, odd = document_of({k: plainly(safe(v)) for k, v in row.items()}, model)

    assert not problems
    assert not wrong
    assert not odd
    assert tree is not None
    assert model.model_validate(plain(tree)["x"][0]) == entity
    assert model.model_validate(document) == entity
    assert model.model_validate(texts) == entity


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(entities(), min_size=1, max_size=8))
def test_is_an_identity_through_a_real_workbook(found: list[Entity]) -> None:
    target, sheets = Workbook(), {}
    for n, entity in enumerate(found):
        sheets[f"s{n}"] = target.create_sheet(f"s{n}")
        for c, (name, value) in enumerate(cells(entity).items(), 1):
            put(sheets[f"s{n}"], 1, c, name)
            put(sheets[f"s{n}"], 2, c, value)
    stream = io.BytesIO()
    target.save(stream)

    back = load_workbook(stream)
    for n, entity in enumerate(found):
        names, values = ([c.value for c in row] for row in back[f"s{n}"].iter_rows(max_row=2))
        document, problems = document_of(dict(zip(map(str, names), values, strict=True)), type(entity))
        assert not problems
        assert type(entity).model_validate(document) == entity


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\tx"])
def test_neutralises_formulas_in_workbooks_and_csv(text: str) -> None:
    evil = plan("one-seat").organization.model_copy(update={"name": text})
    object.__setattr__(evil, "__pydantic_fields_set__", {*evil.model_fields_set, "name"})
    changed = Plan(organization=evil)

    sheet = load_workbook(io.BytesIO(workbook_bytes(changed)))["organization"]
    cell = next(c for c in sheet[2] if c.value == text)
    line = csv_files(changed)["organization.csv"]

    assert cell.data_type == "s"
    assert cell.quotePrefix
    assert f"'{text}" in line
    assert f",{text}" not in line


def test_refuses_a_formula_that_somebody_typed() -> None:
    target = load_workbook(io.BytesIO(book()))
    target["systems"]["B2"] = '=HYPERLINK("http://x","y")'
    stream = io.BytesIO()
    target.save(stream)

    found = read_workbook(stream, "p.xlsx")

    assert [(p.file, p.line, p.message) for p in found.problems] == [("p.xlsx#systems", 2, "the cell holds a formula")]


def test_tells_what_can_not_be_read_and_what_is_not_sound_at_once() -> None:
    target = load_workbook(io.BytesIO(book()))
    target["sites"]["C2"] = "=1+1"
    target["vendors"]["A4"] = "Not An Id"
    stream = io.BytesIO()
    target.save(stream)

    found = merge(files("harbor"), read_workbook(stream, "p.xlsx"), "update")

    assert found.plan is None
    assert {(p.file, p.line) for p in found.problems} >= {("p.xlsx#sites", 2), ("p.xlsx#vendors", 4)}


def test_tells_everything_that_is_wrong_in_one_row_once() -> None:
    target = Workbook()
    target.remove(target.worksheets[0])
    made = target.create_sheet("numbers")
    made.append(["id", "e164", "routing_plans", "carrier", "shoe_size", "review_interval_d"])
    made.append(["x", "+442079460000", "trunk", "nobody", "43", "often"])
    stream = io.BytesIO()
    target.save(stream)

    found = merge(files("one-seat"), read_workbook(stream, "p.xlsx"), "stop")

    told = sorted(p.path for p in found.problems)
    assert told == [
        "numbers.routing_plans", "numbers.shoe_size", "numbers.x.carrier", "numbers.x.review_interval_d",
    ]  # fmt: skip


def test_keeps_what_two_cells_of_one_record_say_against_each_other_from_failing() -> None:
    """The cell of a whole record may hold anything: the cell of a part of it is then told, not lost."""
    row = {"id": "a", "kind": "support", "redial": '{"delay_law": 5}', "redial.delay_law.kind": "constant"}

    _, problems = document_of(row, COLLECTIONS["activities"].model)

    assert problems == [("redial.delay_law.kind", "the cell of the whole record says something else")]


def test_offers_choices_and_notes_with_units() -> None:
    target = load_workbook(io.BytesIO(book()))
    sheet = target["ups"]

    lists = {v.formula1 for v in sheet.data_validations.dataValidation}
    notes = {c.value: c.comment.text for c in sheet[1] if c.comment}

    assert '"online,line_interactive,standby,flywheel"' in lists
    assert "Unit: s." in notes["runtime_at_load_s"]
    assert "Unit: kW." in notes["rated_kw"]
    assert set(target.sheetnames) >= {"organization", "sites", "persons", "tables"}


@pytest.mark.parametrize(("on_conflict", "rto"), [("stop", 3600.0), ("skip", 3600.0), ("update", 1800.0)])
def test_stops_skips_or_updates_on_conflict(on_conflict: Any, rto: float) -> None:
    target = load_workbook(io.BytesIO(book()))
    sheet = target["activities"]
    column = next(c.column for c in sheet[1] if c.value == "rto_s")
    sheet.cell(2, column, "30m")
    stream = io.BytesIO()
    target.save(stream)

    found = merge(files("harbor"), read_workbook(stream, "p.xlsx"), on_conflict)

    assert found.conflicts == ("activities.accidents",)
    assert found.plan is not None
    assert found.plan.activities["accidents"].rto_s == rto
    assert [str(c) for c in found.changes] == (["activities accidents changed (rto_s)"] if rto == 1800 else [])


def test_writes_only_the_sections_that_change() -> None:
    files_ = files("harbor")
    read = read_csv_files({"skills.csv": "id,name\nitalian,Italian\n"})

    found = merge(files_, read, "stop")

    assert found.plan is not None
    assert [str(c) for c in found.changes] == ["skills italian added"]
    assert list(changed_files(files_, found.plan)) == ["people.yaml"]


@pytest.mark.parametrize(
    ("sheet", "header", "cell", "says"),
    [
        ("persons", "home_address", "1 High Street", "never holds this"),
        ("persons", "shoe_size", "43", "no such column"),
        ("persons", "status", "asleep", "must be one of"),
        ("sites", "lat", "north", "valid number"),
        ("castles", "id", "x", "no collection"),
        ("numbers", "routing_plans", "trunk", "JSON"),
    ],
)
def test_tells_sheet_row_and_column_of_what_is_wrong(sheet: str, header: str, cell: str, says: str) -> None:
    target = Workbook()
    target.remove(target.worksheets[0])
    made = target.create_sheet(sheet)
    made.append(["id", header])
    made.append(["x", cell])
    stream = io.BytesIO()
    target.save(stream)

    found = merge(files("one-seat"), read_workbook(stream, "p.xlsx"), "stop")

    assert found.plan is None
    assert any(says in p.message and p.file.startswith("p.xlsx#") for p in found.problems), found.problems


@cache
def small() -> bytes:
    whole = plan("one-seat")
    return workbook_bytes(Plan(organization=whole.organization, sites=whole.sites, feeds=whole.feeds))


def broken(chance: random.Random) -> bytes:
    """A workbook with something done to it: its bytes, its end, one of its parts."""
    data = bytearray(small())
    act = chance.randrange(4)
    if act == 0:
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        return bytes(data)
    if act == 1:
        return bytes(data[: chance.randrange(len(data))])
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(small())) as source, zipfile.ZipFile(target, "w") as out:
        hit = chance.choice(source.namelist())
        for name in source.namelist():
            part = source.read(name)
            if name == hit and act == 2:
                at = chance.randrange(len(part) + 1)
                part = part[:at] + bytes(chance.randrange(256) for _ in range(3)) + part[at + chance.randrange(9) :]
            if name != hit or act == 2:
                out.writestr(name, part)
    return target.getvalue()


def typed(chance: random.Random) -> bytes:
    """A workbook whose cells hold something else."""
    target = load_workbook(io.BytesIO(book("one-seat") if chance.random() < 0.1 else small()))
    junk = (
        "",
        "-1",
        "1e999",
        "x" * 5000,
        10**20,
        True,
        3.5,
        "=1",
        "a,b",
        "[1,",
        "{",
        "24x7",
        "2026-13-01",
        "nan",
        "\n",
    )
    for _ in range(chance.randrange(1, 6)):
        sheet = target[chance.choice(target.sheetnames)]
        cell = sheet.cell(chance.randrange(1, sheet.max_row + 2), chance.randrange(1, sheet.max_column + 2))
        cell.value = chance.choice(junk)
    stream = io.BytesIO()
    target.save(stream)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("seed", range(20))
def test_answers_mutated_workbooks_with_a_plan_or_problems(seed: int) -> None:
    """20 x 500: 10,000 mutated workbooks, most in their bytes and parts, some in their cells."""
    chance = random.Random(seed)
    for n in range(500):
        data = typed(chance) if n % 20 == 0 else broken(chance)
        found = merge({}, read_workbook(io.BytesIO(data), "p.xlsx"), "update")
        assert (found.plan is None) == bool(found.problems)


@pytest.mark.parametrize("seed", range(4))
def test_answers_mutated_csv_with_a_plan_or_problems(seed: int) -> None:
    chance = random.Random(seed)
    base = csv_files(plan("one-seat"))
    for _ in range(250):
        texts = dict(base)
        name = chance.choice(list(texts))
        at = chance.randrange(len(texts[name]) + 1)
        texts[name] = texts[name][:at] + chance.choice(('"', ",", ";", "\n", "\x00", "=1", "é", "'")) + texts[name][at:]
        found = merge({}, read_csv_files(texts), "update")
        assert (found.plan is None) == bool(found.problems)


BIG = """
import io, resource, sys
from openpyxl import Workbook
from openline.exchange.workbook import read_workbook
from openline.exchange.merge import merge
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as stream:
    read = read_workbook(stream, "big.xlsx")
found = merge({}, read, "stop")
assert found.plan is not None, found.problems[:3]
print(len(found.plan.persons), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_imports_100_000_rows_in_bounded_memory(tmp_path: Path) -> None:
    target = Workbook(write_only=True)
    organization = target.create_sheet("organization")
    organization.append(["id", "tz"])
    organization.append(["big", "UTC"])
    sheet = target.create_sheet("persons")
    sheet.append(["id", "status", "job"])
    for n in range(100_000):
        sheet.append([f"p{n}", "active", "Agent"])
    target.save(tmp_path / "big.xlsx")

    limit = 1_500_000_000

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))

    run = subprocess.run(
        [sys.executable, "-c", BIG, str(tmp_path / "big.xlsx")],
        capture_output=True, text=True, timeout=300, preexec_fn=bounded, check=False,
    )  # fmt: skip

    assert run.returncode == 0, run.stderr[-2000:]
    rows, megabytes = map(int, run.stdout.split())
    assert rows == 100_000
    assert megabytes < 800


def test_has_a_column_for_every_field_and_none_twice() -> None:
    for collection in COLLECTIONS.values():
        names = [c.name for c in columns(collection.model)]
        assert len(set(names)) == len(names)
        assert names[:2] == ["id", "name"]
        assert {r.name for r in field_rows(collection.model)} <= set(names)
