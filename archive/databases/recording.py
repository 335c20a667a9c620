"""What a page was made from: the queries it asked, each with a digest of what was answered.

Pages are made from the database alone. While all queries of a page are answered as they were when
it was made, each query having followed from the answers before it, making it again would make the
same page.
"""

import marshal
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from sys import intern
from typing import Any, NamedTuple
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper

from archive.databases.counting import changes_pages

_READS = re.compile(r"\s*(?:\(*SELECT|WITH)\b", re.IGNORECASE)  # in parentheses, what is united
_AT_ONCE = 100  # rows fetched together
_ALONE = 2  # the version of `marshal` that does not tell who else has a value, as later ones do
_HEAD = 5  # bytes before what is in a list: that it is one, and how long
_DESCRIBE = {"description", "rowcount", "connection", "itersize"}

_here = threading.local()


class Query(NamedTuple):
    """A query, and a digest of the rows it was answered with."""

    sql: str
    parameters: Any
    answer: bytes


class Record:
    """The queries of one page, in order."""

    def __init__(self) -> None:
        self._asked: list[tuple[str, Any, Any]] = []
        # False once anything was done that asking the same queries again would not show.
        self.is_whole = True

    @property
    def queries(self) -> tuple[Query, ...] | None:
        """What was asked, and answered; None if something else was done."""
        if not self.is_whole:
            return None
        return tuple(Query(sql, given, rows.digest()) for sql, given, rows in self._asked)

    def add(self, sql: Any, parameters: Any) -> Any:
        """Note a query; return the digest to which its rows are to be added."""
        rows = sha256()
        if isinstance(sql, str) and _READS.match(sql) and not changes_pages(sql):
            self._asked.append((intern(sql), parameters, rows))  # pages of a kind share their SQL
        else:
            self.is_whole = False
        return rows


@contextmanager
def recorded() -> Iterator[Record]:
    """Record what this thread asks of the database."""
    _here.record = Record()
    try:
        yield _here.record
    finally:
        _here.record = None


def are_answered_alike(queries: Sequence[Query], connection: BaseDatabaseWrapper) -> bool:
    """Say whether a database now answers queries as it did, asking until one differs."""
    asking: Any = connection  # has what both of our databases add
    most = max((len(query.parameters or ()) for query in queries), default=0)
    with asking.binding_on_server(most), closing(connection.create_cursor()) as cursor:
        for query in queries:
            cursor.execute(query.sql, query.parameters)
            rows = sha256()
            while found := cursor.fetchmany(_AT_ONCE):
                _add(rows, found)
            if rows.digest() != query.answer:
                return False
    return True


def _add(digest: Any, rows: Iterable[Any]) -> None:
    try:
        # All at once, less what says how many: rows may be fetched together in any number.
        written = marshal.dumps(list(map(tuple, rows)), _ALONE)[_HEAD:]
    except ValueError:
        written = b"".join(map(_as_bytes, rows))
    digest.update(written)


def _as_bytes(row: Any) -> bytes:
    try:
        return marshal.dumps(tuple(row), _ALONE)
    except ValueError:
        pass
    try:
        return marshal.dumps([(one.int,) if type(one) is UUID else one for one in row], _ALONE)
    except ValueError:  # a moment
        return b"\0" + repr(row).encode(errors="surrogatepass")


class RecordingMixin(BaseDatabaseWrapper):
    """A connection whose cursors tell a record of this thread what they are asked."""

    def create_cursor(self, name: str | None = None) -> Any:
        cursor = super().create_cursor(name)
        record = getattr(_here, "record", None)
        return cursor if record is None else RecordedCursor(cursor, record)


class RecordedCursor:
    """A cursor that tells a record what it is asked, and what it answers."""

    def __init__(self, cursor: Any, record: Record) -> None:
        self._cursor, self._record = cursor, record
        self._rows: Any = None

    def execute(self, sql: Any, parameters: Any = None) -> Any:
        self._rows = self._record.add(sql, parameters)
        return self._cursor.execute(sql, parameters)

    def fetchone(self) -> Any:
        row = self._cursor.fetchone()
        if row is not None:
            _add(self._rows, [row])
        return row

    def fetchmany(self, *size: int) -> Any:
        rows = self._cursor.fetchmany(*size)
        _add(self._rows, rows)
        return rows

    def fetchall(self) -> Any:
        rows = self._cursor.fetchall()
        _add(self._rows, rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        while rows := self.fetchmany(_AT_ONCE):
            yield from rows

    def close(self) -> None:
        self._cursor.close()

    def __getattr__(self, name: str) -> Any:
        if name not in _DESCRIBE:
            self._record.is_whole = False  # a way to rows, or to changes, that is not recorded
        return getattr(self._cursor, name)
