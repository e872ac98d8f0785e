"""What is wrong with a document, as values, so that every problem can be told at once."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in a plan's files; `line` counts from 1, 0 when it has none."""

    file: str
    line: int
    path: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        hint = f" ({self.hint})" if self.hint else ""
        path = f"{self.path}: " if self.path else ""
        return f"{where}: {path}{self.message}{hint}"

    def as_dict(self) -> dict[str, str | int]:
        """Return the keys of the command line's JSON contract."""
        return asdict(self)
