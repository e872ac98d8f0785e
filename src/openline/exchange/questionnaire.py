"""The readiness questionnaire of a vendor as a workbook to send, and its answers back (PAR-03, VEN-03).

What is asked stands here once: the form on a link asks the same.
"""

import io
from dataclasses import dataclass, field
from datetime import date
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from openline.exchange.columns import Cell, cells, written
from openline.exchange.workbook import EPOCH, HEAD, MOST_UNPACKED, UNREADABLE, Read, fits, grown, put
from openline.plan.document import Plan
from openline.plan.problem import Problem
from openline.plan.vendors import QUESTIONS, Answer, Questionnaire, Vendor

SHEET = "readiness"
COLUMNS = ("item", "question", "answer", "remark", "evidence", "valid until")
PIECES = {
    "value": "Answer",
    "remark": "Remark",
    "evidence_text": "Evidence: what proves it",
    "valid_until": "Valid until",
}
"""The fields of an answer, in the order of the columns, in words."""
BESIDES = {"contingency.tested_on": "When did you last test your own continuity plan?"}
"""Days that are asked besides the ten questions, by their field of a vendor; an audit judges their age (AR-078)."""
ANSWERS = ("yes", "partly", "no", "not_applicable")
WIDTHS = (20, 60, 16, 40, 40, 14)
FIRST_ROW = 5
HINT = "paste its value instead"


def write_questionnaire(plan: Plan, vendor: Vendor, target: IO[bytes]) -> None:
    """Write the ten questions, with the answers that are known, for a vendor to fill in."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(SHEET)
    put(sheet, 1, 1, f"Readiness of {vendor.title}, asked by {plan.organization.title}")
    put(sheet, 2, 1, "vendor")
    put(sheet, 2, 2, vendor.id)
    put(sheet, 3, 1, "answered on")
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    for n, (title, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True), 1):
        cell = sheet.cell(FIRST_ROW - 1, n, title)
        cell.font, cell.fill = Font(bold=True), HEAD
        sheet.column_dimensions[cell.column_letter].width = width
    for row, (item, question) in enumerate(QUESTIONS.items(), FIRST_ROW):
        known = vendor.questionnaire.answers.get(item)
        put(sheet, row, 1, item)
        put(sheet, row, 2, question)
        sheet.cell(row, 2).alignment = Alignment(wrap_text=True, vertical="top")
        for n, value in enumerate(_known(known), 3):
            put(sheet, row, n, value)
    for row, (name, question) in enumerate(BESIDES.items(), FIRST_ROW + len(QUESTIONS)):
        for n, value in enumerate((name, question, cells(vendor).get(name)), 1):
            put(sheet, row, n, value)
    rule = DataValidation(type="list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True, showErrorMessage=True)
    rule.add(f"C{FIRST_ROW}:C{FIRST_ROW + len(QUESTIONS) - 1}")
    sheet.add_data_validation(rule)
    book.properties.created = book.properties.modified = EPOCH
    book.save(target)


def _known(answer: Answer | None) -> tuple[Cell, ...]:
    return tuple(getattr(answer, piece) for piece in PIECES) if answer else ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the vendor, the questionnaire, and what is wrong with the file.

    `besides` holds what was asked besides, as typed, empty where nothing stands; a file of before asked nothing.
    """

    vendor: str
    questionnaire: dict[str, Any]
    problems: tuple[Problem, ...]
    besides: dict[str, str] = field(default_factory=dict)

    @property
    def score(self) -> float | None:
        """The ten-item score: yes 1, partly a half, no 0, over the items that apply."""
        return Questionnaire.model_validate(self.questionnaire).scored() if not self.problems else None


def read_questionnaire(source: IO[bytes], name: str, on: date, *, most_unpacked: int = MOST_UNPACKED) -> Answered:
    """Return the answers of a workbook; `on` is the day they came when the file states none."""
    read = Read()
    try:
        stream = io.BytesIO(source.read())
        if not fits(stream, name, read, most_unpacked):
            return Answered("", {}, tuple(read.problems))
        book = load_workbook(stream, read_only=True, data_only=False)
        there = list(book[SHEET].iter_rows(max_row=60, max_col=6))
        book.close()
    except UNREADABLE as error:
        told = " ".join(str(error).split())[:160]
        return Answered("", {}, (Problem(name, 0, "", f"not a readiness questionnaire: {told}"),))
    formulas = [n for n, row in enumerate(there, 1) if any(c.data_type == "f" for c in row)]
    if formulas:
        return Answered(
            "", {}, tuple(Problem(f"{name}#{SHEET}", n, "", "a cell holds a formula", HINT) for n in formulas)
        )
    rows = [[*(c.value for c in row), *[None] * 6][:6] for row in there]
    vendor = str(_cell(rows, 1, 1) or "")
    stated = _cell(rows, 2, 1)
    day = stated.date() if hasattr(stated, "date") else on
    answers: dict[str, Any] = {}
    besides: dict[str, str] = {}
    problems: list[Problem] = []
    for n, row in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        if str(row[0]) in BESIDES:
            besides[str(row[0])] = _beside(row, f"{name}#{SHEET}", n, problems)
        else:
            _answer(row, f"{name}#{SHEET}", n, answers, problems)
    if not vendor:
        problems.append(Problem(f"{name}#{SHEET}", 2, "vendor", "the vendor's id is gone", "it stands in B2"))
    if not answers and not any(besides.values()) and not problems:
        problems.append(Problem(f"{name}#{SHEET}", 0, "", "no question is answered"))
    return Answered(vendor, {"on": day.isoformat(), "answers": answers}, tuple(problems), besides)


def _cell(rows: list[list[Any]], row: int, column: int) -> Any:
    return rows[row][column] if len(rows) > row else None


def _beside(row: list[Any], where: str, line: int, problems: list[Problem]) -> str:
    if any(v is not None for v in row[3:]):
        problems.append(Problem(where, line, str(row[0]), "only a day is asked here", "write it into column C"))
    return _day(row[2])


def _day(value: Any) -> str:
    """Return a cell as a day where it is one, else as it was typed."""
    return value.date().isoformat() if hasattr(value, "date") else _words(value)


def _words(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _answer(row: list[Any], where: str, line: int, answers: dict[str, Any], problems: list[Problem]) -> None:
    item, _, value, remark, evidence, until = row
    if item is None or all(v is None for v in row[2:]):
        return
    answer = _words(value).lower().replace(" ", "_")
    if item not in QUESTIONS:
        problems.append(Problem(where, line, "item", f"there is no question {str(item)[:40]!r}"))
    elif answer not in ANSWERS:
        problems.append(Problem(where, line, str(item), f"{_words(value)[:40]!r} is no answer", ", ".join(ANSWERS)))
    else:
        found = dict(zip(PIECES, (answer, _words(remark), _words(evidence), _day(until)), strict=True))
        answers[str(item)] = {k: v for k, v in found.items() if v}


def as_read(plan: Plan, answered: Answered, name: str) -> Read:
    """Return the answers as something to lay over the plan."""
    found = Read()
    found.problems += answered.problems
    vendor = plan.vendors.get(answered.vendor)
    if vendor is None and not found.problems:
        hint = f"vendors are {', '.join(list(plan.vendors)[:12])}"
        found.problems.append(Problem(name, 2, "vendor", f"there is no vendor {answered.vendor!r}", hint))
    elif vendor is not None:
        document = {**written(vendor), "questionnaire": answered.questionnaire}
        for path, value in answered.besides.items():
            _set(document, path, value)
        found.document["vendors"] = [grown(document, f"{name}#{SHEET}", FIRST_ROW)]
    return found


def _set(document: dict[str, Any], path: str, value: str) -> None:
    """Put what was typed at a dotted path; nothing typed takes away what stands there."""
    record, _, key = path.partition(".")
    inner = {k: v for k, v in document.get(record, {}).items() if k != key} | ({key: value} if value else {})
    document[record] = inner
