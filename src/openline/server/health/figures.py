"""The figures that Prometheus asks for: read when it asks, but for the requests, which are counted as they come."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from django.db import Error
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from openline.incident.command import OPEN
from openline.server.engine import port as engine
from openline.server.incidents.models import Delivery, Incident
from openline.server.incidents.store import open_incidents, reading

REGISTRY: Final = CollectorRegistry()
REQUESTS: Final = Histogram(
    "openline_request_seconds",
    "Time to answer a request, by route, method and status.",
    ("route", "method", "status"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=REGISTRY,
)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def timed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware that measures every request; its route is a name of ours, never what was asked for."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = (match.view_name or match.route) if match is not None else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, str(response.status_code)).observe(time.perf_counter() - begun)
        return response

    return middleware


class _Now(Collector):
    """What is so at the moment of asking."""

    def collect(self) -> Iterator[Metric]:
        """Yield the figures; without a database only those of the engine."""
        yield from _of_engine()
        try:
            yield from _of_incidents()
            yield _deliveries()
            yield _unacknowledged()
        except Error:
            return


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"openline_{name}", says, value=value)


def _of_engine() -> Iterator[Metric]:
    found = engine.status()
    yield _gauge("ready", "1 when this process is ready.", float(found.is_ready))
    yield _gauge("engine_jobs_open", "Jobs that are not done.", found.open_jobs)
    yield _gauge("engine_jobs_overdue", "Jobs that should have begun more than a minute ago.", found.overdue_jobs)
    yield _gauge("engine_alarms", "Kinds of trouble of the last day.", len(found.alarms))
    yield _gauge("engine_nodes", "Nodes that work.", len(found.nodes))
    if found.round_age_s is not None:
        yield _gauge("engine_round_age_seconds", "Age of the engine's last round here.", found.round_age_s)


def _of_incidents() -> Iterator[Metric]:
    found = GaugeMetricFamily("openline_incidents_open", "Incidents under way, by level.", labels=("level", "exercise"))
    rows = Incident.objects.filter(phase__in=OPEN).order_by().values("level", "is_exercise").annotate(n=Count("pk"))
    counts = {(level, is_exercise): 0 for level in range(5) for is_exercise in (False, True)}
    counts |= {(r["level"], r["is_exercise"]): r["n"] for r in rows}
    for (level, is_exercise), n in counts.items():
        found.add_metric((str(level), "yes" if is_exercise else "no"), n)
    yield found


def _deliveries() -> Metric:
    found = GaugeMetricFamily("openline_deliveries", "Messages to people, by what became of them.", labels=("state",))
    rows = Delivery.objects.order_by().values_list("state").annotate(n=Count("pk"))
    counts = dict.fromkeys(("sending", "handed", "failed", "caught"), 0) | dict(rows)
    for state, n in counts.items():
        found.add_metric((state,), n)
    return found


def _unacknowledged() -> Metric:
    waiting = 0
    for incident in open_incidents():
        with reading(incident) as state:
            waiting += sum(p.state in ("open", "exhausted") and p.ask != "inform" for p in state.pages.values())
    return _gauge("pages_unacknowledged", "Calls for people that nobody has answered, in incidents under way.", waiting)


REGISTRY.register(_Now())


def exposition() -> bytes:
    """Return every figure in Prometheus's text form."""
    return generate_latest(REGISTRY)
