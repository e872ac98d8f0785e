"""All that is wrong with a plan is told at once: no fault hides another, and none is told that is not there."""

import pytest

from openline.plan.load import load_plan

ROOT = "format: 1\norganization: {id: test, tz: UTC}\n"
PEOPLE = "persons: [{id: p}, {id: q}]\n"


def told(root: str = ROOT, **sections: str) -> dict[str, str]:
    """Return the messages of a plan by their paths."""
    found = load_plan({"openline.yaml": root} | {f"{name}.yaml": text for name, text in sections.items()})
    return {p.path: p.message for p in found.problems}


BESIDE: list[tuple[dict[str, str], set[str]]] = [
    ({"systems": "systems: [{id: s, kind: acd, rto_s: soon, vendor: nobody}]\n"},
     {"systems.s.rto_s", "systems.s.vendor"}),
    ({"systems": "systems: [{id: s, rto_s: soon, vendor: nobody}]\n"},
     {"systems.s.kind", "systems.s.rto_s", "systems.s.vendor"}),
    ({"activities": "activities: [{id: a, kind: support, bia: {weekly_contacts: many, interviewee: nobody}}]\n"},
     {"activities.a.bia.weekly_contacts", "activities.a.bia.interviewee"}),
    ({"activities": "activities: [{id: a, kind: support, sl: {x: 0.8, t_s: 20}, skills: [nothing]}]\n"},
     {"activities.a.sl.formula_id", "activities.a.skills[0]"}),
    ({"people": PEOPLE, "roles": "roles: [{id: r, primary: p, alternates: [p], review_interval_d: often}]\n"},
     {"roles.r.alternates[0]", "roles.r.review_interval_d"}),
    ({"systems": "systems: [{id: s, kind: acd, needs: [{to: [s]}], rto_s: soon}]\n"},
     {"systems.s.needs[0].to", "systems.s.rto_s"}),
    ({"activities": "activities: [{id: a, kind: support, impact: {customer: [1]}, rto_s: soon}]\n"},
     {"activities.a.impact.customer", "activities.a.rto_s"}),
    ({"activation": "levels: [{id: a, number: 2, name: ''}, {id: b, number: 2}]\n"},
     {"levels.a.name", "levels.b.number"}),
    ({"root": "format: 1\norganization: {id: test, tz: 7, owner_role: nobody}\n"},
     {"organization.tz", "organization.owner_role"}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "paths"), BESIDE)
def test_tells_each_fault_beside_the_others(files: dict[str, str], paths: set[str]) -> None:
    assert set(told(**files)) == paths


UNDECIDED: list[tuple[dict[str, str], set[str]]] = [
    # The mean is there, only not readable: the law is not without it.
    ({"activities": "activities: [{id: a, kind: support, patience_s: soon, patience_law: {kind: lognormal, cv: 1}}]\n"},
     {"activities.a.patience_s"}),
    ({"systems": "systems: [{id: s, kind: acd}, {id: t, kind: acd}]\n",
      "arrangements": "arrangements: [{id: r, for: [s], option: partner_overflow, agreement: [1]}]\n"},
     {"arrangements.r.agreement"}),
    ({"activation": "levels: [{id: a, number: 2}, {id: b, number: two}]\n"}, {"levels.b.number"}),
    ({"activities": "activities: [{id: a, kind: support, impact: {customer: [1]}}]\n",
      "root": "format: 1\norganization: {id: test, tz: UTC, impact_scale: {steps_s: [soon, 2h]}}\n"},
     {"organization.impact_scale.steps_s[0]"}),
]  # fmt: skip


@pytest.mark.parametrize(("files", "paths"), UNDECIDED)
def test_tells_nothing_that_hangs_on_what_can_not_be_read(files: dict[str, str], paths: set[str]) -> None:
    assert set(told(**files)) == paths
