"""The door that every page behind a link has: who may pass, how often, and what may be kept of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from openline.server.links import secret, store
from openline.server.links.files import MOST_BYTES
from openline.server.links.models import Link
from openline.server.links.store import Subject
from openline.server.security import Limit, client_of

USES = Limit(most=120, window_s=60)
WRONG = Limit(most=20, window_s=60)
SENDS = Limit(most=30, window_s=60)
ENVELOPE = 500_000
"""What a form may hold besides its file."""

SHUT: dict[str, tuple[int, str, str]] = {
    "unknown": (
        404,
        "This link opens nothing",
        "Part of the address may be missing: copy all of it into your browser.",
    ),
    "expired": (410, "This link has run out", "What you sent before is kept."),
    "withdrawn": (410, "This link was withdrawn", "What you sent before is kept."),
    "gone": (410, "There is nothing left to answer here", "The plan has changed, and nobody is asked this any more."),
    "often": (429, "Too many requests in a minute", "Wait a minute, then try again."),
    "large": (413, "That is too large", f"A file may have {MOST_BYTES // 1_000_000} MB at most. Nothing was changed."),
    "method": (405, "That page can only be sent to", "Open the link again and use the form there."),
    "key": (
        403,
        "This form can not be used any more",
        "Nothing was changed. Open the link again and send it once more.",
    ),
    "scope": (
        403,
        "That is not part of what you were asked",
        "Nothing was changed. Open the link again and use the form.",
    ),
}
"""Why nothing opens: status, what is told, what to do."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One use of a link: whom it asks, and when."""

    token: str
    link: Link
    asked: Subject
    now: datetime

    @property
    def scope(self) -> str:
        """Return what keys of its forms are made for."""
        return f"link:{self.link.pk}"

    @property
    def key(self) -> str:
        """Return the key of a form made now."""
        return secret.form_key(self.scope, self.asked.revision.pk)


class Refused(Exception):
    """A request that is answered by one of the pages of SHUT."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def shut(request: HttpRequest, why: str) -> HttpResponse:
    """Answer with one clear page."""
    status, title, text = SHUT[why]
    page = {"title": title, "text": text, "ask": why not in ("often", "large", "method", "key", "scope")}
    return render(request, "links/shut.html", page, status=status)


def behind_link(
    *methods: str,
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Return the decorator of a view that a link opens: no sign-in, no cookie, nothing kept, nothing told elsewhere.

    Requests can not be forged without knowing the address, and forms carry a key of their own (see secret.form_key).
    """

    def marked(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def passed(request: HttpRequest, token: str, **more: str) -> HttpResponse:
            try:
                response = _pass(request, token, view, methods, more)
            except Refused as refused:
                response = shut(request, refused.why)
            except store.LinkShut as closed:
                response = shut(request, closed.why)
            return _quiet(response)

        return login_not_required(csrf_exempt(never_cache(passed)))

    return marked


def _pass(
    request: HttpRequest, token: str, view: Callable[..., HttpResponse], methods: tuple[str, ...], more: dict[str, str]
) -> HttpResponse:
    client = client_of(request.META.get("REMOTE_ADDR", ""))
    if not USES.allows(client):
        raise Refused("often")
    if _size(request) > MOST_BYTES + ENVELOPE:
        raise Refused("large")
    now = timezone.now()
    try:
        link, asked = store.find(token, now)
    except store.NoSuchLink:
        raise Refused("unknown" if WRONG.allows(client) else "often") from None
    if request.method not in methods:
        raise Refused("method")
    if request.method == "POST" and not SENDS.allows(str(link.pk)):
        raise Refused("often")
    store.opened(link, asked, now)
    return view(request, Visit(token, link, asked, now), **more)


def _size(request: HttpRequest) -> int:
    """Return the size that a request states; one that states none has nothing to send."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    return int(stated) if stated.isdecimal() else 0


def _quiet(response: HttpResponse) -> HttpResponse:
    """Keep the address to who has it: it is told to nobody, indexed nowhere and stands in no log."""
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would log the address of a refusal
    return response


def based_on(request: HttpRequest, scope: str) -> int:
    """Return the revision that a form was made from; raises Refused when its key is not ours or too old."""
    try:
        return secret.read_form_key(request.POST.get("key", ""), scope)
    except secret.NotOurs:
        raise Refused("key") from None
