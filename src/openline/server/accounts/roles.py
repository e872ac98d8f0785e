"""What a page needs, and the gate that every request passes."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from openline.server.accounts.rights import RIGHTS, Right, holders, words
from openline.server.errors import page

LOOPBACK = ("127.0.0.1", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class UnknownRight(ValueError):
    """A view asks for a right that is not in the table."""


def needs(right: Right, *, to_change: Right | None = None) -> Callable[[V], V]:
    """Return the decorator that says which right a view needs, and which one to send a form to it.

    A view without it is shut for everybody.
    """
    for asked in (right, to_change or right):
        if asked not in RIGHTS:
            raise UnknownRight(f"There is no right {asked!r}; those of accounts/rights.py are all there are.")

    def marked(view: V) -> V:
        view.needs, view.needs_to_change = right, to_change or right  # type: ignore[attr-defined]
        return view

    return marked


def needed(view: Callable[..., Any], method: str | None) -> Right | None:
    """Return the right that a view needs for a method; None when it does not say."""
    found: Right | None = getattr(view, "needs" if method in SAFE else "needs_to_change", None)
    return found


def may(request: HttpRequest, right: Right) -> bool:
    """Tell whether who asks has this right."""
    return request.user.is_authenticated and right in request.user.rights


def is_here(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine."""
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK


class Gate:
    """Lets in who has signed in, to do what their rights allow; a new page is shut by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and is_here(request) and not request.user.is_authenticated:
            from openline.server.accounts.store import demo_owner

            request.user = demo_owner()
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Answer in place of the view when it may not be shown."""
        if not getattr(view, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        right = needed(view, request.method)
        if right is None:
            return page(request, 403, "This page is shut", "It does not say who may see it; report that, please.")
        return None if may(request, right) else refused(request, right)


def refused(request: HttpRequest, right: Right) -> HttpResponse:
    """Answer that a right is missing, what it is, and with which roles it comes."""
    roles = words(request.user.roles) if request.user.is_authenticated else ""
    who = f"You are signed in as {request.user} ({roles or 'no role'})."
    text = (
        f"{who} This needs the right to {RIGHTS[right]}; it comes with: {words(holders(right))}. An admin gives roles."
    )
    return page(request, 403, "Your roles do not allow this", text)


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    from openline.server.accounts.store import is_set_up

    if not is_set_up():
        return redirect("accounts:set_up")
    if request.method not in SAFE:
        text = "Sign in in another window, then come back here with your browser's Back: what you typed is still there."
        return page(request, 401, "You are not signed in, so nothing was changed", text)
    address = f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": reverse("account_login")})
    return redirect(address)
