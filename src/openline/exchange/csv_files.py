"""A plan as CSV, a file a collection; and back."""

import csv
import io
from collections.abc import Mapping

from pydantic import BaseModel

from openline.exchange.columns import cells, columns
from openline.exchange.tables import table_files
from openline.exchange.workbook import ORGANIZATION, Read
from openline.plan.document import Plan
from openline.plan.organization import Organization
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS

STARTS = ("=", "+", "-", "@", "\t", "'")
"""What a spreadsheet may take for a formula; such a cell gets an apostrophe in front, which is taken away again."""


def csv_files(plan: Plan) -> dict[str, str]:
    """Return a CSV text for every collection with entities, the organization, and the tables under tables/."""
    found = {f"{ORGANIZATION}.csv": _text(Organization, [plan.organization])}
    for name, collection in COLLECTIONS.items():
        entities = list(plan.collection(name).values())
        if entities:
            found[f"{name}.csv"] = _text(collection.model, entities)
    return found | {f"tables/{file}": text for file, text in table_files(plan).items()}


def _text(model: type[Entity], entities: list[Entity]) -> str:
    rows = [cells(e) for e in entities]
    used = {k for row in rows for k in row}
    names = [c.name for c in columns(model) if c.name in used]
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[safe(row.get(n)) for n in names] for row in rows])
    return target.getvalue()


def safe(value: object) -> str:
    """Return a cell as text that no spreadsheet runs."""
    if value is None:
        return ""
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    return f"'{text}" if text.startswith(STARTS) and not numeric else text


def plain_text(value: object) -> str:
    """Return a cell as it is typed."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = safe(value)
    return text[1:] if isinstance(value, str) and text != value else text


def typed_cells(entity: BaseModel) -> dict[str, str]:
    """Return the cells of an entity that hold something, as they are typed."""
    return {k: plain_text(v) for k, v in cells(entity).items()}


def plainly(text: str) -> str:
    """Return what stood in a cell before it was made safe."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(STARTS) else text


def read_csv_files(files: Mapping[str, str]) -> Read:
    """Return what a folder of CSV files holds."""
    found = Read()
    for file, text in files.items():
        sheet = file.rpartition("/")[2].removesuffix(".csv")
        if file.startswith("tables/"):
            found.tables[file.removeprefix("tables/")] = text
        elif sheet in COLLECTIONS or sheet == ORGANIZATION:
            _read(found, file, sheet, text)
        else:
            found.problems.append(Problem(file, 0, "", "the file is named after no collection", "such as systems.csv"))
    return found


def _read(found: Read, file: str, sheet: str, text: str) -> None:
    first = text.removeprefix("\ufeff").partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=mark)
    try:
        names = [n.strip() for n in next(reader, [])]
        for row in reader:
            values = {n: plainly(v) for n, v in zip(names, row, strict=False) if v != ""}
            if len(row) > len(names):
                found.problems.append(Problem(file, reader.line_num, "", "more cells than columns"))
            found.add(sheet, file, reader.line_num, values)
    except csv.Error as error:
        found.problems.append(Problem(file, reader.line_num, "", f"not readable as CSV: {error}"))
