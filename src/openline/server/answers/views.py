"""The page behind the link in a message: it says what is asked, takes the answer, and shows what was recorded."""

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError

from openline.incident.command import Refused
from openline.incident.state import Page, State
from openline.server.answers import reading as answers
from openline.server.answers.reading import Call
from openline.server.errors import page as told
from openline.server.incidents.answering import NoSuchCall, opened
from openline.server.incidents.gathering import TOGETHER, NotKept
from openline.server.incidents.models import Incident
from openline.server.incidents.store import NoSuchIncident, Wish, incident, pinned, reading
from openline.server.security import Limit

BY_LINK = Limit(most=30, window_s=60)
WRONG = Limit(most=30, window_s=60)
WIDE_OPEN = 6000
"""Links opened from one address in a minute: a whole site may stand behind it."""

BY_CLIENT = Limit(most=WIDE_OPEN * 4, window_s=60)


@login_not_required
@never_cache
@csrf_exempt
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """Show one call of one person, and take the answer. The signed link is the proof, so no cookie is needed."""
    client = request.META.get("REMOTE_ADDR", "")
    try:
        call = Call(*opened(token))
        found = incident(call.incident)
    except (NoSuchCall, NoSuchIncident):
        if not WRONG.allows(client):
            return _closed(told(request, 429, "Too many tries", "Wait a minute, then open the link again."))
        text = "It may have been cut off: open it from the message again, or answer by the code in the message."
        return _closed(told(request, 404, "This link is not complete", text))
    if not BY_LINK.allows(token) or not BY_CLIENT.allows(client):
        return _closed(told(request, 429, "Too many at once", "Wait a minute, then send it again."))
    return _closed(_answered(request, found, call) if request.method == "POST" else _asked(request, found, call))


def _answered(request: HttpRequest, found: Incident, call: Call) -> HttpResponse:
    try:
        with reading(found) as state:
            asked = answers.asked(state, call)
        command = answers.by_form(call, asked.ask, request.POST, asked.before)
        key = f"a/{call.incident}/{call.page}/{call.person}/{request.POST.get('key', '')[:32] or uuid4().hex}"
        TOGETHER.carry_out(found.pk, Wish(command, answers.actor(pinned(found), call.person), key=key))
    except (Refused, ValidationError) as refusal:
        return _asked(request, found, call, refusal=str(refusal), status=409)
    except NotKept as error:
        return _asked(request, found, call, refusal=str(error), status=503)
    return _asked(request, incident(found.pk), call, is_new=True)


def _asked(
    request: HttpRequest, found: Incident, call: Call, *, refusal: str = "", status: int = 200, is_new: bool = False
) -> HttpResponse:
    with reading(found) as state:
        page = state.pages.get(call.page)
        if page is None or not any(call.person in r for r in page.rungs):
            return told(request, 404, "This call is not there any more", "Ask who called you.")
        shown = {
            "title": found.title,
            "is_exercise": state.is_exercise,
            "page": page,
            "ask": page.ask,
            "is_over": state.phase in ("stood_down", "closed", "dismissed"),
            "report": _report(state, page, call.person),
            "acknowledged_by_me": page.by == call.person,
            "acknowledged": page.state == "acknowledged",
            "tz": pinned(found).organization.tz,
            "refusal": refusal,
            "is_new": is_new,
            "key": uuid4().hex,
            "changing": request.GET.get("change") == "1",
        }
    return render(request, "answers/answer.html", shown, status=status)


def _report(state: State, page: Page, person: str) -> object:
    """Return what this person's answer to this call is; None when there is none yet."""
    report = state.reports.get(person)
    if page.ask not in ("roll_call", "recall") or report is None or report.at is None or report.at < page.ordered_at:
        return None
    return report


def _closed(response: HttpResponse) -> HttpResponse:
    """Keep the link out of indexes and of the addresses that other sites are told."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
