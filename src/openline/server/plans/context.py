"""What every page shows in its head: the centres to choose from."""

from django.http import HttpRequest

from openline.server.plans.store import centres as known


def centres(request: HttpRequest) -> dict[str, object]:
    """Return the centres and the one that the address names."""
    match = request.resolver_match
    user = getattr(request, "user", None)  # missing where a request was refused before it came so far
    if user is None or not user.is_authenticated or "read_plan" not in user.rights:
        return {"centres": [], "here": None}
    return {"centres": known(), "here": match.kwargs.get("slug") if match else None}
