"""What a status page says, read off released messages; an exercise is never among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from openline.incident.state import Message, State
from openline.incident.telling import PUBLIC, headline
from openline.server.incidents.models import Incident, Line
from openline.server.incidents.store import reading

DAYS = 90


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """How a service does in released words; `kind` is empty when nothing was said of it."""

    name: str
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One released message as readers see it. `services` maps an activity to (kind, words)."""

    id: str
    incident: int
    at: datetime
    headline: str
    text: str
    language: str
    services: Mapping[str, tuple[str, str]]
    next_at: datetime | None
    is_last: bool
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Content:
    """Everything on a page: what holds now, how services do, and what was said before."""

    now: tuple[Notice, ...]
    services: tuple[ServiceNow, ...]
    notices: tuple[Notice, ...]


def notices_of(incident: Incident, state: State) -> Iterator[Notice]:
    """Yield the public messages of an incident as they were released, the first first."""
    for m in state.messages.values():
        if m.channel == "web" and m.audience in PUBLIC and m.released_at is not None:
            yield _notice(incident, m, m.released_at)


def _notice(incident: Incident, m: Message, at: datetime) -> Notice:
    services = {k: (v.kind, v.words) for k, v in m.services.items()}
    return Notice(
        f"{incident.pk}-{m.id}",
        incident.pk,
        at,
        headline(m),
        m.said,
        m.language,
        services,
        m.next_update_at,
        m.is_last,
        m.withdrawn_at if m.state == "withdrawn" else None,
    )


def real_incidents(slug: str, now: datetime) -> list[Incident]:
    """Return the incidents of a centre with a word released in the last 90 days; no exercise, and no demo."""
    since = now - timedelta(days=DAYS)
    recent = Line.objects.filter(kind="message.released", happened_at__gte=since, incident__slug=slug)
    ids = recent.values_list("incident_id", flat=True).distinct()
    found = Incident.objects.filter(pk__in=ids, is_exercise=False, is_demo=False)
    return list(found.select_related("revision"))


def content(incidents: list[Incident], names: dict[str, str], language: str, now: datetime) -> Content:
    """Return what a page says in a language; where an incident has no words in it, in those that it has."""
    notices: list[Notice] = []
    current: list[Notice] = []
    for incident in incidents:
        with reading(incident) as state:
            own = _in_language(list(notices_of(incident, state)), language)
        standing = [n for n in own if n.withdrawn_at is None]
        if standing and not standing[-1].is_last:
            current.append(standing[-1])
        notices += own
    since = now - timedelta(days=DAYS)
    latest_first = sorted((n for n in notices if n.at >= since), key=lambda n: n.at, reverse=True)
    open_ids = {n.incident for n in current}
    told = [n for n in reversed(latest_first) if n.incident in open_ids and n.withdrawn_at is None]
    current.sort(key=lambda n: n.at, reverse=True)
    return Content(tuple(current), tuple(_services(names, told)), tuple(latest_first))


def _in_language(notices: list[Notice], language: str) -> list[Notice]:
    own = [n for n in notices if n.language == language]
    return own or notices


def _services(names: dict[str, str], told: list[Notice]) -> Iterator[ServiceNow]:
    for service, name in names.items():
        said = [n.services[service] for n in told if service in n.services]
        kind, words = said[-1] if said else ("", "")
        yield ServiceNow(name, kind, words)
