"""Our connection to SQLite says what Django's says."""

import copy
import pickle
from uuid import UUID

import pytest
from django.db.backends.sqlite3.base import SQLiteCursorWrapper
from hypothesis import given
from hypothesis import strategies as st

from archive.databases.sqlite3.base import uuid_of, with_question_marks

QUERIES = st.lists(st.sampled_from(["%s", "%%", "%", "?", " s", "金"]), max_size=8).map("".join)


@given(QUERIES)
def test_places_for_parameters_are_put_as_django_puts_them(query: str):
    assert with_question_marks(query) == SQLiteCursorWrapper.convert_query(None, query)


@given(st.uuids())
def test_an_id_is_read_as_python_reads_it(key: UUID):
    found = uuid_of(key.hex)
    assert found == key
    assert hash(found) == hash(key)
    assert repr(found) == repr(key)
    assert found.is_safe == key.is_safe
    assert copy.deepcopy(found) == pickle.loads(pickle.dumps(found)) == key  # noqa: S301


def test_what_is_no_id_is_an_error():
    with pytest.raises(ValueError, match="invalid literal"):
        uuid_of("no id")
