"""Writing an import into a plan's directory so that nothing is lost: what is replaced is kept beside it."""

from collections.abc import Mapping
from pathlib import Path

KEPT = ".openline-before"


def write_files(directory: Path, files: Mapping[str, str | None], stamp: str) -> Path | None:
    """Write files (None takes one away); what was there before is kept under `.openline-before/STAMP`.

    Each file is written beside its place and then put there at once, so a power cut leaves the old or the new one.
    Returns the folder with the old files, None when nothing was replaced.
    """
    kept = directory / KEPT / stamp
    replaced = False
    for name, text in files.items():
        path = directory / name
        if path.is_file():
            (kept / name).parent.mkdir(parents=True, exist_ok=True)
            (kept / name).write_bytes(path.read_bytes())
            replaced = True
        if text is None:
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    return kept if replaced else None
