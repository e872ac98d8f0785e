"""The doors as Django's views; `openline serve` asks the same doors without a thread for each request."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from openline.server.answers.doors import door
from openline.server.answers.request import Answer, Request
from openline.server.incidents.gathering import TOGETHER, WAIT_S
from openline.server.security import client_of

HEADERS = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
"""Keep a link out of caches, indexes and of the addresses that other sites are told."""


@login_not_required
@csrf_exempt
def answer(request: HttpRequest, **_: str) -> HttpResponse:
    """Take an answer. The signed link, the code or the gateway's secret is the proof, so no cookie is needed."""
    said = _asked(
        Request(
            request.method or "GET",
            request.path,
            request.META.get("QUERY_STRING", ""),
            {k.lower(): v for k, v in request.headers.items()},
            client_of(request.META.get("REMOTE_ADDR", "")),
            request.POST.urlencode().encode() if request.content_type == "multipart/form-data" else request.body,
        )
    )
    kind = "application/json" if said.is_json else "text/html; charset=utf-8"
    return HttpResponse(said.body, status=said.status, content_type=kind, headers=HEADERS)


def _asked(request: Request) -> Answer:
    found = door(request)
    if isinstance(found, Answer):
        return found
    try:
        return found.say(TOGETHER.ask(found.asking).result(WAIT_S))
    except Exception as error:
        return found.failed(error)
