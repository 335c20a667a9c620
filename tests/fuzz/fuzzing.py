"""Feeds a parser damaged files for a bounded time: each is read, or refused by name.

A new parser needs one test of a few lines:

    def test_what_reads_x_reads_or_refuses_everything():
        fuzz(read_x, [an_honest_sample()], refusals=(XError,))

FUZZ_SECONDS says how long each parser is tried, FUZZ_SEED with what; both are in every message,
and the same seed gives the same files in the same order.
"""

import contextlib
import os
import random
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

SECONDS = float(os.environ.get("FUZZ_SECONDS", "2"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
# Values at which lengths, offsets and counts break, and what opens and closes things.
_PIECES = (
    b"\x00", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\x80", b"-1", b"99999999999", b"\r\n",
    b'"', b"<", b">", b"{", b"}", b"(", b")", b"[", b"]", b"&", b"\\", b"/", b",", b"\xef\xbb\xbf",
    b"\xed\xa0\x80", b"%PDF-", b"PK\x03\x04", b"<!DOCTYPE x [<!ENTITY a 'b'>]>",
)  # fmt: skip


class Hang(Exception):  # noqa: N818
    """A parser that went on for longer than it may."""


def fuzz(
    parse: Callable[[bytes], Any],
    samples: Sequence[bytes],
    *,
    refusals: tuple[type[Exception], ...],
    hangs_after: float = 60,
) -> None:
    """Call `parse` with mutations of `samples` until the time is over.

    It may return, or raise one of `refusals` with a message. Anything else, or a call that takes
    longer than `hangs_after` seconds, fails the test and names the seed and the number of the file.
    """
    chance = random.Random(SEED)
    for sample in samples:
        parse(sample)  # an honest sample is read, or the rest would prove nothing
    end = time.monotonic() + SECONDS
    tried = refused = 0
    while time.monotonic() < end:
        data = mutated(chance.choice(samples), chance)
        tried += 1
        where = f"file {tried} of FUZZ_SEED={SEED}"
        try:
            with _at_most(hangs_after):
                parse(data)
        except refusals as refusal:
            refused += 1
            if not str(refusal).strip():
                raise AssertionError(f"{where} is refused without a reason") from refusal
        except Exception as error:
            raise AssertionError(f"{where} broke the parser: {data[:500]!r}") from error
    print(f"FUZZ_SEED={SEED}: {tried} files tried, {refused} refused")
    assert tried, "FUZZ_SECONDS left no time to try anything"


def mutated(sample: bytes, chance: random.Random) -> bytes:
    """Return a sample with a few damages of the kind that files suffer or are given."""
    data = bytearray(sample)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        length = min(chance.choice((1, 2, 4, 16, 64, 1024)), len(data) - at)
        match chance.randrange(7):
            case 0:  # a flipped bit
                if at < len(data):
                    data[at] ^= 1 << chance.randrange(8)
            case 1:  # an end that is missing
                del data[at:]
            case 2:  # a hole
                del data[at : at + length]
            case 3:  # a part that stands twice
                data[at:at] = data[at : at + length]
            case 4:  # noise
                data[at : at + length] = chance.randbytes(length)
            case 5:  # what parsers stumble over
                data[at:at] = chance.choice(_PIECES)
            case 6:  # much of one thing, as deep as it may go
                piece = bytes(data[at : at + min(length, 16)])
                data[at:at] = piece * chance.choice((10, 100, 1000))
    return bytes(data)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise Hang(f"It took longer than {seconds} seconds.")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
