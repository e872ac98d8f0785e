"""The form of an owner as a workbook, and answers laid over a plan field by field (IMP-06)."""

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from openline.exchange.answers import Clash, Flat, document, flat, three_way
from openline.exchange.columns import written
from openline.exchange.merge import merge
from openline.exchange.owner import owned, owner_workbook, settled, things
from openline.exchange.verdicts import FIRST_ROW, SHEET
from openline.exchange.workbook import Read, read_workbook
from tests.examples.test_harbor import harbor
from tests.exchange.test_round_trips import files

ON = date(2026, 11, 1)


def returned(**said: tuple[str, str]) -> Read:
    """The form of the IT lead as it comes back."""
    book = load_workbook(io.BytesIO(owner_workbook(owned(harbor(), "it-lead"), "it-lead", "x")))
    for row in book[SHEET].iter_rows(min_row=FIRST_ROW):
        if row[1].value in said:
            row[3].value, row[4].value = said[str(row[1].value)]
    out = io.BytesIO()
    book.save(out)
    return read_workbook(out, "form.xlsx")


def test_takes_verdicts_into_a_plan_in_files() -> None:
    read = returned(identity=("yes", ""), vpn=("No", "Two concentrators now."))
    settled(files("harbor"), read, ON)

    plan = merge(files("harbor"), read, "update").plan

    assert plan is not None
    assert plan.systems["identity"].last_reviewed == ON
    assert plan.systems["vpn"].last_reviewed is None
    assert plan.corrective_actions["asked-systems-vpn"].notes == "Two concentrators now."


def test_changes_nothing_when_nothing_was_said() -> None:
    read = returned()
    settled(files("harbor"), read, ON)

    assert merge(files("harbor"), read, "update").plan == harbor()


def test_says_when_the_form_is_of_nobody() -> None:
    read = returned()
    settled(files("one-seat"), read, ON)

    assert "there is no role" in read.problems[0].message


@pytest.mark.parametrize("role", list(harbor().roles))
def test_holds_what_the_role_answers_for_and_nothing_else(role: str) -> None:
    holders = harbor().roles[role].holders

    for collection, entity in things(owned(harbor(), role)):
        assert entity.owner_role == role or (collection == "persons" and entity.id in holders)


@pytest.mark.parametrize("collection", ["activities", "vendors", "systems", "persons"])
def test_holds_an_entity_flat_without_losing_anything(collection: str) -> None:
    steps = len(harbor().organization.impact_scale.steps_s)

    for entity in harbor().collection(collection).values():
        found, problems = document(collection, flat(entity), steps)
        assert not problems
        assert type(entity).model_validate(found) == entity
        assert written(type(entity).model_validate(found)) == written(entity)


@pytest.mark.parametrize(
    ("before", "typed", "now", "kept", "clash"),
    [
        ("1", "1", "1", "1", None),
        ("1", "2", "1", "2", None),
        ("1", "1", "3", "3", None),
        ("1", "2", "2", "2", None),
        ("1", "2", "3", "3", Clash("1", "3", "2")),
        ("", "2", "", "2", None),
        ("1", "", "1", "", None),
        ("1", "", "3", "3", Clash("1", "3", "")),
        ("1", "2", "", "", Clash("1", "", "2")),
    ],
)
def test_keeps_what_others_changed_and_shows_both_where_both_did(
    before: str, typed: str, now: str, kept: str, clash: Clash | None
) -> None:
    def said(text: str) -> Flat:
        return {"f": text} if text else {}

    found, clashes = three_way(said(before), {"f": typed}, {**said(now), "other": "x"})

    assert found == {**said(kept), "other": "x"}
    assert clashes == ({"f": clash} if clash else {})
