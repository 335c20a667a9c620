"""A reader's question: its terms, how each database is asked for them, and where a text has them.

Every term has to be found. Words between quotation marks have to follow one another.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sources.tokens import NAME_WORDS, Phrase, Placed, phrases, placed, written_together

LONGEST_QUERY = 200  # characters
_QUOTATION_MARK = re.compile("[\"“”„«»「」『』]")  # fmt: skip
_SNIPPET = 240  # code points of a text around the first place
_BEFORE = 70
_WORD_EDGE = 20  # code points within which a snippet is cut at a space


class QueryError(ValueError):
    """A question that cannot be asked; the message says why."""


class Piece(NamedTuple):
    """Part of a snippet, marked or not."""

    text: str
    is_marked: bool


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
    if "\0" in question:
        raise QueryError("The question holds a character that no text has (NUL).")
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


def places(query: Query, text: str) -> list[tuple[int, int]]:
    """Return where a text has the terms of a query, in order, joined where they overlap."""
    found = placed(text)
    wanted = dict.fromkeys(phrase for term in query.terms for phrase in term)
    first = {phrase.tokens[0][:1] for phrase in wanted}
    joined: list[tuple[int, int]] = []
    for number, one in enumerate(found):
        if one.token[:1] not in first:
            continue
        for phrase in wanted:
            end = _end_of(phrase, found, number)
            if end is None:
                continue
            if joined and one.start < joined[-1][1]:
                joined[-1] = joined[-1][0], max(end, joined[-1][1])
            else:
                joined.append((one.start, end))
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


def snippet(text: str, found: Sequence[tuple[int, int]]) -> list[Piece]:
    """Return a piece of a text around the first of the places in it, those inside marked."""
    first = found[0] if found else (0, 0)
    start = first[0] - _BEFORE if first[0] > _BEFORE + _WORD_EDGE else 0
    end = min(len(text), max(start + _SNIPPET, first[1]))
    if start and (space := text.find(" ", start, start + _WORD_EDGE)) >= 0:
        start = space + 1
    if end < len(text) and (space := text.rfind(" ", max(first[1], end - _WORD_EDGE), end)) >= 0:
        end = space
    pieces = _pieces(text, start, end, found)
    before = [Piece("…", is_marked=False)] if start else []
    return [*before, *pieces, *([Piece("…", is_marked=False)] if end < len(text) else [])]


def _pieces(text: str, start: int, end: int, found: Iterable[tuple[int, int]]) -> list[Piece]:
    pieces, at = [], start
    for first, last in found:
        if first < end:
            pieces.append(Piece(text[at:first], is_marked=False))
            pieces.append(Piece(text[first : min(last, end)], is_marked=True))
            at = min(last, end)
    pieces.append(Piece(text[at:end], is_marked=False))
    return [piece for piece in pieces if piece.text]
