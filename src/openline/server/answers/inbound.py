"""Doors for gateways: they deliver what people replied, or which key they pressed."""

import json
import logging
import re
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pydantic import ValidationError

from openline.incident.command import Refused
from openline.notifiers.secret import NoSuchSecret, secret
from openline.server.answers import finding
from openline.server.answers import reading as answers
from openline.server.answers.finding import NobodyMeant
from openline.server.incidents.answering import ALPHABET
from openline.server.incidents.gathering import TOGETHER, NotKept
from openline.server.incidents.store import Wish, incident, pinned, reading
from openline.server.security import Limit

log = logging.getLogger(__name__)

SECRET = "INBOUND"  # noqa: S105 - the name of a secret
HEADER = "X-Openline-Secret"
WRONG = Limit(most=20, window_s=60)
UNKNOWN = Limit(most=20, window_s=60)
EACH = Limit(most=30, window_s=60)
MOST_BYTES = 20_000

REPLY = re.compile(rf"\s*([{ALPHABET}]{{6}})?[\s.,:;-]*([0-9])?\D*", re.IGNORECASE)
"""CODE, CODE 1, or 1; words after it are not read."""


@login_not_required
@never_cache
@csrf_exempt
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """Take a reply that a gateway delivers: `from` and `text`, as a form or JSON."""
    sent = _let_in(request)
    if isinstance(sent, HttpResponse):
        return sent
    sender, text = _text(sent, "from", "sender", "msisdn"), _text(sent, "text", "message", "body")
    match = REPLY.match(text)
    code, digit = (match[1] or "").upper() if match else "", (match[2] or "") if match else ""
    if not code and not digit:
        return _unknown(sender, f"no code and no number in a reply of {len(text)} characters")
    try:
        call = finding.by_code(code, sender) if code else finding.by_number(sender)
    except NobodyMeant as error:
        return _unknown(sender, str(error))
    return _taken(call, digit, "code", f"{sender}/{_text(sent, 'id', 'message_id')}")


@login_not_required
@never_cache
@csrf_exempt
@require_POST
def key(request: HttpRequest) -> HttpResponse:
    """Take a key that somebody pressed in a voice call: `digits`, and `key` or `reference` of the call, or `to`."""
    sent = _let_in(request)
    if isinstance(sent, HttpResponse):
        return sent
    number, digits = _text(sent, "to", "from"), _text(sent, "digits", "digit")[:1]
    try:
        named = _text(sent, "key"), _text(sent, "reference", "id")
        call = finding.by_delivery(*named) if any(named) else finding.by_number(number)
    except NobodyMeant as error:
        return _unknown(number, str(error))
    return _taken(call, digits, "key", f"{named[0] or named[1] or number}/{digits}")


def _let_in(request: HttpRequest) -> Mapping[str, Any] | HttpResponse:
    """Return what a gateway sent, or the answer that refuses it."""
    client = request.META.get("REMOTE_ADDR", "")
    try:
        wanted = secret(SECRET)
    except (NoSuchSecret, OSError):
        return _said(503, "this door is shut until the secret INBOUND is set")
    if not compare_digest(request.headers.get(HEADER, "").encode(), wanted.encode()):
        if not WRONG.allows(client):
            return _said(429, "too many wrong secrets: wait a minute")
        return _said(403, f"the header {HEADER} does not have the secret")
    if len(request.body) > MOST_BYTES:
        return _said(413, "an answer is short")
    if request.content_type != "application/json":
        return request.POST.dict()
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else _said(400, "send a form, or an object in JSON")


def _text(sent: Mapping[str, Any], *names: str) -> str:
    return next((str(sent[n]).strip()[:500] for n in names if isinstance(sent.get(n), str | int)), "")


def _taken(call: answers.Call, digit: str, source: answers.Source, once: str) -> HttpResponse:
    if not EACH.allows(f"{call.incident}/{call.person}"):
        return _said(429, "too many answers of one person: wait a minute")
    found = incident(call.incident)
    try:
        with reading(found) as state:
            asked = answers.asked(state, call)
        command = answers.by_number(call, asked.ask, digit, source, asked.before)
        who = answers.actor(pinned(found), call.person)
        name = f"in/{call.incident}/{call.page}/{call.person}/{once}"[:200] if not once.endswith("/") else ""
        TOGETHER.carry_out(found.pk, Wish(command, who, key=name))
    except (Refused, ValidationError) as refusal:
        return _said(409, str(refusal))
    except NotKept as error:
        return _said(503, str(error))
    return JsonResponse({"recorded": True, "say": "Thank you, your answer is recorded."})


def _unknown(sender: str, why: str) -> HttpResponse:
    if not UNKNOWN.allows(sender):
        return _said(429, "too many replies that mean nobody: wait a minute")
    log.warning("a reply from a number ending in %s was not understood: %s", sender[-3:], why)
    return _said(422, f"not understood: {why}")


def _said(status: int, text: str) -> HttpResponse:
    return JsonResponse({"recorded": False, "say": text}, status=status)
