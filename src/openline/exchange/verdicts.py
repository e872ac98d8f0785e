"""What an owner says of each thing that they answer for: still right, or what needs to change."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openline.plan.problem import Problem
from openline.plan.sections import COLLECTIONS

SHEET = "still right"
COLUMNS = ("collection", "id", "name", "still right?", "what needs to change")
FIRST_ROW = 5
YES, NO = ("yes", "true", "1"), ("no", "false", "0")
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer: the entity still is as the plan says, or `note` says what needs to change."""

    collection: str
    id: str
    is_right: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet of an owner's workbook: whose it is, which content it was made from, and the verdicts."""

    role: str
    based_on: str
    verdicts: tuple[Verdict, ...]
    problems: tuple[Problem, ...]


def read_sheet(rows: Iterable[tuple[Any, ...]], where: str) -> Sheet:
    """Return what stands on the sheet; a row without an answer says nothing."""
    role = based_on = ""
    verdicts: list[Verdict] = []
    problems: list[Problem] = []
    for line, cells in enumerate(rows, 1):
        formula = next((c for c in cells if c.data_type == "f"), None)
        row = [_text(c.value) for c in cells] + [""] * len(COLUMNS)
        if formula is not None:
            problems.append(Problem(where, line, "", "a cell holds a formula", "paste its value instead"))
        elif line == 1:
            role = row[1]
        elif line == 2:
            based_on = row[1]
        elif line >= FIRST_ROW and (row[3] or row[4]):
            _verdict(row, where, line, verdicts, problems)
    return Sheet(role, based_on, tuple(verdicts), tuple(problems))


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _verdict(row: list[str], where: str, line: int, verdicts: list[Verdict], problems: list[Problem]) -> None:
    collection, entity, _, said, note = row[:5]
    answer = said.lower()
    if collection not in COLLECTIONS or not entity:
        problems.append(Problem(where, line, "collection", f"there is no collection {collection[:40]!r}"))
    elif answer not in (*YES, *NO):
        problems.append(
            Problem(where, line, COLUMNS[3], f"{said[:40]!r} is no answer", "yes or no, or leave both empty")
        )
    elif answer in NO and not note:
        problems.append(Problem(where, line, COLUMNS[4], "nothing says what needs to change", "write it in a sentence"))
    else:
        verdicts.append(Verdict(collection, entity, answer in YES, note[:LONGEST_NOTE]))


def reviewed(document: dict[str, Any], on: date, role: str | None = None) -> dict[str, Any]:
    """Return an entity's document as somebody has just read it with care: the day, on contacts and analyses too."""
    found = {**document, "last_reviewed": on.isoformat()}
    if isinstance(found.get("contacts"), list):
        found["contacts"] = [{**c, "verified_on": on.isoformat()} for c in found["contacts"]]
    if "impact" in found:
        by = {"interviewee": role} if role else {}
        found["bia"] = {**found.get("bia", {}), "done_on": on.isoformat(), **by}
    return found


def action_for(
    verdict: Verdict, title: str, role: str, who: str, on: date, taken: Mapping[str, object]
) -> dict[str, Any]:
    """Return the open corrective action that holds what needs to change; its id is one that is not taken."""
    stem = f"asked-{verdict.collection.replace('_', '-')}-{verdict.id}"[:58].rstrip("-")
    name = next(n for n in (stem, *(f"{stem}-{k}" for k in range(2, 10_000))) if n not in taken)
    source = f"Said of {verdict.collection} {verdict.id} by {who} on {on.isoformat()}"
    return {"id": name, "name": f"Needs change: {title}"[:200], "source": source, "status": "open", "owner_role": role,
            "notes": verdict.note}  # fmt: skip
