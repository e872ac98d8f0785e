"""Accounts in and out of the database; the log."""

from collections.abc import Collection
from datetime import timedelta
from functools import lru_cache

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from openline.server.accounts.models import Account, Act
from openline.server.accounts.rights import OWNER, Role, words

READING_EVERY = timedelta(hours=1)
DEMO_OWNER = "owner@demo.invalid"


class LastAdmin(ValueError):
    """Somebody must be able to give roles: the last admin stays one."""


class AddressTaken(ValueError):
    """There is an account with this address."""


def is_set_up() -> bool:
    """Tell whether there is an account that can sign in."""
    return Account.objects.filter(is_demo=False, is_emergency=False).exists()


def make_demo_owner() -> None:
    """Make the account that the demo opens with; it has no password."""
    if not Account.objects.filter(email=DEMO_OWNER).exists():
        Account.objects.make(DEMO_OWNER, "Demo owner", OWNER, is_demo=True)


@lru_cache(maxsize=1)
def demo_owner() -> Account:
    """Return the account that the demo opens with."""
    return Account.objects.get(email=DEMO_OWNER)


def holder(request: HttpRequest) -> Account | None:
    """Return the account of who asks; its name stands in the log and on revisions."""
    return request.user if request.user.is_authenticated else None


def record(request: HttpRequest, did: str, *, slug: str = "", about: str = "") -> None:
    """Add an act to the log."""
    account = holder(request)
    Act.objects.create(account=account, who=str(account or "nobody"), did=did, slug=slug, about=about[:300])


def note_reading(request: HttpRequest, did: str, *, slug: str, about: str = "") -> None:
    """Log a sensitive reading, at most once an hour for the same reader and thing, so that the log stays readable."""
    account, since = holder(request), timezone.now() - READING_EVERY
    who = str(account or "nobody")
    lately = Act.objects.filter(at__gt=since, account=account, who=who, did=did, slug=slug, about=about)
    if not lately.exists():
        record(request, did, slug=slug, about=about)


@transaction.atomic
def set_up(email: str, name: str, password: str) -> Account | None:
    """Make the first account, which may do everything; None when somebody was first."""
    if is_set_up():
        return None
    account = Account.objects.make(email, name, OWNER, password)
    Act.objects.create(account=account, who=account.name, did="set up this server", about=account.email)
    return account


@transaction.atomic
def add(request: HttpRequest, email: str, name: str, roles: Collection[Role]) -> Account:
    """Make an account without a password; raises AddressTaken."""
    if Account.objects.filter(email__iexact=email).exists():
        raise AddressTaken(f"There is an account for {email} already.")
    account = Account.objects.make(email, name, roles)
    record(request, "added an account", about=f"{name}: {words(roles)}")
    return account


def password_link(request: HttpRequest, account: Account) -> str:
    """Return the address at which a password can be set: once, and only for some days."""
    key = f"{user_pk_to_url_str(account)}-{default_token_generator.make_token(account)}"
    uid, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    record(request, "made a password link", about=account.name)
    return (settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")) + path


@transaction.atomic
def change(request: HttpRequest, account: Account, roles: Collection[Role], *, is_active: bool) -> None:
    """Give roles, or shut an account; raises LastAdmin."""
    others = (
        Account.objects.select_for_update()
        .filter(is_active=True, is_demo=False, is_emergency=False)
        .exclude(pk=account.pk)
    )
    if not any("admin" in other.roles for other in others) and not ("admin" in roles and is_active):
        raise LastAdmin("This is the last admin: make another one first.")
    before = _standing(account)
    account.give(roles)
    account.is_active = is_active
    account.save(update_fields=["role_names", "is_active"])
    record(request, "changed an account", about=f"{account.name}: {before} to {_standing(account)}")


def _standing(account: Account) -> str:
    return words(account.roles) + ("" if account.is_active else ", shut")
