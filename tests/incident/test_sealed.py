"""The sealed export: whole as it was written, and broken by any change of any byte (issue 4: sealed export)."""

import random
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openline.incident import record
from openline.incident.entry import BrokenChain, as_json
from openline.incident.sealed import check, seal
from openline.signing import is_signed_by
from tests.incident.plans import reported

HEAD = {"incident": "INC-1", "title": "Gas leak", "sealed_at": "2026-11-30T12:00:00+00:00"}
ODD = 'Läuft\u2028weiter\u2029so\u0085und {"a": 1.5} 🔥'


@cache
def sealed() -> str:
    log, key = reported(), Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    log.do(record.WriteNote(text=ODD))
    public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
    return "".join(f"{line}\n" for line in seal(HEAD, [as_json(e) for e in log.entries], public, key.sign))


def is_whole(data: bytes) -> bool:
    try:
        check(data.decode(), is_signed_by)
    except (BrokenChain, UnicodeDecodeError):
        return False
    return True


def test_finds_whole_what_was_sealed_whatever_signs_stand_in_it() -> None:
    found = check(sealed(), is_signed_by)

    assert found.entries[-1]["data"]["text"] == ODD
    assert found.is_signed


def test_finds_a_change_of_any_byte() -> None:
    data, chance = sealed().encode(), random.Random(1)
    assert is_whole(data)

    for at in range(len(data)):
        other = bytes([data[at] ^ (1 << chance.randrange(8))])
        assert not is_whole(data[:at] + other + data[at + 1 :]), (at, data[at : at + 20], other)


@pytest.mark.parametrize("put", [b" ", b"\n", b"\r", b"0", b'"', b"\x00", b"\xff"])
def test_finds_a_byte_that_was_put_in_anywhere(put: bytes) -> None:
    data = sealed().encode()

    for at in range(len(data) + 1):
        assert not is_whole(data[:at] + put + data[at:]), (at, data[at : at + 20])


def test_finds_a_byte_that_was_taken_out_and_an_end_that_was_cut_off_anywhere() -> None:
    data = sealed().encode()

    for at in range(len(data)):
        assert not is_whole(data[:at] + data[at + 1 :]), (at, data[at : at + 20])
        assert not is_whole(data[:at]), at


def _in_capitals(text: str) -> str:
    before, name, after = text.rpartition('"signature":')
    return before + name + after.upper()


@pytest.mark.parametrize(
    "changed",
    [
        lambda t: t.replace("\n", "\r\n"),
        lambda t: t.replace('"seq":1', '"seq":1,"seq":1'),
        lambda t: t.replace('{"by"', '{"by":"Somebody else","by"', 1),
        lambda t: t.rstrip("}\n") + ',"z":1}\n',
        _in_capitals,
        lambda t: t + t,
        lambda t: "[" * 100_000 + "\n" + t,
        lambda t: "1\n2\n3\n",
        lambda t: '{"format":"openline-incident-1"}\n{"seal":1,"signature":"00"}\n',
        lambda t: '{"format":"openline-incident-1"}\n7\n{"seal":{},"signature":"00"}\n',
        lambda t: "",
        lambda t: "\n",
    ],
)  # fmt: skip
def test_finds_what_other_programs_would_read_differently_or_not_at_all(changed: object) -> None:
    text = changed(sealed())  # type: ignore[operator]

    assert text != sealed()
    with pytest.raises(BrokenChain):
        check(text, is_signed_by)
