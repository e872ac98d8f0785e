"""Sign-in by the identity provider: nobody gets in who is not known here, or in a group that brings a role."""

import logging
from collections.abc import Callable
from typing import Any, NoReturn
from urllib.parse import urlencode

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

from openline.server.accounts.models import Account, Act
from openline.server.accounts.rights import Role, words
from openline.server.errors import page
from openline.server.oidc import Provider

log = logging.getLogger(__name__)


class Adapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Decides who may come in by the identity provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Tell that nobody makes an account by themselves."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the account of who comes; what else the provider said of them is not kept."""
        provider = _provider()
        said = _said(sociallogin)
        roles = _roles(provider, said)
        account = sociallogin.user if sociallogin.is_existing else _known(_address(request, provider, said))
        if account is None:
            account = _made(request, _address(request, provider, said), said, roles)
        elif account.by_provider and provider.roles:
            _follow(request, account, roles)
        sociallogin.account.extra_data = {}
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=["extra_data"])
        else:
            sociallogin.connect(request, account)

    def on_authentication_error(self, request: HttpRequest, provider: object, **_: Any) -> NoReturn:
        """Say in our own words that it did not work."""
        raise ImmediateHttpResponse(_failed(request))


def _provider() -> Provider:
    found = settings.OIDC
    assert isinstance(found, Provider)  # noqa: S101 - without one its addresses lead nowhere
    return found


def _said(sociallogin: SocialLogin) -> dict[str, Any]:
    told = sociallogin.account.extra_data
    return {**(told.get("id_token") or {}), **(told.get("userinfo") or {})}


def _address(request: HttpRequest, provider: Provider, said: dict[str, Any]) -> str:
    """Return the address that the provider has checked; refuse who has none."""
    address = str(said.get("email") or "")
    if not address or not (said.get("email_verified") is True or provider.trusts_addresses):
        _refuse(request, f"{provider.name} says no e-mail address of you that it has checked.")
    return address


def _known(address: str) -> Account | None:
    return Account.objects.filter(email__iexact=address, is_demo=False, is_emergency=False).first()


def _roles(provider: Provider, said: dict[str, Any]) -> tuple[Role, ...]:
    groups = said.get(provider.groups_claim) or []
    names = {groups} if isinstance(groups, str) else {str(g) for g in groups}
    return tuple(r for group, roles in provider.roles.items() if group in names for r in roles)


def _made(request: HttpRequest, address: str, said: dict[str, Any], roles: tuple[Role, ...]) -> Account:
    if not roles:
        _refuse(request, f"There is no account for {address} here, and no group of yours brings a role.")
    name = str(said.get("name") or address)[:100]
    account = Account.objects.make(address, name, roles, by_provider=True)
    Act.objects.create(account=account, who=name, did="came by the provider first", about=words(roles))
    return account


def _follow(request: HttpRequest, account: Account, roles: tuple[Role, ...]) -> None:
    """Give an account that the provider brought the roles of its groups today."""
    if not roles:
        _refuse(request, "No group of yours brings a role here any more.")
    before = account.role_words
    account.give(roles)
    if account.role_words != before:
        account.save(update_fields=["role_names"])
        about = f"{account.name}: {before} to {account.role_words}"
        Act.objects.create(account=account, who=_provider().name, did="changed an account", about=about)


def _refuse(request: HttpRequest, why: str) -> NoReturn:
    Act.objects.create(who="somebody", did="was refused at sign-in", about=why)
    raise ImmediateHttpResponse(page(request, 403, "You can not come in here", f"{why} An admin lets people in."))


def _failed(request: HttpRequest) -> HttpResponse:
    text = "Try again. Is it down, and it is urgent? Use a paper code, or the password of your account."
    return page(request, 503, "The identity provider did not let you in", text)


def _guarded(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return a view of django-allauth that says so when the provider does not answer."""

    @login_not_required
    def asked(request: HttpRequest, provider_id: str) -> HttpResponseBase:
        # Nobody ties a second identity to an account: there is signing in and nothing else.
        request.GET = QueryDict(urlencode({k: v for k, v in request.GET.items() if k != "process"}))
        try:
            return view(request, provider_id)
        except (requests.RequestException, KeyError, ValueError) as error:
            log.warning("the identity provider did not answer as it should: %s", error)
            return _failed(request)

    return asked


begin = _guarded(views.login)
come_back = _guarded(views.callback)


@login_not_required
def failed(request: HttpRequest) -> HttpResponse:
    """Say that sign-in by the provider was broken off."""
    return _failed(request)
