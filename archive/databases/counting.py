"""Connections that count what they change.

Whatever writes, a form, an import, a command or SQL by hand, goes through the connection; so the
counter in `sources` cannot be forgotten by code that is yet to be written. It is bumped once in a
transaction, in that transaction, and last: another one then waits for its row only while this one
commits. A stamp read before the data is therefore never newer than the data.

Only tables that no public page reads are left out, by name.
"""

import re
import uuid
from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

# Accounts, sessions, the admin's log and history, the cache, what `verify` found: never shown
# to readers.
PRIVATE = ("auth_", "account_", "mfa_", "django_", "reversion_", "archive_", "sqlite_")

_WRITE = re.compile(
    r"""\s*(?:INSERT(?:\s+OR\s+\w+)?\s+INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?(?:\s+ONLY)?
    |DELETE\s+FROM(?:\s+ONLY)?|MERGE\s+INTO|COPY)\s+"?(?P<table>\w+)
    |\s*TRUNCATE\b|\s*WITH\b.*\b(?:INSERT|UPDATE|DELETE|MERGE)\b""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)

_BUMP = """
INSERT INTO sources_counter (id, number, stamp) VALUES (1, 1, '{stamp}')
ON CONFLICT (id) DO UPDATE SET number = sources_counter.number + 1, stamp = excluded.stamp
"""


def changes_pages(sql: Any) -> bool:
    """Say whether a statement of SQL writes to a table that public pages may read."""
    if not isinstance(sql, str):
        return True  # composed by the driver, which this project does not do
    found = _WRITE.match(sql)
    if found is None:
        return False
    table = found["table"]
    return table is None or not table.lower().startswith(PRIVATE)


class CountingMixin(BaseDatabaseWrapper):
    """A connection that bumps the counter before it commits what pages may show."""

    FIND_COUNTER: str  # selects a row where the table is, which the first migrations lack

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_changed_pages = False
        self.execute_wrappers.append(self._watch)

    def connect(self) -> None:
        self.has_changed_pages = False
        super().connect()

    def check_what_is_deferred(self, cursor: Any) -> None:
        """Take every lock that the commit would still take, so that the counter's is the last."""

    def _watch(
        self,
        execute: Callable[..., Any],
        sql: Any,
        parameters: Any,
        many: bool,
        context: dict[str, Any],
    ) -> Any:
        if not changes_pages(sql):
            return execute(sql, parameters, many, context)
        if self.get_autocommit() and not self.in_atomic_block:
            with transaction.atomic(using=self.alias):
                self.has_changed_pages = True
                return execute(sql, parameters, many, context)
        self.has_changed_pages = True
        return execute(sql, parameters, many, context)

    def _commit(self) -> None:
        if self.has_changed_pages and self.connection is not None:
            with self.wrap_database_errors, closing(self.connection.cursor()) as cursor:
                self._bump(cursor)
        super()._commit()  # type: ignore[misc]
        self.has_changed_pages = False

    def _bump(self, cursor: Any) -> None:
        self.check_what_is_deferred(cursor)
        cursor.execute(self.FIND_COUNTER)
        if cursor.fetchone() is not None:
            cursor.execute(_BUMP.format(stamp=uuid.uuid4().hex))

    def _rollback(self) -> None:
        self.has_changed_pages = False
        super()._rollback()  # type: ignore[misc]
