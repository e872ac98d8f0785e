"""Secrets by name: they come from the environment or a file, and are never stored or shown."""

import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

SecretName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,47}$")]
"""The name of a secret, such as SMS_TOKEN."""

PREFIX = "OPENLINE_PROVIDER_"
"""Begins the variable of every secret, so that no page can ask for anything else of the environment."""

FOLDER = "OPENLINE_SECRETS"
"""The variable that names a directory with a file for each secret."""

_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,47}")


class NoSuchSecret(LookupError):
    """A secret is not there; the message says where to put it."""


def secret(name: str) -> str:
    """Return a secret: OPENLINE_PROVIDER_NAME, else the file NAME in OPENLINE_SECRETS. Raises NoSuchSecret."""
    if not _NAME.fullmatch(name):
        raise NoSuchSecret(f"{name[:48]!r} is no name of a secret: use capital letters, digits and _")
    if found := os.environ.get(PREFIX + name):
        return found
    folder = os.environ.get(FOLDER)
    file = Path(folder) / name if folder else None
    # An empty one is none: a door that compares with it would open to whoever says nothing.
    if file is not None and file.is_file() and (found := file.read_text(encoding="utf-8").strip()):
        return found
    raise NoSuchSecret(f"there is no secret {name}: set {PREFIX}{name}, or put a file {name} into {FOLDER}")


def is_there(name: str) -> bool:
    """Tell whether a secret can be read, without showing it."""
    try:
        return bool(secret(name))
    except (NoSuchSecret, OSError):
        return False
