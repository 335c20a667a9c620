"""SQLite, counting what it changes."""

from django.db.backends.sqlite3 import base

from archive.databases import CountingMixin


class DatabaseWrapper(CountingMixin, base.DatabaseWrapper):
    FIND_COUNTER = "SELECT 1 FROM sqlite_master WHERE name = 'sources_counter'"
