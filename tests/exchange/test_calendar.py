"""The calendar of due dates (MNT-05, TRN-04)."""

from datetime import date

from icalendar import Calendar

from openline.exchange.calendar import calendar_bytes, due_dates
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


def test_is_a_calendar_that_others_read_and_the_same_bytes_each_time() -> None:
    first = calendar_bytes(harbor(), AS_OF)

    events = Calendar.from_ical(first).walk("VEVENT")
    uids = [str(e["uid"]) for e in events]

    assert first == calendar_bytes(harbor(), AS_OF)
    assert len(events) == len(due_dates(harbor()))
    assert len(set(uids)) == len(uids)
    assert all(e.decoded("dtstart") is not None and e["summary"] for e in events)
