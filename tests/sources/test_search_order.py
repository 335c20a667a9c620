"""What an index finds, beside what is found by reading every entry."""

import json
import random
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sources import postings
from sources import search as searching
from sources.models import SearchEntry
from sources.query import Query, parse
from sources.search import Findable, Finder, entry, follow, found, place_in_order

pytestmark = pytest.mark.django_db

OFTEN = ["the", "lathe", "army", "of", "两个军", "金城"]
SELDOM = ["jin", "cheng", "jincheng", "军", "金", "城战", "zanzibar", "北", "금성", "ox"]
EVERYTHING = Finder("all", "All", (1, 3), lambda query, entries: [])


def words(chance: random.Random, most: int) -> str:
    said = chance.choices(OFTEN * 6 + SELDOM, k=chance.randrange(most + 1))
    return "".join(word + chance.choice((" ", " ", "")) for word in said)


def entries(chance: random.Random, kind: int) -> Findable:
    """Index entries of a kind with words of their own, and others that belong to them."""

    def made(ids):
        for pk in ids:
            own = [words(chance, 8), words(chance, 3)]
            place = place_in_order(kind, (chance.randrange(1 << 20), 20))
            yield entry(pk, place, own, [words(chance, 4)], text="")

    return Findable(kind, "things", SearchEntry.objects.none, made)


def has(term, *texts: str) -> bool:
    """Say whether texts, which are tokens with spaces between, have a form of a term."""
    forms = [f" {' '.join(one.tokens)}{'' if one.is_open else ' '}" for one in term]
    return any(form in f" {text} " for form in forms for text in texts)


def read(query: Query, limit: int) -> list[int]:
    """Find by reading: those that say all themselves, then those to which some belongs."""
    rows = list(SearchEntry.objects.filter(id__lt=4 << 60).order_by("id"))
    own = [row.id for row in rows if all(has(term, row.words) for term in query.terms)]
    whole = [row.id for row in rows if all(has(t, row.words, row.context) for t in query.terms)]
    return [*own, *(place for place in whole if place not in own)][: limit + 1]


@pytest.mark.parametrize("limit", [1000, 4])
def test_an_index_finds_what_reading_every_entry_finds_in_the_same_order(monkeypatch, limit):
    monkeypatch.setattr(searching, "LIMIT", limit)
    monkeypatch.setattr(postings, "_FIRST", 5)
    chance = random.Random(1953)
    for kind in (1, 3, 4):
        follow(entries(chance, kind), [uuid4() for _ in range(60)])
    answered = 0
    for _ in range(300):
        question = words(chance, 4) + chance.choice(OFTEN + SELDOM)
        if chance.random() < 0.3:
            question = f'"{question}" {chance.choice(SELDOM)}'
        query = parse(question)
        expected = read(query, limit)
        assert found(query, EVERYTHING) == expected, question
        answered += bool(expected)
    assert answered > 100


@pytest.mark.parametrize(
    "question", ["the", "the came", "battle", "battle the", "battle guns", '"the guns"']
)
def test_common_words_are_walked_no_further_than_is_shown(monkeypatch, question):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite does not tell how far it walks.")
    monkeypatch.setattr(searching, "LIMIT", 50)

    def made(ids):
        for number, pk in enumerate(ids):
            own = ["The guns came." if number % 2 else "The army came."]
            yield entry(pk, place_in_order(1, (number, 20)), own, ["Battle of Guns"], text="")

    things = Findable(1, "things", SearchEntry.objects.none, made)
    follow(things, [uuid4() for _ in range(1000)])
    with connection.cursor() as cursor:
        # So small a table is else read whole.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    with CaptureQueriesContext(connection) as asked:
        assert len(found(parse(question), EVERYTHING)) == 51
    for query in asked:
        assert rows_read(query["sql"]) < 300, query["sql"]


def rows_read(sql: str) -> int:
    """Return the most rows that any step of a query took."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + sql.replace("%", "%%"), [])
        [plan] = cursor.fetchone()
    [whole] = plan if isinstance(plan, list) else json.loads(plan)

    def steps(step):
        yield step["Actual Rows"]
        for one in step.get("Plans", []):
            yield from steps(one)

    return max(steps(whole["Plan"]))
