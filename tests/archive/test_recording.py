"""A page's queries tell whether it would be made the same again."""

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import assume, given
from hypothesis import strategies as st

from archive.databases.recording import RecordedCursor, are_answered_alike, recorded
from sources.models import Origin, Source
from tests.builders import make_origin

pytestmark = pytest.mark.django_db(transaction=True)

VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(alphabet="01aé金", max_size=3)
    | st.binary(max_size=2)
    | st.uuids()
    | st.datetimes(timezones=st.just(UTC))
)
ROWS = st.lists(st.lists(VALUES, max_size=3).map(tuple), max_size=3)


class Answers:
    """A connection that answers every query with some rows."""

    def __init__(self, rows):
        self.rows = rows

    binding_on_server = staticmethod(nullcontext)

    def create_cursor(self):
        return self

    def execute(self, sql, parameters):
        self.left = list(self.rows)

    executemany = copy = lambda self, *given: None

    def fetchall(self):
        return self.fetchmany(len(self.left))

    def fetchmany(self, size):
        found, self.left = self.left[:size], self.left[size:]
        return found

    def close(self):
        pass


def record_of(rows):
    with recorded() as record:
        cursor = RecordedCursor(Answers(rows), record)
        cursor.execute("SELECT 1")
        cursor.fetchall()
    return record.queries


@given(ROWS, ROWS)
def test_any_difference_between_rows_is_noticed(before, now):
    """Also 1 for True, 1.0 for 1, '1' for 1, nothing for an empty text, one row for two."""
    assume(repr(before) != repr(now))
    assert are_answered_alike(record_of(before), Answers(before))
    assert not are_answered_alike(record_of(before), Answers(now))


def test_rows_are_the_same_however_they_are_fetched():
    for number in range(205):
        make_origin(f"Origin {number:03}")
    origins = Origin.objects.order_by("name")
    sql, parameters = origins.values_list("name", "pk", "public").query.sql_with_params()
    ways = [
        lambda cursor: cursor.fetchall(),
        list,
        lambda cursor: [cursor.fetchmany(7) for _ in range(40)],
        lambda cursor: [cursor.fetchone() for _ in range(206)],
    ]
    for way in ways:
        with recorded() as record, connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            way(cursor)
        assert are_answered_alike(record.queries, connection)
    with recorded() as other:
        list(origins.values_list("name", "pk", "public").iterator(30))
    assert are_answered_alike(other.queries, connection)
    origins.filter(name="Origin 204").update(public=True)
    for one in (record, other):
        assert not are_answered_alike(one.queries, connection)


def test_queries_that_are_united_are_answered_alike():
    make_origin("China")
    origins = Origin.objects.order_by()
    named, others = origins.filter(name="China"), origins.exclude(name="China")
    with recorded() as record:
        assert len(named.union(others, all=True)) == 1
    assert are_answered_alike(record.queries, connection)
    make_origin("Korea")
    assert not are_answered_alike(record.queries, connection)


def test_another_connection_is_answered_alike(another_connection):
    make_origin("China")
    with recorded() as record:
        assert Source.objects.filter(created__lt=datetime.now(UTC)).exists() is False
        assert Origin.objects.filter(name="China").exists()
        assert Origin.objects.filter(pk__in=[uuid.uuid4()]).count() == 0
    assert are_answered_alike(record.queries, another_connection)
    make_origin("China")
    assert are_answered_alike(record.queries, another_connection)
    Origin.objects.all().delete()
    assert not are_answered_alike(record.queries, another_connection)


@pytest.mark.parametrize(
    "act",
    [
        lambda cursor: cursor.execute("UPDATE sources_origin SET name = 'China'"),
        lambda cursor: cursor.execute("WITH a AS (DELETE FROM b RETURNING c) SELECT c FROM a"),
        lambda cursor: cursor.executemany("INSERT INTO a VALUES (%s)", [[1], [2]]),
        lambda cursor: cursor.copy("COPY a TO STDOUT"),
    ],
    ids=["update", "with", "many", "copy"],
)
def test_what_does_more_than_read_is_not_told_by_its_queries(act):
    with recorded() as record:
        cursor = RecordedCursor(Answers([]), record)
        cursor.execute("SELECT 1")
        act(cursor)
    assert record.queries is None


def test_a_page_that_writes_is_not_told_by_its_queries():
    with recorded() as record:
        list(Origin.objects.all())
        make_origin("China")
    assert record.queries is None


def test_only_this_thread_is_recorded_and_only_meanwhile():
    with recorded() as record:
        list(Origin.objects.all())
    list(Origin.objects.order_by("name"))
    assert len(record.queries) == 1
