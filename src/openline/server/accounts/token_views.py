"""Pages of tokens: make one, see which there are, withdraw one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from openline.server.accounts import tokens
from openline.server.accounts.forms import NewToken
from openline.server.accounts.models import Account, ApiToken
from openline.server.accounts.roles import needs
from openline.server.accounts.second_factor import sure
from openline.server.errors import page
from openline.server.security import Limit

LIMIT = Limit(most=30, window_s=60)


@needs("manage_tokens")
@never_cache
@sure
def all_tokens(request: HttpRequest) -> HttpResponse:
    """List tokens; make one and show it once."""
    account: Account = request.user  # type: ignore[assignment]
    grantable = tokens.grantable(account)
    form = NewToken(request.POST or None, grantable=grantable)
    if request.method != "POST":
        return _page(request, form)
    if not LIMIT.allows(str(account.pk)):
        return page(request, 429, "Too many changes in a minute", "Wait a moment, then send it again.")
    if not form.is_valid():
        return _page(request, form, status=400)
    said = form.cleaned_data
    token, text = tokens.make(request, said["name"], said["scopes"], said["days"])
    return _page(request, NewToken(grantable=grantable), made=token, text=text)


def _page(
    request: HttpRequest, form: NewToken, *, status: int = 200, made: ApiToken | None = None, text: str = ""
) -> HttpResponse:
    known = list(ApiToken.objects.select_related("made_by"))
    valid = sum(t.state == "valid" for t in known)
    shown = {"tokens": known, "valid": valid, "form": form, "made": made, "text": text}
    return render(request, "accounts/tokens.html", shown, status=status)


@needs("manage_tokens")
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a token back at once."""
    token = ApiToken.objects.filter(pk=pk).first()
    if token is None:
        raise Http404
    tokens.withdraw(request, token)
    return redirect("accounts:tokens")
