"""Tokens: how programs ask. `Authorization: Bearer ol_...`; of the secret only a digest is kept."""

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import timedelta

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from openline.server.accounts.models import Account, ApiToken, Program
from openline.server.accounts.rights import NOT_FOR_PROGRAMS, RIGHTS, Right
from openline.server.accounts.roles import bearer
from openline.server.accounts.store import record
from openline.server.security import Limit

MARK = "ol"
USES = Limit(most=600, window_s=60)
"""Requests of one token in a minute, on one node."""
MISSES = Limit(most=20, window_s=60)
"""Requests with a wrong token by one client in a minute, on one node."""
NOTED_EVERY = timedelta(minutes=1)
NOBODY = hashlib.sha256(b"nobody").hexdigest()


class ScopeRefused(ValueError):
    """A token can not have a right that its maker lacks, or that is for people only."""


def grantable(account: Account) -> dict[Right, str]:
    """Return the rights that an account may give to a program, with what they mean."""
    return {r: says for r, says in RIGHTS.items() if r in account.rights - NOT_FOR_PROGRAMS}


def make(request: HttpRequest, name: str, scopes: Collection[Right], days: int) -> tuple[ApiToken, str]:
    """Make a token; returns it with its text, which is shown once. Raises ScopeRefused."""
    account = request.user
    if not account.is_authenticated or not scopes or not set(scopes) <= set(grantable(account)):
        raise ScopeRefused("A token gets one or more of your own rights, and none that is for people only.")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        name=name,
        prefix=prefix,
        digest=_digest(secret),
        scope_names=" ".join(r for r in RIGHTS if r in scopes),
        made_by=account,
        expires_at=timezone.now() + timedelta(days=days),
    )
    record(request, "made a token", about=f"{token}: {token.scope_names}, {days} days")
    return token, f"{MARK}_{prefix}_{secret}"


def withdraw(request: HttpRequest, token: ApiToken) -> None:
    """Take a token back at once; when it was taken back before nothing happens."""
    if ApiToken.objects.filter(pk=token.pk, withdrawn_at=None).update(withdrawn_at=timezone.now()):
        record(request, "withdrew a token", about=str(token))


def authenticate(request: HttpRequest) -> Program | None:
    """Return who asks with a valid token, or None."""
    if isinstance(request.user, Program):
        return request.user
    text = bearer(request)
    return None if text is None else _program(text)


def scoped(right: Right) -> Callable[[HttpRequest], Account | None]:
    """Return a check for django-ninja's `auth=`: who asks, by token or signed in, when they have this right."""

    def check(request: HttpRequest) -> Account | None:
        who = authenticate(request) or (request.user if request.user.is_authenticated else None)
        return who if who is not None and right in who.rights else None

    return check


def _program(text: str) -> Program | None:
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    now = timezone.now()
    usable = Q(withdrawn_at=None, expires_at__gt=now, made_by__is_active=True)
    token = ApiToken.objects.filter(usable, prefix=prefix).first() if mark == MARK else None
    # Compared in any case, so that the time tells nothing of which prefixes exist.
    right_one = secrets.compare_digest(_digest(secret), token.digest if token is not None else NOBODY)
    if token is None or not right_one:
        return None
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    program = Program.objects.get(pk=token.made_by_id)
    program.token, program.name = token, f"{token.name} (a program of {program.name})"[:100]
    return program


def _digest(secret: str) -> str:
    # The secret has 256 bits of its own, so that a slow hash would add nothing.
    return hashlib.sha256(secret.encode()).hexdigest()
