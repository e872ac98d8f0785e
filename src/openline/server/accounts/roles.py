"""The four roles, and the gate that every request passes."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from openline.server.errors import page

Role = Literal["viewer", "editor", "approver", "admin"]
ROLES: dict[Role, str] = {
    "viewer": "reads everything and asks what if",
    "editor": "reads, and changes plans",
    "approver": "reads, changes, and approves plans",
    "admin": "does all of that, and says who else may",
}
"""Each role with what it may; each may also do what those before it may."""

RANK: dict[str, int] = {role: n for n, role in enumerate(ROLES)}
LOOPBACK = ("127.0.0.1", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def needs(role: Role) -> Callable[[V], V]:
    """Return the decorator that says which role a view needs; without it a viewer reads and an editor changes."""

    def marked(view: V) -> V:
        view.needs = role  # type: ignore[attr-defined]
        return view

    return marked


def may(request: HttpRequest, role: Role) -> bool:
    """Tell whether who asks has this role or one above it."""
    return request.user.is_authenticated and RANK[request.user.role] >= RANK[role]


def is_here(request: HttpRequest) -> bool:
    """Tell whether a request comes from this machine."""
    return request.META.get("REMOTE_ADDR", "") in LOOPBACK


class Gate:
    """Lets in who has signed in, to do what the role allows; a new page is shut by itself."""

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
        standard: Role = "viewer" if request.method in SAFE else "editor"
        needed: Role = getattr(view, "needs", standard)
        if may(request, needed):
            return None
        text = f"You are signed in as {request.user}, {request.user.role}; this needs the role {needed}."
        return page(request, 403, "Your role does not allow this", f"{text} An admin gives roles.")


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
