"""The second factor: who needs one, how its secret is kept, and that its changes stand in the log."""

import base64
import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from allauth.account import app_settings as times
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from openline.server.accounts.models import Account, Act, Policy
from openline.server.accounts.rights import Right

RISKY: frozenset[Right] = frozenset(("command", "manage_settings", "manage_tokens", "manage_accounts"))
"""Who has one of these on a server that others reach needs a second factor."""

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Keeps secrets encrypted with the server's own key, so that a copy of the database alone gives none away."""

    def encrypt(self, text: str) -> str:
        """Return what is stored."""
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; raises when the server's key was changed, so that no code fits by chance."""
        return _lock().decrypt(encrypted_text.encode()).decode()


def _lock() -> Fernet:
    key = hashlib.scrypt(settings.SECRET_KEY.encode(), salt=b"second factor", n=2, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))


def for_all() -> bool:
    """Tell whether an admin asks everybody for a second factor."""
    return Policy.objects.filter(pk=1, second_factor_for_all=True).exists()


def require_of_all(wanted: bool) -> None:
    """Ask everybody for a second factor, or only those who need one anyway."""
    Policy.objects.update_or_create(pk=1, defaults={"second_factor_for_all": wanted})


def has_one(account: Account) -> bool:
    """Tell whether an account has set up a second factor."""
    return bool(Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).exists())


def lacks_one(request: HttpRequest) -> bool:
    """Tell whether who asks needs a second factor and has none; who came by the identity provider has had its own."""
    account = request.user
    if not account.is_authenticated or account.is_demo or account.is_emergency or came_by_provider(request):
        return False
    needed = (bool(settings.PUBLIC_URL) and bool(account.rights & RISKY)) or for_all()
    return needed and not has_one(account)


def came_by_provider(request: HttpRequest) -> bool:
    """Tell whether this session was begun by the identity provider."""
    records = get_authentication_records(request, request.user if request.user.is_authenticated else None)
    return any(r.get("method") == "socialaccount" for r in records)


def is_fresh(request: HttpRequest) -> bool:
    """Tell whether who asks has signed in, or said a password or code again, within some minutes."""
    records = get_authentication_records(request, request.user if request.user.is_authenticated else None)
    since = time.time() - times.REAUTHENTICATION_TIMEOUT
    return any(r.get("at", 0) > since for r in records)


def sure(view: V) -> V:
    """Return a view that asks for the password or the code again when the sign-in is some minutes old."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        raise_if_reauthentication_required(request, app="openline")
        return view(request, *args, **kwargs)

    return asked  # type: ignore[return-value]


def take_away(account: Account) -> bool:
    """Remove every second factor of an account whose holder lost the phone; tells whether there was one."""
    gone, _ = Authenticator.objects.filter(user_id=account.pk).delete()
    return bool(gone)


def _logs(did: str) -> Callable[..., None]:
    def log(sender: object, user: Account, authenticator: Authenticator | None = None, **_: Any) -> None:
        about = "" if authenticator is None else str(authenticator.get_type_display())
        Act.objects.create(account=user, who=user.name, did=did, about=about)

    return log


LOGGED = {
    authenticator_added: _logs("set up a second factor"),
    authenticator_removed: _logs("took off a second factor"),
    authenticator_reset: _logs("made new recovery codes"),
    authentication_failed: _logs("gave a wrong code"),
}


def listen() -> None:
    """Connect to the signals."""
    for signal, log in LOGGED.items():
        signal.connect(log, weak=False, dispatch_uid="openline second factor")
