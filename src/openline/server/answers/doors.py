"""What the open doors answer, apart from how a request comes in: by the link, as a reply, by a key on the phone."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from django.template.loader import get_template
from pydantic import ValidationError

from openline.incident.command import Refused
from openline.incident.state import Page, State
from openline.notifiers.secret import NoSuchSecret, secret
from openline.plan.document import Plan
from openline.server.answers import finding, reading
from openline.server.answers.reading import Call, NoAnswer, Source
from openline.server.incidents.answering import ALPHABET, NoSuchCall, opened
from openline.server.incidents.gathering import Asking, NotKept, Result, Shown
from openline.server.incidents.models import Incident
from openline.server.incidents.store import NoSuchIncident, Wish
from openline.server.security import Limit

log = logging.getLogger(__name__)

SECRET = "INBOUND"  # noqa: S105 - the name of a secret
HEADER = "x-openline-secret"
MOST_BYTES = 20_000
ENDED = ("stood_down", "closed", "dismissed")

EACH = Limit(most=30, window_s=60)
"""Acts on one link, or of one person."""
CLIENT = Limit(most=30_000, window_s=60)
"""Acts from one address: a whole site may stand behind it."""
WRONG = Limit(most=30, window_s=60)

REPLY = re.compile(rf"\s*(?:([{ALPHABET}]{{6}})(?![A-Z]))?[\s.,:;-]*([0-9])?", re.IGNORECASE)
"""CODE, CODE 1, or 1; words after it are not read."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the doors look at of a request."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    client: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says."""

    status: int
    body: str
    is_json: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Something to be asked of an incident, and how its result, or what went wrong, is said."""

    asking: Asking
    say: Callable[[Shown], Answer]
    fail: Callable[[Exception], Answer]


def door(request: Request) -> Ask | Answer:
    """Return what a request asks, or the answer where nothing needs to be asked."""
    if len(request.body) > MOST_BYTES:
        return Answer(413, "This is longer than an answer can be: write less, and send it again.")
    if request.path.startswith("/a/"):
        return _link(request)
    if request.path in INBOUND:
        return _inbound(request)
    return _page(404, "There is nothing at this address", "Open the link from the message again.")


def _link(request: Request) -> Ask | Answer:
    token = request.path.removeprefix("/a/").rstrip("/")
    try:
        call = Call(*opened(token))
    except NoSuchCall:
        if not WRONG.allows(request.client):
            return _busy()
        return _cut_off()
    if not EACH.allows(token) or not CLIENT.allows(request.client):
        return _busy()
    form = dict(parse_qsl(request.body.decode(errors="replace"))) if request.method == "POST" else None
    is_changing = "change=1" in request.query

    def wish(plan: Plan, state: State) -> Wish | None:
        asked = reading.asked(state, call)
        if form is None:
            return None
        try:
            command = reading.by_form(call, asked.ask, form, asked.before)
        except ValidationError as error:
            raise NoAnswer(f"Look at what you wrote again: {error.errors()[0]['msg']}") from None
        key = f"a/{call.incident}/{call.page}/{call.person}/{form.get('key', '')[:32] or uuid4().hex}"
        return Wish(command, reading.actor(plan, call.person), key=key)

    def show(found: Incident, plan: Plan, state: State, result: Result) -> Shown:
        return _shown(found, plan, state, call, result) | {"changing": is_changing and form is None}

    return Ask(Asking(lambda: call.incident, wish, show), _say_link, _link_failed)


def _shown(found: Incident, plan: Plan, state: State, call: Call, result: Result) -> dict[str, Any]:
    page = state.pages.get(call.page)
    if page is None or not any(call.person in r for r in page.rungs):
        return {"page": None}
    return {
        "title": found.title,
        "is_exercise": state.is_exercise,
        "page": page,
        "ask": page.ask,
        "is_over": state.phase in ENDED,
        "report": _report(state, page, call.person),
        "acknowledged_by_me": page.by == call.person,
        "acknowledged": page.state == "acknowledged",
        "tz": plan.organization.tz,
        "refusal": str(result) if isinstance(result, Refused) else "",
        "is_new": isinstance(result, tuple),
        "key": uuid4().hex,
    }


def _report(state: State, page: Page, person: str) -> object:
    """Return what this person's answer to this call is; None when there is none yet."""
    report = state.reports.get(person)
    if page.ask not in ("roll_call", "recall") or report is None or report.at is None or report.at < page.ordered_at:
        return None
    return report


def _say_link(shown: Shown) -> Answer:
    if shown["page"] is None:
        return _page(404, "This call is not there any more", "Ask who called you.")
    return Answer(409 if shown["refusal"] else 200, get_template("answers/answer.html").render(dict(shown)))


def _link_failed(error: Exception) -> Answer:
    if isinstance(error, NoSuchIncident):
        return _cut_off()
    return _page(503, "Your answer was not written down yet", "Go back and press again; or answer by the code.")


def _cut_off() -> Answer:
    text = "It may have been cut off: open it from the message again, or answer by the code in the message."
    return _page(404, "This link is not complete", text)


def _busy() -> Answer:
    return _page(429, "Too many at once", "Wait a minute, then send it again.")


def _page(status: int, title: str, text: str) -> Answer:
    shown = {"page": None, "said": title, "text": text}
    return Answer(status, get_template("answers/answer.html").render(shown))


def _inbound(request: Request) -> Ask | Answer:
    if request.method != "POST":
        return _json(405, "send this with POST")
    try:
        wanted = secret(SECRET)
    except (NoSuchSecret, OSError):
        return _json(503, "this door is shut until the secret INBOUND is set")
    if not compare_digest(request.headers.get(HEADER, "").encode(), wanted.encode()):
        is_few = WRONG.allows(request.client)
        return _json(403, f"the header {HEADER} does not have the secret") if is_few else _json(429, "wait a minute")
    sent = _sent(request)
    return _json(400, "send a form, or an object in JSON") if sent is None else INBOUND[request.path](sent)


def _sent(request: Request) -> Mapping[str, Any] | None:
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(request.body.decode(errors="replace")))
    try:
        found = json.loads(request.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _reply(sent: Mapping[str, Any]) -> Ask | Answer:
    """Take a reply that a gateway delivers: `from` and `text`; `id`, where given, lets it be delivered twice."""
    sender, text = _text(sent, "from", "sender", "msisdn"), _text(sent, "text", "message", "body")
    match = REPLY.match(text)
    code, digit = ((match[1] or "").upper(), match[2] or "") if match else ("", "")
    if not code and not digit:
        return _unknown(sender, f"no code and no number in {len(text)} characters")
    once = _text(sent, "id", "message_id")
    return _answered(
        sender, lambda: finding.by_code(code, sender) if code else finding.by_number(sender), digit, "code", once
    )


def _key(sent: Mapping[str, Any]) -> Ask | Answer:
    """Take a key that somebody pressed in a voice call: `digits`, and `key` or `reference` of the call, or `to`."""
    number, digits = _text(sent, "to", "from"), _text(sent, "digits", "digit")[:1]
    key, reference = _text(sent, "key"), _text(sent, "reference", "id")
    if not digits:
        return _unknown(number, "no key was pressed")
    if not (key or reference):
        return _answered(number, lambda: finding.by_number(number), digits, "key", "")
    return _answered(number, lambda: finding.by_delivery(key, reference), digits, "key", f"{key or reference}/{digits}")


INBOUND: dict[str, Callable[[Mapping[str, Any]], Ask | Answer]] = {"/in/reply/": _reply, "/in/key/": _key}
"""What gateways deliver, and where."""


def _text(sent: Mapping[str, Any], *names: str) -> str:
    return next((str(sent[n]).strip()[:500] for n in names if isinstance(sent.get(n), str | int)), "")


def _answered(sender: str, find: Callable[[], Call], digit: str, source: Source, once: str) -> Ask | Answer:
    if not EACH.allows(f"{source} {sender}" if sender else f"{source} {once}"):
        return _json(429, "too many answers from one number: wait a minute")
    met: list[Call] = []

    def found() -> int:
        met.append(find())
        return met[-1].incident

    def wish(plan: Plan, state: State) -> Wish:
        call = met[-1]
        asked = reading.asked(state, call)
        command = reading.by_number(call, asked.ask, digit, source, asked.before)
        key = f"in/{call.incident}/{call.page}/{call.person}/{once}"[:200] if once else ""
        return Wish(command, reading.actor(plan, call.person), key=key)

    def show(_: Incident, __: Plan, ___: State, result: Result) -> Shown:
        return {"refusal": str(result) if isinstance(result, Refused) else ""}

    return Ask(Asking(found, wish, show), _say_inbound, lambda error: _inbound_failed(sender, error))


def _say_inbound(shown: Shown) -> Answer:
    if shown["refusal"]:
        return _json(409, shown["refusal"])
    return Answer(200, json.dumps({"recorded": True, "say": "Thank you, your answer is recorded."}), is_json=True)


def _inbound_failed(sender: str, error: Exception) -> Answer:
    return _json(503, str(error)) if isinstance(error, NotKept) else _unknown(sender, str(error))


def _unknown(sender: str, why: str) -> Answer:
    log.warning("a reply from a number that ends in %s was not understood: %s", sender[-3:] or "nothing", why)
    return _json(422, f"not understood: {why}")


def _json(status: int, text: str) -> Answer:
    return Answer(status, json.dumps({"recorded": False, "say": text}), is_json=True)
