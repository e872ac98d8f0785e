"""Calling an address of the plan's owner, as an automated step does."""

from typing import Any

from openline.incident.permit import Permit, ensure
from openline.notifiers.base import NotifierError

TIMEOUT_S = 10.0


def call(permit: Permit, url: str, key: str, body: dict[str, Any]) -> str:
    """POST a body and return what was answered, in words. Raises NotifierError; shut without a permit."""
    ensure(permit)
    # Only this way out needs it, and start-up should not wait for it.
    import httpx

    try:
        answer = httpx.post(url, json=body, headers={"Idempotency-Key": key}, timeout=TIMEOUT_S, follow_redirects=False)
    except httpx.InvalidURL as error:
        raise NotifierError(f"{url[:80]!r} is no address: {error}", retry=False) from error
    except httpx.HTTPError as error:
        raise NotifierError(f"{url}: {error}", retry=True, maybe_sent=True) from error
    if answer.is_error:
        raise NotifierError(f"{url} answered {answer.status_code}", retry=answer.status_code >= 500)
    return f"{url} answered {answer.status_code}"
