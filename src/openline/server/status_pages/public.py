"""The open doors: the page itself, subscribing, confirming, leaving. No session, no cookie."""

import hashlib
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from openline.server.accounts.roles import open_door
from openline.server.security import Limit, client_of
from openline.server.status_pages import subscribing
from openline.server.status_pages.export import KEPT
from openline.server.status_pages.models import StatusPage
from openline.server.status_pages.store import public as page_of
from openline.server.status_pages.words import words

READS: Final = Limit(most=1200, window_s=60)
"""Requests of one client in a minute; generous, since a proxy or a whole office may be one client."""

ACTS: Final = Limit(most=30, window_s=60)
FRESH_S = 15
TYPES = {"html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "xml": "application/atom+xml"}


@open_door(READS)
def show(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Answer with one of the page's files, which are the same that are taken out."""
    page = page_of(slug)
    if page is None:
        return _told(None, _language(request), "", 404)
    wanted = f"{name}index.html" if name.endswith("/") else name
    body = KEPT.files(page).get(wanted)
    if body is None:
        return _told(page, page.languages[0], "", 404)
    return file_answer(request, wanted, body, f"public, max-age={FRESH_S}, stale-while-revalidate=60")


def file_answer(request: HttpRequest, name: str, body: bytes, cache: str) -> HttpResponse:
    """Return a file, or that the reader has it already."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"Cache-Control": cache, "ETag": tag}
    if request.headers.get("If-None-Match") == tag:
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(body, content_type=TYPES[name.rpartition(".")[2]], headers=headers)


@csrf_exempt
@open_door(ACTS)
def subscribe(request: HttpRequest, slug: str) -> HttpResponse:
    """Take an address; the answer is the same whoever subscribed before."""
    page = page_of(slug)
    if page is None or not page.takes_subscribers or request.method != "POST":
        return _told(page, _language(request), "", 404)
    language = _of(page, request.POST.get("language", ""))
    if not subscribing.CLIENTS.allows(_client(request)) or not subscribing.EVERYBODY.allows("all"):
        return _told(page, language, "too_many", 429)
    address = request.POST.get("address", "").strip()[:254]
    try:
        validate_email(address)
    except ValidationError:
        return _told(page, language, "bad_address", 400, {"typed": address})
    # The field is hidden from people; a program that fills every field in gets the same answer and no mail.
    if not request.POST.get("website"):
        subscribing.ask(page, address, language)
    return _told(page, language, "look")


@csrf_exempt
@open_door(ACTS)
def confirm(request: HttpRequest, slug: str, link: str) -> HttpResponse:
    """Confirm a subscription by a button, since mail filters open every link by themselves."""
    page, language = page_of(slug), _language(request)
    if page is None:
        return _told(page, language, "", 404)
    try:
        row = subscribing.opened(link, subscribing.CONFIRM, slug)
    except subscribing.Expired:
        return _told(page, language, "expired", 410)
    except subscribing.BadLink:
        return _told(page, language, "", 404)
    if row is None:
        return _told(page, language, "expired", 410)
    if request.method != "POST":
        return _told(page, row.language, "confirm", 200, {"button": "yes"})
    subscribing.confirm(row)
    return _told(page, row.language, "done")


@csrf_exempt
@open_door(ACTS)
def leave(request: HttpRequest, slug: str, link: str) -> HttpResponse:
    """End a subscription: a button for people, one request for mail programs (RFC 8058)."""
    page, language = StatusPage.objects.filter(slug=slug).first(), _language(request)
    try:
        row = subscribing.opened(link, subscribing.LEAVE, slug)
    except subscribing.BadLink:
        return _told(page, language, "", 404)
    language = row.language if row is not None else language
    if request.method != "POST":
        return _told(page, language, "leave", 200, {"button": "leave"})
    if row is not None:
        subscribing.leave(row)
    return _told(page, language, "left")


def _client(request: HttpRequest) -> str:
    return client_of(request.META.get("REMOTE_ADDR", ""))


def _language(request: HttpRequest) -> str:
    return str(request.headers.get("Accept-Language", "en"))[:2].lower()


def _of(page: StatusPage, language: str) -> str:
    spoken: list[str] = page.languages or ["en"]
    return language if language in spoken else spoken[0]


def _told(
    page: StatusPage | None, language: str, what: str, status: int = 200, more: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer in a sentence, in the reader's language; 404 says nothing of what there is."""
    w = words(language)
    context = {
        "page": page,
        "w": w,
        "language": language,
        "title": w.get(what, "404"),
        "text": w.get(f"{what}_why", ""),
        "what": what,
        **(more or {}),
    }
    body = render_to_string("status_pages/told.html", context)
    return HttpResponse(body, status=status, headers={"Cache-Control": "no-store", "X-Robots-Tag": "noindex"})
