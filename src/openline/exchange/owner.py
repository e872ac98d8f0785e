"""The form of an owner as a workbook: what a role answers for, and whether each of it is still right (IMP-06)."""

import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.datavalidation import DataValidation

from openline.exchange.columns import written
from openline.exchange.verdicts import COLUMNS, FIRST_ROW, SHEET, action_for, reviewed
from openline.exchange.workbook import HEAD, Read, grown, put, put_collections, save
from openline.plan.document import Plan
from openline.plan.load import load_plan
from openline.plan.overlay import entity_id
from openline.plan.problem import Problem
from openline.plan.record import Entity
from openline.plan.sections import COLLECTIONS
from openline.plan.tree import plain

WIDTHS = (20, 28, 44, 14, 60)
NOT_ASKED = ("approvals", "exclusions")
"""Owners do not approve, or set findings aside, by a form."""


def owned(plan: Plan, role: str) -> Plan:
    """Return the plan with only what a role answers for, and those who hold it."""
    holders = plan.roles[role].holders

    def kept(name: str) -> dict[str, Entity]:
        there = {} if name in NOT_ASKED else plan.collection(name)
        return {i: e for i, e in there.items() if e.owner_role == role or (name == "persons" and i in holders)}

    return replace(plan, **{c: kept(c) for c in COLLECTIONS}, profiles={}, quantiles={})  # type: ignore[arg-type]


def things(plan: Plan) -> list[tuple[str, Entity]]:
    """Return every entity of a plan with its collection."""
    return [(name, e) for name in COLLECTIONS for e in plan.collection(name).values()]


def owner_workbook(part: Plan, role: str, based_on: str) -> bytes:
    """Return the workbook of what a role answers for; `based_on` names the content that it was made from."""
    book = Workbook()
    book.remove(book.worksheets[0])
    _verdict_sheet(book, part, role, based_on)
    put_collections(book, part)
    target = io.BytesIO()
    save(book, target)
    return target.getvalue()


def _verdict_sheet(book: Workbook, part: Plan, role: str, based_on: str) -> None:
    sheet = book.create_sheet(SHEET)
    for row, pair in enumerate((("answers of", role), ("based on", based_on)), 1):
        put(sheet, row, 1, pair[0])
        put(sheet, row, 2, pair[1])
    put(sheet, 3, 1, "Say yes or no to each; with a no, what needs to change. Figures are changed in the other sheets.")
    for n, (title, width) in enumerate(zip(COLUMNS, WIDTHS, strict=True), 1):
        cell = sheet.cell(FIRST_ROW - 1, n, title)
        cell.font, cell.fill = Font(bold=True), HEAD
        sheet.column_dimensions[cell.column_letter].width = width
    found = things(part)
    for row, (collection, entity) in enumerate(found, FIRST_ROW):
        for n, value in enumerate((collection, entity.id, entity.title), 1):
            put(sheet, row, n, value)
    rule = DataValidation(type="list", formula1='"yes,no"', allow_blank=True, showErrorMessage=True)
    rule.add(f"D{FIRST_ROW}:D{FIRST_ROW + max(len(found), 1)}")
    sheet.add_data_validation(rule)
    sheet.freeze_panes = f"A{FIRST_ROW}"


def settled(files: Mapping[str, str], read: Read, on: date) -> None:
    """Lay the verdicts of an owner's workbook over what was read: days of review, and what needs to change."""
    plan = load_plan(files).plan
    if read.form is None or plan is None:
        return
    role = read.form.role
    if role not in plan.roles:
        read.problems.append(Problem(SHEET, 1, "role", f"there is no role {role[:60]!r}", "it stands in B1"))
        return
    actions: dict[str, object] = dict(plan.corrective_actions)
    for verdict in read.form.verdicts:
        entity = plan.collection(verdict.collection).get(verdict.id)
        if entity is None:
            message = f"there is no {verdict.id!r} among the {verdict.collection}"
            read.problems.append(Problem(SHEET, 0, verdict.collection, message))
        elif verdict.is_right:
            _put_document(read, verdict.collection, reviewed(_document(read, verdict.collection, entity), on, role))
        else:
            action = action_for(verdict, entity.title, role, role, on, actions)
            actions[action["id"]] = action
            _put_document(read, "corrective_actions", action)


def _document(read: Read, collection: str, entity: Entity) -> dict[str, Any]:
    tree = next((t for t in read.document.get(collection, []) if entity_id(t) == entity.id), None)
    found: dict[str, Any] = written(entity) if tree is None else plain(tree)
    return found


def _put_document(read: Read, collection: str, document: dict[str, Any]) -> None:
    there = read.document.setdefault(collection, [])
    there[:] = [t for t in there if entity_id(t) != document["id"]] + [grown(document, SHEET, 0)]
