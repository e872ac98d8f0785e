"""The signed address of a link, and the signed key of each form behind it."""

import hashlib
import secrets
from dataclasses import dataclass

from django.core import signing
from django.utils.crypto import constant_time_compare

ADDRESS = signing.Signer(sep=".", salt="openline.links.address")
FORM_S = 2 * 86400
"""A form that lay open longer is asked to be sent once more; nothing typed is lost."""


class NotOurs(ValueError):
    """This was not made by this server, or was altered."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an address says: which link, and its secret."""

    pk: int
    secret: str


def new_secret() -> str:
    """Return a secret that nobody can guess: 256 bits from the system."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """Return what is kept of a secret; a fast hash is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_hash_of(secret: str, kept: str) -> bool:
    """Tell whether a secret is the one of a hash, in a time that says nothing of where they differ."""
    return constant_time_compare(hash_of(secret), kept)


def address(pk: int, secret: str) -> str:
    """Return the part of a link's address that opens it."""
    return ADDRESS.sign(f"{pk}.{secret}")


def read_address(token: str) -> Said:
    """Return what an address says; raises NotOurs."""
    try:
        pk, _, secret = ADDRESS.unsign(token).partition(".")
        return Said(int(pk), secret)
    except (signing.BadSignature, ValueError) as error:
        raise NotOurs from error


def form_key(scope: str, revision: int) -> str:
    """Return the key of a form: for which link or account it was made, and from which revision.

    It takes the place of the token in a cookie, since those who answer have no session: pages behind a link send no
    referrer, so a browser calls their origin "null", which the usual protection against forged requests refuses.
    """
    return signing.TimestampSigner(salt="openline.links.form").sign(f"{scope}~{revision}")


def read_form_key(key: str, scope: str) -> int:
    """Return the revision that a form was made from; raises NotOurs when it was made for another."""
    try:
        said = signing.TimestampSigner(salt="openline.links.form").unsign(key, max_age=FORM_S)
        made_for, _, revision = said.rpartition("~")
        if not constant_time_compare(made_for, scope):
            raise NotOurs
        return int(revision)
    except (signing.BadSignature, ValueError) as error:
        raise NotOurs from error
