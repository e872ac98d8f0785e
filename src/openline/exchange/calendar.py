"""Everything in the plan that falls due, as a calendar (iCalendar, RFC 5545)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from openline.plan.document import Plan
from openline.plan.sections import COLLECTIONS
from openline.plan.thresholds import Thresholds

YEAR_D = 365
MONTH_D = 365.25 / 12


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """One day on which something is to be done, for which entity, and why then."""

    on: date
    what: str
    collection: str
    id: str
    why: str


def later(day: date, days: float) -> date:
    """Return the day so many days later, or earlier; the last or first day that there is when it lies beyond.

    Plans write 9999-12-31 for what never ends.
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min


def _contacts_checked(person: Any) -> date | None:
    days = [c.verified_on for c in person.contacts if c.verified_on]
    return max(days) if days and person.status == "active" else None


def _answers_end(vendor: Any) -> date | None:
    return min((a.valid_until for a in vendor.questionnaire.answers.values() if a.valid_until), default=None)


def _battery_life_d(ups: Any, limits: Thresholds) -> float | None:
    return None if ups.topology == "flywheel" else (ups.battery_life_mo or limits.ups_life_mo) * MONTH_D


def _home_checked(person: Any) -> date | None:
    return person.remote.verified_on if person.remote and person.status == "active" else None


Day = Callable[[Any], date | None]

RECURRING: tuple[tuple[str, str, Day, Callable[[Any, Thresholds], float | None]], ...] = (
    ("maintenance_tasks", "Maintenance: {}", lambda e: e.last_done, lambda e, _: e.interval_d),
    ("persons", "Check contacts of {}", _contacts_checked, lambda _, t: t.contact_age_d),
    ("arrangements", "Prove again: {}", lambda e: e.proof.on, lambda _, t: t.standby_test_d),
    ("backups", "Restore test: {}", lambda e: e.last_restore_test, lambda _, t: t.restore_test_d),
    ("numbers", "Try the other route of {}", lambda e: e.last_reroute_test, lambda _, t: t.reroute_test_d),
    ("ups", "Test the battery {}", lambda e: e.last_test, lambda _, t: t.ups_test_d),
    ("generators", "Run {}", lambda e: e.last_run, lambda _, t: t.generator_run_d),
    ("ups", "New batteries for {}", lambda e: e.battery_install, _battery_life_d),
    ("fire_safety", "Inspect {}", lambda e: e.last_inspection, lambda e, _: e.inspection_interval_d),
    ("generators", "Load test of {}", lambda e: e.last_load_test, lambda _, t: t.generator_test_d),
    ("generators", "Fuel test of {}", lambda e: e.last_fuel_test, lambda _, t: t.generator_test_d),
    ("network_paths", "Survey the route of {}", lambda e: e.diversity_surveyed_on, lambda _, t: t.diversity_age_d),
    ("network_paths", "Revalidate the priority of {}", lambda e: e.tsp_validated_on, lambda _, t: t.tsp_age_d),
    ("trunk_groups", "Revalidate the priority of {}", lambda e: e.tsp_validated_on, lambda _, t: t.tsp_age_d),
    ("components", "Count the spares of {}", lambda e: e.last_stock_count, lambda _, t: t.stock_count_d),
    ("persons", "Log in from home: {}", _home_checked, lambda _, t: t.remote_check_d),
    ("plans", "Review {}", lambda e: e.last_reviewed, lambda e, t: e.review_interval_d or t.review_age_d),
    ("activities", "Impact analysis of {}", lambda e: e.bia.approved_on, lambda _, t: t.bia_age_d),
    ("vendors", "Assess {}", lambda e: e.questionnaire.on, lambda _, t: t.assessment_age_d),
    (
        "vendors",
        "Ask for a test of the plan of {}",
        lambda e: e.contingency.tested_on,
        lambda _, t: t.vendor_evidence_d,
    ),
    ("vendors", "Test call to {}", lambda e: e.last_call_test, lambda _, t: t.vendor_call_d),
    ("call_trees", "Drill {}", lambda e: e.drill.on, lambda _, t: t.tree_drill_d),
    ("agreements", "Try the overflow {}", lambda e: e.last_test, lambda _, t: t.overflow_test_d),
    ("partners", "Exercise with {}", lambda e: e.last_joint_exercise, lambda _, t: t.joint_age_d),
    (
        "exercises",
        "Report on the exercise {}",
        lambda e: None if e.report_on else e.held_on,
        lambda _, t: t.report_within_d,
    ),
    (
        "incidents",
        "Report on the incident {}",
        lambda e: e.stamps.stood_down.date() if e.stamps.stood_down and not e.report_on else None,
        lambda _, t: t.incident_report_d,
    ),
)
"""What comes again: collection, what to do, the day it was last done, and after how many days it is due."""

FIXED: tuple[tuple[str, str, Day, str], ...] = (
    ("exercises", "Exercise: {}", lambda e: None if e.held_on else e.planned_on, "planned for this day"),
    (
        "corrective_actions",
        "Corrective action: {}",
        lambda e: None if e.status in ("done", "cancelled") else e.due,
        "due on this day",
    ),
    ("agreements", "Overflow agreement ends: {}", lambda e: e.expires, "it ends on this day"),
    (
        "agreements",
        "Training of the partner runs out: {}",
        lambda e: e.training_valid_until,
        "it counts until this day",
    ),
    ("components", "Support ends: {}", lambda e: e.end_of_support, "the maker mends it until this day"),
    ("evidence", "Evidence runs out: {}", lambda e: e.valid_until, "it shows something until this day"),
    ("vendors", "Answers of a vendor run out: {}", _answers_end, "the first of its evidence ends"),
    ("reviews", "Review: {}", lambda e: e.due, "due on this day"),
    ("assumptions", "Assumption runs out: {}", lambda e: e.expires, "it was made until this day"),
    ("procedures", "Review procedure: {}", lambda e: e.review_due, "due on this day"),
    ("risks", "Risk accepted until: {}", lambda e: e.acceptance.until if e.acceptance else None, "look again"),
    ("exclusions", "A finding was set aside until now: {}", lambda e: e.until, "look again"),
    ("insurance", "Policy runs out: {}", lambda e: e.expires, "it ends on this day"),
    (
        "vendors",
        "Last day of notice: {}",
        lambda e: later(e.contract_end, -(e.notice_d or 0)) if e.contract_end else None,
        "the agreement ends after the notice",
    ),
)
"""Days that the plan states: collection, what, the day, and why."""


def due_dates(plan: Plan) -> list[Due]:
    """Return all due dates in the order of time; what has no date yet is not in it."""
    return sorted({*_recurring(plan), *_fixed(plan), *_courses(plan), *_read_again(plan)})


def _recurring(plan: Plan) -> Iterator[Due]:
    limits = plan.organization.thresholds
    for name, what, last, every in RECURRING:
        for e in plan.collection(name).values():
            day, days = last(e), every(e, limits)
            if day is not None and days is not None:
                why = f"last on {day}, every {days:g} days"
                yield Due(later(day, days), what.format(e.title), name, e.id, why)


def _fixed(plan: Plan) -> Iterator[Due]:
    for name, what, day, why in FIXED:
        for e in plan.collection(name).values():
            on = day(e)
            if on is not None:
                yield Due(on, what.format(e.title), name, e.id, why)


def _courses(plan: Plan) -> Iterator[Due]:
    for record in plan.training_records.values():
        course = plan.courses[record.course]
        who = plan.persons[record.person].title if record.person else "employees"
        if record.on is not None:
            days = course.validity_d or YEAR_D
            why = f"last on {record.on}, counts {days} days"
            on = later(record.on, days)
            yield Due(on, f"Course {course.title}: {who}", "training_records", record.id, why)


def _read_again(plan: Plan) -> Iterator[Due]:
    """Yield when an entity that states its own rhythm is to be read again; plans are in the table."""
    for name in COLLECTIONS:
        for e in plan.collection(name).values() if name != "plans" else ():
            if e.last_reviewed is not None and e.review_interval_d is not None:
                on = later(e.last_reviewed, e.review_interval_d)
                why = f"last read on {e.last_reviewed}, every {e.review_interval_d:g} days"
                yield Due(on, f"Read again: {e.title}", name, e.id, why)


def calendar_bytes(plan: Plan, as_of: date) -> bytes:
    """Return the calendar; the same plan and day give the same bytes."""
    calendar = Calendar()
    calendar.add("prodid", "-//Openline//Continuity plan//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Continuity of {plan.organization.title}")
    for due in due_dates(plan):
        event = Event()
        event.add(
            "uid", f"{due.collection}.{due.id}.{due.what.partition(':')[0].replace(' ', '-').lower()[:40]}@openline"
        )
        event.add("dtstamp", datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC))
        event.add("dtstart", due.on)
        event.add("dtend", later(due.on, 1))
        event.add("summary", due.what)
        event.add("description", due.why)
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found
