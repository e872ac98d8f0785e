"""What somebody may have meant by a name that is not there."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

MOST_SEARCHES = 100
"""Each search costs as much as there are names: a file of wrong names would cost the square of its size."""


@dataclass
class Names:
    """Hints for one loading; after MOST_SEARCHES of them the rest have none."""

    searched: int = 0

    def closest(self, word: str, known: Iterable[str]) -> str:
        """Return the name that is meant, else some of those there are."""
        self.searched += 1
        if self.searched > MOST_SEARCHES:
            return ""
        names = sorted(known)
        match = difflib.get_close_matches(word[:100], names, n=1, cutoff=0.6)
        if match:
            return f"did you mean {match[0]!r}?"
        return "known: " + ", ".join(names[:12]) + (" ..." if len(names) > 12 else "") if names else "none is defined"
