"""The table of the API's addresses: each with its method, its right and what it answers."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern
from ninja import NinjaAPI, Router

from openline.server.accounts.rights import Right
from openline.server.api.problems import Problem, TooOften, told_by
from openline.server.security import Limit

router = Router()
LIMIT = Limit(most=600, window_s=60)
"""Acts of one account's programs in a minute, on one node."""

RIGHTS_OF: dict[tuple[str, str], Right] = {}
"""The right of each (pattern, method)."""

READING = (401, 403, 404, 422, 429)
ACTING = (400, 401, 403, 404, 409, 422, 429)
View = Callable[..., Any]


def door(
    method: str, path: str, right: Right, answer: Any, summary: str, *, status: int = 200, tag: str = "incidents"
) -> Callable[[View], View]:
    """Return the decorator that opens an address of the API for holders of a right."""
    RIGHTS_OF[path.strip("/").replace("{", "<").replace("}", ">"), method] = right
    refusals = frozenset(READING if method == "GET" else ACTING)

    def opened(view: View) -> View:
        router.add_api_operation(
            path,
            [method],
            view,
            response={status: answer, refusals: Problem},
            summary=summary,
            description=f"{view.__doc__ or ''}\n\nNeeds the scope `{right}`.",
            operation_id=view.__name__,
            tags=[tag],
        )
        return view

    return opened


def slow_down(request: HttpRequest) -> None:
    """Count one act of who asks; raises TooOften."""
    if not LIMIT.allows(str(request.user.pk)):
        raise TooOften("Too many acts in a minute: wait a moment, then send it again with the same Idempotency-Key.")


def api() -> NinjaAPI:
    """Return the API with every address that was opened."""
    found = NinjaAPI(
        title="Openline",
        version="1",
        description="Follow incidents and act in them. Send `Authorization: Bearer ol_...` with every request; "
        "a token is made on the page Tokens, and its scopes are rights. What is not done is told as RFC 9457.",
        docs_url=None,
        openapi_url=None,
        urls_namespace="api",
    )
    found.add_router("", router)
    told_by(found)
    return found


def patterns(of: NinjaAPI) -> list[URLPattern]:
    """Return the API's addresses, each marked with the rights that the gate asks for."""
    found, known_paths = list[URLPattern](), set[str]()
    for p in of.urls[0]:
        path = str(p.pattern)
        rights = {m: r for (known, m), r in RIGHTS_OF.items() if known == path.strip("/")}
        if not rights or not isinstance(p, URLPattern) or path in known_paths:
            continue
        known_paths.add(path)
        view: Any = p.callback
        to_read, to_change = rights.get("GET"), rights.get("POST")
        view.needs, view.needs_to_change = to_read or to_change, to_change or to_read
        # A browser's cookie opens nothing here without its form token; a program's header is never sent by itself.
        view.csrf_exempt = False
        found.append(p)
    return found
