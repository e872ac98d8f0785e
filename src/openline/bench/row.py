"""One measured figure."""

from dataclasses import asdict, dataclass


class PeerMissing(RuntimeError):
    """A library to compare with is not installed; the message says how to get it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A figure with its unit; `bar` is the least that it should be, or the most, None when there is no bar."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_most: bool = False

    @property
    def ok(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value <= self.bar if self.at_most else self.value >= self.bar

    def as_dict(self) -> dict[str, object]:
        """Return the keys of the command line's JSON contract."""
        return {k: v for k, v in asdict(self).items() if k != "at_most"} | {"ok": self.ok}
