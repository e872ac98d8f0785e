"""Pages of set-up, of accounts and of the log."""

from allauth.account import views as sign_in
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from openline.server.accounts import second_factor, store
from openline.server.accounts.forms import NewAccount, Rights, SetUp
from openline.server.accounts.models import Account, Act
from openline.server.accounts.rights import ROLES, words
from openline.server.accounts.roles import is_here, needs
from openline.server.accounts.second_factor import sure
from openline.server.errors import page
from openline.server.security import Limit

LIMIT = Limit(most=30, window_s=60)
ACTS_A_PAGE = 100


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
def set_up(request: HttpRequest) -> HttpResponse:
    """Make the first account; only from this machine, and only once."""
    if settings.DEMO or store.is_set_up():
        return redirect("centre:home")
    if not is_here(request):
        text = "The first account is made at the machine itself: open this page there, at its loopback address."
        return page(request, 403, "This server is not set up yet", text)
    form = SetUp(request.POST or None)
    if request.method == "POST" and not LIMIT.allows("set-up"):
        return page(request, 429, "Too many tries in a minute", "Wait a moment, then send it again.")
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/set_up.html", {"form": form}, status=400 if form.is_bound else 200)
    said = form.cleaned_data
    owner = store.set_up(said["email"], said["name"], said["password"])
    if owner is None:
        return redirect("account_login")
    login(request, owner, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, owner, method="password")
    return redirect("centre:home")


@needs("manage_accounts")
@sure
def people(request: HttpRequest) -> HttpResponse:
    """List accounts; add one."""
    form = NewAccount(request.POST or None)
    if request.method != "POST":
        return _people(request, form)
    if not LIMIT.allows(str(request.user.pk)):
        return page(request, 429, "Too many changes in a minute", "Wait a moment, then send it again.")
    if settings.DEMO:
        form.add_error(None, "The demo has only its owner. Start the server without --demo to make accounts.")
    if not form.is_valid():
        return _people(request, form, status=400)
    said = form.cleaned_data
    try:
        account = store.add(request, said["email"], said["name"], said["roles"])
    except store.AddressTaken as error:
        form.add_error("email", str(error))
        return _people(request, form, status=400)
    return _people(request, NewAccount(), link=store.password_link(request, account), added=account)


def _people(
    request: HttpRequest,
    form: NewAccount,
    *,
    status: int = 200,
    link: str = "",
    added: Account | None = None,
    refusal: str = "",
) -> HttpResponse:
    roles = [(role, words((role,)), meaning.says) for role, meaning in ROLES.items()]
    guarded = set(Authenticator.objects.filter(type=Authenticator.Type.TOTP).values_list("user_id", flat=True))
    shown = {
        "accounts": Account.objects.filter(is_emergency=False),
        "guarded": guarded,
        "for_all": second_factor.for_all(),
        "form": form,
        "roles": roles,
        "link": link,
        "added": added,
    }
    days = settings.PASSWORD_RESET_TIMEOUT // 86400
    return render(request, "accounts/people.html", {**shown, "days": days, "refusal": refusal}, status=status)


@needs("manage_accounts")
@require_POST
@sure
def rights(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what an account may do."""
    account, form = _account(pk), Rights(request.POST)
    if not form.is_valid():
        return _people(
            request,
            NewAccount(),
            status=400,
            refusal="Choose at least one role; to keep somebody out, take away the tick at may sign in.",
        )
    try:
        store.change(request, account, form.cleaned_data["roles"], is_active=form.cleaned_data["is_active"])
    except store.LastAdmin as error:
        return _people(request, NewAccount(), status=409, refusal=str(error))
    return redirect("accounts:people")


@needs("manage_accounts")
@require_POST
@sure
def password_link(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a link at which an account's holder sets a new password."""
    account = _account(pk)
    return _people(request, NewAccount(), link=store.password_link(request, account), added=account)


@needs("manage_accounts")
@require_POST
@sure
def no_second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Take away the second factor of somebody who lost it; a new one is set up at the next sign-in where needed."""
    account = _account(pk)
    if second_factor.take_away(account):
        store.record(request, "took away a second factor", about=account.name)
    return redirect("accounts:people")


@needs("manage_accounts")
@require_POST
@sure
def require_second_factor(request: HttpRequest) -> HttpResponse:
    """Ask everybody for a second factor, or no longer."""
    wanted = request.POST.get("for_all") == "on"
    second_factor.require_of_all(wanted)
    store.record(request, "asked everybody for a second factor" if wanted else "asked nobody more for a second factor")
    return redirect("accounts:people")


def _account(pk: int) -> Account:
    found = Account.objects.filter(pk=pk, is_demo=False, is_emergency=False).first()
    if found is None:
        raise Http404
    return found


@needs("own_account")
def password(request: HttpRequest) -> HttpResponse:
    """Change one's own password; an account that came by a provider has none to change."""
    if not (request.user.is_authenticated and request.user.has_usable_password()):
        text = "It signs in another way. An admin can make a link that sets a password, under Accounts."
        return page(request, 409, "This account has no password", text)
    answer: HttpResponse = sign_in.password_change(request)
    return answer


@needs("read_log")
def log(request: HttpRequest) -> HttpResponse:
    """Show who did what, the latest first."""
    pages = Paginator(Act.objects.all(), ACTS_A_PAGE)
    return render(request, "accounts/log.html", {"acts": pages.get_page(request.GET.get("page")), "count": pages.count})
