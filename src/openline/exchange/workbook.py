"""A plan as an XLSX workbook: a sheet a collection, drop-downs for choices, notes with units; and back."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from openline.exchange import verdicts
from openline.exchange.columns import Cell, Column, cells, columns, document_of
from openline.exchange.tables import table_files
from openline.exchange.verdicts import Sheet
from openline.plan.document import Plan
from openline.plan.organization import Organization
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.tree import Tree
from openline.reference.fields import told

ORGANIZATION = "organization"
TABLES = "tables"
MOST_ROWS = 200_000
MOST_COLUMNS = 1_000
MOST_PROBLEMS = 1_000
"""After so many a sheet is read no further: nobody reads more, and a small file can make millions."""
MOST_BYTES = 80_000_000
MOST_UNPACKED = 1_500_000_000
EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001, the format has no zones
UNREADABLE = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, InvalidFileException, ParseError, KeyError,
    ValueError, TypeError, OSError, EOFError, AttributeError, IndexError, OverflowError, NotImplementedError,
    RuntimeError, AssertionError,
)  # fmt: skip
"""What the library raises, as far as 10,000 broken workbooks have shown, when a workbook is none."""

HEAD = PatternFill("solid", fgColor="DDE6EE")


def write_workbook(plan: Plan, target: IO[bytes], *, empty: bool = False) -> None:
    """Write the plan as a workbook; with `empty` every collection has its sheet, else those with entities."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _sheet(book, ORGANIZATION, Organization, [plan.organization])
    put_collections(book, plan, empty=empty)
    _tables(book, plan)
    save(book, target)


def put_collections(book: Workbook, plan: Plan, *, empty: bool = False) -> None:
    """Add a sheet for every collection with entities; with `empty` for the others too."""
    for name, collection in COLLECTIONS.items():
        entities = list(plan.collection(name).values())
        if entities or empty:
            _sheet(book, name, collection.model, entities)


def save(book: Workbook, target: IO[bytes]) -> None:
    """Save a workbook so that the same content gives the same bytes."""
    book.properties.created = book.properties.modified = EPOCH
    book.save(target)


def workbook_bytes(plan: Plan) -> bytes:
    """Return the workbook as bytes."""
    target = io.BytesIO()
    write_workbook(plan, target)
    return target.getvalue()


def _sheet(book: Workbook, name: str, model: type[Entity], entities: list[Any]) -> None:
    sheet = book.create_sheet(name)
    rows = [cells(e) for e in entities]
    used = {k for row in rows for k in row}
    found = [c for c in columns(model) if not c.is_record or c.name in used]
    for n, column in enumerate(found, 1):
        _head(sheet, n, column, len(entities))
    for r, row in enumerate(rows, 2):
        for n, column in enumerate(found, 1):
            if column.name in row:
                put(sheet, r, n, row[column.name])
    sheet.freeze_panes = "C2"


def _head(sheet: Worksheet, n: int, column: Column, rows: int) -> None:
    cell = sheet.cell(1, n, column.name)
    cell.font, cell.fill = Font(bold=True), HEAD
    text = f"{column.note}\n{told(column.shape)}{' Needed.' if column.required else ''}".strip()
    cell.comment = Comment(text[:1000], "Openline", height=120, width=320)
    sheet.column_dimensions[get_column_letter(n)].width = max(12, min(len(column.name) + 2, 40))
    choices = {"choice": column.shape.choices, "yes_no": ("TRUE", "FALSE")}.get(column.shape.kind, ())
    listed = f'"{",".join(choices)}"'
    if choices and len(listed) <= 255:
        letter = get_column_letter(n)
        rule = DataValidation(type="list", formula1=listed, allow_blank=True, showErrorMessage=True)
        rule.add(f"{letter}2:{letter}{max(rows + 200, 500)}")
        sheet.add_data_validation(rule)


def put(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    """Write a cell; text is text, whatever it begins with, so that a program never takes it for a formula."""
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        value = repr(value)  # the format keeps 16 digits; these need 17
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
        cell.quotePrefix = value[:1] in "=+-@\t"
        if "\n" in value:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _tables(book: Workbook, plan: Plan) -> None:
    sheet = book.create_sheet(TABLES)
    for n, title in enumerate(("file", "a", "b", "c"), 1):
        cell = sheet.cell(1, n, title)
        cell.font, cell.fill = Font(bold=True), HEAD
    r = 2
    for file, text in table_files(plan).items():
        for line in text.splitlines():
            for n, part in enumerate((file, *line.split(",")), 1):
                put(sheet, r, n, part)
            r += 1


class Read:
    """What a workbook or a folder of CSV files holds: trees whose lines are its rows, tables, and problems."""

    def __init__(self) -> None:
        self.organization: Tree | None = None
        self.document: dict[str, list[Tree]] = {}
        self.tables: dict[str, str] = {}
        self.form: Sheet | None = None
        self.problems: list[Problem] = []

    def add(self, sheet: str, where: str, line: int, row: dict[str, Any]) -> None:
        """Take in one row of a sheet; `where` is the file that problems name."""
        model = Organization if sheet == ORGANIZATION else COLLECTIONS[sheet].model
        document, problems = document_of(row, model)
        self.problems += [Problem(where, line, f"{sheet}.{c}", message) for c, message in problems]
        if not document:
            return
        tree = grown(document, where, line)
        if sheet == ORGANIZATION:
            self.organization = tree
        else:
            self.document.setdefault(sheet, []).append(tree)


def grown(value: Any, file: str, line: int) -> Tree:
    """Return plain values as a tree of one place."""
    if isinstance(value, dict):
        inner = {str(k): grown(v, file, line) for k, v in value.items()}
        return Tree(inner, file, line, dict.fromkeys(inner, line))
    if isinstance(value, list):
        return Tree([grown(v, file, line) for v in value], file, line)
    return Tree(value, file, line)


def read_workbook(source: IO[bytes], name: str, *, most_unpacked: int = MOST_UNPACKED) -> Read:
    """Return what a workbook holds, row by row; whatever is wrong with it becomes a problem, never an exception."""
    found = Read()
    try:
        if not fits(source, name, found, most_unpacked):
            return found
        book = load_workbook(source, read_only=True, data_only=False)
        for sheet in book.worksheets:
            _read_sheet(found, sheet, f"{name}#{sheet.title}")
        book.close()
    except UNREADABLE as error:
        said = " ".join(str(error).split())[:160] or type(error).__name__
        hint = "save it again as .xlsx"
        found.problems.append(Problem(name, 0, "", f"not readable as an XLSX workbook: {said}", hint))
    return found


def fits(source: IO[bytes], name: str, found: Read, most_unpacked: int) -> bool:
    """Refuse what would grow without bound when it is unpacked."""
    source.seek(0, io.SEEK_END)
    size = source.tell()
    source.seek(0)
    with zipfile.ZipFile(source) as parts:
        unpacked = sum(p.file_size for p in parts.infolist())
    source.seek(0)
    if size > MOST_BYTES or unpacked > most_unpacked:
        hint = "split it into several workbooks"
        found.problems.append(Problem(name, 0, "", f"{size:,} bytes, {unpacked:,} unpacked, is too large", hint))
        return False
    return True


def _read_sheet(found: Read, sheet: Any, where: str) -> None:
    if sheet.title == TABLES:
        _read_tables(found, sheet, where)
        return
    if sheet.title == verdicts.SHEET:
        found.form = verdicts.read_sheet(sheet.iter_rows(max_row=MOST_ROWS, max_col=len(verdicts.COLUMNS)), where)
        found.problems += found.form.problems
        return
    if sheet.title != ORGANIZATION and sheet.title not in COLLECTIONS:
        hint = "sheets are named as collections, such as systems"
        found.problems.append(Problem(where, 0, "", f"there is no collection {sheet.title[:60]!r}", hint))
        return
    rows = _rows(sheet)
    names = [str(c.value).strip() if c.value is not None else "" for c in next(rows, ())]
    before = len(found.problems)
    for line, row in enumerate(rows, 2):
        if message := _too_much(line, row, len(found.problems) - before):
            found.problems.append(Problem(where, line, "", message, "split the sheet"))
            return
        values = dict(_values(found, where, line, names, row))
        found.add(sheet.title, where, line, values)


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Yield the rows as they are: the size that a sheet states may make a few bytes fill hours with empty cells."""
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows()
    return rows


def _too_much(line: int, row: tuple[Any, ...], problems: int) -> str:
    """Return why a sheet is read no further, empty when it is."""
    if line > MOST_ROWS:
        return f"more than {MOST_ROWS:,} rows"
    if len(row) > MOST_COLUMNS:
        return f"more than {MOST_COLUMNS:,} columns"
    return f"more than {MOST_PROBLEMS:,} problems" if problems > MOST_PROBLEMS else ""


def _values(found: Read, where: str, line: int, names: list[str], row: Any) -> Iterator[tuple[str, Any]]:
    for n, cell in enumerate(row):
        if cell.value is None:
            continue
        if cell.data_type == "f":
            hint = "paste its value instead"
            found.problems.append(Problem(where, line, f"column {n + 1}", "the cell holds a formula", hint))
            continue
        if n >= len(names) or not names[n]:
            found.problems.append(Problem(where, line, f"column {n + 1}", "the column has no name in the first row"))
        else:
            yield names[n], cell.value


def _read_tables(found: Read, sheet: Any, where: str) -> None:
    lines: dict[str, list[str]] = {}
    for line, row in enumerate(islice(_rows(sheet), 1, None), 2):
        if line > 20 * MOST_ROWS or len(row) > MOST_COLUMNS:
            found.problems.append(Problem(where, line, "", "too many rows or columns", "split the tables"))
            return
        parts = [_part(c.value) for c in row if c.value is not None]
        if parts:
            lines.setdefault(parts[0], []).append(",".join(parts[1:]))
    found.tables |= {file: "\n".join(rows) + "\n" for file, rows in lines.items()}


def _part(value: Any) -> str:
    """Return a cell of a table as text; a time of day may have become a time."""
    if hasattr(value, "strftime") and not hasattr(value, "year"):
        return str(value.strftime("%H:%M"))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value)
