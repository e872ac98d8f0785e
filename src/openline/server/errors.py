"""Error pages that say what to do."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

FOR_PROGRAMS = "/api/"
WHO_ASKS = "Send a token: Authorization: Bearer ol_... It is made on the page Tokens, by an admin."


def is_for_programs(request: HttpRequest) -> bool:
    """Tell whether the address is one of the API, which is never answered with a page."""
    return request.path_info.startswith(FOR_PROGRAMS)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    text = "The address may be mistyped, or the object is no longer in the plan."
    return _either(request, 404, "There is nothing at this address", text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return _either(request, 400, "That request could not be read", "Go back and try again.")


def only_for_forms(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware that says something where an address that only takes forms is opened."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        if answer.status_code != 405 or answer.content:
            return answer
        text = "It was opened without the form. Nothing was changed: go back to the page that has it."
        said = _either(request, 405, "This address only takes what a form sends", text)
        said["Allow"] = answer.headers.get("Allow", "")
        return said

    return middleware


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    text = "Nothing was changed. The server's log has the reason; try again, and report it if it happens twice."
    return _either(request, 500, "Something went wrong here", text)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without the mark that this server put into it, or a program that sent no token."""
    if is_for_programs(request):
        # A browser that is signed in may have been sent here by another site, so signing in would not help.
        return told(403 if request.user.is_authenticated else 401, WHO_ASKS)
    text = (
        "The page had been open for long, or somebody signed in or out in this browser meanwhile. Nothing was changed: "
        "go back, load the page anew and send it again. The browser must take cookies of this server."
    )
    return page(request, 403, "What you sent was not taken", text)


def told(status: int, text: str) -> HttpResponse:
    """Answer a program, as RFC 9457 has it."""
    headers = {401: {"WWW-Authenticate": "Bearer"}, 429: {"Retry-After": "60"}}.get(status, {})
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": text, "error": text}
    return JsonResponse(body, status=status, headers=headers, content_type="application/problem+json")


def _either(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return told(status, f"{title}. {text}") if is_for_programs(request) else page(request, status, title, text)


def page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Answer with a sentence and what to do next."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)
