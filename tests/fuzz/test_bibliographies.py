"""Mutilated bibliographies: each is read or refused with a reason, and none breaks a reader.

FUZZ_SECONDS says how long each format is tried, FUZZ_SEED with what; the same seed gives the same
files in the same order.
"""

import os
import random
import time

import pytest
from django.db import transaction

from sources.bibliographies.entry import BibliographyError, Container, Entry, Name, Reading
from sources.bibliographies.formats import FORMATS
from sources.bibliographies.importing import Choices, carry_out, decoded, plan, read

SECONDS = float(os.environ.get("FUZZ_SECONDS", "2"))
SEED = os.environ.get("FUZZ_SEED", "1")

HONEST = [
    Entry(
        key="xue-1990",
        values={
            "kind": "chapter",
            "title": 'First {Confrontation}: "100%"',
            "title_original": "第一次较量",
            "language": "zh",
            "issued_edtf": "1990~/1992",
            "issued_printed": "Spring 1990",
            "issue": "2",
            "pages": "241–58",
            "url": "https://example.org/a_b%20c",
            "accessed": "2001-01-05",
            "note": "Two\nlines",
        },
        names=[
            Name("Xue, Yan", name_original="徐焰", family_first=True),
            Name("King, Martin Luther, Jr.", role="editor"),
            Name("Simon and Schuster", role="publisher"),
        ],
        identifiers=[("isbn", "7-5043-0542-1"), ("doi", "10.1000/a_b")],
        container=Container("Wars", (("issn", "0317-8471"),)),
    )
]
PIECES = [
    b"{", b"}", b'"', b"\\", b"@", b"#", b",", b"=", b"[", b"]", b":", b"\n", b"\r", b"\0", b"$",
    b"@book{", b"@string{a=", b"\\'{", b"\\u", b"\\ud800", b"TY  - BOOK\n", b"ER  - \n", b"C3  - ",
    b'9="x"', b" and ", b"null", b"1e999", b"-", b"\xff", "抗".encode(), b"{" * 60, b"[" * 5000,
]  # fmt: skip


def mutilated(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 8)):
        at, to = sorted(chance.choices(range(len(data) + 1), k=2))
        match chance.randrange(5):
            case 0:
                data = data[:at] + chance.choice(PIECES) + data[at:]
            case 1:
                data = data[:at] + data[min(to, at + 20) :]
            case 2:
                data = data[:at] + data[at : at + 60] * 2 + data[at:]
            case 3:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 4:
                data = data[:to]
    return data


def reading_or_reason(data: bytes, name: str) -> Reading | str:
    try:
        return read(decoded(data), name)
    except BibliographyError as error:
        return str(error)


@pytest.mark.parametrize("format_name", FORMATS)
def test_whatever_a_file_holds_is_read_or_refused_with_a_reason(format_name):
    chance = random.Random(f"{SEED} {format_name}")
    chosen = FORMATS[format_name]
    whole = "".join(chosen.write(HONEST * 3)).encode()
    ends, tried, was_read = time.monotonic() + SECONDS, 0, 0
    while time.monotonic() < ends:
        data = mutilated(whole, chance)
        tried += 1
        reading = reading_or_reason(data, f"x.{chosen.suffix}")
        assert reading, data
        if isinstance(reading, str):
            continue
        was_read += 1
        assert all(lost.where and lost.reason for lost in reading.unreadable), data
        "".join(chosen.write(reading.entries)).encode()
    assert tried > was_read > 0


@pytest.mark.django_db
@pytest.mark.parametrize("format_name", FORMATS)
def test_whatever_was_read_becomes_sources_or_is_refused_with_a_reason(format_name):
    chance = random.Random(f"{SEED} {format_name} into sources")
    chosen = FORMATS[format_name]
    whole = "".join(chosen.write(HONEST)).encode()
    ends, made = time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        data = mutilated(whole, chance)
        reading = reading_or_reason(data, f"x.{chosen.suffix}")
        if isinstance(reading, str):
            continue
        try:
            planned = plan(reading)
            assert all(lost.reason for lost in planned.unreadable), data
            with transaction.atomic():
                made += len(carry_out(reading, Choices(), planned.digest).made)
                transaction.set_rollback(True)
        except Exception as error:
            raise AssertionError(f"FUZZ_SEED={SEED} broke it: {data!r}") from error
    assert made
