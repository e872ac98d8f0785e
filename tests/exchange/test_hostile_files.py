"""Small files that would cost much, and files that lead elsewhere, become problems (issue: mutated workbooks)."""

import io
import time
import zipfile
from functools import cache

import pytest
from openpyxl import Workbook

from openline.exchange.csv_files import read_csv_files
from openline.exchange.workbook import MOST_PROBLEMS, read_workbook

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = "xl/worksheets/sheet1.xml"


@cache
def plain() -> bytes:
    book, out = Workbook(), io.BytesIO()
    book.worksheets[0].title = "systems"
    book.save(out)
    return out.getvalue()


def book(rows: str, before: str = "", part: str = SHEET) -> io.BytesIO:
    """Return a workbook of one sheet with these rows; `before` stands in front of its root."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain())) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = f"{before}<worksheet {NS}>{rows}</worksheet>"
            new.writestr(name, text if name == part else old.read(name))
    out.seek(0)
    return out


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def test_reads_the_rows_there_are_whatever_size_a_sheet_states() -> None:
    rows = f'<row r="1">{cell("A1", "id")}</row><row r="5000">{cell("A5000", "pump")}</row>'
    sheet = book(f'<dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData>')
    begun = time.process_time()

    found = read_workbook(sheet, "big.xlsx")

    assert [t.value["id"].value for t in found.document["systems"]] == ["pump"]
    assert found.document["systems"][0].line == 5000
    assert time.process_time() - begun < 2.0  # 5,000 rows of 16,384 cells took ten


def test_reads_a_sheet_no_further_than_a_row_of_thousands_of_cells() -> None:
    rows = "".join(f'<row r="{r}">{cell(f"ZZZ{r}", "x")}</row>' for r in range(2, 400))

    found = read_workbook(book(f'<sheetData><row r="1">{cell("A1", "id")}</row>{rows}</sheetData>'), "wide.xlsx")

    assert [p.message for p in found.problems] == ["more than 1,000 columns"]


def test_reads_a_sheet_no_further_than_a_thousand_problems() -> None:
    rows = f"<row>{cell('A1', 'id')}{cell('B1', 'nonsense')}</row>" + f"<row>{cell('A2', 'x')}{cell('B2', 'y')}</row>"

    found = read_workbook(book(f"<sheetData>{rows}{rows * 2000}</sheetData>".replace(' r="A1"', "")), "wrong.xlsx")

    assert len(found.problems) <= MOST_PROBLEMS + 2
    assert found.problems[-1].message == "more than 1,000 problems"


@pytest.mark.parametrize(
    "entities",
    [
        "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12)),
        '<!ENTITY a11 SYSTEM "file:///etc/hostname">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;',
    ],
    ids=["that grow", "of a file", "of an address"],
)
def test_follows_no_entities(entities: str) -> None:
    head = f'<!DOCTYPE w [<!ENTITY a0 "lol">{entities}]>'
    rows = f'<sheetData><row r="1">{cell("A1", "id")}</row><row r="2">{cell("A2", "&a11;")}</row></sheetData>'

    found = read_workbook(book(rows, head), "entities.xlsx")

    assert found.problems
    assert not found.document


@pytest.mark.parametrize("digits", [400, 5_000, 100_000])
def test_tells_of_a_number_of_thousands_of_digits_what_is_wrong(digits: int) -> None:
    from openline.exchange.merge import merge

    head = "id,name,kind,rto_s,criticality,bia.weekly_contacts"
    number = "9" * digits

    found = merge(
        {}, read_csv_files({"activities.csv": f"{head}\nx,X,inbound_queue,{number},{number},{number}\n"}), "stop"
    )

    assert found.plan is None
    assert found.problems
