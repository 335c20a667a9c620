"""PostgreSQL, counting what it changes, and recording what it is asked."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base, operations
from psycopg import DataError, errors, pq

from archive.databases.counting import CountingMixin
from archive.databases.recording import RecordingMixin

_RUNS = 2  # of a query, before the server keeps its plan
_MOST = 65_535  # parameters that the protocol takes apart from a query
# What is said of a plan once a migration changed a column, or once all plans were thrown away.
_PLAN_IS_PAST = (errors.FeatureNotSupported, errors.InvalidSqlStatementName)


_ServerBindingCursor: Any = base.ServerBindingCursor  # for which there are no types


class PlanningCursor(_ServerBindingCursor):
    """A cursor whose queries are planned once, and anew where a plan is no longer right."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Any:
        try:
            return super().execute(query, params, **options)
        except _PLAN_IS_PAST:
            if self.connection.info.transaction_status != pq.TransactionStatus.IDLE:
                raise  # the transaction is lost
            return super().execute(query, params, **options | {"prepare": False})


class DatabaseOperations(operations.DatabaseOperations):
    """Operations that tell of a query which was sent without its keys, too, what was asked."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> Any:
        if not isinstance(cursor, PlanningCursor):
            return super().last_executed_query(cursor, sql, params)
        try:
            return self.compose_sql(sql, params)
        except DataError:  # for which the query has failed, too
            return None


class _WithCursor(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    _binds_on_server = False

    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        if "prepare_threshold" not in self.settings_dict["OPTIONS"]:
            params["prepare_threshold"] = _RUNS
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        # Plans are named by a number. Behind a pooler that does not know of them, a name must not
        # mean the plan of another connection.
        connection._prepared._prepared_idx = secrets.randbits(62)
        return connection

    @contextmanager
    def binding_on_server(self, parameters: int) -> Iterator[None]:
        """Send queries and parameters apart, so that the server plans a query that returns once.

        `parameters` is how many a query has at most; of too many, they are sent as ever.
        """
        self._binds_on_server = parameters <= _MOST
        try:
            yield
        finally:
            self._binds_on_server = False

    def create_cursor(self, name: str | None = None) -> Any:
        if name is None and self._binds_on_server:
            return PlanningCursor(self.connection)
        return super().create_cursor(name)


class DatabaseWrapper(CountingMixin, RecordingMixin, _WithCursor):
    FIND_COUNTER = "SELECT 1 WHERE to_regclass('sources_counter') IS NOT NULL"

    def check_what_is_deferred(self, cursor: Any) -> None:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
