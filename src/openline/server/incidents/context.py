"""What every page of a centre says while an incident is under way."""

from django.http import HttpRequest

from openline.incident.command import OPEN
from openline.server.incidents.models import Incident

MOST = 3
"""Incidents that the head of a page names; the list has the others."""


class UnderWay:
    """The incidents under way by centre, asked for when a page shows them."""

    def get(self, slug: str | None) -> list[Incident]:
        """Return the gravest first; one query that reads an index."""
        if not slug:
            return []
        return list(Incident.objects.filter(slug=slug, phase__in=OPEN).order_by("is_exercise", "-level", "-pk")[:MOST])


def under_way(request: HttpRequest) -> dict[str, object]:
    """Return what is under way, for those who may follow incidents."""
    user = getattr(request, "user", None)
    sees = user is not None and user.is_authenticated and "see_incidents" in user.rights
    return {"banners": UnderWay() if sees else None}
