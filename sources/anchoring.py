"""Where a quoted passage stands in a text.

An anchor is a span of code points with its quote and a little context. A wrong place is the
one unforgivable answer, so whatever leaves a doubt is AMBIGUOUS or LOST, for a person to decide.

Texts are compared by their *solid* characters: the key of a text is what remains without white
space, dashes and invisible characters, with quotation marks, ligatures and full-width forms made
plain and accents decomposed. A key found is only a candidate. What was left out between its
characters must agree too (`_same_gap`: a line may break anywhere a page could break it, but
1950–1953 is not 19501953, nor is re-signed resigned), and so must its edges (`_cut_left`: 253 is
no place in 32,253).

Among places that qualify:

* Unchanged offsets, quote and whole context are EXACT at once, even if a twin with the same
  context exists elsewhere: nothing an anchor stores could tell them apart, and in the same text
  this is the truth. Whether the text is the same is for the caller to know, by its hash.
* Otherwise the old offsets count for nothing. A place is believed if, going outwards from it, the
  nearer half of the context on each side stands unchanged, and no other place comes close or
  agrees better on either side.
* A quote of 64 solid characters, as many as its context has, is believed where it is unique.
  A shorter one is not: when its own sentence has gone, a namesake may be all that remains.
"""

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, islice
from typing import NamedTuple

CONTEXT = 32  # code points of prefix and of suffix

_SPEAKS_FOR_ITSELF = 2 * CONTEXT  # solid characters
_SOME_CONTEXT = CONTEXT // 4  # solid characters, where the context is all there is to go by
_NEARBY = 4 * CONTEXT  # code points around an edge, enough for a context broken over pages
_BLOCK = 4096  # code points whose key is mapped back to the text in one go

_SIMILAR = 0.75  # least similarity of a proposal
_CLEARLY = 0.1  # by which a proposal must lead
_SHORTEST_PROPOSED = 8  # solid characters
_SEEDS, _HITS_PER_SEED, _REGIONS = 24, 200, 12  # bounds on the search for proposals


class AnchorError(ValueError):
    """A span that cannot be anchored, or an offset outside its text."""


class Outcome(StrEnum):
    """What became of a passage."""

    EXACT = "exact"
    MOVED = "moved"
    EDITED = "edited"
    AMBIGUOUS = "ambiguous"
    LOST = "lost"


class Span(NamedTuple):
    """A half-open range of code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Anchor:
    """A span of one text, its wording, and up to CONTEXT code points on each side."""

    start: int
    end: int
    quote: str
    prefix: str
    suffix: str


@dataclass(frozen=True, slots=True)
class Resolution:
    """Where a passage was found: every place in question, in document order.

    An ambiguous resolution may hold a single place, found but not vouched for by its context.
    Similarity, of solid characters and case aside, matters only for places not equal to the quote.
    """

    outcome: Outcome
    places: tuple[Span, ...] = ()
    similarity: float = 1.0

    @property
    def place(self) -> Span | None:
        """The one place, which for EDITED is a proposal, or None if there is none to name."""
        if self.outcome in (Outcome.AMBIGUOUS, Outcome.LOST):
            return None
        return self.places[0]


_LOST = Resolution(Outcome.LOST, similarity=0.0)


# Characters ------------------------------------------------------------------------------------

_SPACES = (
    " \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_HYPHENS = "-\u2010"  # those that divide a word at the end of a line
_DASHES = _HYPHENS + "\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_INVISIBLE = (
    "\0\xad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2061\u2062\u2063\u2064\u2066\u2067\u2068\u2069\ufeff"
)
_BLANKS = _SPACES + _INVISIBLE
_GAPS = _BLANKS + _DASHES

_SOLID = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full width
_SOLID |= dict.fromkeys("‘’‚‛‹›′ʼ`´＇", "'") | dict.fromkeys("“”„‟«»″〝〞＂", '"')
_SOLID |= {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_SOLID |= {"…": "..."} | dict.fromkeys(_GAPS, "")
_COMMON_VARIANTS = [character for character in _SOLID if character.isascii()]
_OTHER_VARIANT = re.compile(f"[{''.join(one for one in _SOLID if not one.isascii())}]")

_D, _S, _I = (f"[{re.escape(kind)}]" for kind in (_DASHES, _SPACES, _INVISIBLE))
_LINE_END = r"[^\S\n\v\f\r\x85\u2028\u2029]*[\n\v\f\r\x85\u2028\u2029]\s*"
_HYPHEN_AT_LINE_END = rf"[{_HYPHENS}]{_LINE_END}"

_GAP_RUN = re.compile(f"[{re.escape(_GAPS)}]+")
_SPACE_RUN, _DASH_RUN = re.compile(f"{_S}+"), re.compile(f"{_D}+")
_INVISIBLE_RUN = re.compile(f"{_I}+")
_SOFT_HYPHEN_AT_LINE_END = re.compile(f"\xad(?={_LINE_END})")

# Scripts that write words together, or as Korean add endings to them: no edge there cuts a word.
_UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003ffff"
)
_NUMERALS = "〇零一二三四五六七八九十百千万萬亿億两兩십백천만억"
_SUPERSCRIPTS = "²³¹⁰-₎"
_LETTER = rf"[^\W\d_{_SUPERSCRIPTS}{_UNSPACED}]"
_NUMBER_MARK = "[.,:/'’٫٬\xa0\u2009\u202f]"  # between the digits of a number, date or time

# A NUL stands for the edge. (A superscript after a word is a note; after a digit, who knows.)
_CUT = rf"""
    {_LETTER}\0{_LETTER} | \d\0[{_SUPERSCRIPTS}] | \d\0{_LETTER}
  | [\d{_NUMERALS}]\s*\0\s*[{_NUMERALS}] | \d\0\d
  | \d{_NUMBER_MARK}\0\d | \d\0{_NUMBER_MARK}\d
  | {_LETTER}{_HYPHEN_AT_LINE_END}\0{_LETTER} | {_LETTER}\0{_HYPHEN_AT_LINE_END}{_LETTER}
"""
_CUT_RIGHT = re.compile(_CUT, re.VERBOSE)
_CUT_LEFT = re.compile(rf"{_CUT} | {_LETTER}\0\d | (?:^|\W){_D}\0\d", re.VERBOSE)  # M|16, −|5


def _key(text: str) -> str:
    """The solid characters of the text; every character counts by itself, in any company."""
    for character in (*_COMMON_VARIANTS, *set(_OTHER_VARIANT.findall(text))):
        text = text.replace(character, _SOLID[character])
    return text if text.isascii() else unicodedata.normalize("NFD", text)


def _seen(text: str) -> str:
    """The text without invisible characters, a soft hyphen at the end of a line made a hyphen."""
    return _INVISIBLE_RUN.sub("", _SOFT_HYPHEN_AT_LINE_END.sub("-", text))


def _continues(text: str) -> bool:
    """Whether the text begins within a character: with a combining mark, a joiner or a jamo."""
    first = text[:1]
    return bool(first) and (
        unicodedata.category(first)[0] == "M" or first == "\u200d" or "\u1160" <= first <= "\u11ff"
    )


def _edge(before: str, after: str) -> str:
    """What the edge between the two looks like: a NUL, with a few characters on each side."""
    before, after = _seen(before), _seen(after)
    before = before[max(0, len(before.rstrip(_GAPS)) - 4) :]
    after = after[: len(after) - len(after.lstrip(_GAPS)) + 2]
    return "".join(c for c in before if not unicodedata.combining(c)) + "\0" + after


def _cut_left(before: str, after: str) -> bool:
    """Whether a quote beginning between the two would cut a word, number or character."""
    return _continues(after) or bool(_CUT_LEFT.search(_edge(before, after)))


def _cut_right(before: str, after: str) -> bool:
    """Whether a quote ending between the two would cut a word, number or character."""
    return _continues(after) or bool(_CUT_RIGHT.search(_edge(before, after)))


# Texts -----------------------------------------------------------------------------------------


class SearchableText:
    """A text with its key, made once for many searches; a plain str will do for a single one."""

    def __init__(self, text: str) -> None:
        self.text = text
        keys = [_key(text[at : at + _BLOCK]) for at in range(0, len(text), _BLOCK)]
        self.key = unicodedata.normalize("NFD", "".join(keys))  # marks may straddle two blocks
        self._ends = list(accumulate(map(len, keys)))
        self._mapped: tuple[int, list[int]] = (-1, [])

    def _origins(self, block: int) -> list[int]:
        """The offsets of a block's key, the last block asked for being remembered."""
        if block != self._mapped[0]:
            start = block * _BLOCK
            characters = self.text[start : start + _BLOCK]
            keys = {character: _key(character) for character in set(characters)}
            offsets = [at for at, one in enumerate(characters, start) for _ in keys[one]]
            self._mapped = block, offsets
        return self._mapped[1]

    def origin(self, position: int) -> int:
        """The offset in the text of the character to which a position in the key belongs."""
        block = bisect_right(self._ends, position)
        return self._origins(block)[position - (self._ends[block - 1] if block else 0)]

    def span(self, start: int, end: int) -> Span:
        """The span of the text that a range of the key, not empty, belongs to."""
        return Span(self.origin(start), self.origin(end - 1) + 1)

    def split(self, offset: int) -> tuple[str, str]:
        """What stands nearby before and after the offset."""
        return self.text[max(0, offset - _NEARBY) : offset], self.text[offset : offset + _NEARBY]

    def around(self, span: Span) -> tuple[str, str]:
        """What stands nearby before and after the span."""
        return self.split(span.start)[0], self.split(span.end)[1]

    def whole_words(self, span: Span) -> Span:
        """The span with the rest of the words, within reason, that its edges cut."""
        start, end = span
        while 0 < start > span.start - CONTEXT and _cut_left(*self.split(start)):
            start -= 1
        while len(self.text) > end < span.end + CONTEXT and _cut_right(*self.split(end)):
            end += 1
        return Span(start, end)


def _found(needle: str, haystack: str) -> Iterator[int]:
    at = haystack.find(needle)
    while at >= 0:
        yield at
        at = haystack.find(needle, at + 1)


# Equal places ----------------------------------------------------------------------------------


def _visible_gap(gap: str) -> str:
    return _SPACE_RUN.sub(" ", _DASH_RUN.sub("-", _seen(gap)))


def _same_gap(one: str, other: str, left: str, right: str) -> bool:
    """Whether two gaps between the same solid characters differ in typography only."""
    a, b = _visible_gap(one), _visible_gap(other)
    if a == b:
        return True
    if re.match(f"[{_UNSPACED}]", left) or re.match(f"[{_UNSPACED}]", right):
        return a.replace(" ", "") == b.replace(" ", "")
    for broken, whole in ((one, b), (other, a)):
        if re.fullmatch(f"{_D}+{_LINE_END}", _seen(broken)) and whole == "-":
            return True
        if re.fullmatch(_HYPHEN_AT_LINE_END, _seen(broken)) and whole == "":
            return all(unicodedata.category(side)[0] in "LM" for side in (left, right))
    return False


def _gaps(text: str) -> dict[int, str]:
    """The gaps of a text, by the number of solid characters before them."""
    gaps, solid, end = {}, 0, 0
    for gap in _GAP_RUN.finditer(text):
        solid += len(_key(text[end : gap.start()]))
        gaps[solid], end = gap[0], gap.end()
    return gaps


def _same_wording(one: str, other: str, key: str) -> bool:
    """Whether two texts of the same key differ in typography only."""
    if one == other:
        return True
    a, b = _gaps(one), _gaps(other)
    return all(
        _same_gap(a.get(at, ""), b.get(at, ""), key[at - 1 : at], key[at : at + 1])
        for at in a.keys() | b.keys()
    )


def _reaching_dashes(span: Span, lead: str, trail: str, searched: SearchableText) -> Span | None:
    """The span with the dashes that its quote begins and ends with, None if they are not there."""
    (start, end), (before, after) = span, searched.around(span)
    if lead:
        dashes = before[len(before.rstrip(_GAPS)) :].lstrip(_BLANKS)
        if _visible_gap(dashes) != _visible_gap(lead):
            return None
        start -= len(dashes)
    if trail:
        dashes = after[: len(after) - len(after.lstrip(_GAPS))].rstrip(_BLANKS)
        if _visible_gap(dashes) != _visible_gap(trail):
            return None
        end += len(dashes)
    return Span(start, end)


def _places(
    quote: str, searched: SearchableText, *, cuts: tuple[bool, bool] = (False, False)
) -> Iterator[Span]:
    """The places equal to the quote but for typography, cutting words at its ends as it does."""
    text, core = searched.text, quote.strip(_GAPS)
    if not core:  # a dash alone, as it is
        dash = quote.strip()
        for at in _found(dash, text) if dash else ():
            if not _continues(text[at + len(dash) : at + len(dash) + 1]):
                yield Span(at, at + len(dash))
        return
    lead, trail = quote[: quote.index(core)].lstrip(_BLANKS), quote[len(quote.rstrip(_GAPS)) :]
    trail, key = trail.rstrip(_BLANKS), _key(core)
    for at in _found(key, searched.key):
        end = at + len(key)
        span = searched.span(at, end)
        if at and searched.origin(at - 1) == span.start:
            continue  # part of a character
        if end < len(searched.key) and searched.origin(end) < span.end:
            continue
        if not _same_wording(core, text[span.start : span.end], key):
            continue
        whole = _reaching_dashes(span, lead, trail, searched)
        if whole is None:
            continue
        left, right = searched.split(whole.start), searched.split(whole.end)
        if cuts[0] == _cut_left(*left) and cuts[1] == _cut_right(*right):
            yield whole


def _agreement(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    differing = (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return next(differing, min(len(one), len(other)))


def _vouched_for(
    places: list[Span], searched: SearchableText, anchor: Anchor, *, least: int = 0
) -> Span | None:
    """The only place whose surroundings are clearly those of the anchor, None if in doubt.

    At least so many solid characters have to agree, on each side if there are several places.
    """
    wanted_before, wanted_after = _key(anchor.prefix)[::-1], _key(anchor.suffix)
    agreed = []
    for place in places:
        before, after = searched.around(place)
        before_agreed = _agreement(wanted_before, _key(before)[::-1])
        agreed.append((before_agreed, _agreement(wanted_after, _key(after))))
    # One of several needs both sides: once "Q." is "Q. Q.", what precedes cannot tell them apart.
    each = least if len(places) > 1 else 0
    # Where the quote recurs within its own context, each place half agrees with the next one.
    recurs = any(_key(anchor.quote) in _key(side) for side in (anchor.prefix, anchor.suffix))
    if recurs and len(places) > 1 and min(len(anchor.prefix), len(anchor.suffix)) < CONTEXT:
        return None
    part = 1 if recurs else 1 / 2
    believed = [
        index
        for index, (before_agreed, after_agreed) in enumerate(agreed)
        if before_agreed >= max(each, len(wanted_before) * part)
        and after_agreed >= max(each, len(wanted_after) * part)
    ]
    if len(believed) != 1:
        return None
    best = believed.pop()
    agreed_before, agreed_after = agreed.pop(best)
    clearly = (len(wanted_before) + len(wanted_after)) / 4
    if agreed_before + agreed_after < least or any(
        before > agreed_before
        or after > agreed_after
        or agreed_before + agreed_after - before - after < clearly
        for before, after in agreed
    ):
        return None
    return places[best]


# Similar places --------------------------------------------------------------------------------


def _regions(key: str, haystack: str) -> Iterator[tuple[int, int]]:
    """Ranges of the haystack that hold many short pieces of the key, in the key's order."""
    size = max(4, min(12, len(key) // 4))
    step = max(1, (len(key) - size) // (_SEEDS - 1))
    width = max(16, len(key) // 2)
    hits = defaultdict(list)  # by roughly where the key would begin: (place in key, beginning)
    for seed in range(0, len(key) - size + 1, step):
        for at in islice(_found(key[seed : seed + size], haystack), _HITS_PER_SEED):
            hits[(at - seed) // width].append((seed, at - seed))
    groups = [hits[bucket] + hits.get(bucket + 1, []) for bucket in list(hits)]
    groups.sort(key=lambda group: len({seed for seed, _ in group}), reverse=True)
    for group in groups[:_REGIONS]:
        group.sort()
        usual = sorted(beginning for _, beginning in group)[len(group) // 2]
        for start in {max(0, usual), max(0, group[0][1])}:
            for beginning in {usual, group[-1][1]}:
                end = min(len(haystack), beginning + len(key))
                if start < end:
                    yield start, end


def _proposed(quote: str, searched: SearchableText) -> Resolution:
    """What is most like the quote: EDITED, AMBIGUOUS if others are about as like it, or LOST."""
    from rapidfuzz.distance import Levenshtein  # three megabytes that serving pages never needs

    key = _key(quote).lower()  # lower-casing keeps the length of decomposed text
    if len(key) < _SHORTEST_PROPOSED:
        return _LOST
    found: list[tuple[float, Span]] = []
    for start, end in set(_regions(key, searched.key.lower())):
        span = searched.whole_words(searched.span(start, end))
        wording = _key(searched.text[span.start : span.end]).lower()
        similarity = Levenshtein.normalized_similarity(key, wording, score_cutoff=_SIMILAR)
        if similarity:
            found.append((similarity, span))
    apart: list[tuple[float, Span]] = []
    for similarity, span in sorted(found, key=lambda one: (-one[0], one[1])):
        if all(span.end <= other.start or other.end <= span.start for _, other in apart):
            apart.append((similarity, span))
    if not apart:
        return _LOST
    best = apart[0][0]
    places = tuple(sorted(span for similarity, span in apart if best - similarity < _CLEARLY))
    return Resolution(Outcome.EDITED if len(places) == 1 else Outcome.AMBIGUOUS, places, best)


# What others call ------------------------------------------------------------------------------


def make_anchor(text: str, start: int, end: int) -> Anchor:
    """The anchor of text[start:end].

    Raises AnchorError if that is no span of the text, or holds nothing but white space.
    """
    if not 0 <= start < end <= len(text):
        raise AnchorError(f"{start} to {end} is not a passage of a text of {len(text)} characters.")
    quote = text[start:end]
    if quote.isspace():
        raise AnchorError(f"{start} to {end} holds nothing but white space.")
    return Anchor(
        start, end, quote, text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT]
    )


def resolve(anchor: Anchor, text: str | SearchableText) -> Resolution:
    """Where an anchor stands in its own text, or in another version of it.

    A passage found with other typography is MOVED even at its old offsets: its quote differs.
    """
    own = text if isinstance(text, str) else text.text
    there = Span(anchor.start, anchor.end)
    verbatim = 0 <= there.start < there.end and own[there.start : there.end] == anchor.quote
    if verbatim and make_anchor(own, *there) == anchor:
        return Resolution(Outcome.EXACT, (there,))
    searched = _searchable(text)
    inner = anchor.quote.strip(_BLANKS)
    before, _, after = anchor.quote.partition(inner)
    before, after = anchor.prefix + before, after + anchor.suffix
    cuts = _cut_left(before, inner + after), _cut_right(before + inner, after)
    places = list(_places(anchor.quote, searched, cuts=cuts))
    if not places:
        return _proposed(anchor.quote, searched)
    place = _vouched_for(places, searched, anchor, least=_SOME_CONTEXT)
    if place is None and len(places) == 1 and len(_key(anchor.quote)) >= _SPEAKS_FOR_ITSELF:
        place = places[0]
    if place is None:
        return Resolution(Outcome.AMBIGUOUS, tuple(places))
    if verbatim and there.start <= place.start and place.end <= there.end:
        return Resolution(Outcome.EXACT, (there,))
    return Resolution(Outcome.MOVED, (place,))


def find(
    quote: str, text: str | SearchableText, *, prefix: str = "", suffix: str = ""
) -> Resolution:
    """Where the words of a quote stand in a text, the context given being part of the question.

    EXACT is the only place, or the only one in that context; its span is of the text as it is.
    """
    searched = _searchable(text)
    places = list(_places(quote, searched))
    if not places:
        return _proposed(quote, searched)
    place = _vouched_for(places, searched, Anchor(0, 0, quote, prefix, suffix))
    if place is None:
        return Resolution(Outcome.AMBIGUOUS, tuple(places))
    return Resolution(Outcome.EXACT, (place,))


def quote_hash(quote: str) -> str:
    """The SHA-256 of the quote in UTF-8, in hexadecimal."""
    return hashlib.sha256(quote.encode()).hexdigest()


def page_count(text: str) -> int:
    """How many pages the form feeds part the text into."""
    return text.count("\f") + 1


def page_of(text: str, offset: int) -> int:
    """The page, counted from 1, that an offset is on. Raises AnchorError outside the text."""
    if not 0 <= offset <= len(text):
        raise AnchorError(f"{offset} is outside a text of {len(text)} characters.")
    return text.count("\f", 0, offset) + 1


def _searchable(text: str | SearchableText) -> SearchableText:
    return SearchableText(text) if isinstance(text, str) else text
