"""Checking the signature of a sealed file, with nothing of a server."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_signed_by(key: str, said: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature of these bytes is of this public key, given in hexadecimal."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True
