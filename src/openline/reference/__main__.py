"""Write the reference pages: `python -m openline.reference docs`."""

import sys
from pathlib import Path

from openline.reference.coverage import coverage_page
from openline.reference.elements import elements_page
from openline.reference.pages import pages


def main(docs: Path) -> None:
    """Write every generated page under a directory."""
    for name, text in {**pages(), "coverage.md": coverage_page(), "plan-elements.md": elements_page()}.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
