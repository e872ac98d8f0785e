"""Error pages that say what to do."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    text = "The address may be mistyped, or the object is no longer in the plan."
    return page(request, 404, "There is nothing at this address", text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return page(request, 400, "That request could not be read", "Go back and try again.")


def not_taken(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose proof of where it came from is missing or old."""
    text = (
        "The page had been open for long, or somebody signed in again in this browser. Nothing was changed: go back, "
        "load the page anew and send it again. The browser must take cookies of this server."
    )
    return page(request, 403, "What you sent was not taken", text)


def only_for_forms(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Return the middleware that says something where an address that only takes forms is opened."""

    def middleware(request: HttpRequest) -> HttpResponse:
        answer = get_response(request)
        if answer.status_code != 405 or answer.content:
            return answer
        text = "It was opened without the form. Nothing was changed: go back to the page that has it."
        told = page(request, 405, "This address only takes what a form sends", text)
        told["Allow"] = answer.headers.get("Allow", "")
        return told

    return middleware


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    text = "Nothing was changed. The server's log has the reason; try again, and report it if it happens twice."
    return page(request, 500, "Something went wrong here", text)


def page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Answer with a sentence and what to do next."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)
