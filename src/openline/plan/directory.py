"""Reading a plan's directory into memory."""

from itertools import islice
from pathlib import Path

from openline.plan.problem import Problem
from openline.plan.tree import MAX_FILE_BYTES

SUFFIXES = (".yaml", ".yml", ".csv")
MOST_ENTRIES = 5000


def read_directory(directory: Path) -> tuple[dict[str, str], list[Problem]]:
    """Return the plan's files by relative path, and those that can not be read.

    Hidden files, links that lead out of the directory and other kinds of file are left aside.
    """
    if not directory.is_dir():
        return {}, [Problem(".", 0, "", "there is no such directory", "name the directory with openline.yaml")]
    files: dict[str, str] = {}
    problems: list[Problem] = []
    found = list(islice(directory.rglob("*"), MOST_ENTRIES + 1))
    if len(found) > MOST_ENTRIES:
        return {}, [Problem(".", 0, "", f"more than {MOST_ENTRIES} files", "is this the plan's directory?")]
    for path in sorted(found):
        name = path.relative_to(directory).as_posix()
        if path.suffix not in SUFFIXES or _is_aside(path, directory):
            continue
        try:
            files[name] = _read(path)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            problems.append(Problem(name, 0, "", f"can not be read: {error}", "files are UTF-8 text"))
    return files, problems


def _is_aside(path: Path, directory: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(directory).parts)
    return hidden or not path.is_file() or not path.resolve().is_relative_to(directory.resolve())


def _read(path: Path) -> str:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ValueError("larger than 4 MB")
    return path.read_text(encoding="utf-8")
