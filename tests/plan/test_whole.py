"""Invariants of the whole plan (domain 3.8): each one broken by itself, told at its place."""

import itertools

import pytest

from openline.plan.hours import spans, uncovered_min
from openline.plan.load import load_plan

ROOT = {"openline.yaml": "format: 1\norganization: {id: test, tz: UTC}\n"}
PEOPLE = "persons: [{id: p}, {id: q}, {id: r}]\n"
STEP = "- {id: a, kind: support, impact: {customer: [%s]}}"
BACKUPS = "data_sets: [{id: d}]\nbackups: [{id: b, of: d, method: %s}]\n"

BROKEN: list[tuple[str, dict[str, str], str, str]] = [
    ("1", {"systems": "systems: [{id: s, kind: acd, vendor: nobody}]\n"}, "systems.s.vendor", "no 'nobody'"),
    ("1", {"systems": "systems: [{id: s, kind: acd}, {id: s, kind: crm}]\n"}, "systems.s.id", "stands twice"),
    ("2", {"activities": "activities: [{id: a, kind: support, mtpd_s: 0s}]\n"}, "activities.a.mtpd_s", "greater than 0"),
    ("3", {"activities": "activities: [{id: a, kind: support, rto_s: -5}]\n"}, "activities.a.rto_s", "0 s to 10 years"),
    (
        "4",
        {"incidents": 'incidents: [{id: i, stamps: {onset: "2026-01-01T10:00:00Z", detected: "2026-01-01T09:00:00Z"}}]\n'},
        "incidents.i.stamps.detected",
        "comes before",
    ),
    ("4", {"incidents": 'incidents: [{id: i, stamps: {onset: "2026-01-01T10:00:00"}}]\n'}, "incidents.i.stamps.onset", "timezone"),
    ("5", {"activities": f"activities:\n  {STEP % '0, 1'}\n"}, "activities.a.impact.customer", "2 ratings where"),
    ("5", {"activities": f"activities:\n  {STEP % '0, 1, 2, 3, 4, 5, 6, 7'}\n"}, "activities.a.impact.customer", "above 5"),
    ("7", {"people": PEOPLE, "roles": "roles: [{id: x, primary: p, alternates: [p]}]\n"}, "roles.x.alternates[0]", "primary"),
    ("7", {"people": PEOPLE, "roles": "roles: [{id: x, primary: p, alternates: [q, q]}]\n"}, "roles.x.alternates[1]", "twice"),
    (
        "8",
        {"systems": "systems: [{id: s, kind: acd}]\n", "arrangements": "arrangements: [{id: r, for: [s], option: failover, standby: s}]\n"},
        "arrangements.r.standby",
        "can not be what it stands by for",
    ),
    ("10", {"data": BACKUPS % "full"}, "backups.b.location", "needs its location"),
    ("10", {"data": BACKUPS % "async_replica, region: far"}, "backups.b.lag_s", "needs lag_s"),
    ("11", {"activities": "activities: [{id: a, kind: support, sl: {x: 0.8, t_s: 20}}]\n"}, "activities.a.sl.formula_id", "is missing"),
    ("13", {"activation": "levels: [{id: a, number: 2}, {id: b, number: 2}]\n"}, "levels.b.number", "stands twice"),
    (
        "13",
        {"activation": "triggers: [{id: t, comparator: above, threshold: 5, clear_threshold: 6}]\n"},
        "triggers.t.clear_threshold",
        "clear while it still fires",
    ),
    (
        "17",
        {"people": PEOPLE, "roles": "call_trees: [{id: t, root: p, nodes: [{person: p}, {person: q}]}]\n"},
        "call_trees.t.nodes[1].person",
        "nobody calls 'q'",
    ),
    (
        "17",
        {"people": PEOPLE, "roles": "call_trees: [{id: t, root: p, nodes: [{person: p, children: [q, r]}, {person: q, children: [r]}]}]\n"},
        "call_trees.t.nodes[0].children[1]",
        "more than once",
    ),
    ("18", {"partners": "partners: [{id: b}]\nagreements: [{id: o, partner: b, agents_contracted: 1, skills: [k], notice_s: 0, ramp: [{t_s: 0, agents: 1}], rate: 31}]\n",
            "people": "skills: [{id: k}]\n"}, "agreements.o.rate", "carries its currency"),
    (
        "19",
        {"activities": "activities: [{id: a, kind: support}]\ncontact_types: [{id: c, activity: a, share: 0.5}, {id: d, activity: a, share: 0.4}]\n"},
        "contact_types.d.share",
        "make 0.9, not 1",
    ),
    ("20", {"telephony": "numbers: [{id: n, e164: '020 7946', routing_plans: []}]\n"}, "numbers.n.e164", ""),
    ("22", {"telephony": "trunk_groups: [{id: t, kind: sip, channels: 1, tsp: TSP-1}]\n"}, "trunk_groups.t.tsp", ""),
    ("23", {"people": "persons: [{id: p, home_address: 1 High Street}]\n"}, "persons.p.home_address", "never holds this"),
    ("23", {"people": "persons: [{id: p, pin: 1234}]\n"}, "persons.p.pin", "never holds this"),
    (
        "23",
        {"vendors": "vendors: [{id: v}]\n", "telephony": "carrier_access: [{id: d, carrier: v, authentication_pointer: 'PIN: 4711'}]\n"},
        "carrier_access.d.authentication_pointer",
        "the secret itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("number", "sections", "path", "says"), BROKEN, ids=[f"{n}-{p}" for n, _, p, _ in BROKEN])
def test_refuses_what_breaks_an_invariant(number: str, sections: dict[str, str], path: str, says: str) -> None:
    assert number.isdigit()
    found = load_plan({**ROOT, **{f"{name}.yaml": text for name, text in sections.items()}})

    assert found.plan is None
    assert [p for p in found.problems if p.path == path and says in p.message], list(map(str, found.problems))


def test_takes_a_call_tree_of_eight_calls_for_too_deep() -> None:
    ids = [f"p{n}" for n in range(10)]
    nodes = ", ".join(f"{{person: {a}, children: [{b}]}}" for a, b in itertools.pairwise(ids))
    people = "persons: [" + ", ".join(f"{{id: {i}}}" for i in ids) + "]\n"

    found = load_plan(
        {**ROOT, "people.yaml": people, "roles.yaml": f"call_trees: [{{id: t, root: p0, nodes: [{nodes}]}}]\n"}
    )

    assert "the tree is 9 deep" in found.problems[0].message


@pytest.mark.parametrize(
    ("hours", "minutes"),
    [("24x7", 10080), ("none", 0), ("8x5", 2400), ("mon-fri 09:00-17:00, sat 10:00-12:00", 2520), ("fri-mon 22:00-06:00", 1920),
     ("mon 00:00-24:00", 1440), ("sun 22:00-02:00", 240)],
)  # fmt: skip
def test_counts_the_minutes_of_hours(hours: str, minutes: int) -> None:
    assert sum(e - s for s, e in spans(hours)) == minutes
    assert uncovered_min(spans("24x7"), spans(hours)) == 10080 - minutes


@pytest.mark.parametrize("hours", ["soon", "mon 9-17", "mon 25:00-26:00", "xyz 09:00-17:00", "mon 09:60-10:00"])
def test_refuses_hours_that_are_none(hours: str) -> None:
    with pytest.raises(ValueError, match=r"hours|times of day"):
        spans(hours)


def test_finds_sunday_night_uncovered() -> None:
    duty = spans("mon-sat 00:00-24:00, sun 00:00-22:00")

    assert uncovered_min(spans("24x7"), duty) == 120
    assert uncovered_min(spans("mon-fri 08:00-20:00"), duty) == 0
