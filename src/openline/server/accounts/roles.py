"""What a page needs, and the gate that every request passes."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from openline.server.accounts.rights import RIGHTS, Right, holders, words
from openline.server.errors import WHO_ASKS, is_for_programs, page, told
from openline.server.security import Limit, client_of

LOOPBACK = ("127.0.0.1", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
OPEN_DOOR = Limit(most=60, window_s=60)
"""What one client may ask of one page that needs no sign-in; a view that needs another has it as `limit`."""
OWN_PAGES = ("/account/second-factor/", "/account/confirm/", "/account/password/", "/account/sign-out/")
FOR_EVERYBODY = ("/status/", "/health/")
TOO_MANY = "Too many requests in a minute: wait, then ask again."
V = TypeVar("V", bound=Callable[..., HttpResponseBase | Awaitable[HttpResponseBase]])


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


def open_door(limit: Limit) -> Callable[[V], V]:
    """Return the decorator for a page that needs no sign-in, with how often one client may ask for it."""

    def marked(view: V) -> V:
        opened = login_not_required(view)
        opened.limit = limit  # type: ignore[attr-defined]
        return opened

    return marked


def needed(view: Callable[..., Any], method: str | None) -> Right | None:
    """Return the right that a view needs for a method; None when it does not say."""
    found: Right | None = getattr(view, "needs" if method in SAFE else "needs_to_change", None)
    return found


def may(request: HttpRequest, right: Right) -> bool:
    """Tell whether who asks has this right."""
    return request.user.is_authenticated and right in request.user.rights


def bearer(request: HttpRequest) -> str | None:
    """Return the token that a request carries, or None when it carries none."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def is_here(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine."""
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK


class Gate:
    """Lets in who has signed in, to do what their rights allow; a new page is shut by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(FOR_EVERYBODY):
            # Who asks is never looked up here, so that answers are the same for all and may be kept by any cache.
            return self.get_response(request)
        if bearer(request) is not None:
            return self._of_program(request)
        if settings.DEMO and is_here(request) and not request.user.is_authenticated:
            from openline.server.accounts.store import demo_owner

            request.user = demo_owner()
        if request.user.is_authenticated and request.user.is_emergency:
            _by_paper_code(request)
        return self.get_response(request)

    def _of_program(self, request: HttpRequest) -> HttpResponse:
        """Answer a program: as its token alone, whatever cookies come with it."""
        from openline.server.accounts.tokens import MISSES, USES, authenticate

        client = client_of(request.META.get("REMOTE_ADDR", ""))
        request.user = AnonymousUser()
        program = authenticate(request) if not MISSES.is_full(client) else None
        if program is None:
            return told(401, "This token is not valid.") if MISSES.allows(client) else told(429, TOO_MANY)
        if not USES.allows(program.token.prefix):
            return told(429, TOO_MANY)
        request.user = program
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # no browser sends this header by itself
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Answer in place of the view when it may not be shown."""
        if not getattr(view, "login_required", True):
            return _too_often(request, view)
        if not request.user.is_authenticated:
            return told(401, WHO_ASKS) if is_for_programs(request) else _to_sign_in(request)
        right = needed(view, request.method)
        if right is None:
            return page(request, 403, "This page is shut", "It does not say who may see it; report that, please.")
        by_token = bearer(request) is not None
        if request.user.is_emergency and request.path_info.startswith(OWN_PAGES):
            return page(request, 403, "A paper code has no account of its own", "There is nothing to set up for it.")
        if may(request, right):
            return None if by_token else _to_second_factor(request)
        if by_token or is_for_programs(request):
            return told(403, f"This token lacks the scope {right}.")
        return refused(request, right)


def _by_paper_code(request: HttpRequest) -> None:
    """Let a session by paper code go on under the name that was typed, or end it when its time is over."""
    from openline.server.accounts.paper import stamped

    code = stamped(request)
    if code is None:
        logout(request)
    else:
        request.user.name = f"{code.used_by} (paper code {code.number})"  # type: ignore[union-attr]


def _too_often(request: HttpRequest, view: Callable[..., Any]) -> HttpResponseBase | None:
    """Refuse who knocks at an open door too often; counted for each door and client, on each node."""
    door = f"{view.__module__}.{view.__qualname__}"
    limit: Limit = getattr(view, "limit", OPEN_DOOR)
    if limit.allows(f"{door} {client_of(request.META.get('REMOTE_ADDR', ''))}"):
        return None
    return page(request, 429, "Too many requests in a minute", "Wait a minute, then try again; nothing is lost.")


def _to_second_factor(request: HttpRequest) -> HttpResponseBase | None:
    """Lead who must first set up a second factor there; only what is needed for that stays open."""
    from openline.server.accounts.second_factor import lacks_one

    if request.path_info.startswith(OWN_PAGES) or not lacks_one(request):
        return None
    if is_for_programs(request):
        return told(403, "Set up your second factor first: open any page of this server.")
    return redirect("mfa_activate_totp")


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
