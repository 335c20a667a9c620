"""PostgreSQL, counting what it changes, and recording what it is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base, operations

from archive.databases.counting import CountingMixin
from archive.databases.recording import RecordingMixin

_RUNS = 2  # of a query, before the server keeps its plan


class DatabaseOperations(operations.DatabaseOperations):
    """Operations that tell of a planned query, too, what was asked."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        return super().last_executed_query(cursor, sql, params) or self.compose_sql(sql, params)


class _WithCursor(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    _binds_on_server = False

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"prepare_threshold": _RUNS}

    @contextmanager
    def binding_on_server(self) -> Iterator[None]:
        """Send queries and parameters apart, so that the server plans a query that returns once."""
        self._binds_on_server = True
        try:
            yield
        finally:
            self._binds_on_server = False

    def create_cursor(self, name: str | None = None) -> Any:
        if name is None and self._binds_on_server:
            return base.ServerBindingCursor(self.connection)  # type: ignore[call-arg]
        return super().create_cursor(name)


class DatabaseWrapper(CountingMixin, RecordingMixin, _WithCursor):
    FIND_COUNTER = "SELECT 1 WHERE to_regclass('sources_counter') IS NOT NULL"

    def check_what_is_deferred(self, cursor: Any) -> None:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
