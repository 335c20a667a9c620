"""Whatever is done to a mapping or a table, it is read or refused, and spans stay exact.

FUZZ_SECONDS says how long each is tried, FUZZ_SEED with what.
"""

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from battles.datasets.mapping import SHIPPED, MappingError, parse
from battles.datasets.reading import Unreadable
from battles.datasets.writing import plan_import
from tests.battles.small_dataset import ANNALS, BATTLES, LOSSES, MAPPING, PLACES, write_dataset

SECONDS = float(os.environ.get("FUZZ_SECONDS", "2"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
_PIECES = (
    *(b'"', b'""', b",", b"\n", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"=", b"-", b"{", b"}"),
    *(b"{a|b}", b"[", b"]", b"1e999", b"99999999999999999999", b"\xe2\x80\xa8", b"\\u0000"),
    *(b"|title", b"''", b'"""', b"\t", b"\f", b"true", b"null", b"[[statement]]\n"),
)


def mutated(sample: bytes, chance: random.Random) -> bytes:
    data = bytearray(sample)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(data) + 1)
        length = chance.choice((1, 3, 20, 200))
        match chance.randrange(5):
            case 0:
                del data[at : at + length]
            case 1:
                data[at:at] = data[at : at + length] * chance.choice((1, 2, 50))
            case 2:
                data[at : at + length] = chance.randbytes(min(length, 20))
            case 3:
                data[at:at] = chance.choice(_PIECES) * chance.choice((1, 1, 100))
            case 4:
                other = chance.randrange(len(data) + 1)
                data[at:at] = data[other : other + length]
    return bytes(data)


def fuzz(samples: list[bytes], attempt: Callable[[int, bytes], object]) -> None:
    """Call `attempt` with the number of a sample and a mutation of it until the time is over."""
    chance = random.Random(SEED)
    for number, sample in enumerate(samples):
        attempt(number, sample)
    end, tried = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        number = chance.randrange(len(samples))
        data = mutated(samples[number], chance)
        tried += 1
        try:
            attempt(number, data)
        except (MappingError, Unreadable) as refusal:
            if not str(refusal).strip():
                raise AssertionError("It is refused without a reason.") from refusal
        except Exception as error:
            where = f"mutation {tried} of FUZZ_SEED={SEED}"
            raise AssertionError(f"{where} broke it: {data[:2000]!r}") from error
    assert tried


def test_a_damaged_mapping_is_read_or_refused():
    samples = [path.read_bytes() for path in SHIPPED.glob("*.toml")]
    fuzz([*samples, MAPPING.encode()], lambda _, data: parse(data))


@pytest.mark.django_db
def test_damaged_files_are_planned_or_refused_and_what_is_planned_is_exact(tmp_path: Path):
    names = ("battles", "losses", "places", "annals")
    mapping = parse(MAPPING.encode())

    def attempt(number: int, data: bytes) -> None:
        paths = write_dataset(tmp_path, **{names[number]: data})
        plan, _ = plan_import(mapping, paths)
        for planned in plan.statements.values():
            evidence = planned.evidence
            text = plan.texts[evidence.source]
            assert evidence.quote == text[slice(*evidence.span)] != ""
            assert planned.statement.pk not in plan.refused
        for refusal in plan.refusals:
            assert refusal.reason.strip()
            assert refusal.line > 0

    fuzz([text.encode() for text in (BATTLES, LOSSES, PLACES, ANNALS)], attempt)


@pytest.mark.django_db
def test_a_mapping_that_is_read_also_plans_or_refuses(tmp_path: Path):
    paths = write_dataset(tmp_path)
    fuzz([MAPPING.encode()], lambda _, data: plan_import(parse(data), paths))
