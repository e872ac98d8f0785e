"""Writes the tables of the docs that come from the addresses: `python -m openline.server.reference docs`."""

import sys
import tempfile
from pathlib import Path

from openline.server.start import prepare


def write(docs: Path) -> None:
    """Write the tables of sign-in again."""
    with tempfile.TemporaryDirectory() as data:
        prepare(Path(data), [])
        from openline.server.accounts.doors import written

        page = docs / "sign-in.md"
        page.write_text(written(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
