"""Invariants of the whole plan (domain 3.8): each one broken by itself, told at its place."""

import itertools
import json

import pytest

from openline.plan.hours import spans, uncovered_min
from openline.plan.incidents import LogEntry, entry_hash
from openline.plan.load import load_plan

ROOT = {"openline.yaml": "format: 1\norganization: {id: test, tz: UTC}\n"}
PEOPLE = "persons: [{id: p}, {id: q}, {id: r}]\n"
STEP = "- {id: a, kind: support, impact: {customer: [%s]}}"
BACKUPS = "data_sets: [{id: d}]\nbackups: [{id: b, of: d, method: %s}]\n"

RAMP = "partners: [{id: b}]\nagreements: [{id: o, partner: b, agents_contracted: 3, skills: [k], notice_s: 10, ramp: [%s]}]\n"
SKILL = {"people": "skills: [{id: k}]\n"}
LINE = {"at": "2026-01-01T10:00:00Z", "by": "Duty officer", "text": "Gas smelt in the street"}


def log(**changes: object) -> dict[str, str]:
    """An incident of two lines, the second with something else in it."""
    first = LogEntry.model_validate({**LINE, "hash": "0" * 64})
    one = {**LINE, "hash": entry_hash(first)}
    told = {**LINE, "text": "Everybody out", "before": one["hash"]}
    second = LogEntry.model_validate({**told, "hash": "0" * 64})
    lines = [one, {**told, "hash": entry_hash(second), **changes}]
    return {"incidents": "incidents: " + json.dumps([{"id": "i", "log": lines}])}


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
    (
        "4",
        {"incidents": 'incidents: [{id: i, stamps: {onset: "2026-01-01T10:00:00Z", declared: "2026-01-01T09:00:00Z"}}]\n'},
        "incidents.i.stamps.declared",
        "declared comes before onset",
    ),
    ("4", {"incidents": 'incidents: [{id: i, stamps: {resumed: "2026-01-01T10:00:00Z", stood_down: "2026-01-01T09:00:00Z"}}]\n'},
     "incidents.i.stamps.stood_down", "comes before resumed"),
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
    ("6", {"procedures": "procedures: [{id: p, phase: detect, steps: [{id: a, text: Look, predecessors: [b]}, {id: b, text: Tell, predecessors: [a]}]}]\n"},
     "procedures.p.steps[0].predecessors", "wait for each other"),
    ("8", {"systems": "systems: [{id: s, kind: acd, standby_system: s}]\n"}, "systems.s.standby_system", "can not be what it stands by for"),
    ("9", {"partners": RAMP % "{t_s: 5, agents: 1}", **SKILL}, "agreements.o.ramp[0].t_s", "before the notice"),
    ("9", {"partners": RAMP % "{t_s: 20, agents: 2}, {t_s: 30, agents: 1}", **SKILL}, "agreements.o.ramp", "never lose agents"),
    ("9", {"partners": RAMP % "{t_s: 20, agents: 9}", **SKILL}, "agreements.o.ramp", "above agents_contracted"),
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
    ("13", {"activation": "triggers: [{id: t, level: crisis}]\n"}, "triggers.t.level", "no 'crisis'"),
    ("14", log(text="Nobody out"), "incidents.i.log[1].hash", "not as it was written"),
    ("14", log(before=None), "incidents.i.log[1].before", "not the hash of the line before"),
    ("14", log(corrects="f" * 64), "incidents.i.log[1].corrects", "no earlier line"),
    ("15", {"programme": "plans: [{id: d}]\napprovals: [{id: y, object: d, content_hash: version 7}]\n"}, "approvals.y.content_hash", ""),
    ("16", {"openline": "format: 1\norganization: {id: test, plan_owner_role: [a, b]}\n"}, "organization.plan_owner_role", "valid string"),
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
    ("20", {"telephony": "numbers: [{id: n, e164: '+442079460000', routing_plans: []}]\n"}, "numbers.n.routing_plans", "at least 1"),
    ("20", {"telephony": "numbers: [{id: n, e164: '+442079460000', routing_plans: [{to: n}]}]\n"}, "numbers.n.routing_plans[0].to", "no 'n'"),
    ("20", {"telephony": "trunk_groups: [{id: t, kind: sip, channels: 1, alt_destination: t}]\n"}, "trunk_groups.t.alt_destination", "the same lines"),
    ("22", {"telephony": "trunk_groups: [{id: t, kind: sip, channels: 1, tsp: TSP-1}]\n"}, "trunk_groups.t.tsp", ""),
    ("23", {"people": "persons: [{id: p, home_address: 1 High Street}]\n"}, "persons.p.home_address", "never holds this"),
    ("23", {"people": "persons: [{id: p, pin: 1234}]\n"}, "persons.p.pin", "never holds this"),
    ("23", {"people": "persons: [{id: p, notes: 'Her PIN is 4711'}]\n"}, "persons.p.notes", "the secret itself"),
    ("1", {"people": "persons: [{id: p, provenance: {height: {source: a guess}}}]\n"}, "persons.p.provenance.height", "no field 'height'"),
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


def test_breaks_each_invariant_that_files_can_break() -> None:
    """12 and 24 are of results (tests/sim/test_invariants.py); 21 is of tables (below); 15 also in tests/server."""
    assert {int(n) for n, *_ in BROKEN} == set(range(1, 25)) - {12, 21, 24}


def test_takes_a_log_as_it_was_written() -> None:
    found = load_plan({**ROOT, "incidents.yaml": log()["incidents"]})

    assert found.plan is not None, found.problems
    assert len(found.plan.incidents["i"].log) == 2


@pytest.mark.parametrize(
    "text",
    ["The PIN is in envelope 3", "password: see the safe", "Secret: kept by the duty officer", "Password = held by Ann",
     "pin-sharp", "A secret is a secret"],
)  # fmt: skip
def test_does_not_take_a_pointer_for_the_secret(text: str) -> None:
    found = load_plan({**ROOT, "people.yaml": "persons: " + json.dumps([{"id": "p", "notes": text}])})

    assert found.plan is not None, found.problems


@pytest.mark.parametrize(
    "path", ["../x.csv", "/srv/x.csv", "a/../../x.csv", "x.yaml", ".hidden.csv", "a\\b.csv", "a//b.csv", "C:x.csv"]
)
def test_refuses_a_table_outside_the_plan(path: str) -> None:
    rows = "day,start,contacts\n" + "".join(f"all,{n // 2:02}:{n % 2 * 30:02},1\n" for n in range(48))
    activity = json.dumps([{"id": "a", "kind": "support", "volumes": path}])

    found = load_plan({**ROOT, "activities.yaml": f"activities: {activity}", path: rows})

    assert [p.path for p in found.problems if "not a CSV file of the plan" in p.message] == ["activities.a.volumes"]


def test_refuses_an_interval_that_is_missing() -> None:
    rows = "day,start,contacts\n" + "".join(f"mon,{n // 2:02}:{n % 2 * 30:02},1\n" for n in range(48) if n != 20)
    files = {**ROOT, "activities.yaml": "activities: [{id: a, kind: support, volumes: v.csv}]", "v.csv": rows}

    assert [p.message for p in load_plan(files).problems] == ["mon has no interval at 10:00"]


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
