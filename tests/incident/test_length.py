"""Lengths for channels: parts of an SMS, seconds of an announcement (COM-02)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openline.incident.length import EACH, sms, speaking_s


@pytest.mark.parametrize(
    ("text", "alphabet", "places", "parts"),
    [
        ("", "GSM-7", 0, 0),
        ("a" * 160, "GSM-7", 160, 1),
        ("a" * 161, "GSM-7", 161, 2),
        ("a" * 306, "GSM-7", 306, 2),
        ("a" * 307, "GSM-7", 307, 3),
        ("€" * 80, "GSM-7", 160, 1),
        ("a" * 152 + "€" + "a" * 20, "GSM-7", 174, 2),
        ("é" * 160, "GSM-7", 160, 1),
        ("ę" * 70, "UCS-2", 70, 1),
        ("ę" * 71, "UCS-2", 71, 2),
        ("😀" * 35, "UCS-2", 70, 1),
        ("a" * 100 + "–", "UCS-2", 101, 2),
    ],
)
def test_counts_the_parts_of_an_sms(text: str, alphabet: str, places: int, parts: int) -> None:
    found = sms(text)

    assert (found.alphabet, found.places, found.parts) == (alphabet, places, parts)


def test_starts_a_new_part_rather_than_cutting_a_sign_in_two() -> None:
    assert sms("a" * 152 + "€" * 77).parts == 3
    assert sms("a" * 153 + "€" * 76).parts == 2


def test_names_the_signs_that_halve_the_room() -> None:
    assert sms("Waits – sorry … –").odd == "–…"


@given(st.text(alphabet="ab€ę😀 ", max_size=400))
def test_never_needs_fewer_parts_than_its_places_fill(text: str) -> None:
    found = sms(text)

    assert found.parts >= found.places / EACH[found.alphabet] or found.parts == 1 or not text


@pytest.mark.parametrize(("words", "seconds"), [(0, 0), (1, 1), (70, 30), (140, 60), (141, 61)])
def test_times_an_announcement_at_a_pace_to_follow(words: int, seconds: int) -> None:
    assert speaking_s("word " * words) == seconds
