"""The report as a file that stands alone and as JSON; the log as CSV and JSON."""

import csv
import json
from collections.abc import Iterable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string

from openline.exchange.csv_files import safe
from openline.server.accounts.roles import may, needs
from openline.server.accounts.store import record as log_act
from openline.server.incidents.models import OF_PEOPLE, Incident
from openline.server.incidents.shown import Looked, looked_at
from openline.server.incidents.store import lines_of, reading
from openline.server.reports.written import as_document, written

STYLES = ("tokens.css", "openline.css", "response.css")
COLUMNS = ("seq", "happened_at", "entered_at", "by", "event", "version", "data", "previous", "hash")


@needs("see_incidents")
def as_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give the report as one file that needs nothing else."""
    look = looked_at(slug, pk)
    with reading(look.incident) as state:
        shown = {"w": written(state, look.plan), "incident": look.incident, "plan": look.plan}
        text = render_to_string(
            "reports/standalone.html",
            {**shown, "tz": look.plan.organization.tz, "now": look.now, "styles": styles()},
        )
    log_act(request, "took out a report", slug=slug, about=look.incident.ref)
    return _file(HttpResponse(text, content_type="text/html; charset=utf-8"), look, "report.html")


def styles() -> str:
    """Return the look as text to be put into a file."""
    found = (finders.find(f"openline/{name}") for name in STYLES)
    return "\n".join(Path(path).read_text(encoding="utf-8") for path in found if isinstance(path, str))


@needs("see_incidents")
def as_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give the figures of the report."""
    look = looked_at(slug, pk)
    head = {"incident": look.incident.ref, "title": look.incident.title, "is_exercise": look.incident.is_exercise}
    with reading(look.incident) as state:
        document = as_document(written(state, look.plan), head)
    log_act(request, "took out a report", slug=slug, about=look.incident.ref)
    return _file(JsonResponse(document, json_dumps_params={"indent": 1}), look, "report.json")


@needs("see_incidents")
def log_csv(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give the log as a table; what was typed can not be run by a spreadsheet."""
    look = looked_at(slug, pk)
    log_act(request, "took out the log of an incident", slug=slug, about=f"{look.incident.ref} CSV")
    answer = HttpResponse("".join(_rows(_lines(request, look.incident))), content_type="text/csv; charset=utf-8")
    return _file(answer, look, "log.csv")


def _lines(request: HttpRequest, found: Incident) -> Iterator[dict[str, Any]]:
    """Yield the entries; how people are stays out, but for its hash, where who asks may not reach people."""
    with_people = may(request, "read_contacts")
    for line in lines_of(found):
        is_hidden = line["event"] in OF_PEOPLE and not with_people
        yield {**line, "data": {"withheld": "read_contacts"}} if is_hidden else line


def _rows(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield _row(COLUMNS)
    for line in lines:
        line["data"] = json.dumps(line["data"], ensure_ascii=False, sort_keys=True)
        yield _row(tuple(safe(line[c]) for c in COLUMNS))


def _row(cells: tuple[str, ...]) -> str:
    out = StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


@needs("see_incidents")
def log_json(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Give the log as a list of entries, each with its hash."""
    look = looked_at(slug, pk)
    log_act(request, "took out the log of an incident", slug=slug, about=f"{look.incident.ref} JSON")
    return _file(
        HttpResponse("".join(_entries(_lines(request, look.incident))), content_type="application/json"),
        look,
        "log.json",
    )


def _entries(lines: Iterable[dict[str, Any]]) -> Iterator[str]:
    yield "["
    for n, line in enumerate(lines):
        yield f"{',' if n else ''}\n{json.dumps(line, ensure_ascii=False, sort_keys=True)}"
    yield "\n]\n"


def _file(answer: HttpResponse, look: Looked, name: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="{look.incident.ref}-{name}"'
    return answer
