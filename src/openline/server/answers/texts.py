"""What a text or the keys of a telephone mean: an answer, a level, or a first sign; no incident is looked at here."""

import re
from dataclasses import dataclass

from openline.server.answers.reading import NoAnswer
from openline.server.incidents.answering import ALPHABET

HEAD = re.compile(rf"\s*(?:([{ALPHABET}]{{6}})(?![A-Z]))?[\s.,:;-]*([0-9])?", re.IGNORECASE)
"""CODE, CODE 1, or 1; words after it are not read."""

LEVEL = re.compile(r"[\s.,:;-]*\bL(?:EVEL)?[\s.:-]*([0-9]+)(?![0-9A-Z])[\s.,:;-]*(.*)", re.IGNORECASE | re.DOTALL)
"""L2, L 2 or LEVEL 2, but no word such as L8R; the words after it are the reason."""

REPORT = re.compile(r"\s*((?:EXERCISE[\s.,:;-]+)*)REPORT\b[\s.,:;!-]*(.*)", re.IGNORECASE | re.DOTALL)

LEVELS = ("1", "2", "3", "4")
DECLARING = "9"
"""The key before a level."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to a call: by its code or, where that is empty, by the number it comes from."""

    code: str
    digit: str


@dataclass(frozen=True, slots=True)
class Level:
    """A level to be declared, by who holds the call."""

    code: str
    level: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sign:
    """A first sign in somebody's own words."""

    words: str
    is_exercise: bool = False


def of_text(text: str) -> Answered | Level | Sign | None:
    """Return what a text means, None where it means nothing. Raises NoAnswer for a level that is not complete."""
    if sign := REPORT.match(text):
        return Sign(" ".join(sign[2].split()), is_exercise=bool(sign[1]))
    head = HEAD.match(text)
    code, digit = ((head[1] or "").upper(), head[2] or "") if head else ("", "")
    if level := LEVEL.match(text, head.end() if head else 0):
        return _level(code, digit, level[1], " ".join(level[2].split()))
    return Answered(code, digit) if code or digit else None


def _level(code: str, digit: str, level: str, reason: str) -> Level:
    if not code:
        raise NoAnswer("A level takes the code of the message, since a number can be forged: reply CODE L2.")
    if digit:
        raise NoAnswer("Send the answer and the level one after the other: CODE 1, then CODE L2.")
    if level not in LEVELS:
        raise NoAnswer("A level is L1, L2, L3 or L4: reply CODE L2.")
    return Level(code, int(level), reason)


def of_keys(digits: str) -> Answered | Level | None:
    """Return what the keys of a telephone mean, None when none was pressed. Raises NoAnswer for half a level."""
    pressed = re.sub(r"[^0-9]", "", digits, flags=re.ASCII)
    if not pressed.startswith(DECLARING):
        return Answered("", pressed[0]) if pressed else None
    if pressed[1:] not in LEVELS:
        raise NoAnswer("Press 9, and then the level: 1, 2, 3 or 4.")
    return Level("", int(pressed[1:]))
