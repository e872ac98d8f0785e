"""What every page says of who is signed in."""

from django.conf import settings
from django.http import HttpRequest

from openline.server.accounts.paper import stamped, to_review
from openline.server.accounts.rights import RIGHTS, words
from openline.server.accounts.second_factor import lacks_one


def account(request: HttpRequest) -> dict[str, object]:
    """Return whether this is the demo, each right with whether who asks has it, and their roles in words."""
    user = getattr(request, "user", None)
    has = user.rights if user is not None and user.is_authenticated else frozenset()
    roles = words(user.roles) if has and user is not None else ""
    return {
        "is_demo": settings.DEMO,
        "provider": settings.OIDC,
        "may": {right: right in has for right in RIGHTS},
        "my_roles": roles,
        "paper_code": stamped(request) if user is not None and has and user.is_emergency else None,
        "to_review": to_review() if "manage_accounts" in has else [],
        "lacks_factor": lambda: lacks_one(request),
    }
