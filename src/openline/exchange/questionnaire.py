"""The readiness questionnaire of a vendor as a workbook to send, and its answers back (PAR-03, VEN-03)."""

import io
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from openline.exchange.columns import Cell, written
from openline.exchange.workbook import EPOCH, HEAD, MOST_UNPACKED, UNREADABLE, Read, fits, grown, put
from openline.plan.document import Plan
from openline.plan.problem import Problem
from openline.plan.vendors import QUESTIONS, Answer, Questionnaire, Vendor

SHEET = "readiness"
COLUMNS = ("item", "question", "answer", "remark", "evidence", "valid until")
PIECES = ("value", "remark", "evidence_text", "valid_until")
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
    rule = DataValidation(type="list", formula1=f'"{",".join(ANSWERS)}"', allow_blank=True, showErrorMessage=True)
    rule.add(f"C{FIRST_ROW}:C{FIRST_ROW + len(QUESTIONS) - 1}")
    sheet.add_data_validation(rule)
    book.properties.created = book.properties.modified = EPOCH
    book.save(target)


def _known(answer: Answer | None) -> tuple[Cell, ...]:
    return (answer.value, answer.remark, answer.evidence_text, answer.valid_until) if answer else ()


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: the vendor, the questionnaire, and what is wrong with the file."""

    vendor: str
    questionnaire: dict[str, Any]
    problems: tuple[Problem, ...]

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
        cells = list(book[SHEET].iter_rows(max_row=60, max_col=6))
        book.close()
    except UNREADABLE as error:
        told = " ".join(str(error).split())[:160]
        return Answered("", {}, (Problem(name, 0, "", f"not a readiness questionnaire: {told}"),))
    formulas = [n for n, row in enumerate(cells, 1) if any(c.data_type == "f" for c in row)]
    if formulas:
        return Answered(
            "", {}, tuple(Problem(f"{name}#{SHEET}", n, "", "a cell holds a formula", HINT) for n in formulas)
        )
    rows = [[c.value for c in row] for row in cells]
    vendor = str(_cell(rows, 1, 1) or "")
    stated = _cell(rows, 2, 1)
    day = stated.date() if hasattr(stated, "date") else on
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for n, row in enumerate(rows[FIRST_ROW - 1 :], FIRST_ROW):
        _answer(row, f"{name}#{SHEET}", n, answers, problems)
    if not vendor:
        problems.append(Problem(f"{name}#{SHEET}", 2, "vendor", "the vendor's id is gone", "it stands in B2"))
    if not answers and not problems:
        problems.append(Problem(f"{name}#{SHEET}", 0, "", "no question is answered"))
    return Answered(vendor, {"on": day.isoformat(), "answers": answers}, tuple(problems))


def _cell(rows: list[list[Any]], row: int, column: int) -> Any:
    return rows[row][column] if len(rows) > row and len(rows[row]) > column else None


def _answer(row: list[Any], where: str, line: int, answers: dict[str, Any], problems: list[Problem]) -> None:
    item, _, value, remark, evidence, until = (*row, *[None] * 6)[:6]
    if item is None or value is None:
        return
    answer = str(value).strip().lower().replace(" ", "_")
    if item not in QUESTIONS:
        problems.append(Problem(where, line, "item", f"there is no question {str(item)[:40]!r}"))
    elif answer not in ANSWERS:
        problems.append(Problem(where, line, str(item), f"{str(value)[:40]!r} is no answer", ", ".join(ANSWERS)))
    else:
        found = {"value": answer, "remark": str(remark or "")[:4000], "evidence_text": str(evidence or "")[:4000]}
        if until is not None:
            found["valid_until"] = until.date().isoformat() if hasattr(until, "date") else str(until)
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
        found.document["vendors"] = [grown(document, f"{name}#{SHEET}", FIRST_ROW)]
    return found
