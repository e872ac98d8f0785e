"""What comes over the wire: at most so many bytes, kept on disk while they arrive; and archives, unpacked with care."""

import io
import zipfile
import zlib
from pathlib import PurePosixPath

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

from openline.plan.directory import SUFFIXES
from openline.plan.problem import Problem
from openline.plan.tree import MAX_FILE_BYTES

MOST_BYTES = 8_000_000
MOST_UNPACKED = 64_000_000
MOST_FILES = 2_000
TOO_LARGE = "openline.too_large"


class Bounded(TemporaryFileUploadHandler):
    """Keeps a file on disk while it comes in, and lets go of one that is larger than this server takes."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a chunk; past the limit the rest is read and thrown away."""
        if start + len(raw_data) > MOST_BYTES:
            if self.request is not None:
                self.request.META[TOO_LARGE] = "1"
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def unpacked(content: bytes, name: str) -> tuple[dict[str, str], list[Problem]]:
    """Return the plan's files in an archive, by their path from the folder that holds them all; never writes any."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = [p for p in archive.infolist() if _counts(p.filename)]
            if len(parts) > MOST_FILES or sum(p.file_size for p in parts) > MOST_UNPACKED:
                most = f"{MOST_FILES:,} files and {MOST_UNPACKED // 1_000_000} MB unpacked"
                return {}, [Problem(name, 0, "", f"the archive is too large: {most} at most", "leave other files out")]
            return _read(archive, parts)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        return {}, [Problem(name, 0, "", f"not readable as a ZIP archive: {str(error)[:120]}", "pack it again")]


def _counts(name: str) -> bool:
    path = PurePosixPath(name)
    aside = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix in SUFFIXES and not aside and not path.is_absolute()


def _read(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> tuple[dict[str, str], list[Problem]]:
    top = _top([PurePosixPath(p.filename) for p in parts])
    files: dict[str, str] = {}
    problems = []
    for part in parts:
        name = PurePosixPath(*PurePosixPath(part.filename).parts[top:]).as_posix()
        with archive.open(part) as stream:
            data = stream.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            problems.append(Problem(name, 0, "", "larger than 4 MB", "split the section into a folder"))
            continue
        try:
            files[name] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            problems.append(Problem(name, 0, "", f"can not be read: {error.reason}", "files are UTF-8 text"))
    return files, problems


def _top(paths: list[PurePosixPath]) -> int:
    """Return how many folders all paths share, so that a packed folder is as good as its packed content."""
    roots = [p for p in paths if p.name == "openline.yaml"]
    if roots:
        return min(len(p.parts) for p in roots) - 1
    return 1 if paths and len({p.parts[0] for p in paths}) == 1 and all(len(p.parts) > 1 for p in paths) else 0
