"""Writing an import into a plan's directory so that nothing is lost: what is replaced is kept beside it."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

KEPT = ".openline-before"


def write_files(directory: Path, files: Mapping[str, str | None], stamp: str) -> Path | None:
    """Write files (None takes one away); what was there before is kept under `.openline-before/STAMP`.

    All are written beside their places first and put there after that, so that a full disk changes nothing, and a power
    cut leaves the old or the new one of each. Returns the folder with the old files, None when nothing was replaced.
    """
    kept = directory / KEPT / stamp
    written = {name: text for name, text in files.items() if text is not None}
    try:
        for name, new in written.items():
            _write(_beside(directory / name), new.encode())
        is_replaced = [_keep(directory / name, kept / name) for name in files]
    except OSError:
        for name in written:
            with suppress(OSError):
                _beside(directory / name).unlink(missing_ok=True)
        raise
    for name, text in files.items():
        path = directory / name
        path.unlink(missing_ok=True) if text is None else _beside(path).replace(path)
    return kept if any(is_replaced) else None


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: what was there stays when the disk is full. A device is written to as it is."""
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    beside = _beside(path.resolve())
    try:
        _write(beside, data)
        beside.replace(path.resolve())
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _keep(path: Path, kept: Path) -> bool:
    """Keep a copy of a file; tells whether there was one."""
    if not path.is_file():
        return False
    _write(kept, path.read_bytes())
    return True
