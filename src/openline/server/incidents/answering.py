"""Answers by people who have not signed in: a signed link for one person and one call, or a short reply code."""

import hmac
from hashlib import sha256

from django.conf import settings
from django.core import signing

from openline.incident.people import Page
from openline.server.incidents.models import Incident

SALT = "openline.answer"
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits that can not be taken for each other."""


class NoSuchCall(ValueError):
    """The link or code is not one that was sent."""


def token(incident: int, page: str, person: str) -> str:
    """Return the signed part of a link: it opens this call of this person, and nothing else."""
    return signing.dumps([incident, page, person], salt=SALT, compress=False)


def opened(text: str) -> tuple[int, str, str]:
    """Return (incident, page, person) of a link; raises NoSuchCall."""
    try:
        incident, page, person = signing.loads(text, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise NoSuchCall("this link is not one that was sent, or it was cut off on its way") from None
    return int(incident), str(page), str(person)


def code(incident: int, page: str, person: str) -> str:
    """Return the six-sign reply code of a call of a person; it tells who answers when the number does not."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"{incident}/{page}/{person}".encode(), sha256).digest()
    return "".join(ALPHABET[b % len(ALPHABET)] for b in digest[:6])


def link(incident: int, page: str, person: str) -> str:
    """Return the address that a person opens to answer."""
    return f"{settings.PUBLIC_URL or settings.OWN_URL}/a/{token(incident, page, person)}"


def words(found: Incident, page: Page, person: str, channel: str) -> str:
    """Return the text for one person: the message, then how to answer; an exercise says so first."""
    first = "EXERCISE EXERCISE EXERCISE. " if found.is_exercise else ""
    answer = f" {link(found.pk, page.id, person)} or reply {code(found.pk, page.id, person)}"
    return f"{first}{page.text}{'' if page.ask == 'inform' else answer}"
