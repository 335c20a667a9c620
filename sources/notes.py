"""The notes of a text: the markers that call for them, and which of them the text holds.

A page that was copied often keeps its markers and loses its notes. What is called for and not
there is a gap in the evidence, so it is told instead of passed over.
"""

import re
from collections import Counter
from typing import NamedTuple

_NUMBER = re.compile(r"\[(?P<number>[1-9]\d{0,2})\]")
NOTE_BODY = re.compile(
    r"\[(?P<bracketed>[1-9]\d{0,2})\]\s*\S|(?P<plain>[1-9]\d{0,2})\.\s*[\^↑]|\^\s+(?:[a-z]\s+)*\S"
)


class Call(NamedTuple):
    """A marker for which a text holds no note: how often it stands there, and where first.

    One that never stands there, though the numbers around it do, is a gap in the numbering.
    """

    marker: str
    number: int
    times: int
    first: int | None


def unresolved(text: str) -> list[Call]:
    """Return the markers of a text without a note in it, and the numbers missing among them."""
    held: set[int] = set()
    times: Counter[int] = Counter()
    first: dict[int, int] = {}
    start = 0
    unnumbered = 0
    for line in text.split("\n"):
        words = line.strip()
        body = NOTE_BODY.match(words)
        if body:
            number = body["bracketed"] or body["plain"]
            unnumbered += not number
            held.add(int(number) if number else unnumbered)
        for match in _NUMBER.finditer(line):
            if body and body["bracketed"] and not line[: match.start()].strip():
                continue
            number = int(match["number"])
            times[number] += 1
            first.setdefault(number, start + match.start())
        start += len(line) + 1
    if not times:
        return []
    wanted = range(1, max(times) + 1) if _is_a_sequence(times) else sorted(times)
    return [
        Call(f"[{number}]", number, times[number], first.get(number))
        for number in wanted
        if number not in held
    ]


def _is_a_sequence(times: Counter[int]) -> bool:
    """Whether most of the numbers up to the last stand there, so that the others are gaps."""
    return len(times) * 2 > max(times)
