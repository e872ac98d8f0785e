"""Programs that ask the API."""

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client

ROOT = "/api/v1"


class Program:
    """A program with a token of some scopes."""

    def __init__(self, client: "Client", *scopes: str) -> None:
        from django.test import Client

        page = client.post("/account/tokens/", {"name": "Program", "scopes": scopes, "days": "30"})
        self.text = page.content.decode().partition("Authorization: ")[2].partition("<")[0]
        self.browser = Client(SERVER_NAME="127.0.0.1", enforce_csrf_checks=True)

    def get(self, path: str) -> "HttpResponse":
        """Ask."""
        return self.browser.get(ROOT + path, headers={"Authorization": self.text})  # type: ignore[return-value]

    def post(self, path: str, body: Any, key: str = "") -> "HttpResponse":
        """Act."""
        headers = {"Authorization": self.text} | ({"Idempotency-Key": key} if key else {})
        data = body if isinstance(body, bytes) else json.dumps(body)
        return self.browser.post(ROOT + path, data, "application/json", headers=headers)  # type: ignore[return-value]


def told(response: "HttpResponse") -> Any:
    """Return what was answered."""
    return json.loads(response.content)
