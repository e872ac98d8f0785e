"""Sign-in by django-allauth: nobody makes an account by themselves, and each sign-in stands in the log."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import password_changed, password_reset
from allauth.core import context
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from openline.server.accounts.models import Account, Act
from openline.server.accounts.second_factor import is_fresh


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Closes what django-allauth leaves open."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Tell that accounts are made by admins only."""
        return False

    def is_reauthentication_required(self, *, app: str = "", **_: Any) -> bool:
        """Tell whether to ask again who it is; a sign-in of some minutes ago will do."""
        return not is_fresh(context.request)


def _act(account: Account | None, did: str) -> None:
    Act.objects.create(account=account, who=account.name if account else "somebody", did=did)


def signed_in(sender: object, user: Account, **_: Any) -> None:
    """Log a sign-in."""
    _act(user, "signed in")


def signed_out(sender: object, user: Account | None, **_: Any) -> None:
    """Log a sign-out."""
    if user is not None:
        _act(user, "signed out")


def refused(sender: object, credentials: dict[str, Any], **_: Any) -> None:
    """Log a sign-in that failed, with the account when there is one; what was typed otherwise is not kept."""
    typed = str(credentials.get("email") or credentials.get("username") or "")
    account = Account.objects.filter(email__iexact=typed).first()
    _act(account, "was refused at sign-in")


def changed(sender: object, user: Account, **_: Any) -> None:
    """Log a new password."""
    _act(user, "set a password")


def listen() -> None:
    """Connect to the signals."""
    user_logged_in.connect(signed_in, dispatch_uid="openline")
    user_logged_out.connect(signed_out, dispatch_uid="openline")
    user_login_failed.connect(refused, dispatch_uid="openline")
    password_changed.connect(changed, dispatch_uid="openline")
    password_reset.connect(changed, dispatch_uid="openline")
