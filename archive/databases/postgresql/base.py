"""PostgreSQL, counting what it changes, and recording what it is asked."""

from typing import Any

from django.db.backends.postgresql import base

from archive.databases.counting import CountingMixin
from archive.databases.recording import RecordingMixin


class DatabaseWrapper(CountingMixin, RecordingMixin, base.DatabaseWrapper):
    FIND_COUNTER = "SELECT 1 WHERE to_regclass('sources_counter') IS NOT NULL"

    def check_what_is_deferred(self, cursor: Any) -> None:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
