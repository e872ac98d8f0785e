"""Damage assessment on a phone: what is to be looked at, forms by class, times, results to teams (ACT-06, COM-08)."""

from typing import TYPE_CHECKING

import pytest

from openline.incident import damage, paging
from openline.incident.assessment import CLASSES, QUESTIONS
from openline.plan.incidents import Estimate
from tests.incident.plans import harbor
from tests.server.incidents_under_way import at, begun, do
from tests.server.test_pages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

FOUND = {
    "object": "quay", "stage": "initial", "safety": "smoke on floor 2", "state": "unusable", "cause": "gas",
    "answers.enter": "nobody", "etr.optimistic_s": "2h", "etr.likely_s": "4h", "etr.pessimistic_s": "1d",
    "next_look_in_s": "30m",
}  # fmt: skip


def test_lists_what_is_hit_and_not_looked_at_with_the_assessor_of_the_plan(client: "Client") -> None:
    page = text_of(client, at(begun("quay", "acd-quay"), "damage/"))

    assert "2 objects still to be looked at." in page
    assert "assessed by Duty officer" in page


def test_takes_an_assessment_and_shows_when_it_is_back(client: "Client") -> None:
    found = begun("quay")

    response = client.post(at(found, "do/AssessDamage/"), {**FOUND, "next": at(found, "damage/")})
    page = text_of(client, at(found, "damage/"))

    assert response.status_code == 302
    assert "Everything that is hit has been looked at" in page
    assert "smoke on floor 2" in page
    assert "Likely back" in page
    assert "Detailed look not done: Facilities lead" in page
    assert "nobody" in text_of(client, at(found, "damage/quay/detailed/"))


@pytest.mark.parametrize(
    ("name", "kind"),
    [("quay", "site"), ("acd-quay", "system"), ("beacon", "vendor"), ("claims-team", "people")],
)
def test_asks_of_each_class_what_it_needs_safety_first(client: "Client", name: str, kind: str) -> None:
    page = text_of(client, at(begun(), f"damage/{name}/detailed/"))

    questions = QUESTIONS[kind]  # type: ignore[index]
    assert all(q.text in page.replace("&#x27;", "'") for q in questions)
    assert page.index("Safety first") < page.index("Its state")


def test_has_questions_for_every_class_and_looks_where_the_plan_has_objects() -> None:
    assert set(QUESTIONS) == set(CLASSES)
    for collections in CLASSES.values():
        assert all(harbor().collection(c) is not None for c in collections)


def test_sends_the_results_to_roles_and_lists_who_has_them(client: "Client") -> None:
    found = begun("quay")
    do(found, damage.AssessDamage(object="quay", state="unusable", safety="smoke"))
    response = client.post(
        at(found, "do/ShareDamage/"), {"roles": ["it-lead", "facilities-lead"], "text": "Quay House is shut"}
    )
    assert response.status_code == 302, response.content.decode()
    from openline.server.incidents.store import incident, reading

    with reading(incident(found.pk)) as state:
        page = state.pages[state.shared[0]]
    people = page.rungs[0]
    do(found, paging.AcknowledgePage(page=page.id, person=people[0]))

    shown = text_of(client, at(found, "damage/"))

    assert f"1 has it, {len(people) - 1} not yet" in shown
    with reading(incident(found.pk)) as state:
        assert not {"it-lead", "facilities-lead"} & set(state.roles), "confirming results does not fill a role"


def test_refuses_times_that_fall_and_says_so(client: "Client") -> None:
    found = begun("quay")

    response = client.post(at(found, "do/AssessDamage/"), {**FOUND, "etr.pessimistic_s": "1m"})

    assert response.status_code == 409
    assert "must not fall" in response.content.decode()


def test_tells_a_look_that_is_overdue(client: "Client") -> None:
    from datetime import timedelta

    from django.utils import timezone

    found = begun("quay")
    past = timezone.now() - timedelta(minutes=1)
    etr = Estimate(optimistic_s=60, likely_s=120, pessimistic_s=180)
    do(found, damage.AssessDamage(object="quay", state="unusable", safety="none", etr=etr, next_look_at=past))

    assert "1 look overdue" in text_of(client, at(found, "damage/"))


def test_lets_somebody_who_only_follows_read_but_not_send(signed_in: "Callable[[str], Client]") -> None:
    found = begun("quay")

    page = text_of(signed_in("viewer"), at(found, "damage/quay/initial/"))
    refused = signed_in("viewer").post(at(found, "do/AssessDamage/"), FOUND)

    assert "Send what I found" not in page
    assert refused.status_code == 403


@pytest.mark.parametrize("part", ["damage/nowhere/initial/", "damage/quay/third/"])
def test_knows_what_is_not_there(client: "Client", part: str) -> None:
    assert client.get(at(begun(), part)).status_code == 404
