"""Paper codes: the way in when the identity provider is down. Each works once, and everybody hears of it."""

import logging
import secrets
from datetime import datetime, timedelta
from functools import lru_cache

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from openline.server.accounts.models import PAPER_SESSION, Account, Act, PaperCode, PaperSheet
from openline.server.accounts.roles import is_here
from openline.server.accounts.store import holder, record

log = logging.getLogger(__name__)

CODES = 10
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and digits that look alike on paper; twelve of them are 59 bits."""
LENGTH = 12
VALID_FOR = timedelta(days=183)
WINDOW = timedelta(minutes=15)
MOST_OF_CLIENT, MOST_OF_ALL = 5, 20
REFUSED = "was refused a paper code"
EMERGENCY = "paper-code@openline.invalid"
STAMP = "paper_code"


class TooManyTries(Exception):
    """Too many wrong codes were given lately; the message says what to do."""


class WrongCode(ValueError):
    """This code is not on the valid sheet, or was used; the message says what to do."""


@transaction.atomic
def print_sheet(request: HttpRequest) -> tuple[PaperSheet, list[str]]:
    """Make a sheet of codes, shown once; the one before can not be used any more."""
    now = timezone.now()
    PaperSheet.objects.filter(withdrawn_at=None).update(withdrawn_at=now)
    sheet = PaperSheet.objects.create(made_at=now, made_by=holder(request), expires_at=now + VALID_FOR)
    shown = [_new_code() for _ in range(CODES)]
    PaperCode.objects.bulk_create(
        PaperCode(sheet=sheet, number=n, digest=make_password(code)) for n, code in enumerate(shown, 1)
    )
    record(request, "printed paper codes", about=f"sheet {sheet.pk}, valid until {sheet.expires_at:%Y-%m-%d}")
    return sheet, [
        f"{n:02d}-{'-'.join(code[i : i + 4] for i in range(0, LENGTH, 4))}" for n, code in enumerate(shown, 1)
    ]


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def withdraw(request: HttpRequest) -> None:
    """Take the sheet back, so that no code lets anybody in."""
    if PaperSheet.objects.filter(withdrawn_at=None).update(withdrawn_at=timezone.now()):
        record(request, "withdrew the paper codes")


def sheet_in_force() -> PaperSheet | None:
    """Return the sheet whose codes let people in."""
    return PaperSheet.objects.filter(withdrawn_at=None, expires_at__gt=timezone.now()).first()


def ensure_may_try(client: str, *, here: bool) -> None:
    """Raise TooManyTries after too many wrong codes of one client, or of all; counted in the log, so on every node.

    Wrong codes from elsewhere can not shut out who sits at the machine itself.
    """
    lately = Act.objects.filter(did=REFUSED, at__gt=timezone.now() - WINDOW)
    if lately.filter(about=_from(client)).count() >= MOST_OF_CLIENT or (not here and lately.count() >= MOST_OF_ALL):
        minutes = WINDOW.seconds // 60
        raise TooManyTries(f"Too many wrong codes: wait {minutes} minutes, or go to the server's machine itself.")


def come_in(request: HttpRequest, name: str, typed: str) -> PaperCode:
    """Use a code up and begin the session that it gives. Raises TooManyTries or WrongCode."""
    client = request.META.get("REMOTE_ADDR", "")
    ensure_may_try(client, here=is_here(request))
    code = _use_up(typed, name)
    if code is None:
        Act.objects.create(who=name or "somebody", did=REFUSED, about=_from(client))
        raise WrongCode("This code does not let you in: it was mistyped, used before, or is on an old sheet.")
    account = _emergency_account()
    login(request, account, backend=settings.AUTHENTICATION_BACKENDS[0])
    until = timezone.now() + PAPER_SESSION
    request.session[STAMP] = {"code": code.pk, "until": until.isoformat()}
    request.session.set_expiry(until)
    about = f"code {code.number} of sheet {code.sheet_id}, {_from(client)}, until {until:%H:%M} UTC"
    Act.objects.create(account=account, who=name, did="came in with a paper code", about=about)
    log.warning("%s came in with a paper code: %s", name, about)
    return code


def _use_up(typed: str, name: str) -> PaperCode | None:
    plain = "".join(c for c in typed.upper() if c.isalnum())
    number, text = plain[:2], plain[2:]
    sheet = sheet_in_force()
    known = sheet.codes.filter(number=int(number), used_at=None).first() if sheet and number.isdecimal() else None
    # A hash is computed in any case, so that the time tells nothing of which codes are left.
    fits = check_password(text, known.digest if known is not None else _no_code())
    if known is None or not fits:
        return None
    used = PaperCode.objects.filter(pk=known.pk, used_at=None).update(used_at=timezone.now(), used_by=name)
    return PaperCode.objects.get(pk=known.pk) if used else None


@lru_cache(maxsize=1)
def _no_code() -> str:
    return make_password(_new_code())


def _from(client: str) -> str:
    return f"from {client}"


def _emergency_account() -> Account:
    found = Account.objects.filter(email=EMERGENCY).first()
    return found or Account.objects.make(EMERGENCY, "Paper code", ("commander",), is_emergency=True)


def stamped(request: HttpRequest) -> PaperCode | None:
    """Return the code by which this session was begun, while it lasts."""
    stamp = request.session.get(STAMP) or {}
    if not stamp or datetime.fromisoformat(stamp["until"]) <= timezone.now():
        return None
    return PaperCode.objects.filter(pk=stamp["code"], ended_at=None).first()


def to_review() -> list[PaperCode]:
    """Return the uses that no admin has looked at yet."""
    return list(PaperCode.objects.exclude(used_at=None).filter(reviewed_at=None).order_by("used_at"))


def end(request: HttpRequest, code: PaperCode) -> None:
    """End the session of a code at once."""
    if PaperCode.objects.filter(pk=code.pk, ended_at=None).exclude(used_at=None).update(ended_at=timezone.now()):
        record(request, "ended a session by paper code", about=f"{code.used_by}, code {code.number}")


def review(request: HttpRequest, code: PaperCode) -> None:
    """Note that an admin has looked at what was done with a code."""
    if PaperCode.objects.filter(pk=code.pk, reviewed_at=None).update(reviewed_at=timezone.now()):
        record(request, "reviewed a session by paper code", about=f"{code.used_by}, code {code.number}")
