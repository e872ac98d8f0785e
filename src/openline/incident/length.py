"""How long words are for their channel: parts of an SMS, and the time to say them."""

import math
from dataclasses import dataclass
from typing import Literal

WORDS_PER_MIN = 140
"""Pace of an announcement that listeners can follow (assumed; brisk reading aloud is 150 to 160)."""

_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_TWICE = frozenset("^{}\\[~]|€\f")
"""Signs of the extension table, which take two places (3GPP TS 23.038, 6.2.1)."""

ONE = {"GSM-7": 160, "UCS-2": 70}
EACH = {"GSM-7": 153, "UCS-2": 67}
"""Places in an SMS alone, and in each part of a longer one (3GPP TS 23.040, 9.2.3.24)."""


@dataclass(frozen=True, slots=True)
class Sms:
    """What a text takes as SMS: `odd` are the signs that make it UCS-2, which halves its room."""

    alphabet: Literal["GSM-7", "UCS-2"]
    places: int
    parts: int
    odd: str


def sms(text: str) -> Sms:
    """Return what a text takes as SMS.

    A sign that takes two places never straddles two parts, so that parts are counted by filling them.
    """
    odd = "".join(dict.fromkeys(c for c in text if c not in _GSM_7 and c not in _GSM_7_TWICE))
    alphabet: Literal["GSM-7", "UCS-2"] = "UCS-2" if odd else "GSM-7"
    sizes = [_places(c, alphabet) for c in text]
    places = sum(sizes)
    if places <= ONE[alphabet]:
        return Sms(alphabet, places, 1 if text else 0, odd)
    parts, room = 1, EACH[alphabet]
    for size in sizes:
        if size > room:
            parts, room = parts + 1, EACH[alphabet]
        room -= size
    return Sms(alphabet, places, parts, odd)


def _places(sign: str, alphabet: str) -> int:
    if alphabet == "GSM-7":
        return 2 if sign in _GSM_7_TWICE else 1
    return 2 if ord(sign) > 0xFFFF else 1


def speaking_s(text: str) -> int:
    """Return the seconds it takes to say a text, rounded up."""
    return math.ceil(len(text.split()) * 60 / WORDS_PER_MIN)
