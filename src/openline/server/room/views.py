"""The room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from openline.incident.clocks import activity_clocks, stamps
from openline.server.accounts.roles import needs
from openline.server.incidents.store import pinned, reading
from openline.server.incidents.views import incident_or_404


@needs("see_incidents")
def room(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show what is down, who is on it, what is to be done and decided."""
    found = incident_or_404(slug, pk)
    plan, now = pinned(found), timezone.now()
    with reading(found) as state:
        return render(
            request,
            "room/room.html",
            {
                "revision": found.revision,
                "incident": found,
                "state": state,
                "stamps": stamps(state),
                "clocks": activity_clocks(state, plan, now),
            },
        )
