"""The doors of gateways: texts that people sent, and keys that they pressed in a call."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Any
from urllib.parse import parse_qsl

from openline.incident.command import Command, Refused
from openline.incident.state import State
from openline.notifiers.secret import NoSuchSecret, secret
from openline.plan.document import Plan
from openline.server.answers import finding, reading, reporting, texts
from openline.server.answers.reading import Call, NoAnswer, Source
from openline.server.answers.request import EACH, WRONG, Answer, Ask, Request, to_gateway
from openline.server.answers.texts import Answered, Level, Sign
from openline.server.incidents.gathering import Asking, Result, Shown
from openline.server.incidents.models import Incident
from openline.server.incidents.store import Wish

log = logging.getLogger(__name__)

SECRET = "INBOUND"  # noqa: S105 - the name of a secret
HEADER = "x-openline-secret"
LONGEST = 1000
"""Signs of a field that are read; six text messages in one have less."""


def delivered(request: Request) -> Ask | Answer:
    """Take what a gateway delivers."""
    if request.method != "POST":
        return to_gateway(405, "send this with POST")
    try:
        wanted = secret(SECRET)
    except (NoSuchSecret, OSError):
        return to_gateway(503, "this door is shut until the secret INBOUND is set")
    if not compare_digest(request.headers.get(HEADER, "").encode(), wanted.encode()):
        if not WRONG.allows(request.client):
            return to_gateway(429, "wait a minute")
        return to_gateway(403, f"the header {HEADER} does not have the secret")
    sent = _sent(request)
    return to_gateway(400, "send a form, or an object in JSON") if sent is None else INBOUND[request.path](sent)


def _sent(request: Request) -> Mapping[str, Any] | None:
    if "json" not in request.headers.get("content-type", ""):
        return dict(parse_qsl(request.body.decode(errors="replace")))
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _text(sent: Mapping[str, Any], *names: str) -> str:
    """Return the first of these fields that was sent, without signs that can not be shown."""
    found = next((str(sent[n])[:LONGEST] for n in names if isinstance(sent.get(n), str | int)), "")
    return "".join(c if c.isprintable() else " " for c in found).strip()


def _reply(sent: Mapping[str, Any]) -> Ask | Answer:
    """Take a text that a gateway delivers: `from` and `text`; `id`, where given, lets it be delivered twice."""
    sender, text = _text(sent, "from", "sender", "msisdn"), _text(sent, "text", "message", "body")
    once = _text(sent, "id", "message_id")
    try:
        said = texts.of_text(text)
    except NoAnswer as wrong:
        return _refused(sender, str(wrong))
    if said is None:
        return _unknown(sender, f"no code and no number in {len(text)} signs")
    if isinstance(said, Sign):
        return _reported(sender, said, once)
    code = said.code
    return _said(
        sender, lambda: finding.by_code(code, sender) if code else finding.by_number(sender), said, "code", once
    )


def _key(sent: Mapping[str, Any]) -> Ask | Answer:
    """Take keys that somebody pressed in a voice call: `digits`, and `key` or `reference` of the call, or `to`."""
    number, digits = _text(sent, "to", "from"), _text(sent, "digits", "digit")
    key, reference = _text(sent, "key"), _text(sent, "reference", "id")
    try:
        said = texts.of_keys(digits)
    except NoAnswer as wrong:
        return _refused(number, str(wrong))
    if said is None:
        return _unknown(number, "no key was pressed")
    if key or reference:
        return _said(number, lambda: finding.by_delivery(key, reference), said, "key", f"{key or reference}/{digits}")
    if isinstance(said, Level):
        return _refused(number, "A level takes the key or reference of the call, since a number can be forged.")
    return _said(number, lambda: finding.by_number(number), said, "key", "")


INBOUND: dict[str, Callable[[Mapping[str, Any]], Ask | Answer]] = {"/in/reply/": _reply, "/in/key/": _key}
"""What gateways deliver, and where."""


def _reported(sender: str, sign: Sign, once: str) -> Ask | Answer:
    """Take a first sign."""
    if not EACH.allows(f"sign {finding.tail(sender) or sender}"):
        return _refused(sender, "Too many texts from one number: wait a minute.", 429)

    def show(found: Incident, plan: Plan, state: State, _: Result) -> Shown:
        return {"refusal": "", "say": reporting.told(found, plan, state)}

    asking = Asking(lambda: reporting.opened(sender, sign, once), lambda _, __: None, show)
    return Ask(asking, lambda shown: _told(sender, shown), lambda error: _failed(sender, error))


def _said(sender: str, find: Callable[[], Call], said: Answered | Level, source: Source, once: str) -> Ask | Answer:
    """Take an answer to a call, or a level that is declared from it."""
    if not EACH.allows(f"{source} {finding.tail(sender) or sender or once}"):
        return _refused(sender, "Too many answers from one number: wait a minute.", 429)
    met: list[Call] = []

    def found() -> int:
        met.append(find())
        return met[-1].incident

    def wish(plan: Plan, state: State) -> Wish:
        call = met[-1]
        key = f"in/{call.incident}/{call.page}/{call.person}/{_mark(once, said)}" if once else ""
        return Wish(_meant(state, call, said, source), reading.actor(plan, call.person), key=key)

    def show(incident: Incident, _: Plan, state: State, result: Result) -> Shown:
        return {"refusal": str(result) if isinstance(result, Refused) else "", "say": _thanks(incident, state, said)}

    return Ask(Asking(found, wish, show), lambda shown: _told(sender, shown), lambda error: _failed(sender, error))


def _mark(once: str, said: Answered | Level) -> str:
    """Return what two deliveries of one text or key have in common, whatever a gateway takes for an id."""
    return sha256(f"{once} {said}".encode()).hexdigest()[:40]


def _meant(state: State, call: Call, said: Answered | Level, source: Source) -> Command:
    asked = reading.asked(state, call)
    if isinstance(said, Level):
        return reading.by_level(call, said.level, said.reason, source)
    return reading.by_number(call, asked.ask, said.digit, source, asked.before)


def _thanks(incident: Incident, state: State, said: Answered | Level) -> str:
    if isinstance(said, Answered):
        return "Thank you, your answer is recorded."
    first = "EXERCISE: " if state.is_exercise else ""
    return (
        f"{first}{f'level {state.level}' if state.level else 'no level'} is in force for {incident.ref}, {state.title}."
    )


def _told(sender: str, shown: Shown) -> Answer:
    return _refused(sender, shown["refusal"]) if shown["refusal"] else to_gateway(200, shown["say"])


def _failed(sender: str, error: Exception) -> Answer:
    """Return what is said when nobody is meant, or when it is not on the disk: then the gateway sends it again."""
    if isinstance(error, reporting.TooMany):
        return _refused(sender, str(error), 429)
    if isinstance(error, LookupError | ValueError):
        return _unknown(sender, str(error))
    return to_gateway(503, "this could not be written down at the moment: send it again")


def _refused(sender: str, why: str, status: int = 409) -> Answer:
    """Return a refusal, which the log keeps too, without the number."""
    log.warning("a reply from a number that ends in %s was refused: %s", _end(sender), why)
    return to_gateway(status, why)


def _unknown(sender: str, why: str) -> Answer:
    log.warning("a reply from a number that ends in %s was not understood: %s", _end(sender), why)
    return to_gateway(422, f"not understood: {why}")


def _end(sender: str) -> str:
    return re.sub(r"[^0-9]", "", sender)[-3:] or "nothing"
