"""Nothing half merged is left in a page, a program or a text."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_leaves_no_mark_of_a_merge() -> None:
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    left = [
        f"{path.relative_to(ROOT)}:{n}"
        for folder in ("src", "docs", "tests", "changes", "examples")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".html", ".md", ".yaml", ".css", ".js", ".toml")
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.startswith(marks)
    ]

    assert left == []
