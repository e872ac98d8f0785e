"""Rotas and who could not be reached, before anything happens (requirements COM-05, PPL-07)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from openline.incident.command import StandIn
from openline.incident.reaching import reaching
from openline.incident.rota import turns
from openline.plan.document import Plan
from openline.plan.organization import Organization
from openline.plan.people import Address, Person
from openline.plan.roles import ContinuityRole, Duty

MONDAY = datetime(2026, 11, 30, 0, 0, tzinfo=UTC)
WEEK = MONDAY + timedelta(days=7)
FRESH = date(2026, 11, 1)


def role(*duties: Duty, hours: str | None = None) -> ContinuityRole:
    return ContinuityRole(id="duty", primary="a", on_call=duties, on_call_hours=hours)


def plan(*roles: ContinuityRole, tz: str = "UTC", **persons: Person) -> Plan:
    people = {p: Person(id=p) for p in ("a", "b")} | persons
    organization = Organization(id="x", name="X", tz=tz)
    return Plan(organization=organization, persons=people, roles={r.id: r for r in roles})


def test_tells_turns_and_gaps_of_a_week() -> None:
    duty = role(Duty(person="a", hours="mon-fri 08:00-20:00"), Duty(person="b", hours="sat 08:00-12:00"), hours="24x7")

    found = turns(plan(duty), duty, MONDAY, MONDAY + timedelta(days=1))

    assert [(t.person, t.start_at.hour, t.end_at.hour) for t in found] == [(None, 0, 8), ("a", 8, 20), (None, 20, 0)]


def test_tells_no_gap_where_nobody_is_needed() -> None:
    duty = role(Duty(person="a", hours="mon-fri 08:00-20:00"), hours="mon-fri 09:00-17:00")

    assert not any(t.is_gap for t in turns(plan(duty), duty, MONDAY, WEEK))


def test_keeps_the_hours_of_the_clock_on_the_wall_when_it_changes() -> None:
    duty = role(Duty(person="a", hours="sun 08:00-10:00"))
    start = datetime(2026, 10, 24, tzinfo=UTC)

    found = turns(plan(duty, tz="Europe/London"), duty, start, start + timedelta(days=9))

    assert [t.start_at.isoformat() for t in found] == ["2026-10-25T08:00:00+00:00", "2026-11-01T08:00:00+00:00"]


def test_puts_who_stands_in_before_the_rota_and_lets_the_first_of_two_count() -> None:
    duty = role(Duty(person="a", hours="24x7"), hours="24x7")
    noon = MONDAY + timedelta(hours=12)
    others = [StandIn("duty", "b", noon, noon + timedelta(hours=2)), StandIn("duty", "a", noon, WEEK)]

    found = turns(plan(duty), duty, MONDAY, noon + timedelta(hours=3), others)

    assert [(t.person, t.is_stand_in) for t in found] == [("a", False), ("b", True), ("a", True)]


def test_passes_over_somebody_who_left() -> None:
    duty = role(Duty(person="a", hours="24x7"), hours="24x7")
    gone = plan(duty, a=Person(id="a", status="left"))

    assert all(t.is_gap for t in turns(gone, duty, MONDAY, WEEK))


def test_names_everybody_who_could_not_be_reached_and_why() -> None:
    def person(name: str, *contacts: Address) -> Person:
        return Person(id=name, contacts=contacts)

    old = Address(channel="sms", value="+441", verified_on=date(2026, 1, 1))
    ours = Address(channel="sms", value="+442", verified_on=FRESH, corporate_dependent=True)
    other = Address(channel="radio", value="7", verified_on=FRESH)
    well = Address(channel="sms", value="+443", verified_on=FRESH)
    made = plan(
        a=person("a", well), b=person("b"), c=person("c", old), d=person("d", ours), e=person("e", other),
        f=person("f", Address(channel="sms")), gone=Person(id="gone", status="left"),
    )  # fmt: skip

    found = reaching(made, MONDAY, {"sms"})

    assert found.people == 6
    assert "a" not in found.reasons
    assert found.reasons["b"] == ("has no number or address",)
    assert "90 days" in found.reasons["c"][0]
    assert "own systems" in found.reasons["d"][0]
    assert found.reasons["e"] == ("no provider is set up for radio",)
    assert "elsewhere" in found.reasons["f"][0]
    assert "gone" not in found.reasons


def test_names_roles_without_a_holder_and_gaps_of_the_next_week() -> None:
    empty = role(hours="mon 08:00-10:00")
    made = replace(plan(empty), persons={"a": Person(id="a", status="leave")})

    found = reaching(made, MONDAY, {"sms"})

    assert found.empty_roles == ("duty",)
    assert [(t.start_at.hour, t.end_at.hour) for t in found.gaps] == [(8, 10)]
    assert not found.is_well
