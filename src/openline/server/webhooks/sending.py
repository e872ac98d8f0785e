"""One signed call to an address outside, which may not lie inside unless the server's owner allows it."""

import hashlib
import hmac
import ipaddress
import socket
import time
from base64 import urlsafe_b64encode
from typing import Final
from urllib.parse import SplitResult, urlsplit

import httpx
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
MOST_ANSWER = 4096
TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses that a NAT64 gateway leads to the IPv4 address in their last 32 bits."""


class BadTarget(ValueError):
    """This address may not be called; the message says why and what to do."""


class NotTaken(RuntimeError):
    """The address did not take a call; the message says what it answered."""


def _vault() -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"openline webhooks")
    return Fernet(urlsafe_b64encode(kdf.derive(settings.SECRET_KEY.encode())))


def locked(secret: str) -> str:
    """Return a secret as it is kept."""
    return _vault().encrypt(secret.encode()).decode()


def unlocked(kept: str) -> str:
    """Return a secret that was kept; raises cryptography's InvalidToken when the server's key has changed."""
    return _vault().decrypt(kept.encode()).decode()


def signature(secret: str, at_s: int, body: bytes) -> str:
    """Return what is sent as Openline-Signature: the time, and the HMAC-SHA256 of `time.body` with the secret."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"


def target(url: str) -> tuple[SplitResult, str]:
    """Return (the address, the network address to call). Raises BadTarget.

    The network address that was looked at is the one that is called, so that a name can not lead elsewhere meanwhile.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
        raise BadTarget("give an address such as https://example.org/openline, without a name or password in it")
    if parts.scheme == "http" and not settings.WEBHOOKS_PRIVATE:
        raise BadTarget("give an https address: what is sent must not be readable on its way")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError, UnicodeError) as error:
        raise BadTarget(f"{parts.hostname} can not be found: {error}") from None
    addresses = [str(f[4][0]) for f in found]
    if not settings.WEBHOOKS_PRIVATE and not all(map(_is_outside, addresses)):
        raise BadTarget(
            f"{parts.hostname} lies inside this network: choose an address outside, or let whoever runs the server "
            "start it with OPENLINE_WEBHOOKS_PRIVATE=1"
        )
    return parts, addresses[0]


def _is_outside(text: str) -> bool:
    """Tell whether an address is one of the world's, and not a way of writing one inside (RFC 6052, RFC 3056)."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address.is_global and not address.is_multicast
    if address in TRANSLATED:
        return _is_outside(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    inner = address.sixtofour
    return address.is_global and not address.is_multicast and (inner is None or _is_outside(str(inner)))


def call(url: str, secret: str, body: bytes, delivery: str) -> str:
    """Send a body, signed, and return what was answered. Raises BadTarget, and NotTaken unless it was a success."""
    parts, address = target(url)
    host = f"[{address}]" if ":" in address else address
    where = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Openline",
        "Openline-Delivery": delivery,
        "Openline-Signature": signature(secret, int(time.time()), body),
    }
    try:
        with httpx.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False) as client:
            request = client.build_request("POST", where, content=body, headers=headers)
            request.extensions["sni_hostname"] = parts.hostname
            answer = client.send(request, stream=True)
            text = next(answer.iter_bytes(MOST_ANSWER), b"").decode(errors="replace")
            answer.close()
    except httpx.HTTPError as error:
        raise NotTaken(f"no answer: {error or type(error).__name__}") from error
    if not answer.is_success:
        raise NotTaken(f"it answered {answer.status_code}")
    return text
