"""What pages say of the script: that it can be begun, or which scene comes next."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from openline.incident.script import SCENES
from openline.server.accounts.roles import may
from openline.server.incidents.models import Incident, Line


def script(request: HttpRequest) -> dict[str, Any]:
    """Return whether the script is offered here, and for an incident of it the scene that comes next."""
    match = request.resolver_match
    user = getattr(request, "user", None)
    if match is None or user is None or not user.is_authenticated or not may(request, "declare"):
        return {}
    if match.app_name == "incidents":
        return {"script_offered": settings.DEMO}
    return {"scene": _next(match.kwargs["pk"])} if match.app_name == "room" and "pk" in match.kwargs else {}


def _next(pk: int) -> dict[str, Any] | None:
    """Return number and words of the scene that comes next in a scripted incident; None when there is none."""
    if not Incident.objects.filter(pk=pk, is_demo=True).exists():
        return None
    played = Line.objects.filter(key__startswith=f"script/{pk}/").values_list("key", flat=True)
    number = 1 + max((int(str(k).split("/")[2]) for k in played), default=-1)
    return {"number": number, "of": len(SCENES), "scene": SCENES[number] if number < len(SCENES) else None}
