"""SQLite, counting what it changes, and recording what it is asked."""

import os
from contextlib import nullcontext
from functools import lru_cache
from typing import Any
from uuid import UUID, SafeUUID

from django.db.backends.sqlite3 import base, operations

from archive.databases.counting import CountingMixin
from archive.databases.recording import RecordingMixin


@lru_cache(maxsize=128)
def with_question_marks(query: str) -> str:
    """Return a query with its places for parameters as SQLite wants them, as Django does."""
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class Cursor(base.SQLiteCursorWrapper):
    """A cursor that reads through a query once, not at each of its runs."""

    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return with_question_marks(query)
        return super().convert_query(query, param_names=param_names)


_UNKNOWN = SafeUUID.unknown  # asked of its class, a member takes as long as the rest of an id


def uuid_of(digits: str) -> UUID:
    """Return an id of its 32 digits.

    `UUID` takes three times as long to allow for hyphens, braces and a prefix, and a list of
    battles has a thousand ids.
    """
    found = object.__new__(UUID)
    object.__setattr__(found, "int", int(digits, 16))
    object.__setattr__(found, "is_safe", _UNKNOWN)
    return found


class DatabaseOperations(operations.DatabaseOperations):
    """Operations that read ids quickly."""

    def convert_uuidfield_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return None if value is None else uuid_of(value)


class _WithCursor(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    binding_on_server = staticmethod(nullcontext)  # as SQLite always does

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)


class DatabaseWrapper(CountingMixin, RecordingMixin, _WithCursor):
    FIND_COUNTER = "SELECT 1 FROM sqlite_master WHERE name = 'sources_counter'"

    def get_new_connection(self, conn_params: Any) -> Any:
        connection = super().get_new_connection(conn_params)
        self._file = self._file_now()
        return connection

    def close_if_unusable_or_obsolete(self) -> None:
        """Close the connection also if a copy was put in its file's place."""
        if self.connection and not self.in_atomic_block and self._file != self._file_now():
            self.close()
        super().close_if_unusable_or_obsolete()

    def _file_now(self) -> tuple[int, int] | None:
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:  # in memory, or gone
            return None
        return found.st_dev, found.st_ino
