"""PostgreSQL, counting what it changes."""

from typing import Any

from django.db.backends.postgresql import base

from archive.databases import CountingMixin


class DatabaseWrapper(CountingMixin, base.DatabaseWrapper):
    FIND_COUNTER = "SELECT 1 WHERE to_regclass('sources_counter') IS NOT NULL"

    def check_what_is_deferred(self, cursor: Any) -> None:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
