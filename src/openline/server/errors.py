"""Error pages that say what to do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 404."""
    text = "The address may be mistyped, or the object is no longer in the plan."
    return page(request, 404, "There is nothing at this address", text)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400."""
    return page(request, 400, "That request could not be read", "Go back and try again.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    text = "Nothing was changed. The server's log has the reason; try again, and report it if it happens twice."
    return page(request, 500, "Something went wrong here", text)


def page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Answer with a sentence and what to do next."""
    return render(request, "error.html", {"title": title, "text": text, "status": status}, status=status)
