"""The sealed export: a log that anyone can check, with nothing but SHA-256 and the public key that it names.

A file of JSON lines: a head, the entries, a seal. The seal holds the number of entries, the hash of the last, and the
hash of everything above it; a signature over that hash tells which server sealed it.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openline.incident.entry import BrokenChain, canonical, verify

FORMAT = "openline-incident-1"
Sign = Callable[[bytes], bytes]
Check = Callable[[str, bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sealed file says, and what was found."""

    head: dict[str, Any]
    entries: tuple[dict[str, Any], ...]
    last_hash: str
    is_signed: bool
    public_key: str


def seal(head: dict[str, Any], entries: Iterable[dict[str, Any]], public_key: str, sign: Sign) -> Iterator[str]:
    """Yield the lines of a sealed file; `sign` makes an Ed25519 signature of bytes."""
    digest = hashlib.sha256()
    count, last = 0, ""
    first = canonical({"format": FORMAT, **head})
    digest.update(first.encode() + b"\n")
    yield first
    for entry in entries:
        line = canonical(entry)
        digest.update(line.encode() + b"\n")
        count, last = count + 1, entry["hash"]
        yield line
    said = {"entries": count, "last_hash": last, "sha256": digest.hexdigest(), "public_key": public_key}
    yield canonical({"seal": said, "signature": sign(canonical(said).encode()).hex()})


def check(text: str, is_signed_by: Check) -> Checked:
    """Return what a sealed file holds. Raises BrokenChain, in words, when anything in it was changed.

    Every line must stand as it was written, to the byte: what one program skips another may show.
    """
    head, entries, said, signature = _parts(text)
    if head.get("format") != FORMAT:
        raise BrokenChain(f"this is not a sealed log of the format {FORMAT}")
    count, last_hash = verify(entries)
    digest = hashlib.sha256("".join(f"{canonical(p)}\n" for p in (head, *entries)).encode()).hexdigest()
    if (said.get("entries"), said.get("last_hash"), said.get("sha256")) != (count, last_hash, digest):
        raise BrokenChain("the seal does not fit: entries were added, taken out or changed after it was sealed")
    public_key = str(said.get("public_key", ""))
    if not is_signed_by(public_key, canonical(said).encode(), signature):
        raise BrokenChain("the signature does not fit the seal: it was not sealed by the server it names")
    return Checked(head, tuple(entries), last_hash, True, public_key)


def _parts(text: str) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any], bytes]:
    """Return (head, entries, seal, signature); raises BrokenChain."""
    # Only \n ends a line: a note may hold others of the signs at which splitlines would cut.
    *lines, rest = text.split("\n")
    parts = [_part(n, line) for n, line in enumerate(lines, 1)]
    last = parts[-1] if len(parts) > 1 else {}
    said, signature = last.get("seal"), last.get("signature")
    if rest or len(last) != 2 or not isinstance(said, dict) or not isinstance(signature, str):
        raise BrokenChain("this is no sealed log: it has no head, entries and seal, one a line")
    try:
        signed = bytes.fromhex(signature)
    except ValueError:
        signed = b""
    if signed.hex() != signature:
        raise BrokenChain("the signature is not written as it was")
    return parts[0], parts[1:-1], said, signed


def _part(n: int, line: str) -> dict[str, Any]:
    try:
        part = json.loads(line)
    except (ValueError, RecursionError):
        raise BrokenChain(f"line {n} is not readable: this is no sealed log, or it was cut off there") from None
    if not isinstance(part, dict) or canonical(part) != line:
        raise BrokenChain(f"line {n} is not written as it was sealed")
    return part
