"""One measured figure."""

from dataclasses import dataclass


class PeerMissing(RuntimeError):
    """A library to compare with is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its unit; `bar` is the least that it should be, for a limit the most; None without a bar."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    is_limit: bool = False

    @property
    def ok(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value <= self.bar if self.is_limit else self.value >= self.bar

    def as_dict(self) -> dict[str, object]:
        """Return the keys of the command line's JSON contract."""
        return {"name": self.name, "value": self.value, "unit": self.unit, "bar": self.bar, "ok": self.ok}
