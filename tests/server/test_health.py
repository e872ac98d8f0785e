"""Health and figures: for load balancers, for Prometheus, and for nobody else (issue 4: metrics and health)."""

import json
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.server.api.programs import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client


@pytest.fixture(autouse=True)
def _fresh(_server: None) -> "Iterator[None]":
    from openline.server.health import views

    views.LIMIT.forget()
    views.READINESS.forget()
    yield
    views.READINESS.forget()


def figures(client: "Client") -> dict[tuple[str, str], float]:
    """Return the figures by name and first label."""
    text = client.get("/metrics").content.decode()
    return {
        (s.name, s.labels.get("level", s.labels.get("state", ""))): s.value
        for family in text_string_to_metric_families(text)
        for s in family.samples
        if s.labels.get("exercise") != "yes"
    }


def test_tells_a_stranger_that_it_lives_and_is_ready_and_no_more(stranger: "Client") -> None:
    answers = {p: stranger.get(p) for p in ("/health/live", "/health/ready")}

    assert {p: (a.status_code, json.loads(a.content)) for p, a in answers.items()} == {
        "/health/live": (200, {"status": "alive"}),
        "/health/ready": (200, {"status": "ready"}),
    }


def test_asks_to_be_left_out_when_the_engine_does_not_turn(stranger: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.engine import port
    from openline.server.engine.state import Status

    stuck = Status(True, True, "a", 99.0, 0, 0, (), ("a",), "a secret reason")
    monkeypatch.setattr(port, "status", lambda: stuck)

    answer = stranger.get("/health/ready")

    assert answer.status_code == 503
    assert json.loads(answer.content) == {"status": "not ready"}


def test_slows_down_who_asks_all_the_time(stranger: "Client", monkeypatch: pytest.MonkeyPatch) -> None:
    from openline.server.health import views

    monkeypatch.setattr(views.LIMIT, "most", 2)

    assert [stranger.get("/health/live").status_code for _ in range(3)] == [200, 200, 429]


def test_counts_incidents_deliveries_and_calls_that_nobody_answered(client: "Client", stranger: "Client") -> None:
    from openline.server.incidents.models import Delivery, Incident

    program = Program(client, "declare", "see_incidents")
    before = figures(stranger)
    pk = json.loads(program.post("/incidents", {"centre": "harbor", "title": "Gas leak"}).content)["incident"]["id"]
    Delivery.objects.create(
        key=f"test/{pk}", incident=Incident.objects.get(pk=pk), page="p", person="x", state="failed"
    )

    after = figures(stranger)

    risen = {k: after[k] - before.get(k, 0.0) for k in after if after[k] != before.get(k, 0.0)}
    assert risen["openline_incidents_open", "0"] == 1
    assert risen["openline_deliveries", "failed"] == 1
    assert risen["openline_pages_unacknowledged", ""] == 1
    assert risen["openline_engine_jobs_open", ""] >= 1
    Delivery.objects.filter(key=f"test/{pk}").delete()


def test_times_requests_by_route_and_never_by_what_was_asked_for(client: "Client", stranger: "Client") -> None:
    client.get("/harbor/plan/")
    stranger.get("/no/such/secret-address")

    text = stranger.get("/metrics").content.decode()

    assert 'openline_request_seconds_count{method="GET",route="plans:plan",status="200"}' in text
    assert "secret-address" not in text


@pytest.mark.parametrize("headers", [{"X-Forwarded-For": "10.0.0.9"}, {"Host": "openline.example.org"}])
def test_gives_figures_to_nobody_from_elsewhere_without_a_token(
    stranger: "Client", client: "Client", headers: dict[str, str]
) -> None:
    from django.test import override_settings

    with override_settings(ALLOWED_HOSTS=["*"]):
        lacking = Program(client, "read_plan").browser
        assert stranger.get("/metrics", headers=headers).status_code == 403
        assert lacking.get("/metrics", headers=headers).status_code == 403
        assert stranger.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 403

        reader = Program(client, "see_incidents")
        asked = reader.browser.get("/metrics", headers={**headers, "Authorization": reader.text})

    assert asked.status_code == 200
