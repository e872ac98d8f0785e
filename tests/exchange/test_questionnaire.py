"""The vendor's questionnaire out and in: ten items, a score, dated answers."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from openline.exchange.merge import merge
from openline.exchange.questionnaire import FIRST_ROW, as_read, read_questionnaire, write_questionnaire
from openline.plan.vendors import QUESTIONS
from tests.examples.test_harbor import harbor
from tests.exchange.test_round_trips import files

ON = date(2026, 11, 1)


def returned(**answers: Any) -> io.BytesIO:
    """The questionnaire as Ledgerly sends it back."""
    stream = io.BytesIO()
    write_questionnaire(harbor(), harbor().vendors["ledgerly"], stream)
    book = load_workbook(stream)
    sheet = book["readiness"]
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
    found = read_questionnaire(returned(**answers), "a.xlsx", ON)

    assert says in found.problems[0].message


def test_tells_a_file_that_is_none() -> None:
    assert "not a readiness questionnaire" in read_questionnaire(io.BytesIO(b"x"), "a.xlsx", ON).problems[0].message
