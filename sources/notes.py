"""The notes of a text: the markers that call for them, and which of them the text holds.

A page that was copied often keeps its markers and loses its notes. What is called for and not
there is a gap in the evidence, so it is told instead of passed over.

Markers are numbers and letters in brackets, raised digits and signs: [7], [note 2], [a], ⁷, †.
What could be something else is not taken for one: m² and 10², the year [1953], a word that an
editor completed[s], *emphasis*, † before a year of death. Letters and raised digits count only in
sequence, signs only where they stand once, since one may call for another note on each page.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

RAISED_DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
BRACKETED = r"\[(?:[1-9]\d{0,2}|[a-z]|[Nn]ote [1-9]\d{0,2})\]"
RAISED = rf"[{RAISED_DIGITS}]{{1,3}}(?![{RAISED_DIGITS}])"
SIGN = r"[*†‡]"

_SIGNS = {"*": 1, "†": 2, "‡": 3}
_MARKER = re.compile(rf"{BRACKETED}|(?<![{RAISED_DIGITS}]){RAISED}|{SIGN}")
_LETTER = re.compile(r"\[[a-z]\]")
_WORD_BEFORE = re.compile(r"[^\W\d_]+$")
_BEFORE = 64  # code points looked back for that word: enough to tell a unit from a longer one
_CLOSES = ".,;:!?…”’\"')»]」』》）】。，！？；：、"
_HAN_AND_THE_LIKE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]")
_UNITS = frozenset(
    "min sec mil yds kms feet foot inch inches yard yards mile miles metre metres meter meters "
    "kilometre kilometres kilometer kilometers acre acres 米 里 尺 寸".split()
)
NOTE_BODY = re.compile(
    r"\[(?P<bracketed>[1-9]\d{0,2})\]\s*\S|(?P<plain>[1-9]\d{0,2})\.\s*[\^↑]|\^\s+(?:[a-z]\s+)*\S"
    r"|(?P<noted>\[[Nn]ote [1-9]\d{0,2}\])\s*\S|\[(?P<lettered>[a-z])\]\s+\S"
    rf"|(?P<letter>[a-z])\.\s*[\^↑]|(?P<raised>[{RAISED_DIGITS}]{{1,3}})\s*[^\s{RAISED_DIGITS}]"
    r"|(?P<sign>[†‡])\s*[^\W\d]"
)
_STARRED = re.compile(r"\*\s*\S")  # a note, or an item of a list


class Call(NamedTuple):
    """A place where a text calls for a note by its marker."""

    start: int
    end: int
    marker: str

    @property
    def series(self) -> str:
        return _series_of(self.marker)

    @property
    def number(self) -> int:
        return number_of(self.marker)


class Missing(NamedTuple):
    """A marker for which a text holds no note: how often it stands there, and where first.

    One that never stands there, though the numbers around it do, is a gap in the numbering.
    """

    marker: str
    number: int
    times: int
    first: int | None


def number_of(marker: str) -> int:
    """Return the place of a marker among those of its series."""
    if marker in _SIGNS:
        return _SIGNS[marker]
    if _LETTER.fullmatch(marker):
        return ord(marker[1]) - ord("a") + 1
    return int(re.sub(r"\D", "", unicodedata.normalize("NFKC", marker)))


def markers_of(words: str) -> list[str]:
    """Return the markers of a citation's own note, as it was printed or typed, in order."""
    return _MARKER.findall(words)


def joined(markers: Iterable[str]) -> str:
    """Write markers one after the other, each once, so that they can be told apart again."""
    found = ""
    for marker in dict.fromkeys(markers):
        apart = found and not marker.startswith("[")
        found += f" {marker}" if apart else marker
    return found


def markers_between(found: Sequence[Call], start: int, end: int) -> str:
    """Return the markers that stand within a part of the text, each once."""
    first = bisect_left(found, (start,))
    last = bisect_left(found, (end,))
    return joined(call.marker for call in found[first:last] if call.end <= end)


def calls(text: str) -> list[Call]:
    """Return the places where a text calls for notes, in order."""
    return _read(text)[0]


def unresolved(text: str) -> list[Missing]:
    """Return the markers of a text without a note in it, and the numbers missing among them."""
    found, held = _read(text)
    by_series: dict[str, list[Call]] = defaultdict(list)
    for call in found:
        by_series[call.series].append(call)
    missing = []
    for series, called in by_series.items():
        times = Counter(call.number for call in called)
        first = {call.number: call for call in reversed(called)}
        with_gaps = series in ("[]", "[note]", "¹") and _is_a_sequence(times)
        wanted = range(1, max(times) + 1) if with_gaps else sorted(times)
        missing += [
            Missing(
                first[number].marker if number in first else _marker_like(called[0], number),
                number,
                times[number],
                first[number].start if number in first else None,
            )
            for number in wanted
            if (series, number) not in held
        ]
    return missing


def _read(text: str) -> tuple[list[Call], set[tuple[str, int]]]:
    """Return the calls of a text, and the series and number of each note that it holds."""
    found: list[Call] = []
    held: set[tuple[str, int]] = set()
    unnumbered = 0
    start = 0
    for line in text.split("\n"):
        words = line.strip()
        body = NOTE_BODY.match(words)
        own = ""  # the marker that the line begins with, as a note
        if body:
            own = _own_marker(body)
            if not own:
                unnumbered += not body["plain"]
                own_number = int(body["plain"] or unnumbered)
                held.add(("[]", own_number))
            else:
                held.add((_series_of(own), number_of(own)))
        elif _STARRED.match(words):
            held.add(("*", 1))
        indentation = len(line) - len(line.lstrip())
        for match in _MARKER.finditer(line):
            begins = match.start() <= indentation
            if not (begins and (body or match[0] == "*")) and _calls(line, match):
                found.append(Call(start + match.start(), start + match.end(), match[0]))
        start += len(line) + 1
    return _unambiguous(found), held


def _own_marker(body: re.Match[str]) -> str:
    if letter := body["lettered"] or body["letter"]:
        return f"[{letter}]"
    if body["bracketed"]:
        return f"[{body['bracketed']}]"
    return body["noted"] or body["raised"] or body["sign"] or ""


def _calls(line: str, match: re.Match[str]) -> bool:
    """Whether what looks like a marker stands in its line as one."""
    marker = match[0]
    if marker[0] == "[" and not _LETTER.fullmatch(marker):
        return True
    before = line[max(0, match.start() - _BEFORE) : match.start()]
    after = line[match.end() : match.end() + 1]
    if not before or (after.isascii() and after.isalnum()):
        return False
    word = _WORD_BEFORE.search(before)
    if marker in _SIGNS:
        is_figure = before[-1].isdigit() or before[-1] in _CLOSES
        stands = is_figure or (word is not None and len(word[0]) > 1)
        is_alone = line.find(marker) == match.start() and line.find(marker, match.end()) < 0
        return stands and is_alone
    if before[-1] in _CLOSES:
        return True
    if word is None:
        return False
    if _HAN_AND_THE_LIKE.match(word[0][-1]):
        return word[0][-1] not in _UNITS
    return marker[0] == "[" or (len(word[0]) > 2 and word[0].lower() not in _UNITS)


def _unambiguous(found: list[Call]) -> list[Call]:
    """Leave out letters and raised digits that are no sequence, and signs that stand often."""
    numbers: dict[str, Counter[int]] = defaultdict(Counter)
    for call in found:
        numbers[call.series][call.number] += 1
    letters = numbers["[a]"]
    last = next((number - 1 for number in range(1, 28) if number not in letters), 0)
    raised = _is_a_sequence(numbers["¹"])

    def is_one(call: Call) -> bool:
        match call.series:
            case "[a]":
                return call.number <= last
            case "¹":
                return raised
            case "*" | "†" | "‡":
                return numbers[call.series][call.number] == 1
        return True

    return [call for call in found if is_one(call)]


def _series_of(marker: str) -> str:
    if marker[0] != "[":
        return marker if marker in _SIGNS else "¹"
    if _LETTER.fullmatch(marker):
        return "[a]"
    return "[]" if marker[1].isdigit() else "[note]"


def _marker_like(call: Call, number: int) -> str:
    """Return the marker of a number as the series of another one prints it."""
    if call.marker[0] in RAISED_DIGITS:
        return "".join(RAISED_DIGITS[int(digit)] for digit in str(number))
    return re.sub(r"\d+", str(number), call.marker)


def _is_a_sequence(times: Counter[int]) -> bool:
    """Whether most of the numbers up to the last stand there, so that the others are gaps."""
    return bool(times) and len(times) * 2 > max(times)
