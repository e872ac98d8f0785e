"""The pages on which providers are set up, put in order, switched on and off, and tried."""

from collections.abc import Mapping
from typing import Any, get_args

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from openline.notifiers import NOTIFIERS
from openline.notifiers.base import Channel, NotifierError, Outgoing, send_outside_incidents
from openline.server.accounts.roles import needs
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.notifications import store
from openline.server.notifications.forms import boxes, options_of
from openline.server.notifications.models import Provider
from openline.server.notifications.store import BadProvider
from openline.server.security import Limit

LIMIT = Limit(most=30, window_s=60)
TRIES = Limit(most=6, window_s=60)
TEST_TEXT = (
    "This is a test of Openline, nothing has happened. Somebody at your centre tries whether you can be reached."
)


@needs("manage_settings")
def providers(request: HttpRequest) -> HttpResponse:
    """List the providers in the order in which they are tried, and how each does."""
    return _list(request)


def _list(request: HttpRequest, *, told: str = "", refusal: str = "", status: int = 200) -> HttpResponse:
    rows = store.rows()
    served = {c for r in rows if r.is_on for c in r.channels}
    shown = {
        "rows": [(r, NOTIFIERS[r.kind].title if r.kind in NOTIFIERS else r.kind, store.health(r)) for r in rows],
        "kinds": [(name, kind.title) for name, kind in NOTIFIERS.items()],
        "unserved": [c for c in get_args(Channel) if c not in served],
        "told": told,
        "refusal": refusal,
    }
    return render(request, "notifications/providers.html", shown, status=status)


@needs("manage_settings")
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """Set a provider up."""
    if kind not in NOTIFIERS:
        raise Http404
    return _form(request, kind, None)


@needs("manage_settings")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a provider."""
    row = _row(pk)
    if row.kind not in NOTIFIERS:
        raise Http404
    return _form(request, row.kind, row)


def _form(request: HttpRequest, kind: str, row: Provider | None) -> HttpResponse:
    if request.method != "POST":
        stated = {} if row is None else row.options
        about = _about(row.name, row.channels, row.order) if row else _about(kind, NOTIFIERS[kind].channels[:1], 1)
        return _shown(request, kind, row, stated, about, {})
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many changes in a minute", "Wait a moment, then send it again.")
    sent, channels = request.POST, request.POST.getlist("channels")
    order = int(sent["order"]) if sent.get("order", "").isdecimal() and len(sent["order"]) < 4 else 1
    name = sent.get("name", "").strip()
    try:
        found = store.keep(
            row, name=name, kind=kind, options=options_of(kind, sent.dict()), channels=channels, order=order,
            is_on=row.is_on if row else True,
        )  # fmt: skip
    except BadProvider as error:
        return _shown(request, kind, row, sent.dict(), _about(name, channels, order), error.errors)
    log_act(request, "set a provider up" if row is None else "changed a provider", about=found.name)
    return redirect("notifications:providers")


def _about(name: str, channels: Any, order: int) -> dict[str, Any]:
    return {"name": name, "channels": list(channels), "order": order}


def _shown(
    request: HttpRequest,
    kind: str,
    row: Provider | None,
    stated: Mapping[str, Any],
    about: Mapping[str, Any],
    errors: Mapping[str, str],
) -> HttpResponse:
    shown = {
        "kind": kind,
        "title": NOTIFIERS[kind].title,
        "row": row,
        "about": about,
        "channels": NOTIFIERS[kind].channels,
        "boxes": boxes(kind, stated, errors),
        "errors": errors,
    }
    return render(request, "notifications/provider.html", shown, status=400 if errors else 200)


@needs("manage_settings")
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a provider on or off, or take it away."""
    row, what = _row(pk), request.POST.get("to", "")
    with transaction.atomic():
        if what == "away":
            Provider.objects.filter(pk=row.pk).delete()
        else:
            Provider.objects.filter(pk=row.pk).update(is_on=what == "on", changed_at=timezone.now())
    log_act(
        request, f"switched a provider {'away' if what == 'away' else 'on' if what == 'on' else 'off'}", about=row.name
    )
    return redirect("notifications:providers")


@needs("manage_settings")
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message to an address that is typed here; it is logged, and is part of no incident."""
    row = _row(pk)
    to = request.POST.get("to", "").strip()[:200]
    if not to:
        return _list(request, refusal="Give a number or address of your own to send the test to.", status=400)
    if not TRIES.allows(str(request.user.pk)):
        return page(request, 429, "Too many tests in a minute", "Wait a moment, then send it again.")
    notifier = store.opened(row)
    if notifier is None:
        return _list(request, refusal=f"{row.name} can not be used: look at its options.", status=409)
    log_act(request, "sent a test message", about=row.name)
    key = f"test/{row.pk}/{timezone.now():%Y%m%d%H%M%S%f}"
    try:
        # No incident stands behind a test, so it has no permit: it goes to an address that was typed, and to no other.
        reference = send_outside_incidents(notifier, Outgoing(key, row.channels[0], to, "Test of Openline", TEST_TEXT))
    except NotifierError as error:
        doubt = " It may have been sent all the same." if error.maybe_sent else ""
        return _list(request, refusal=f"{row.name} did not take it: {error}.{doubt}", status=502)
    return _list(
        request, told=f"{row.name} took the test{f' as {reference}' if reference else ''}. Look whether it arrives."
    )


def _row(pk: int) -> Provider:
    found = Provider.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
