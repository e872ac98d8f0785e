"""The server's own key, and sealed exports of its logs."""

from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.conf import settings
from django.utils import timezone

from openline.incident.sealed import seal
from openline.server.incidents.models import Incident
from openline.server.incidents.store import lines_of


def own_key() -> Ed25519PrivateKey:
    """Return the key with which this server seals, made when first needed and readable by its owner only."""
    file = settings.DATA / "seal-key"
    if not file.is_file():
        file.touch(mode=0o600)
        raw = Ed25519PrivateKey.generate().private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        file.write_bytes(raw)
    return Ed25519PrivateKey.from_private_bytes(file.read_bytes())


def public_key() -> str:
    """Return the public key that sealed files name."""
    return own_key().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sealed(found: Incident) -> Iterator[str]:
    """Yield the lines of an incident's sealed export."""
    head: dict[str, Any] = {
        "incident": found.ref,
        "title": found.title,
        "centre": found.slug,
        "plan_hash": found.revision.content_hash,
        "is_exercise": found.is_exercise,
        "sealed_at": timezone.now().isoformat(),
    }
    return seal(head, lines_of(found), public_key(), own_key().sign)
