"""What a program is told when something is not done: RFC 9457, with a sentence that says what to do."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from pydantic import Field
from pydantic import ValidationError as NotSuchDocument

from openline.incident.command import NotAllowed, NotThere, Refused
from openline.server.incidents.acting import Unreadable
from openline.server.incidents.store import NoSuchIncident
from openline.server.plans.store import NoSuchCentre

TYPE = "application/problem+json"


class FieldProblem(Schema):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(Schema):
    """Why something was not done, and what to do instead."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(description="A sentence that says what to do.")
    error: str = Field("", description="The same sentence, for programs that look here.")
    errors: list[FieldProblem] = Field(default_factory=list)


class TooOften(Exception):
    """A program asks for more than its share."""


class NoSuchTrigger(LookupError):
    """No plan in force has this trigger; the message says what to do."""


class AmbiguousTrigger(LookupError):
    """The plans of several centres have this trigger, and none was named; the message lists them."""


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    """Return the answer for something that was not done."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "error": detail,
        "errors": errors or [],
    }
    headers = {"Retry-After": "60"} if status == 429 else {}
    return JsonResponse(told, status=status, content_type=TYPE, headers=headers)


def status_of(refusal: Refused) -> int:
    """Return the HTTP status of a refusal."""
    if isinstance(refusal, Unreadable):
        return 422
    if isinstance(refusal, NotAllowed):
        return 403
    return 404 if isinstance(refusal, NotThere) else 409


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return _of_fields([(e["loc"][1:] or e["loc"], e["msg"]) for e in error.errors])


def _no_document(request: HttpRequest, error: NotSuchDocument) -> HttpResponse:
    return _of_fields([(e["loc"], e["msg"]) for e in error.errors()])


def _of_fields(found: list[tuple[Any, str]]) -> HttpResponse:
    errors = [
        {"field": ".".join(map(str, loc)).removeprefix("body."), "message": text.removeprefix("Value error, ")}
        for loc, text in found
    ]
    told = "; ".join(f"{e['field']}: {e['message']}" for e in errors[:5])
    return problem(422, f"Put these right and send it again: {told}", errors)


def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    fields = getattr(error, "errors", {})
    return problem(status_of(error), str(error), [{"field": k, "message": v} for k, v in fields.items()])


def _no_centre(request: HttpRequest, error: NoSuchCentre) -> HttpResponse:
    return problem(404, f"There is no centre {str(error)!r}: GET /api/v1/plans lists them.")


def _no_incident(request: HttpRequest, error: NoSuchIncident) -> HttpResponse:
    return problem(404, f"{str(error).capitalize()}: GET /api/v1/incidents lists them.")


def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    status = error.status_code
    return problem(status, "The body is not JSON: send a JSON object." if status == 400 else str(error))


def _no_trigger(request: HttpRequest, error: NoSuchTrigger) -> HttpResponse:
    return problem(404, str(error))


def _several(request: HttpRequest, error: AmbiguousTrigger) -> HttpResponse:
    return problem(409, str(error), [{"field": "centre", "message": str(error)}])


def _too_often(request: HttpRequest, error: TooOften) -> HttpResponse:
    return problem(429, str(error))


def told_by(api: NinjaAPI) -> None:
    """Make an API answer what is not done in this form."""
    told: dict[type[Exception], Any] = {
        ValidationError: _invalid,
        NotSuchDocument: _no_document,
        Refused: _refused,
        NoSuchCentre: _no_centre,
        NoSuchIncident: _no_incident,
        NoSuchTrigger: _no_trigger,
        AmbiguousTrigger: _several,
        HttpError: _http,
        TooOften: _too_often,
    }
    for kind, answer in told.items():
        api.add_exception_handler(kind, answer)
