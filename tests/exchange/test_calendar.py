"""The calendar of due dates (MNT-05, TRN-04)."""

import inspect
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, get_args

from icalendar import Calendar
from pydantic import BaseModel

from openline.exchange import calendar
from openline.exchange.calendar import calendar_bytes, due_dates
from openline.plan.sections import COLLECTIONS
from tests.examples.test_harbor import harbor

AS_OF = date(2026, 11, 1)


def test_lists_what_falls_due_in_the_order_of_time() -> None:
    found = due_dates(harbor())
    by = {(d.collection, d.id, d.what.partition(" ")[0]): d.on for d in found}

    assert [d.on for d in found] == sorted(d.on for d in found)
    assert by["corrective_actions", "earlier-fuel", "Corrective"] == date(2027, 2, 28)
    assert by["persons", "duty-officer-a", "Check"] == date(2027, 1, 4)
    assert by["maintenance_tasks", "generator-run", "Maintenance:"] == date(2026, 11, 5)
    assert ("corrective_actions", "old-numbers", "Corrective") not in by


def test_lists_what_never_ends_and_what_ended_before_all_days() -> None:
    """Plans write 9999-12-31 for a contract without an end; nothing lies after it."""
    plan = harbor()
    vendor = plan.vendors["ledgerly"].model_copy(
        update={"contract_end": date.min, "notice_d": 90, "last_reviewed": date.max, "review_interval_d": 365}
    )
    other = plan.vendors["tidewater"].model_copy(update={"contract_end": date.max, "notice_d": 0})
    tasks = {k: t.model_copy(update={"last_done": date.max}) for k, t in plan.maintenance_tasks.items()}
    learned = {k: r.model_copy(update={"on": date.max}) for k, r in plan.training_records.items()}
    plan = replace(
        plan, vendors={**plan.vendors, "ledgerly": vendor, "tidewater": other}, maintenance_tasks=tasks,
        training_records=learned,
    )  # fmt: skip

    by = {(d.id, d.what.partition(":")[0]): d.on for d in due_dates(plan)}
    events = Calendar.from_ical(calendar_bytes(plan, AS_OF)).walk("VEVENT")

    assert by["ledgerly", "Last day of notice"] == date.min
    assert by["tidewater", "Last day of notice"] == by["ledgerly", "Read again"] == date.max
    assert len(events) == len(due_dates(plan))


def test_reads_every_date_of_the_plan_that_makes_something_due() -> None:
    """A date is of the past by itself (listed here with why), or the calendar reads it."""
    past = {
        ("sites", "changed_on"), ("systems", "changed_on"), ("systems", "config_as_of"), ("activities", "done_on"),
        ("security", "last_inspection"), ("entrances", "surveyed_on"),
        ("systems", "measured_on"), ("backups", "last_success"), ("teams", "lead_card_issued"),
        ("procedures", "version_on"), ("plans", "version_on"), ("exercises", "hotwash_on"),
        ("corrective_actions", "done_on"), ("documents", "generated_at"), ("hazard_zones", "as_of"),
    }  # fmt: skip
    code = inspect.getsource(calendar)

    found = {(name, field) for name, kind in COLLECTIONS.items() for field in _dates(kind.model)}

    assert len(found) > 40
    assert {x for x in found - past if not re.search(rf"\b{x[1]}\b", code)} == set()


def _dates(kind: type[BaseModel]) -> Iterator[str]:
    for name, field in kind.model_fields.items():
        left: list[Any] = [field.annotation]
        while left:
            part = left.pop()
            if part is date:
                yield name
            elif inspect.isclass(part) and issubclass(part, BaseModel):
                yield from _dates(part)
            left += get_args(part)


def test_tells_batteries_evidence_and_reports_that_are_owed() -> None:
    plan = harbor()
    by = {(d.collection, d.id, d.what.partition(" ")[0]): d.on for d in due_dates(plan)}
    install = plan.ups["quay-ups"].battery_install
    held = next(e for e in plan.exercises.values() if e.held_on and e.report_on)

    assert install is not None
    assert (by["ups", "quay-ups", "New"] - install).days in range(1_000, 2_000)
    assert ("exercises", held.id, "Report") not in by
    owed = replace(plan, exercises={held.id: held.model_copy(update={"report_on": None})})
    assert any(d.what.startswith("Report on the exercise") for d in due_dates(owed))


def test_is_a_calendar_that_others_read_and_the_same_bytes_each_time() -> None:
    first = calendar_bytes(harbor(), AS_OF)

    events = Calendar.from_ical(first).walk("VEVENT")
    uids = [str(e["uid"]) for e in events]

    assert first == calendar_bytes(harbor(), AS_OF)
    assert len(events) == len(due_dates(harbor()))
    assert len(set(uids)) == len(uids)
    assert all(e.decoded("dtstart") is not None and e["summary"] for e in events)
