"""SMS and voice by any HTTP gateway: what is sent, and what its answer means, is set up, not programmed."""

import json
from ipaddress import ip_address
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, model_validator

from openline.notifiers.base import Kind, NotifierError, Outgoing
from openline.notifiers.secret import NoSuchSecret, SecretName, secret
from openline.plan.record import Name, Record, Text

SLOTS = ("to", "text", "subject", "key", "channel")
AGAIN = (408, 425, 429)
"""Answers below 500 that ask to come back later."""

IN_DOUBT = (500, 502, 504)
"""Answers after which nobody knows whether the gateway sent it."""

CONNECTIONS = 16

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$", max_length=500)]
BODY = '{"to": "{to}", "text": "{text}"}'


class GatewayOptions(Record):
    """How the gateway is called and how its answer is read."""

    url: Url = Field(description="Address that takes a message by POST.")
    plain_http: bool = Field(
        False, description="Allow http:// to another machine: numbers and texts travel unencrypted."
    )
    form: Literal["json", "form"] = Field("json", description="How the body is sent.")
    body: Text = Field(BODY, description="The body as JSON; {to}, {text}, {subject}, {key} and {channel} are put in.")
    headers: dict[Name, Name] = Field(
        default_factory=dict, description="Headers; {secret} and {key} are put in, such as Bearer {secret}."
    )
    secret: SecretName | None = Field(None, description="Name of the secret for {secret}, in headers and body.")
    idempotency_header: Name | None = Field("Idempotency-Key", description="Header that carries the message's key.")
    reference: Name | None = Field(None, description="Where the answer has its reference: id, or messages.0.id.")
    timeout_s: Annotated[float, Field(gt=0, le=60)] = Field(10.0, description="Longest wait for an answer, seconds.")

    @model_validator(mode="after")
    def _sound(self) -> "GatewayOptions":
        if self.url.startswith("http://") and not self.plain_http and not _is_here(self.url):
            raise ValueError("the address begins with http://: use https://, or allow plain http")
        try:
            body = json.loads(self.body)
        except ValueError as error:
            raise ValueError(f"the body is no JSON: {error}") from None
        if not isinstance(body, dict):
            raise ValueError("the body is an object in braces, with names and values")
        if self.form == "form" and not all(isinstance(v, str) for v in body.values()):
            raise ValueError("a form has only texts as values: use json for parts within parts")
        if "{to}" not in self.body or "{text}" not in self.body:
            raise ValueError("the body needs {to} and {text}")
        return self


def _is_here(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Gateway:
    """Hands messages to an HTTP gateway."""

    def __init__(self, options: GatewayOptions) -> None:
        self.options = options
        self._body = json.loads(options.body)
        self._client: Any = None

    def hand_over(self, message: Outgoing) -> str:
        """POST one message; 2xx is taken, most of 4xx is final, the rest is worth another try."""
        import httpx

        headers, body = self.prepared(message)
        try:
            answer = self._open().post(self.options.url, headers=headers, **body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise NotifierError(f"the gateway can not be reached: {error}", retry=True) from error
        except httpx.HTTPError as error:
            text = f"the gateway took it and did not answer: {error or type(error).__name__}"
            raise NotifierError(text, retry=True, maybe_sent=True) from error
        code = answer.status_code
        if 200 <= code < 300:
            return self._reference(answer)
        is_later = code >= 500 or code in AGAIN
        raise NotifierError(f"the gateway answered {code}", retry=is_later, maybe_sent=code in IN_DOUBT)

    def prepared(self, message: Outgoing) -> tuple[dict[str, str], dict[str, Any]]:
        """Return (headers, body as the client takes it) of a message."""
        slots = {name: getattr(message, name) for name in SLOTS} | {"secret": self._secret()}
        headers = {k: _one_line(_filled(v, slots)) for k, v in self.options.headers.items()}
        if self.options.idempotency_header:
            headers[self.options.idempotency_header] = message.key
        body = _filled_in(self._body, slots)
        return headers, {"json": body} if self.options.form == "json" else {"data": body}

    def close(self) -> None:
        """Let the connections go."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _secret(self) -> str:
        if self.options.secret is None:
            return ""
        try:
            return secret(self.options.secret)
        except (NoSuchSecret, OSError) as error:
            raise NotifierError(str(error), retry=True) from error

    def _open(self) -> Any:
        if self._client is None:
            import httpx

            limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
            self._client = httpx.Client(timeout=self.options.timeout_s, limits=limits, follow_redirects=False)
        return self._client

    def _reference(self, answer: Any) -> str:
        if self.options.reference is None:
            return ""
        try:
            found: Any = answer.json()
            for part in self.options.reference.split("."):
                found = found[int(part)] if isinstance(found, list) else found[part]
        except (ValueError, LookupError, TypeError, RecursionError):
            return ""
        return str(found)[:200]


def _filled(text: str, slots: dict[str, str]) -> str:
    """Return a text with its slots filled in one pass, so that what is put in is never read as a slot."""
    parts = text.split("{")
    found = parts[0]
    for part in parts[1:]:
        name, closed, rest = part.partition("}")
        found += slots[name] + rest if closed and name in slots else "{" + part
    return found


def _filled_in(value: Any, slots: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {k: _filled_in(v, slots) for k, v in value.items()}
    if isinstance(value, list):
        return [_filled_in(v, slots) for v in value]
    return _filled(value, slots) if isinstance(value, str) else value


def _one_line(text: str) -> str:
    return " ".join(text.split())


KIND = Kind(
    "SMS or voice gateway (HTTP)",
    GatewayOptions,
    ("sms", "mobile", "landline", "pager", "app", "satellite", "radio"),
    Gateway,
)
