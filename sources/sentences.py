"""Sentences of a text: places of one thought each, for reading and citing.

English, Chinese and Korean are read alike: a stop of the script ends a sentence, unless what
stands around it says that it belongs to an abbreviation, an initial, a number or a quotation that
goes on. In doubt a stop does not end one: two sentences can be parted by hand more easily than a
half can be noticed.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from sources.notes import BRACKETED
from sources.paragraphs import paragraph_starts

_CLOSING = "\"'”’»›)\\]}」』》〉）】"
_OPENING = "\"'“‘«‹(\\[{「『《〈（【"
_MARKERS = rf"(?:[ \u00a0]?{BRACKETED}|[⁰¹²³⁴-⁹]+|[†‡]|\*(?![\w*]))*"

_LONGEST_LINE = 120  # code points of a line on a page
_SHORTEST_FULL_LINE = 55
_FULL = 0.9  # of the longest line around
_ITEM = re.compile(r"[•·▪*–—-]$|\d{1,2}[.)]$")

_STOP = re.compile(
    rf"(?P<wide>[。！？｡]+)(?:…*)(?P<wide_closing>[{_CLOSING}]*){_MARKERS}"
    rf"|(?P<stop>[.!?…]+)(?P<closing>[{_CLOSING}]*){_MARKERS}(?=\s|$)"
)
_NEXT = re.compile(rf"[{_OPENING}\s*_]*")
_WORD_BEFORE = re.compile(r"[^\s(\[“‘\"—–/]+$")
_SAYS = re.compile(r"[^，。！？：“”「」\s]{0,6}[说說问問道答喊叫]")
_DATE_GOES_ON = re.compile(r"\d{1,2}\.(?!\d)")

# A name, number or the like follows these, whatever its case.
_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof rev hon st mt ft gen lt col maj capt cpt sgt cpl pvt adm cmdr brig pres gov "
    "sen rep amb messrs no nos vol vols p pp fig figs ch chap sec art ed eds trans cf viz ca c fl "
    "r b d vs v al op cit ibid e.g i.e jan feb mar apr jun jul aug sept sep oct nov dec approx "
    "ser fol ff nr".split()
)
# These may end a sentence as well: the word that follows decides.
_EITHER = frozenset("jr sr inc ltd co corp etc a.m p.m b.c a.d b.c.e c.e bros dept".split())
_BEGINS = frozenset(
    "the a an this that these those it its he she they we his her their our there in on at by from "
    "after before during when while although though as if but and however for with to since until "
    "both all some many most no not one two what who why how so yet then now also".split()
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the code-point spans of the sentences of a text, in order, without space around them.

    Together they hold every character that is not white space. None goes beyond its paragraph, so
    that a heading, a caption or a line of a table is one of its own.
    """
    found = []
    for start, end in _paragraphs(text):
        found += [span for span in _parted(text, start, end) if span[0] < span[1]]
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """The paragraphs of a text, those that pages set in lines made whole.

    Whether lines are paragraphs is said of a whole text; here a line that is full goes on in the
    next one, full being as long as the longest around it.
    """
    block: list[tuple[int, int]] = []
    for start, after in pairwise([*paragraph_starts(text), len(text)]):
        line = _trimmed(text, start, after)
        if line[0] == line[1]:
            continue
        gap = text[block[-1][1] : start] if block else ""
        is_line = line[1] - line[0] <= _LONGEST_LINE and "\n" not in text[line[0] : line[1]]
        if block and (gap.count("\n") > 1 or "\f" in gap or not is_line):
            yield from _joined(text, block)
            block = []
        if is_line:
            block.append(line)
        else:
            yield line
    yield from _joined(text, block)


def _joined(text: str, lines: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    width = max((end - start for start, end in lines), default=0)
    first = None
    for number, (start, end) in enumerate(lines, 1):
        first = start if first is None else first
        if number < len(lines) and width >= _SHORTEST_FULL_LINE:
            word = text[slice(*lines[number])].split(maxsplit=1)[0]
            if end - start + 1 + len(word) > width * _FULL and not _ITEM.match(word):
                continue
        yield first, end
        first = None


def _parted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    first = start
    for stop in _STOP.finditer(text, start, end):
        if stop.end() > first and _ends(text, first, stop, end):
            yield _trimmed(text, first, stop.end())
            first = stop.end()
    yield _trimmed(text, first, end)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    words = text[start:end]
    return start + len(words) - len(words.lstrip()), start + len(words.rstrip())


def _ends(text: str, first: int, stop: re.Match[str], end: int) -> bool:
    """Whether a stop ends the sentence that began at `first`."""
    if stop["wide"]:
        return not (stop["wide_closing"] and _SAYS.match(text, stop.end(), end))
    gap = _NEXT.match(text, stop.end(), end)
    after = gap.end() if gap else stop.end()
    following = text[after : after + 24]
    if not following or after >= end:
        return True
    if following[0].islower() or following[0] in ",;:)":
        return False
    if stop["stop"] != "." or stop["closing"]:
        return True
    before = text[max(first, stop.start() - 40) : stop.start()]
    return not _abbreviates(before, following, at_start=stop.start() - first <= 4)


def _abbreviates(before: str, following: str, *, at_start: bool) -> bool:
    """Whether a full stop belongs to the word or number before it."""
    found = _WORD_BEFORE.search(before)
    word = found[0] if found else ""
    if word.isdigit():
        enumerates = at_start and before.strip() == word
        date_goes_on = _DATE_GOES_ON.match(following) or (
            len(word) <= 2
            and re.search(r"\d{1,4}\.\s+(?:\d{1,2}\.\s+)?\d{1,2}$", before)
            and not following[0].isdigit()
        )
        return bool(enumerates or date_goes_on)
    folded = word.casefold()
    if folded in _ABBREVIATIONS:
        # “Art. 5” and “vs. Grant”, but “a work of art. The” and “he voted no. The”.
        return folded not in {"no", "art", "fig", "mar", "may"} or following[0].isdigit()
    is_initial = len(word) == 1 and word.isupper() and word.isascii() and word != "I"
    is_acronym = bool(re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word))
    hyphenated = bool(re.fullmatch(r"[A-Z][a-z]?\.?-[A-Z][a-z]?", word))
    if is_initial or is_acronym or hyphenated or folded in _EITHER:
        next_word = re.match(r"[^\W\d_]+", following)
        begins = next_word is not None and next_word[0].casefold() in _BEGINS
        return not begins
    return False
