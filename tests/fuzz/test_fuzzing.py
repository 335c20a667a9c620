"""The frame itself fails where it should."""

import random
import time

import pytest

from tests.fuzz import fuzzing
from tests.fuzz.fuzzing import fuzz, mutated

SAMPLE = b"battle: Ford; killed: 2,689"


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(fuzzing, "SECONDS", 0.2)


def refusing(data: bytes) -> None:
    if data != SAMPLE:
        raise ValueError("It is not as it was.")


def test_a_named_refusal_is_fine():
    fuzz(refusing, [SAMPLE], refusals=(ValueError,))


def test_another_exception_fails_and_names_the_file():
    with pytest.raises(AssertionError, match=r"file 1 of FUZZ_SEED=\d+ broke the parser"):
        fuzz(refusing, [SAMPLE], refusals=(KeyError,))


def test_a_refusal_without_a_reason_fails():
    def silent(data: bytes) -> None:
        if data != SAMPLE:
            raise ValueError

    with pytest.raises(AssertionError, match="refused without a reason"):
        fuzz(silent, [SAMPLE], refusals=(ValueError,))


def test_a_hang_fails():
    def hanging(data: bytes) -> None:
        if data != SAMPLE:
            time.sleep(60)

    with pytest.raises(AssertionError, match="broke the parser"):
        fuzz(hanging, [SAMPLE], refusals=(ValueError,), hangs_after=0.05)


def test_a_seed_gives_the_same_files_again():
    first, second = random.Random(7), random.Random(7)
    assert [mutated(SAMPLE, first) for _ in range(50)] == [
        mutated(SAMPLE, second) for _ in range(50)
    ]
