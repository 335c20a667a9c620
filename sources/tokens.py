"""What a text is searched by: the same tokens on every database, made here and nowhere else.

Words are folded: composed, without width, case, marks or apostrophes, and traditional characters
to simplified ones, by OpenCC's table of single characters. Han, Hangul and kana, which are written
without spaces or with endings, become pairs of characters and the last one alone: two characters
find a name inside a longer run, one finds every pair that begins with it.

This is for searching only; quotes and offsets are those of the text as it is stored.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, pairwise
from typing import NamedTuple

from opencc import OpenCC

LONGEST_TOKEN = 64  # characters; a longer word is known by so many. PostgreSQL takes 2 kB
LONGEST_PARAGRAPH = 1200  # code points
BETWEEN_FIELDS = "¦"  # no token of a question: no phrase goes from one field into the next
NAME_WORDS = 4  # of a name's words, so many may be written as one

_UNSPACED = (
    "\u1100-\u11ff\u3005\u3007\u3041-\u3096\u30a1-\u30fc\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
BEGINS_UNSPACED = f"^[{_UNSPACED}]"  # a pair of characters, or the last one of a run
_OTHER = rf"[^\s,'{_UNSPACED}]"
_RUN = re.compile(
    rf"(?P<unspaced>[{_UNSPACED}]+)|[0-9]{{1,3}}(?:,[0-9]{{3}})+(?![0-9])|{_OTHER}+(?:'{_OTHER}+)*"
)
_POSSESSIVE = re.compile("'s$")

# Letters that no decomposition takes apart, as they are typed without a keyboard for them.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ı": "i"}
)
_FIRST_HAN = "\u3400"  # after Han come Hangul and others, which have one form
_APOSTROPHES = frozenset("'‘’ʻʼʽʾʿ`´＇")
_ZERO_WIDTH_SPACE = "\u200b"

_PARAGRAPH_END = re.compile(r"\n[^\S\n\f]*\n\s*|\f\s*")
_SENTENCE_END = re.compile(r"[.!?…][”’\")\]]*\s+|[。！？]|\n")


class Placed(NamedTuple):
    """A token and where in the text it stands, in code points, the end excluded."""

    token: str
    start: int
    end: int


class Phrase(NamedTuple):
    """Tokens that follow one another. An open one ends in a character that begins a pair."""

    tokens: tuple[str, ...]
    is_open: bool
    is_word: bool  # one run of letters, which a name may write together with its neighbours


class _Folding(dict[int, str]):
    """What each character is searched as: a folded letter, a comma, an apostrophe or a space."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _APOSTROPHES:
            folded = "'"
        elif unicodedata.category(character) == "Cf" and character != _ZERO_WIDTH_SPACE:
            folded = ""
        else:
            apart = unicodedata.normalize("NFKD", character).casefold().translate(_PLAIN)
            apart = unicodedata.normalize("NFKD", apart)
            plain = "".join(c for c in apart if unicodedata.category(c) != "Mn")
            composed = unicodedata.normalize("NFC", plain)
            folded = "".join(c if _is_letter(c) or c == "," else " " for c in composed)
            if folded >= _FIRST_HAN:
                folded = _simplifying().convert(folded)
        self[code] = folded
        return folded


@cache
def _simplifying() -> OpenCC:
    """Return what knows both forms of a character: loaded by archives that hold such, alone."""
    return OpenCC("t2s")


def _is_letter(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in "LN" or category == "Mc"


_FOLDING = _Folding()


def tokens(text: str) -> list[str]:
    """Return the tokens of a text, in order."""
    return [token for run in _runs(text) for token in _tokens_of(run)]


def phrases(text: str, *, as_one: bool = False) -> list[Phrase]:
    """Return what a reader asks for as phrases: one for each run, or all of it as one."""
    runs = list(_runs(text))
    if as_one:
        return [_phrase(runs)] if runs else []
    return [_phrase([run]) for run in runs]


def _runs(text: str) -> Iterator[re.Match[str]]:
    return _RUN.finditer(unicodedata.normalize("NFC", text).translate(_FOLDING))


def _tokens_of(run: re.Match[str]) -> list[str]:
    characters = run["unspaced"]
    if characters:
        return [*map("".join, pairwise(characters)), characters[-1]]
    word = _POSSESSIVE.sub("", run[0])
    return [word.replace("'", "").replace(",", "")[:LONGEST_TOKEN]]


def _phrase(runs: list[re.Match[str]]) -> Phrase:
    found = [token for run in runs for token in _tokens_of(run)]
    last = runs[-1]["unspaced"]
    if last and len(last) > 1:
        found.pop()  # in the text, more characters may follow the last pair
    is_word = len(runs) == 1 and not last
    return Phrase(tuple(found), is_open=bool(last) and len(last) == 1, is_word=is_word)


def placed(text: str) -> list[Placed]:
    """Return the tokens of a text with the places where they stand in it."""
    if unicodedata.is_normalized("NFC", text) and all(
        len(_FOLDING[ord(character)]) == 1 for character in set(text)
    ):
        folded = text.translate(_FOLDING)
        return [one for run in _RUN.finditer(folded) for one in _placed(run)]
    characters = list(_characters(text))
    starts = [0, *accumulate(map(len, characters))]
    pieces = [unicodedata.normalize("NFC", one).translate(_FOLDING) for one in characters]
    origin = [index for index, piece in enumerate(pieces) for _ in piece]
    return [
        Placed(token, starts[origin[start]], starts[origin[end - 1] + 1])
        for run in _RUN.finditer("".join(pieces))
        for token, start, end in _placed(run)
    ]


def _placed(run: re.Match[str]) -> list[Placed]:
    first, last = run.span()
    found = _tokens_of(run)
    if not run["unspaced"]:
        return [Placed(found[0], first, last)]
    return [Placed(token, at, min(at + 2, last)) for at, token in enumerate(found, first)]


def _characters(text: str) -> Iterator[str]:
    """Yield what composes: a character with the marks and medial letters that follow it."""
    if unicodedata.is_normalized("NFC", text):
        yield from text
        return
    start = 0
    for at in range(1, len(text)):
        if not (unicodedata.combining(text[at]) or "\u1160" <= text[at] <= "\u11ff"):
            yield text[start:at]
            start = at
    if text:
        yield text[start:]


def written_together(name: list[str]) -> list[str]:
    """Return what the words of a name give when neighbours are written as one.

    A romanised name is divided as its writer likes: “Jin Cheng”, “Jincheng”.
    """
    return [
        "".join(name[start:end])[:LONGEST_TOKEN]
        for start in range(len(name))
        for end in range(start + 2, min(start + NAME_WORDS, len(name)) + 1)
    ]


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield the first and last place of each paragraph, long ones in pieces.

    A paragraph ends at a blank line or with its page; a piece at the end of a sentence if there
    is one in its second half, or else at a space.
    """
    start = 0
    for end, following in _paragraph_ends(text):
        while end - start > LONGEST_PARAGRAPH:
            cut = _cut(text, start)
            yield start, cut
            start = cut
        if text[start:end].strip():
            yield start, end
        start = following


def _paragraph_ends(text: str) -> Iterator[tuple[int, int]]:
    for gap in _PARAGRAPH_END.finditer(text):
        yield gap.span()
    yield len(text), len(text)


def _cut(text: str, start: int) -> int:
    half, limit = start + LONGEST_PARAGRAPH // 2, start + LONGEST_PARAGRAPH
    ends = [end.end() for end in _SENTENCE_END.finditer(text, half, limit)]
    if ends:
        return ends[-1]
    space = text.rfind(" ", half, limit)
    return space + 1 if space >= 0 else limit
