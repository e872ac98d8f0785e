"""Registering an address: it must answer a challenge, so that nobody can aim this server at somebody else's."""

import hmac
import json
import secrets
from collections.abc import Sequence

from django.http import HttpRequest

from openline.incident.event import EVENTS
from openline.server.accounts.store import record as log_act
from openline.server.webhooks.delivering import EVERYTHING
from openline.server.webhooks.models import Hook
from openline.server.webhooks.sending import BadTarget, NotTaken, call, locked

MOST = 20
"""Addresses of one server."""


class NotVerified(ValueError):
    """The address was not registered; `errors` says, by field, what to do."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = errors


def choices() -> list[str]:
    """Return what can be asked for: everything, a noun's entries, or one kind."""
    nouns = sorted({f"{name.partition('.')[0]}.*" for name in EVENTS})
    return [EVERYTHING, *nouns, *sorted(EVENTS)]


def register(
    request: HttpRequest, *, name: str, url: str, kinds: Sequence[str], wants_exercises: bool
) -> tuple[Hook, str]:
    """Register an address that answers the challenge; returns it with its secret, shown once. Raises NotVerified."""
    errors = _errors(name, url, kinds)
    if errors:
        raise NotVerified(errors)
    secret = f"olwh_{secrets.token_urlsafe(32)}"
    _challenge(url, secret)
    hook = Hook.objects.create(
        name=name,
        url=url,
        kinds=list(kinds),
        wants_exercises=wants_exercises,
        secret=locked(secret),
        made_by=request.user if request.user.pk else None,
    )
    log_act(request, "registered a webhook", about=f"{name}: {', '.join(kinds)}")
    return hook, secret


def _errors(name: str, url: str, kinds: Sequence[str]) -> dict[str, str]:
    errors = {}
    if not 0 < len(name) <= 60:
        errors["name"] = "Give it a name of at most 60 letters."
    if len(url) > 500:
        errors["url"] = "The address is longer than 500 letters."
    if not kinds or not set(kinds) <= set(choices()):
        errors["kinds"] = "Choose at least one kind of entry from the list."
    if Hook.objects.count() >= MOST:
        errors["name"] = f"There are {MOST} addresses already: remove one first."
    return errors


def _challenge(url: str, secret: str) -> None:
    """Send a token that the address must send back. Raises NotVerified."""
    token = secrets.token_urlsafe(24)
    body = json.dumps({"type": "openline.challenge", "challenge": token}).encode()
    try:
        answer = call(url, secret, body, f"challenge/{secrets.token_hex(8)}").strip()
    except (BadTarget, NotTaken) as error:
        raise NotVerified({"url": f"The address was not registered: {error}."}) from error
    if not hmac.compare_digest(_echoed(answer).encode(), token.encode()):
        raise NotVerified({"url": "It did not send the challenge back: answer with its text, or as JSON, {challenge}."})


def _echoed(answer: str) -> str:
    try:
        told = json.loads(answer)
    except (ValueError, RecursionError):
        return answer
    return str(told.get("challenge", "")) if isinstance(told, dict) else str(told)
