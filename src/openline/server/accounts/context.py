"""What every page says of who is signed in."""

from django.conf import settings
from django.http import HttpRequest

from openline.server.accounts.roles import RANK, ROLES


def account(request: HttpRequest) -> dict[str, object]:
    """Return whether this is the demo, and each role with whether who asks has it."""
    user = getattr(request, "user", None)
    rank = RANK[user.role] if user is not None and user.is_authenticated else -1
    return {"is_demo": settings.DEMO, "may": {role: rank >= RANK[role] for role in ROLES}}
