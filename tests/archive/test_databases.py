"""Connections to SQLite that are kept from one request to the next."""

import sqlite3
from pathlib import Path

import pytest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import ConnectionHandler

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(tmp_path: Path):
    """A connection that is kept, to a file that says “before”."""
    path = write(tmp_path / "archive.sqlite3", "before")
    engine = "archive.databases.sqlite3"
    handler = ConnectionHandler({"default": {"ENGINE": engine, "NAME": path, "CONN_MAX_AGE": 60}})
    connection = handler["default"]
    yield connection
    connection.close()


def write(path: Path, word: str) -> Path:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE said AS SELECT ? AS word", [word])
    file.close()
    return path


def read(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT word FROM said").fetchone()[0]


def put_another_in_its_place(connection: BaseDatabaseWrapper) -> None:
    path = Path(connection.settings_dict["NAME"])
    write(path.with_name("copy.sqlite3"), "after").replace(path)


def test_a_file_put_in_the_place_of_the_old_is_read_from_the_next_request_on(kept):
    assert read(kept) == "before"
    put_another_in_its_place(kept)
    kept.close_if_unusable_or_obsolete()  # as Django does when a request begins
    assert read(kept) == "after"


def test_a_connection_whose_file_is_the_same_is_kept(kept):
    read(kept)
    opened = kept.connection
    kept.close_if_unusable_or_obsolete()
    assert kept.connection is opened
