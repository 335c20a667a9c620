"""A reader's question: its terms, how each database is asked for them, and where a text has them.

Every term has to be found. Words between quotation marks have to follow one another.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sources.tokens import NAME_WORDS, Phrase, Placed, phrases, placed, written_together

LONGEST_QUERY = 200  # characters
_QUOTATION_MARK = re.compile("[\"“”„«»「」『』]")  # fmt: skip
_SNIPPET = 240  # code points of a text around the words found
_BEFORE = 70
_NEAR = 140  # code points within which words are shown, and opened, as one stretch
_WORD_EDGE = 20  # code points within which a snippet is cut at a space


class QueryError(ValueError):
    """A question that cannot be asked; the message says why."""


class Piece(NamedTuple):
    """Part of a snippet, marked or not."""

    text: str
    is_marked: bool


class Place(NamedTuple):
    """Where a text has words of a query, and which of its terms, as readers wrote them."""

    start: int
    end: int
    terms: frozenset[Phrase]


# Different ways to write one thing: one of them has to be found.
Term = tuple[Phrase, ...]


@dataclass(frozen=True)
class Query:
    """What is looked for, and whether a quotation mark was left open."""

    terms: tuple[Term, ...]
    is_unclosed: bool = False

    def for_sqlite(self) -> str:
        """Return an expression of FTS5; tokens are letters and digits and need no escape."""
        return " AND ".join(f"({' OR '.join(map(_for_sqlite, term))})" for term in self.terms)


def _for_sqlite(phrase: Phrase) -> str:
    return f'"{" ".join(phrase.tokens)}"{" *" if phrase.is_open else ""}'


def parse(question: str) -> Query:
    """Read a question. Raises QueryError if it is too long, or holds nothing to look for."""
    if len(question) > LONGEST_QUERY:
        raise QueryError(
            f"The question has {len(question):,} characters. Ask with at most {LONGEST_QUERY}."
        )
    parts = _QUOTATION_MARK.split(question)
    is_unclosed = len(parts) % 2 == 0
    terms: list[Term] = []
    for number, part in enumerate(parts):
        is_quoted = number % 2 == 1 and number < len(parts) - 1
        found = phrases(part, as_one=is_quoted)
        terms += [(phrase,) for phrase in found] if is_quoted else _with_neighbours(found)
    if not terms:
        raise QueryError(f"“{question}” holds no letter or digit to look for.")
    return Query(tuple(dict.fromkeys(terms)), is_unclosed)


def _with_neighbours(found: list[Phrase]) -> Iterator[Term]:
    """Yield a term for each phrase; a word may also be written as one with its neighbour."""
    for number, phrase in enumerate(found):
        pairs = [found[number - 1 : number + 1] if number else [], found[number : number + 2]]
        together = [
            Phrase(
                tuple(written_together([*one.tokens, *other.tokens])), is_open=False, is_word=True
            )
            for one, other in (pair for pair in pairs if len(pair) == 2)
            if one.is_word and other.is_word
        ]
        yield (phrase, *together)


def places(query: Query, text: str) -> list[Place]:
    """Return where a text has the terms of a query, in order, joined where they overlap."""
    found = placed(text)
    wanted: dict[Phrase, frozenset[Phrase]] = {}
    for term in query.terms:
        for phrase in term:
            wanted[phrase] = wanted.get(phrase, frozenset()) | {term[0]}
    first = {phrase.tokens[0][:1] for phrase in wanted}
    joined: list[Place] = []
    for number, one in enumerate(found):
        if one.token[:1] not in first:
            continue
        for phrase, terms in wanted.items():
            end = _end_of(phrase, found, number)
            if end is None:
                continue
            if joined and one.start < joined[-1].end:
                last = joined[-1]
                joined[-1] = Place(last.start, max(end, last.end), last.terms | terms)
            else:
                joined.append(Place(one.start, end, terms))
    return joined


def _end_of(phrase: Phrase, found: list[Placed], number: int) -> int | None:
    """Return where a phrase ends that begins with a token of a text, None if none does."""
    following = found[number : number + len(phrase.tokens)]
    tokens = tuple(one.token for one in following)
    if tokens == phrase.tokens:
        return following[-1].end
    if phrase.is_open and (*tokens[:-1], tokens[-1][:1]) == phrase.tokens:
        return following[-1].start + 1
    if phrase.is_word and phrase.tokens[0].startswith(tokens[0]):
        written = ""
        for one in found[number : number + NAME_WORDS]:
            written += one.token
            if written == phrase.tokens[0]:
                return one.end
    return None


def marked(query: Query, text: str) -> list[Piece]:
    """Return the whole of a short text, such as a name, with its places marked."""
    return _pieces(text, 0, len(text), places(query, text))


def unmarked(text: str) -> list[Piece]:
    """Return words that were not looked for."""
    return [Piece(text, is_marked=False)]


def closest(found: Sequence[Place]) -> tuple[int, int]:
    """Return the stretch of a text that answers a query best: from its first place to its last.

    Where all the terms stand near one another, it is the shortest that has all of them. Where they
    are far apart, it has those whose words are the longest, since “the” and “of” stand anywhere
    and lead nowhere. Of several as good, the first.
    """
    letters = {term: sum(map(len, term.tokens)) for place in found for term in place.terms}
    best, most = (0, 0), (0, 0)  # most letters first, then the shortest
    inside: Counter[Phrase] = Counter()
    weight = first = 0
    for last in found:
        for term in last.terms:
            weight += 0 if inside[term] else letters[term]
            inside[term] += 1
        # What stands again further on is not needed at the beginning.
        while found[first] is not last and (
            last.end - found[first].start > _NEAR
            or all(inside[term] > 1 for term in found[first].terms)
        ):
            for term in found[first].terms:
                inside[term] -= 1
                weight -= 0 if inside[term] else letters[term]
            first += 1
        start, end = found[first].start, last.end
        if (weight, start - end) > most:
            best, most = (start, end), (weight, start - end)
    return best


def snippet(text: str, found: Sequence[Place]) -> list[Piece]:
    """Return a piece of a text around the closest of the places in it, those inside marked."""
    first, last = closest(found)
    start = first - _BEFORE if first > _BEFORE + _WORD_EDGE else 0
    end = min(len(text), max(start + _SNIPPET, last))
    if start and (space := text.find(" ", start, start + _WORD_EDGE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(last, end - _WORD_EDGE), end)) >= 0:
        end = space
    pieces = _pieces(text, start, end, found)
    before = [Piece("…", is_marked=False)] if start else []
    return [*before, *pieces, *([Piece("…", is_marked=False)] if end < len(text) else [])]


def _pieces(text: str, start: int, end: int, found: Iterable[Place]) -> list[Piece]:
    pieces, at = [], start
    for place in found:
        first, last = max(place.start, start), min(place.end, end)
        if first < last:
            pieces.append(Piece(text[at:first], is_marked=False))
            pieces.append(Piece(text[first:last], is_marked=True))
            at = last
    pieces.append(Piece(text[at:end], is_marked=False))
    return [piece for piece in pieces if piece.text]
