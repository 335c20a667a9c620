"""The index of the search on PostgreSQL: the entries of each token, in their order.

A full-text index of PostgreSQL has no order: all entries that hold a word are collected before the
first can be told, and a common word stands in most. Here each token of an entry is a row of a
table, and the table's key a B-tree that is walked from the first entry of a token to the last, or
until enough are found.

Of a question's terms the rarest is walked, and for each entry it leads to the others are looked up.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db import connection

from sources.query import Query
from sources.tokens import BEGINS_UNSPACED, BETWEEN_FIELDS, Phrase

_AT_ONCE = 1000  # entries
_OPENING = "*"  # after the first character of a pair: finds every pair that begins with it

# What finds some entries: the tokens of their own words, and of what only belongs to them. One by
# one, so that not all that there are have to be sorted.
_POSTINGS = f"""
SELECT found.own, found.token, entry.id FROM sources_searchentry AS entry, LATERAL (
    SELECT bool_or(field.own) AS own, form.token
    FROM (VALUES (true, entry.words), (false, entry.context)) AS field (own, tokens),
        unnest(string_to_array(field.tokens, ' ')) AS word (token), LATERAL (
            SELECT word.token
            UNION ALL SELECT left(word.token, 1) || '{_OPENING}' WHERE word.token ~ %s
        ) AS form (token)
    WHERE word.token NOT IN ('', '{BETWEEN_FIELDS}')
    GROUP BY form.token
) AS found
"""  # noqa: S608
_OF_SOME = "WHERE entry.id = ANY(%s)"
_ADD = f"INSERT INTO sources_searchposting (own, token, id) {_POSTINGS}"
_REMOVE = f"""
DELETE FROM sources_searchposting WHERE ctid = ANY(ARRAY(
    SELECT there.ctid FROM ({_POSTINGS} {_OF_SOME}) AS gone, LATERAL (
        SELECT ctid FROM sources_searchposting AS posting
        WHERE posting.own = gone.own AND posting.token = gone.token AND posting.id = gone.id
        LIMIT 1
    ) AS there
))
"""  # noqa: S608
_DIGEST = "SELECT own, count(*), sum(hashtextextended(token, id)) FROM {} GROUP BY own ORDER BY own"

_FIRST = 100  # entries of a token, by which is judged how common it is
_REACHES = """
SELECT own, token, number, reach
FROM unnest(%s::text[]) AS asked_token (token), unnest('{t,f}'::boolean[]) AS asked_own (own),
LATERAL (
    SELECT count(*) AS number, max(id) AS reach FROM (
        SELECT id FROM sources_searchposting AS posting
        WHERE posting.own = asked_own.own AND posting.token = asked_token.token
            AND id BETWEEN %s AND %s
        ORDER BY id LIMIT %s
    ) AS first
) AS reached
WHERE number > 0 ORDER BY own, token
"""
_WALK = """(
    SELECT id FROM sources_searchposting
    WHERE own = %s AND token = %s AND id BETWEEN %s AND %s ORDER BY id
)"""
# Queries within an expression are run for each row: joins might be turned the other way round. That
# they are not null is thought likely by the planner, which is right where a walk is long.
_HAS = """(
    SELECT id FROM sources_searchposting AS other
    WHERE own = ANY(%s) AND token = %s AND other.id = walked.id
) IS NOT NULL"""
_SAYS = """(
    SELECT id FROM sources_searchentry AS entry WHERE entry.id = walked.id AND ({})
) IS NOT NULL"""


# What is in the index --------------------------------------------------------------------------


def add(entries: list[int]) -> None:
    """Add what finds some entries."""
    with connection.cursor() as cursor:
        for some in _batches(entries):
            cursor.execute(f"{_ADD} {_OF_SOME} ON CONFLICT DO NOTHING", [BEGINS_UNSPACED, some])


def remove(entries: list[int]) -> None:
    """Remove what finds some entries, which are as they were when they were added."""
    with connection.cursor() as cursor:
        for some in _batches(entries):
            cursor.execute(_REMOVE, [BEGINS_UNSPACED, some])


def renew() -> None:
    """Make the index anew from the entries. Readers find what was there until that is committed."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM sources_searchposting")
        cursor.execute(_ADD, [BEGINS_UNSPACED])


def fault() -> str:
    """Say whether the index differs from the entries, or return nothing."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGEST.format(f"({_POSTINGS}) AS wanted"), [BEGINS_UNSPACED])
        wanted = cursor.fetchall()
        cursor.execute(_DIGEST.format("sources_searchposting"))
        there = cursor.fetchall()
    return "" if there == wanted else "the index has other words than its entries"


def _batches(entries: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(entries), _AT_ONCE):
        yield entries[start : start + _AT_ONCE]


# Asking ----------------------------------------------------------------------------------------


class Asked:
    """A question, asked of the entries in a range of ids."""

    def __init__(self, query: Query, first: int, last: int) -> None:
        self._range = [first, last]
        self._terms = query.terms
        wanted = {token for term in query.terms for phrase in term for token in _tokens_of(phrase)}
        with connection.cursor() as cursor:
            cursor.execute(_REACHES, [sorted(wanted), first, last, _FIRST])
            # Less for a rare token than for a common one: its entries are few, or far apart.
            self._how_common = {
                (own, token): (number == _FIRST, -reach if number == _FIRST else number)
                for own, token, number, reach in cursor.fetchall()
            }

    def own(self, limit: int) -> list[int]:
        """Return the first entries that say every term themselves."""
        return self._walk([True], limit)

    def whole(self, limit: int) -> list[int]:
        """Return the first that have every term, if some term only belongs to any."""
        if all(own for own, _ in self._how_common):
            return []
        return self._walk([True, False], limit)

    def _walk(self, places: list[bool], limit: int) -> list[int]:
        there = {
            token: [own for own in places if (own, token) in self._how_common]
            for own, token in self._how_common
            if own in places
        }
        terms = [
            [phrase for phrase in term if there.keys() >= {*_tokens_of(phrase)}]
            for term in self._terms
        ]
        if not all(terms):
            return []

        def how_common(token: str) -> tuple[bool, int]:
            return max(self._how_common[own, token] for own in there[token])

        def rarest(phrase: Phrase) -> str:
            return min(_tokens_of(phrase), key=how_common)

        terms.sort(key=lambda term: max(how_common(rarest(phrase)) for phrase in term))
        rare, *others = terms
        walks: list[list[Any]] = [
            [own, token, *self._range]
            for token in {rarest(phrase): None for phrase in rare}
            for own in there[token]
        ]
        tests, values = ["true"], []
        is_whole = all(len(phrase.tokens) == 1 for phrase in rare)  # what a walk leads to has it
        for term in others if is_whole else terms:
            either = [_test(phrase, places, there) for phrase in term]
            tests.append(f"({' OR '.join(test for test, _ in either)})")
            values += [value for _, some in either for value in some]
        sql = (
            f"SELECT id FROM ({' UNION ALL '.join([_WALK] * len(walks))}) AS walked "  # noqa: S608
            f"WHERE {' AND '.join(tests)} ORDER BY id LIMIT %s"
        )
        with connection.cursor() as cursor:
            # An entry is met once for each form of a term that it has.
            cursor.execute(sql, [*chain(*walks), *values, limit * len(rare)])
            return list(dict.fromkeys(place for (place,) in cursor.fetchall()))[:limit]


def _test(
    phrase: Phrase, places: list[bool], there: dict[str, list[bool]]
) -> tuple[str, list[Any]]:
    """Return how an entry is tested for a phrase."""
    if len(phrase.tokens) == 1:
        [token] = _tokens_of(phrase)
        return _HAS, [there[token], token]
    pattern = f"% {' '.join(phrase.tokens)}{'' if phrase.is_open else ' '}%"
    columns = ["words", "context"][: len(places)]
    likes = [f"' ' || {column} || ' ' LIKE %s" for column in columns]
    return _SAYS.format(" OR ".join(likes)), [pattern] * len(columns)


def _tokens_of(phrase: Phrase) -> list[str]:
    """Return the tokens that an entry has in the index if it has a phrase."""
    *others, last = phrase.tokens
    return [*others, last + _OPENING if phrase.is_open else last]
