"""Beginning the script, and playing its next scene."""

import contextlib
import itertools

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from openline.incident.command import Refused
from openline.incident.script import SCENES, commander, first_report, is_playable
from openline.server.accounts.roles import needs
from openline.server.errors import page
from openline.server.incidents.store import carry_out, pinned, reading, report
from openline.server.incidents.views import incident_or_404
from openline.server.plans.store import plan_of
from openline.server.plans.views import revision_or_404
from openline.server.security import Limit

LIMIT = Limit(most=60, window_s=60)


@require_POST
@needs("declare")
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """Report the scripted incident; nothing of it ever leaves this machine."""
    revision = revision_or_404(slug)
    plan = plan_of(revision)
    if not is_playable(plan):
        text = "The script needs a site with agents, people, and a role that may declare level 3."
        return page(request, 409, "This plan is too small for the script", text)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then try again.")
    found = report(revision, first_report(plan, slug, revision.content_hash), commander(plan))
    return redirect("room:room", slug=slug, pk=found.pk)


@require_POST
@needs("declare")
def play(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Play the scene that was asked for; what a visitor did already by hand is passed over."""
    found = incident_or_404(slug, pk)
    number = request.POST.get("scene", "")
    if not found.is_demo or not number.isdecimal() or int(number) >= len(SCENES):
        raise Http404
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many in a minute", "Wait a moment, then try again.")
    plan = pinned(found)
    with reading(found) as state:
        wishes = SCENES[int(number)].play(state, plan)
    for n in itertools.count():
        # Each act is chosen while the state is held, and done after it is let go: the engine writes meanwhile too.
        with reading(found):
            wish = next(wishes, None)
        if wish is None:
            break
        with contextlib.suppress(Refused):
            carry_out(found, *wish, key=f"script/{pk}/{number}/{n}")
    return redirect("room:room", slug=slug, pk=pk)
