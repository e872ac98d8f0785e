"""The vendor's questionnaire out and in: ten items, a score, dated answers."""

import dataclasses
import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from openline.exchange.merge import merge
from openline.exchange.questionnaire import FIRST_ROW, as_read, read_questionnaire, write_questionnaire
from openline.exchange.yaml_files import plan_files
from openline.plan.vendors import QUESTIONS
from tests.examples.test_harbor import harbor
from tests.exchange.test_round_trips import files

ON = date(2026, 11, 1)


TESTED = FIRST_ROW + len(QUESTIONS)
"""The row that asks when the vendor last tested its own plan."""


AS_IT_IS = object()


def returned(tested: Any = AS_IT_IS, **answers: Any) -> io.BytesIO:
    """The questionnaire as Ledgerly sends it back."""
    stream = io.BytesIO()
    write_questionnaire(harbor(), harbor().vendors["ledgerly"], stream)
    book = load_workbook(stream)
    sheet = book["readiness"]
    if tested is not AS_IT_IS:
        sheet.cell(TESTED, 3).value = tested
    for row, item in enumerate(QUESTIONS, FIRST_ROW):
        for column, value in zip((3, 4, 5, 6), answers.get(item, ()), strict=False):
            sheet.cell(row, column).value = value
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def test_asks_the_ten_items_with_choices() -> None:
    stream = io.BytesIO()
    write_questionnaire(harbor(), harbor().vendors["ledgerly"], stream)

    sheet = load_workbook(stream)["readiness"]

    assert [sheet.cell(r, 1).value for r in range(FIRST_ROW, FIRST_ROW + 10)] == list(QUESTIONS)
    assert [v.formula1 for v in sheet.data_validations.dataValidation] == ['"yes,partly,no,not_applicable"']


def test_takes_answers_into_the_plan_with_their_score_and_dates() -> None:
    """Yes 1, partly a half, no 0, over what applies: (1 + 0.5 + 0) / 3."""
    stream = returned(
        recovery_strategy=("yes", "Reviewed", "ISO certificate", datetime(2027, 5, 1)),  # noqa: DTZ001
        backup_power=("partly",), spares=("no",), remote_access=("not_applicable",),
    )  # fmt: skip

    answered = read_questionnaire(stream, "a.xlsx", ON)
    found = merge(files("harbor"), as_read(harbor(), answered, "a.xlsx"), "update")

    assert answered.score == 0.5
    assert found.plan is not None
    kept = found.plan.vendors["ledgerly"].questionnaire
    assert kept.on == ON
    assert kept.scored() == 0.5
    assert kept.answers["recovery_strategy"].valid_until == date(2027, 5, 1)
    assert [str(c) for c in found.changes] == ["vendors ledgerly changed (questionnaire)"]


@pytest.mark.parametrize(
    ("answers", "says"), [({}, "no question is answered"), ({"spares": ("perhaps",)}, "'perhaps' is no answer")]
)
def test_tells_what_is_wrong(answers: dict[str, Any], says: str) -> None:
    found = read_questionnaire(returned(tested=None, **answers), "a.xlsx", ON)

    assert says in found.problems[0].message


def laid(stream: io.BytesIO) -> Any:
    """Lay a questionnaire that came back over harbor."""
    return merge(files("harbor"), as_read(harbor(), read_questionnaire(stream, "a.xlsx", ON), "a.xlsx"), "update")


@pytest.mark.parametrize("tested", [datetime(2026, 10, 5), "2026-10-05"])  # noqa: DTZ001 - as workbooks have it
def test_takes_the_day_of_the_vendors_own_test_and_asks_it_with_what_is_known(tested: object) -> None:
    plan = laid(returned(tested=tested)).plan

    again = io.BytesIO()
    write_questionnaire(plan, plan.vendors["ledgerly"], again)
    known: Any = load_workbook(again)["readiness"].cell(TESTED, 3).value

    was = harbor().vendors["ledgerly"].contingency
    assert plan.vendors["ledgerly"].contingency == was.model_copy(update={"tested_on": date(2026, 10, 5)})
    assert known.date() == date(2026, 10, 5)
    again.seek(0)
    assert laid(again).plan.vendors["ledgerly"].contingency == plan.vendors["ledgerly"].contingency


def test_takes_a_day_away_that_was_emptied_but_not_for_a_file_that_never_asked() -> None:
    known = laid(returned(tested="2026-10-05", spares=("no",))).plan
    emptied = read_questionnaire(returned(tested=None, spares=("no",)), "a.xlsx", ON)
    before = dataclasses.replace(emptied, besides={})

    def tested(answered: Any) -> date | None:
        merged: Any = merge(plan_files(known), as_read(known, answered, "a.xlsx"), "update")
        day: date | None = merged.plan.vendors["ledgerly"].contingency.tested_on
        return day

    assert tested(emptied) is None
    assert tested(before) == date(2026, 10, 5)


def test_says_where_the_day_stands_that_is_none() -> None:
    problems = laid(returned(tested="soon")).problems

    assert [(p.file, p.path) for p in problems] == [("a.xlsx#readiness", "vendors.ledgerly.contingency.tested_on")]


@pytest.mark.parametrize("given", [(None, "Counted in May"), (None, None, "A list"), (None, None, None, "2027-05-01")])
def test_loses_no_remark_that_stands_without_an_answer(given: tuple[Any, ...]) -> None:
    found = read_questionnaire(returned(spares=given), "a.xlsx", ON)

    assert [p.path for p in found.problems] == ["spares"]


def test_cuts_no_remark_short() -> None:
    problems = laid(returned(spares=("no", "x" * 4001))).problems

    assert [p.path for p in problems] == ["vendors.ledgerly.questionnaire.answers.spares.remark"]


def test_tells_a_file_that_is_none() -> None:
    assert "not a readiness questionnaire" in read_questionnaire(io.BytesIO(b"x"), "a.xlsx", ON).problems[0].message
