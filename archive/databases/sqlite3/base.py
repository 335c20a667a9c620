"""SQLite, counting what it changes, and recording what it is asked."""

import os
from typing import Any

from django.db.backends.sqlite3 import base

from archive.databases.counting import CountingMixin
from archive.databases.recording import RecordingMixin


class DatabaseWrapper(CountingMixin, RecordingMixin, base.DatabaseWrapper):
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
