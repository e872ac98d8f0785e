"""The page of webhooks: register, switch off, remove; what could not be delivered."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from openline.server.accounts.roles import needs
from openline.server.accounts.store import record as log_act
from openline.server.errors import page
from openline.server.security import Limit
from openline.server.webhooks import delivering
from openline.server.webhooks.models import DeadLetter, Hook
from openline.server.webhooks.registering import NotVerified, choices, register

LIMIT: Final = Limit(most=20, window_s=60)


@never_cache
@needs("manage_settings")
def webhooks(request: HttpRequest) -> HttpResponse:
    """List the addresses and what they did not take; register one."""
    if request.method != "POST":
        return _page(request)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then send it again.")
    sent = request.POST
    kinds = sent.getlist("kinds")
    try:
        hook, secret = register(
            request,
            name=sent.get("name", "").strip(),
            url=sent.get("url", "").strip(),
            kinds=kinds,
            wants_exercises=sent.get("wants_exercises") == "on",
        )
    except NotVerified as error:
        return _page(request, status=400, errors=error.errors, sent=sent, chosen=kinds)
    return _page(request, made=hook, secret=secret)


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    letters = DeadLetter.objects.select_related("hook", "incident")
    shown = {"hooks": Hook.objects.all(), "letters": letters[:200], "count": letters.count(), "kinds": choices()}
    return render(request, "webhooks/webhooks.html", shown | more, status=status)


@require_POST
@needs("manage_settings")
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch an address on or off, or remove it with everything that it did not take."""
    hook = get_object_or_404(Hook, pk=pk)
    act = request.POST.get("act", "")
    if act == "remove":
        hook.delete()
    elif act in ("on", "off"):
        Hook.objects.filter(pk=pk).update(is_on=act == "on")
    else:
        return page(request, 400, "There is no such act", "Go back and try again.")
    log_act(request, f"webhook: {act}", about=hook.name)
    return redirect("webhooks:webhooks")


@require_POST
@needs("manage_settings")
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send what was not taken once more."""
    delivering.send_again(get_object_or_404(DeadLetter, pk=pk))
    return redirect("webhooks:webhooks")
