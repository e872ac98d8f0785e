"""What now? The next hours when nothing more is done, and under every option."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from openline.server.accounts.roles import needs
from openline.server.incidents.views import incident_or_404


@needs("see_incidents")
def panel(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Show it."""
    found = incident_or_404(slug, pk)
    return render(request, "room/now.html", {"incident": found, "revision": found.revision})
