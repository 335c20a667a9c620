"""Our connection to SQLite says what Django's says."""

from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from hypothesis import given
from hypothesis import strategies as st

from archive.databases.sqlite3.base import with_question_marks

QUERIES = st.lists(st.sampled_from(["%s", "%%", "%", "?", " s", "金"]), max_size=8).map("".join)


@given(QUERIES)
def test_places_for_parameters_are_put_as_django_puts_them(query: str):
    assert with_question_marks(query) == SQLiteCursorWrapper.convert_query(None, query)
